/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single symbols of the kernel, asked of the kernel itself: small programs run by bpf(2), as
 * kernels since 5.16 have them. It answers in microseconds what takes a tenth of a second to
 * find in /proc/kallsyms, which the kernel has to print line by line.
 */
#ifndef BRINDLE_PROBE_SYMBOLS_BPF_H
#define BRINDLE_PROBE_SYMBOLS_BPF_H

#include "probe/plan.h"

struct symbols_bpf {
	int question, format;	/* maps */
	int by_name, by_address; /* programs; -1, as the maps, when not open */
	struct callers *callers; /* functions that were asked for by an address */
};

/* symbols_bpf__open - returns whether this kernel answers, to us */
bool symbols_bpf__open(struct symbols_bpf *l);

/*
 * symbols_bpf__read - which of the catalogue's functions does the kernel have?
 *
 * As symbols__read, but that clones are not looked for, and callers only when they are met:
 * both must live as long as callers__path is called. Returns whether all could be asked.
 */
bool symbols_bpf__read(struct symbols_bpf *l, struct symbols *s);

#endif
