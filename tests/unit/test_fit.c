// SPDX-License-Identifier: GPL-2.0-only
/* The line from what a probe sees to the pfn (user/recorder/fit.c). */
#include <string.h>
#include "model/copy.h"
#include "recorder/fit.h"
#include "tap.h"

#define SAMPLES	8

/* Scattered and in no order, as /proc/self/pagemap gives them. */
static const __u64 pfns[SAMPLES] = {
	0x8123, 0x1a0f, 0x1a10, 0x20000, 0x7fff, 0x9001, 0x0042, 0x1fffe,
};

static const struct line {
	const char *what;
	__u64 base, step;
} lines[] = {
	{ "x86_64 page_offset", 0xffff888000000000, 4096 },
	{ "x86_64 page_offset, five levels", 0xff11000000000000, 4096 },
	{ "x86_64 page_offset moved by KASLR", 0xffff9c1040000000, 4096 },
	{ "x86_64 vmemmap", 0xffffea0000000000, 64 },
	{ "x86_64 vmemmap, five levels", 0xffd4000000000000, 64 },
	{ "MIPS KSEG0", 0x80000000, 4096 },
	{ "MIPS64 KSEG0, sign-extended, 16 KiB pages", 0xffffffff80000000, 16384 },
	{ "MIPS mem_map, 36 bytes", 0x81400000, 36 },
	{ "ARM mem_map, 32 bytes", 0xc7f00000, 32 },
	{ "page structs of 56 bytes", 0xffffea0000000000, 56 },
	{ "mem_map of memory far up: base below zero", -(__u64)0x2000, 36 },
	{ "linear map of memory far up: all but the highest below zero",
	  -(__u64)0x1ffff * 65536, 65536 },
	{ "handles are pfns", 0, 1 },
};

static void sample_line(struct sample *s, const struct line *l)
{
	int i;

	for (i = 0; i < SAMPLES; i++)
		s[i] = (struct sample){ l->base + pfns[i] * l->step, pfns[i] };
}

static void test_lines(void)
{
	struct sample s[SAMPLES];
	const struct line *l;
	unsigned int k;
	struct fit fit;
	int i, back, unknown;

	for (k = 0; k < sizeof(lines) / sizeof(lines[0]); k++) {
		l = &lines[k];
		sample_line(s, l);
		memset(&fit, 0xff, sizeof(fit));
		ok(!fit__solve(&fit, s, SAMPLES) && fit.ok, "%s: solved", l->what);
		ok(fit.base == l->base && fit.step == l->step, "%s: base %llx step %llu", l->what,
		   (unsigned long long)fit.base, (unsigned long long)fit.step);
		ok(!fit.shift || 1ULL << fit.shift == l->step, "%s: shift %u", l->what, fit.shift);
		back = 0;
		for (i = 0; i < SAMPLES; i++)
			back += fit__pfn(&fit, s[i].handle) == s[i].pfn &&
				fit__handle(&fit, s[i].pfn) == s[i].handle;
		ok(back == SAMPLES, "%s: there and back", l->what);
		ok(fit__pfn(&fit, l->base + 777 * l->step) == 777 &&
		   fit__handle(&fit, 777) == l->base + 777 * l->step,
		   "%s: a pfn that was no sample", l->what);
		ok(!fit__pfn(&fit, l->base), "%s: pfn 0", l->what);
		ok(fit__handle(&fit, PFN_UNKNOWN) == 0, "%s: no handle of an unknown pfn", l->what);
		unknown = 0;
		for (i = 0; i < SAMPLES; i++)
			unknown += fit__pfn(&fit, s[i].handle + 1) == PFN_UNKNOWN &&
				   fit__pfn(&fit, s[i].handle - 1) == PFN_UNKNOWN &&
				   fit__pfn(&fit, s[i].handle + l->step / 2) == PFN_UNKNOWN;
		if (l->step > 1)
			ok(unknown == SAMPLES, "%s: off the line is unknown", l->what);
		ok(fit__pfn(&fit, l->base - l->step) == PFN_UNKNOWN, "%s: below pfn 0", l->what);
	}
}

/* Handles around the largest 32-bit distance and at the end, by each way of dividing. */
static void test_far(void)
{
	static const __u64 steps[] = { 1, 32, 36, 64, 4096, 65536, 1ULL << 32 };
	unsigned int k, i, right = 0, unknown = 0, near = 0;

	for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		const struct fit fit = FIT(0xffffea0000000000, steps[k]);
		struct fit divides = fit;
		const __u64 step = fit.step, edge = 0xffffffff / step;

		divides.shift = 0;
		for (i = 0; i < 4; i++) {
			const __u64 pfn = i < 3 ? edge + i : (1ULL << 63) / step - 1;
			const __u64 handle = fit__handle(&fit, pfn), off = handle - fit.base;

			right += fit__pfn(&fit, handle) == pfn && fit__pfn(&divides, handle) == pfn;
			unknown += step == 1 || (fit__pfn(&fit, handle + 1) == PFN_UNKNOWN &&
						 fit__pfn(&fit, handle - 1) == PFN_UNKNOWN &&
						 fit__pfn(&divides, handle + 1) == PFN_UNKNOWN);
			if ((off | step) >> 32)
				continue;
			near++;
			right += fit__near(&fit, (__u32)off) == pfn;
			unknown += step == 1 || fit__near(&fit, (__u32)off - 1) == PFN_UNKNOWN;
		}
		ok(fit__pfn(&fit, fit.base + (1ULL << 63)) == PFN_UNKNOWN, "too far to be above");
	}
	ok(right == 4 * k + near && near == k - 1, "on either side of 4 GiB: there and back");
	ok(unknown == 4 * k + near, "on either side of 4 GiB: off the line is unknown");
}

static void test_order(void)
{
	struct sample s[SAMPLES], t;
	struct fit fit;
	int i, j, right = 0;

	/* every rotation, so that each sample is once the first, the last and the lowest */
	for (j = 0; j < SAMPLES; j++) {
		for (i = 0; i < SAMPLES; i++) {
			const __u64 pfn = pfns[(i + j) % SAMPLES];

			s[i] = (struct sample){ 0xffffea0000000000 + pfn * 64, pfn };
		}
		right += !fit__solve(&fit, s, SAMPLES) && fit.step == 64;
	}
	ok(right == SAMPLES, "the order of samples does not matter");
	for (i = 0; i < SAMPLES; i++)
		s[i] = (struct sample){ 0x80000000 + (100 - i) * 4096ULL, 100 - i };
	ok(!fit__solve(&fit, s, SAMPLES) && fit.base == 0x80000000, "samples from high to low");
	for (i = 0; i < SAMPLES; i++) {
		t = (struct sample){ 0x90000000 - i * 4096ULL, 100 + i };
		s[i] = t;
	}
	ok(fit__solve(&fit, s, SAMPLES) == -1, "a line that falls is refused");
	for (i = 0; i < SAMPLES; i++)
		s[i] = (struct sample){ 0x90000000, 100 + i };
	ok(fit__solve(&fit, s, SAMPLES) == -1, "one handle for all pfns is refused");
}

static void test_outliers(void)
{
	static const __s64 off[] = { 1, -1, 32, -32, 64, -64, 4096, 0x100000000, -0x100000000 };
	const struct line vmemmap = { "", 0xffffea0000000000, 64 };
	struct sample s[SAMPLES];
	unsigned int k;
	struct fit fit;
	int i, refused;

	for (k = 0; k < sizeof(off) / sizeof(off[0]); k++) {
		refused = 0;
		for (i = 0; i < SAMPLES; i++) {
			sample_line(s, &vmemmap);
			s[i].handle += off[k];
			refused += fit__solve(&fit, s, SAMPLES) == -1 && !fit.ok &&
				   fit__pfn(&fit, s[(i + 1) % SAMPLES].handle) == PFN_UNKNOWN &&
				   !fit__handle(&fit, 0x1a10);
		}
		ok(refused == SAMPLES, "one sample off by %lld, whichever: nothing is known",
		   (long long)off[k]);
	}
	/* two memory sections, each a line of its own */
	sample_line(s, &vmemmap);
	for (i = 0; i < SAMPLES; i++)
		if (s[i].pfn >= 0x8000)
			s[i].handle += 0x40000000;
	ok(fit__solve(&fit, s, SAMPLES) == -1, "two sections are refused");
	/* steps of 64.5: whole over the longest distance, not between neighbours */
	for (i = 0; i < SAMPLES; i++)
		s[i] = (struct sample){ 0x1000 + i * 129ULL / 2, i };
	ok(fit__solve(&fit, s, SAMPLES) == -1, "a step that is not whole is refused");
}

static void test_few(void)
{
	static const struct {
		int n;
		struct sample s[6];
		int ret;
		const char *what;
	} cases[] = {
		{ 0, { { 0 } }, -1, "none" },
		{ 1, { { 4096, 1 } }, -1, "one" },
		{ 2, { { 4096, 1 }, { 8192, 2 } }, -1, "two" },
		{ 3, { { 4096, 1 }, { 8192, 2 }, { 12288, 3 } }, -1, "three" },
		{ 4, { { 4096, 1 }, { 8192, 2 }, { 12288, 3 }, { 16384, 4 } }, 0, "four" },
		{ 4, { { 4096, 1 }, { 4096, 1 }, { 4096, 1 }, { 4096, 1 } }, -1, "one, 4 times" },
		{ 4, { { 4096, 1 }, { 8192, 2 }, { 12288, 3 }, { 4096, 1 } }, -1,
		  "three, the lowest twice" },
		{ 6, { { 8192, 2 }, { 4096, 1 }, { 4096, 1 }, { 12288, 3 }, { 16384, 4 },
		       { 8192, 2 } }, 0, "four, two of them twice" },
		{ 5, { { 4096, 1 }, { 8192, 2 }, { 12288, 3 }, { 16384, 4 }, { 8200, 2 } }, -1,
		  "one pfn with two handles" },
		{ 5, { { 4096, 1 }, { 8192, 2 }, { 12288, 3 }, { 16384, 4 }, { 4100, 1 } }, -1,
		  "the lowest pfn with two handles" },
	};
	unsigned int k;
	struct fit fit;

	for (k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		ok(fit__solve(&fit, cases[k].s, cases[k].n) == cases[k].ret &&
		   fit.ok == !cases[k].ret, "samples of different pfns: %s", cases[k].what);
	}
}

int main(void)
{
	test_lines();
	test_far();
	test_order();
	test_outliers();
	test_few();
	return tap__done();
}
