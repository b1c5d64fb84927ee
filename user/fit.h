/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what a probe sees (a struct page address, a linear kernel address) to
 * the page frame number, by a straight line through copies whose pfns are
 * known from /proc/self/pagemap. No constant of any kernel is needed: the step
 * comes out as sizeof(struct page) or the page size, the base as mem_map,
 * vmemmap or PAGE_OFFSET, wherever KASLR put them.
 */
#ifndef BRINDLE_FIT_H
#define BRINDLE_FIT_H

#include <stdbool.h>
#include <linux/types.h>

struct sample {
	__u64 handle;	/* what the probe saw */
	__u64 pfn;	/* what pagemap said */
};

struct fit {
	bool ok;
	__u64 base;	/* handle of pfn 0, modulo 2^64 */
	__u64 step;	/* bytes per pfn */
};

/*
 * fit__solve - line through all samples
 *
 * Returns 0, or -1 when there are fewer than four different pfns or when the samples are
 * not on one line (a memory model with sections, or wrong arguments): then every pfn is
 * unknown rather than wrong.
 */
int fit__solve(struct fit *fit, const struct sample *samples, int n);

/*
 * fit__solve_step - the line of a known step on which most of the samples are
 *
 * For samples some of which may be of something else. Returns 0, or -1 when fewer than half
 * of them, or of fewer than four different pfns, are on one line.
 */
int fit__solve_step(struct fit *fit, const struct sample *samples, int n, __u64 step);

/* fit__pfn - pfn of a handle, PFN_UNKNOWN when it is not exactly on the line */
__u64 fit__pfn(const struct fit *fit, __u64 handle);

/* fit__handle - handle of a pfn, 0 when there is no fit */
__u64 fit__handle(const struct fit *fit, __u64 pfn);

#endif
