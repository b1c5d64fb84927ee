/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions of the catalogue that this kernel has, found by small programs that bpf(2) runs
 * (Linux 5.16). They answer in microseconds; /proc/kallsyms takes a tenth of a second, because
 * the kernel has to print it line by line.
 */
#ifndef BRINDLE_PROBE_SYMBOLS_BPF_H
#define BRINDLE_PROBE_SYMBOLS_BPF_H

#include "probe/plan.h"

struct symbols_bpf {
	int question, format;	/* descriptors of maps, -1 = not open */
	int by_name, by_address; /* descriptors of programs, -1 = not open */
	struct callers *callers; /* functions asked for by an address so far are added here */
};

/* symbols_bpf__open - load the programs; false when the kernel cannot or does not let us */
bool symbols_bpf__open(struct symbols_bpf *sb);

/*
 * symbols_bpf__read - fill in s like symbols__read, without clones
 *
 * Callers are added when callers__path first asks for them, so both arguments must live as long
 * as that is called. Returns false when the kernel does not tell the addresses of its text.
 */
bool symbols_bpf__read(struct symbols_bpf *sb, struct symbols *s);

/* symbols_bpf__address - of the first symbol of that name; 0 = there is none, or it is hidden */
__u64 symbols_bpf__address(const struct symbols_bpf *sb, const char *name);

/*
 * symbols_bpf__function - the function that address is in: from start up to end, not included
 *
 * Returns false when there is none, or when it belongs to a module.
 */
bool symbols_bpf__function(const struct symbols_bpf *sb, __u64 address, __u64 *start, __u64 *end,
			   char *name, size_t size);

#endif
