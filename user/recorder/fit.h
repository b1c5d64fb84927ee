/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page frame number of what a probe sees (a struct page address or a linear kernel
 * address, both called a handle here). It is computed by a straight line through copies whose
 * pfns are known from /proc/self/pagemap. No constant of any kernel is needed: the step comes
 * out as sizeof(struct page) or the page size, the base as mem_map, vmemmap or PAGE_OFFSET,
 * wherever KASLR put them. Pure functions.
 */
#ifndef BRINDLE_RECORDER_FIT_H
#define BRINDLE_RECORDER_FIT_H

#include <stdbool.h>
#include "model/copy.h"

struct sample {
	__u64 handle;	/* seen by the probe */
	__u64 pfn;	/* told by pagemap */
};

struct fit {
	bool ok;	/* false: no line is known, and all pfns are unknown */
	__u8 shift;	/* step is 1 << shift; 0 = step is no power of two, or not ok */
	__u64 base;	/* handle of pfn 0, modulo 2^64 */
	__u64 step;	/* bytes per pfn */
	__u64 last;	/* with shift: the highest pfn there can be */
};

#define FIT_SHIFT(step)	((__u8)((step) & ((step) - 1) ? 0 : __builtin_ctzll(step)))
#define FIT(from, by)	{ .ok = true, .shift = FIT_SHIFT(by), .base = (from), .step = (by), \
			  .last = ~0ULL >> 1 >> FIT_SHIFT(by) }

/*
 * fit__solve - fit a line through all samples
 *
 * Returns 0, or -1 when there are fewer than four different pfns or when the samples are not on
 * one line (a memory model with sections, or wrong arguments): then every pfn is unknown rather
 * than wrong.
 */
int fit__solve(struct fit *fit, const struct sample *samples, int n);

/*
 * fit__solve_step - find the line with a known step that most of the samples are on
 *
 * Some of the samples may be of something else: an address is tried with each pfn that it may have.
 * Returns 0, or -1 unless one line has four or more different pfns, and more than twice as many
 * samples as any other line.
 */
int fit__solve_step(struct fit *fit, const struct sample *samples, int n, __u64 step);

/* fit__near - pfn of the handle at base + off; step and off must fit into 32 bits */
static inline __u64 fit__near(const struct fit *fit, __u32 off)
{
	return off % (__u32)fit->step ? PFN_UNKNOWN : off / (__u32)fit->step;
}

/*
 * fit__pfn - pfn of a handle; PFN_UNKNOWN when the handle is not exactly on the line
 *
 * Avoids dividing 64 bits, since it runs for every side of every copy: that is expensive, most
 * of all where 64 bits take two registers.
 */
static inline __u64 fit__pfn(const struct fit *fit, __u64 handle)
{
	const __u64 off = handle - fit->base;

	if (sizeof(long) < sizeof(off) && fit->ok && !((off | fit->step) >> 32))
		return fit__near(fit, (__u32)off);
	if (fit->shift) {
		const __u64 pfn = off >> fit->shift | off << (64 - fit->shift);

		/* a handle below base, or between two, has bits set at the top now */
		return pfn > fit->last ? PFN_UNKNOWN : pfn;
	}
	return !fit->ok || off >> 63 || off % fit->step ? PFN_UNKNOWN : off / fit->step;
}

/* fit__handle - handle of a pfn, 0 when there is no fit */
__u64 fit__handle(const struct fit *fit, __u64 pfn);

#endif
