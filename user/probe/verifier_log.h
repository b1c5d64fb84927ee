/* SPDX-License-Identifier: GPL-2.0-only */
/* What libbpf says when the kernel refuses a BPF program, made short enough for one line. */
#ifndef BRINDLE_PROBE_VERIFIER_LOG_H
#define BRINDLE_PROBE_VERIFIER_LOG_H

#include <stddef.h>

struct refusal {
	char program[64];	/* the one that was refused, "" = none was */
	char reason[256];	/* the end of the verifier's log, "" = there is none */
	char said[256];		/* libbpf's complaint, for what is not the verifier's doing */
};

/* verifier_log__add - take in one warning of libbpf's, as a whole; r begins as zeros */
void verifier_log__add(struct refusal *r, const char *warning);

/*
 * verifier_log__reason - what in a verifier's log says why
 *
 * The log ends with the reason and figures about the verifier's own work; before that
 * stand the instructions it followed and what it knew at each. Gives the reason and the
 * instruction it stopped at, in one line. A log that was cut off says so.
 */
void verifier_log__reason(const char *log, char *out, size_t size);

#endif
