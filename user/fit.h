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
#include "copy.h"

struct sample {
	__u64 handle;	/* what the probe saw */
	__u64 pfn;	/* what pagemap said */
};

struct fit {
	bool ok;
	__u64 base;	/* handle of pfn 0, modulo 2^64 */
	__u64 step;	/* bytes per pfn */
	__u8 shift;	/* step is 1 << shift; 0 = it is not, or nobody has looked */
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
static inline __u64 fit__pfn(const struct fit *fit, __u64 handle)
{
	const __u64 off = handle - fit->base;

	if (!fit->ok || off >> 63)
		return PFN_UNKNOWN;
	/* done for every side of every copy, so the cheap ways first: divisions are dear */
	if (fit->shift)
		return off & (fit->step - 1) ? PFN_UNKNOWN : off >> fit->shift;
	/* a 32-bit machine's: one instruction there, and hundreds for one of 64 bits */
	if (!((off | fit->step) >> 32)) {
		const __u32 off32 = (__u32)off, step32 = (__u32)fit->step;

		return off32 % step32 ? PFN_UNKNOWN : off32 / step32;
	}
	return off % fit->step ? PFN_UNKNOWN : off / fit->step;
}

/* fit__handle - handle of a pfn, 0 when there is no fit */
__u64 fit__handle(const struct fit *fit, __u64 pfn);

#endif
