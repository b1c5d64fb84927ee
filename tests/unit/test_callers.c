// SPDX-License-Identifier: GPL-2.0-only
/* Which function made a copy (user/probe/callers.c). */
#include <stdlib.h>
#include <string.h>
#include "probe/callers.h"
#include "probe/plan.h"
#include "tap.h"

struct symbol {
	__u64 address;
	const char *name;
};

/* At most this many in one table; it ends with a NULL name. */
#define SYMBOLS_MAX	16

static struct callers callers_of(const struct symbol *s)
{
	struct callers c;

	memset(&c, 0, sizeof(c));
	for (; s->name; s++)
		callers__symbol(&c, s->address, s->name);
	return c;
}

/* Rows for small tables. FOO is 0x1000 to 0x2000 unless a table says otherwise. */
static const struct {
	const char *what;
	struct symbol symbols[SYMBOLS_MAX];
	__u64 address;
	enum copy_path want;
} cases[] = {
	{ "within a function", { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0x1500,
	  PATH_WP },
	{ "behind its first instruction", { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } },
	  0x1004, PATH_WP },
	{ "its first instruction: no call returns there",
	  { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0x1000, PATH_UNKNOWN },
	{ "a call that is its last instruction",
	  { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0x2000, PATH_WP },
	{ "behind it", { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0x2001, PATH_UNKNOWN },
	{ "before it", { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0xfff, PATH_UNKNOWN },
	{ "not seen", { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0, PATH_UNKNOWN },
	{ "two of the table side by side: the first one's last call",
	  { { 0x1000, "wp_page_copy" }, { 0x2000, "copy_page_range" }, { 0x3000, "next" } },
	  0x2000, PATH_WP },
	{ "two of the table side by side: the second one",
	  { { 0x1000, "wp_page_copy" }, { 0x2000, "copy_page_range" }, { 0x3000, "next" } },
	  0x2001, PATH_FORK_PINNED },
	{ "64 bits", { { 0xffffffff81d0a720, "wp_page_copy" }, { 0xffffffff81d0b5e8, "next" } },
	  0xffffffff81d0b000, PATH_WP },
	{ "64 bits, of which only the low ones fit",
	  { { 0xffffffff81d0a720, "wp_page_copy" }, { 0xffffffff81d0b5e8, "next" } },
	  0x81d0b000, PATH_UNKNOWN },

	{ "a split function: .part.0",
	  { { 0x1000, "do_wp_page" }, { 0x1010, "do_wp_page.part.0" }, { 0x2000, "next" } },
	  0x1500, PATH_WP },
	{ "a split function alone", { { 0x1000, "do_wp_page.part.0" }, { 0x2000, "next" } },
	  0x1500, PATH_WP },
	{ "its cold part, elsewhere",
	  { { 0x1000, "wp_page_copy" }, { 0x2000, "next" }, { 0x9000, "wp_page_copy.cold" },
	    { 0xa000, "another" } }, 0x9500, PATH_WP },
	{ "between a function and its cold part",
	  { { 0x1000, "wp_page_copy" }, { 0x2000, "next" }, { 0x9000, "wp_page_copy.cold" },
	    { 0xa000, "another" } }, 0x2500, PATH_UNKNOWN },
	{ "arguments removed: .isra.0",
	  { { 0x1000, "copy_present_page.isra.0" }, { 0x2000, "next" } }, 0x1500,
	  PATH_FORK_PINNED },
	{ ".constprop.0.isra.0",
	  { { 0x1000, "hugetlb_wp.constprop.0.isra.0" }, { 0x2000, "next" } }, 0x1500,
	  PATH_HUGETLB },
	{ "a name that only begins like one",
	  { { 0x1000, "do_fault_around" }, { 0x2000, "do_wp_page" }, { 0x3000, "next" } },
	  0x1500, PATH_UNKNOWN },
	{ "... with a digit", { { 0x1000, "wp_page_copy2" }, { 0x2000, "next" } }, 0x1500,
	  PATH_UNKNOWN },
	{ "... with more before it", { { 0x1000, "__pfx_wp_page_copy" }, { 0x2000, "next" } },
	  0x1500, PATH_UNKNOWN },
	{ "... that is shorter", { { 0x1000, "wp_page" }, { 0x2000, "next" } }, 0x1500,
	  PATH_UNKNOWN },
	{ "no name", { { 0x1000, "" }, { 0x2000, "next" } }, 0x1500, PATH_UNKNOWN },

	{ "another name of the same function before it",
	  { { 0x1000, "alias" }, { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0x1500,
	  PATH_WP },
	{ "... and behind it",
	  { { 0x1000, "wp_page_copy" }, { 0x1000, "alias" }, { 0x2000, "next" } }, 0x1500,
	  PATH_WP },
	{ "two of the table at one address",
	  { { 0x1000, "copy_user_huge_page" }, { 0x1000, "copy_subpage" }, { 0x2000, "next" } },
	  0x1500, PATH_HUGETLB },
	{ "... which end where the next begins",
	  { { 0x1000, "copy_user_huge_page" }, { 0x1000, "copy_subpage" }, { 0x2000, "next" } },
	  0x2001, PATH_UNKNOWN },
	{ "two of one name, as static functions can be: the first",
	  { { 0x1000, "do_wp_page" }, { 0x2000, "next" }, { 0x3000, "do_wp_page" },
	    { 0x4000, "another" } }, 0x1500, PATH_WP },
	{ "two of one name: the second",
	  { { 0x1000, "do_wp_page" }, { 0x2000, "next" }, { 0x3000, "do_wp_page" },
	    { 0x4000, "another" } }, 0x3500, PATH_WP },

	{ "the first symbol of all", { { 0x1000, "wp_page_copy" }, { 0x2000, "next" } }, 0x1001,
	  PATH_WP },
	{ "the last symbol of all: where it ends is not known",
	  { { 0x1000, "before" }, { 0x2000, "wp_page_copy" } }, 0x2004, PATH_UNKNOWN },
	{ "the last symbol of the kernel, modules below it",
	  { { 0xc0002000, "wp_page_copy" }, { 0xbf000000, "module" }, { 0xbf001000, "more" } },
	  0xc0002004, PATH_UNKNOWN },
	{ "modules below the kernel: nothing of theirs is the kernel's",
	  { { 0xc0002000, "wp_page_copy" }, { 0xc0003000, "_etext" }, { 0xbf000000, "module" } },
	  0xbf000004, PATH_UNKNOWN },
	{ "addresses are hidden",
	  { { 0, "wp_page_copy" }, { 0, "handle_mm_fault" }, { 0, "next" } },
	  0x1500, PATH_UNKNOWN },
	{ "addresses are hidden, and none was seen", { { 0, "wp_page_copy" }, { 0, "next" } }, 0,
	  PATH_UNKNOWN },
	{ "no symbols at all", {}, 0x1500, PATH_UNKNOWN },

	{ "the fault handler, with a do_wp_page of its own",
	  { { 0x1000, "handle_mm_fault" }, { 0x2000, "next" }, { 0x3000, "do_wp_page" },
	    { 0x4000, "another" } }, 0x1500, PATH_COW_FAULT },
	{ "the fault handler, with a wp_page_copy of its own",
	  { { 0x1000, "__handle_mm_fault" }, { 0x2000, "next" }, { 0x3000, "wp_page_copy" },
	    { 0x4000, "another" } }, 0x1500, PATH_COW_FAULT },
	{ "the fault handler, with a clone of do_wp_page",
	  { { 0x1000, "handle_mm_fault" }, { 0x2000, "next" }, { 0x3000, "do_wp_page.part.0" },
	    { 0x4000, "another" } }, 0x1500, PATH_COW_FAULT },
	{ "the fault handler may contain all of do_wp_page",
	  { { 0x1000, "handle_mm_fault" }, { 0x2000, "next" } }, 0x1500, PATH_UNKNOWN },
	{ "... do_fault, too", { { 0x1000, "do_fault" }, { 0x2000, "next" } }, 0x1500,
	  PATH_UNKNOWN },
	{ "... but not what fork does",
	  { { 0x1000, "handle_mm_fault" }, { 0x2000, "copy_page_range" }, { 0x3000, "next" } },
	  0x2500, PATH_FORK_PINNED },
};

static void test_cases(void)
{
	struct callers c;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = callers_of(cases[i].symbols);
		ok(callers__path(&c, cases[i].address) == cases[i].want, "%s: %s", cases[i].what,
		   path__name(cases[i].want));
	}
}

/* A function of each path, whatever else the kernel has. */
static void test_table(void)
{
	static const struct {
		const char *name;
		enum copy_path path;
	} functions[] = {
		{ "wp_page_copy", PATH_WP },
		{ "do_wp_page", PATH_WP },
		{ "do_cow_fault", PATH_COW_FAULT },
		{ "do_anonymous_page", PATH_COW_FAULT },
		{ "handle_mm_fault", PATH_COW_FAULT },
		{ "copy_page_range", PATH_FORK_PINNED },
		{ "copy_user_large_folio", PATH_HUGETLB },
		{ "hugetlb_wp", PATH_HUGETLB },
		{ "ksm_might_need_to_copy", PATH_KSM },
		{ "collapse_huge_page", PATH_COLLAPSE },
		/* functions beside them that copy or clear in other ways */
		{ "do_swap_page", PATH_UNKNOWN },
		{ "wp_page_reuse", PATH_UNKNOWN },
		{ "finish_fault", PATH_UNKNOWN },
		{ "mfill_atomic_install_pte", PATH_UNKNOWN },
		{ "__replace_page", PATH_UNKNOWN },
		{ "migrate_folio_extra", PATH_UNKNOWN },
		{ "shmem_replace_page", PATH_UNKNOWN },
		{ "collapse_file", PATH_UNKNOWN },
		{ "do_huge_pmd_anonymous_page", PATH_UNKNOWN },
		{ "do_huge_pmd_wp_page", PATH_UNKNOWN },
	};
	const unsigned int n = sizeof(functions) / sizeof(functions[0]);
	struct callers c;
	unsigned int i;

	memset(&c, 0, sizeof(c));
	for (i = 0; i < n; i++)
		callers__symbol(&c, 0x10000 + i * 0x100, functions[i].name);
	callers__symbol(&c, 0x10000 + n * 0x100, "_etext");
	for (i = 0; i < n; i++)
		ok(callers__path(&c, 0x10000 + i * 0x100 + 0x40) == functions[i].path &&
		   callers__path(&c, 0x10000 + (i + 1) * 0x100) == functions[i].path, "%s: %s",
		   functions[i].name, path__name(functions[i].path));
}

/* More functions than there is room for: those that fit have their path, the others none. */
static void test_many(void)
{
	const int n = CALLERS_MAX + 10;
	/* on the heap, where the sanitizer sees an overrun */
	struct callers *c = calloc(1, sizeof(*c));
	int i, right = 0, unknown = 0;

	if (!c)
		exit(1);
	for (i = 0; i < n; i++)
		callers__symbol(c, 0x1000 + i * 0x100, "wp_page_copy.cold");
	callers__symbol(c, 0x1000 + n * 0x100, "_etext");
	is(c->n, CALLERS_MAX, "as many as there is room for");
	for (i = 0; i < n; i++) {
		right += callers__path(c, 0x1000 + i * 0x100 + 8) == PATH_WP;
		unknown += callers__path(c, 0x1000 + i * 0x100 + 8) == PATH_UNKNOWN;
	}
	ok(right == CALLERS_MAX && unknown == 10, "the others' paths are unknown");
	free(c);
}

struct asked {
	struct callers known;
	int times;
};

static enum copy_path ask(void *ctx, __u64 address)
{
	struct asked *a = ctx;

	a->times++;
	callers__function(&a->known, address & ~0xfffULL, (address & ~0xfffULL) + 0x1000,
			  address < 0x2000 ? "wp_page_copy.isra.0" : "do_swap_page");
	return callers__path(&a->known, address);
}

/* An address outside the list is looked up with ask; the answer is found in the list afterwards. */
static void test_asking(void)
{
	static struct asked a;
	struct callers c = { .ask = ask, .ctx = &a };
	enum copy_path path = PATH_COUNT;

	callers__function(&c, 0x8000, 0x9000, "copy_page_range");
	ok(callers__path(&c, 0x8400) == PATH_FORK_PINNED && !a.times, "in the list: not asked");
	ok(callers__path(&c, 0x9400) == PATH_UNKNOWN && a.times == 1, "not in the list: asked");
	ok(callers__path(&c, 0x1400) == PATH_WP && a.times == 2, "... and the answer taken");
	ok(callers__find(&a.known, 0x1800, &path) && path == PATH_WP, "found again: wp");
	ok(callers__find(&a.known, 0x9800, &path) && path == PATH_UNKNOWN,
	   "found again: one of no path");
	ok(!callers__find(&a.known, 0x5000, &path), "what nobody asked for is not found");
	/* whether the fault handler contains the write fault is known once that was looked up */
	callers__function(&a.known, 0x6000, 0x7000, "handle_mm_fault");
	ok(callers__path(&a.known, 0x6400) == PATH_COW_FAULT, "the fault handler, wp being seen");
	memset(&c, 0, sizeof(c));
	callers__function(&c, 0x6000, 0x7000, "handle_mm_fault");
	ok(callers__path(&c, 0x6400) == PATH_UNKNOWN, "the fault handler, wp not being seen");
	ok(callers__path(&c, 0x7400) == PATH_UNKNOWN, "nobody to ask");
}

/* A call inside each function of the lab's kernels, as far as the compiler did not inline it. */
static void test_kernels(void)
{
	static const struct {
		const char *file;
		__u64 wp, cow, fork, hugetlb, ksm, collapse; /* 0 = has none */
		__u64 other;	/* do_swap_page: between the others, on every kernel */
	} kernels[] = {
		{ "mips-4kc-6.1", 0x818a4000, 0x818aa000, 0x818a6000, 0, 0x818e6a00, 0,
		  0x818a8d00 },
		{ "mips64-5kc-6.1", 0xffffffff81d0b000, 0xffffffff81d10000, 0xffffffff81d12000,
		  0xffffffff81d13a00, 0xffffffff81d5fc00, 0xffffffff81d79000,
		  0xffffffff81d0df00 },
		{ "mips64-5kc-6.12", 0xffffffff85947100, 0xffffffff8594e000, 0xffffffff8594c000,
		  0xffffffff8594f400, 0xffffffff859b2c00, 0xffffffff859c4000,
		  0xffffffff85948400 },
		{ "armv6-rpi-6.1", 0xc02ee000, 0xc02f2b00, 0xc02ef800, 0, 0xc0323800, 0,
		  0xc02f2000 },
		{ "armv6-rpi-6.12", 0xc0332700, 0xc0334700, 0xc0330000, 0, 0xc0378400, 0,
		  0xc0333600 },
		{ "armhf-armmp-6.1", 0xc056e800, 0xc0574000, 0xc0570600, 0, 0xc05a9400, 0,
		  0xc0573400 },
		{ "arm64-cloud-6.1", 0xffffcebe82b01c00, 0xffffcebe82b06600, 0xffffcebe82b08600,
		  0xffffcebe82b0ab00, 0xffffcebe82b60e00, 0xffffcebe82b7be00,
		  0xffffcebe82b04d00 },
	};
	static struct symbols s;
	char path[96];
	unsigned int i;

	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const struct callers *c = &s.callers;

		snprintf(path, sizeof(path), "tests/unit/kallsyms/%s.txt", kernels[i].file);
		if (symbols__read(&s, path))
			exit(1);
		ok(callers__path(c, kernels[i].wp) == PATH_WP &&
		   callers__path(c, kernels[i].cow) == PATH_COW_FAULT &&
		   callers__path(c, kernels[i].fork) == PATH_FORK_PINNED &&
		   (!kernels[i].hugetlb || callers__path(c, kernels[i].hugetlb) == PATH_HUGETLB) &&
		   callers__path(c, kernels[i].ksm) == PATH_KSM &&
		   (!kernels[i].collapse ||
		    callers__path(c, kernels[i].collapse) == PATH_COLLAPSE) &&
		   callers__path(c, kernels[i].other) == PATH_UNKNOWN, "%s", kernels[i].file);
	}
}

int main(void)
{
	test_cases();
	test_table();
	test_many();
	test_asking();
	test_kernels();
	return tap__done();
}
