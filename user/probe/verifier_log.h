/* SPDX-License-Identifier: GPL-2.0-only */
/* The reason why the kernel refused a BPF program, taken from libbpf's messages, in one line. */
#ifndef BRINDLE_PROBE_VERIFIER_LOG_H
#define BRINDLE_PROBE_VERIFIER_LOG_H

#include <stddef.h>

struct refusal {
	char program[64];	/* the program that was refused, "" = none was */
	char reason[256];	/* from the verifier's log, "" = there is none */
	char said[256];		/* libbpf's first complaint, for other failures */
};

/* verifier_log__add - take in one warning of libbpf, complete; r is zeroed before the first */
void verifier_log__add(struct refusal *r, const char *warning);

/*
 * verifier_log__reason - find the reason in a verifier's log
 * @out: the reason, and the instruction at which the verifier stopped, in one line
 *
 * The log lists the instructions that the verifier followed and what it knew at each; it ends
 * with the reason, and figures about the verifier's own work. If it was cut off before the
 * reason, out says so.
 */
void verifier_log__reason(const char *log, char *out, size_t size);

#endif
