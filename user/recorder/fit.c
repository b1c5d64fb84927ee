// SPDX-License-Identifier: GPL-2.0-only
#include "recorder/fit.h"

#define PFNS_MIN	4	/* this many are hardly on one line by chance */

/* The number of different pfns; counting stops at enough. */
static int different_pfns(const struct sample *samples, int n, int enough)
{
	int i, j, different = 0;

	for (i = 0; i < n && different < enough; i++) {
		for (j = 0; j < i && samples[j].pfn != samples[i].pfn; j++)
			;
		different += j == i;
	}
	return different;
}

int fit__solve(struct fit *fit, const struct sample *samples, int n)
{
	int i, lowest = 0, other = 0;
	__u64 dh, dp, base, step;

	*fit = (struct fit){};
	if (different_pfns(samples, n, PFNS_MIN) < PFNS_MIN)
		return -1;
	for (i = 1; i < n; i++) {
		if (samples[i].pfn < samples[lowest].pfn)
			lowest = i;
		if (samples[i].pfn > samples[other].pfn)
			other = i;
	}
	dp = samples[other].pfn - samples[lowest].pfn;
	dh = samples[other].handle - samples[lowest].handle;
	if (!dh || dh >> 63 || dh % dp)
		return -1;
	step = dh / dp;
	base = samples[lowest].handle - samples[lowest].pfn * step;
	for (i = 0; i < n; i++)
		if (base + samples[i].pfn * step != samples[i].handle)
			return -1;
	*fit = (struct fit)FIT(base, step);
	return 0;
}

/* How many samples have this base? */
static int on_base(const __u64 *base, int n, __u64 wanted)
{
	int i, count = 0;

	for (i = 0; i < n; i++)
		count += base[i] == wanted;
	return count;
}

int fit__solve_step(struct fit *fit, const struct sample *samples, int n, __u64 step)
{
	struct sample on_line[n > 0 ? n : 1];
	__u64 base[n > 0 ? n : 1], best = 0;
	int i, count, most = 0, next = 0;

	*fit = (struct fit){};
	for (i = 0; i < n; i++)
		base[i] = samples[i].handle - samples[i].pfn * step;
	for (i = 0; i < n; i++) {
		count = on_base(base, n, base[i]);
		if (count > most) {
			most = count;
			best = base[i];
		}
	}
	for (i = 0; i < n; i++) {
		count = on_base(base, n, base[i]);
		if (base[i] != best && count > next)
			next = count;
	}
	for (i = 0, count = 0; i < n; i++)
		if (base[i] == best)
			on_line[count++] = samples[i];
	if (2 * next >= most || different_pfns(on_line, count, PFNS_MIN) < PFNS_MIN)
		return -1;
	*fit = (struct fit)FIT(best, step);
	return 0;
}

__u64 fit__handle(const struct fit *fit, __u64 pfn)
{
	return fit->ok && pfn != PFN_UNKNOWN ? fit->base + pfn * fit->step : 0;
}
