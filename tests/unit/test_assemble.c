// SPDX-License-Identifier: GPL-2.0-only
/* From a record to the facts of a copy (user/recorder/assemble.c). */
#include <string.h>
#include "recorder/assemble.h"
#include "tap.h"

/* MIPS 4Kc: struct page has 36 bytes, KSEG0 is the linear mapping */
#define MEM_MAP		0x81400000ULL
#define PAGE_STRUCT(pfn) (MEM_MAP + (pfn) * 36)
#define KSEG0(pfn)	(0x80000000ULL + (pfn) * 4096)
/* x86_64 */
#define PAGE_OFFSET(pfn) (0xffff888000000000ULL + (pfn) * 4096)

#define SRC		0x1a0fULL
#define DST		0x0b52ULL
#define OTHER		0x0b53ULL
#define COHERENT_VA	0xfffb5000ULL	/* a fixmap slot of kmap_coherent */

#define FLAGS_KNOWN	(FACT_MAPPED_KNOWN | FACT_DIRTY_KNOWN)
#define WATCHED		(FACT_MAPPING_WATCHED | FACT_FLUSH_WATCHED)
#define ALL_WATCHED	(FACT_FLUSH_WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED)

static const struct calibration mips = {
	.page = FIT(MEM_MAP, 36ULL),
	.linear = FIT(0x80000000, 4096ULL),
	.page_size = 4096,
	.dirty_bit = 11,
	.mapcount_known = true,
	.mapping_watched = true,
	.flush_watched = true,
	.clears_watched = true,
	.highest_pfn = 0x7fff,
	.mapping_kind = MAPPING_COHERENT,
	.call_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

/* As mips, and all that happens inside of a copy is seen, in its order. */
static const struct calibration mips_all = {
	.page = FIT(MEM_MAP, 36ULL),
	.linear = FIT(0x80000000, 4096ULL),
	.page_size = 4096,
	.dirty_bit = 11,
	.mapcount_known = true,
	.mapping_watched = true,
	.flush_watched = true,
	.user_watched = true,
	.all_watched = true,
	.clears_watched = true,
	.steps = true,
	.highest_pfn = 0x7fff,
	.mapping_kind = MAPPING_COHERENT,
	.call_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

/* As mips, but no copy showed a flush, so there is no line for linear addresses. */
static const struct calibration mips_no_linear = {
	.page = FIT(MEM_MAP, 36ULL),
	.page_size = 4096,
	.dirty_bit = -1,
	.mapping_watched = true,
	.mapping_kind = MAPPING_COHERENT,
	.call_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

static const struct calibration mips_64k = {
	.page = FIT(MEM_MAP, 36ULL),
	.linear = FIT(0x80000000, 65536ULL),
	.page_size = 65536,
	.dirty_bit = 13,
	.flush_watched = true,
	.mapping_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

static const struct calibration x86 = {
	.linear = FIT(0xffff888000000000, 4096ULL),
	.page_size = 4096,
	.dirty_bit = -1,
	.copy_kind = MAPPING_LINEAR,
};

static const struct calibration armv6 = {
	.page = FIT(MEM_MAP, 36ULL),
	.page_size = 4096,
	.dirty_bit = -1,
	.copy_kind = MAPPING_WINDOW,
	.source_window = 0xffff8000,
	.destination_window = 0xffffc000,
	.span = 0x4000,
};

/* As armv6, where the code can be read: the calls are seen, and what is dropped and flushed. */
static const struct calibration armv6_all = {
	.page = FIT(MEM_MAP, 36ULL),
	.linear = FIT(0x80000000, 4096ULL),
	.page_size = 4096,
	.dirty_bit = 11,
	.flag_is_clean = true,
	.mapcount_known = true,
	.flush_watched = true,
	.user_watched = true,
	.all_watched = true,
	.clears_watched = true,
	.steps = true,
	.highest_pfn = 0x7fff,
	.call_kind = MAPPING_WINDOW,
	.copy_kind = MAPPING_WINDOW,
	.source_window = 0xffff8000,
	.destination_window = 0xffffc000,
	.span = 0x4000,
};

#define USER		0x77002010ULL	/* colour 2 of 4 */
#define PAGES		(SEEN_SRC_PAGE | SEEN_DST_PAGE)
#define UNKNOWN_SIDE	{ PFN_UNKNOWN, 0, MAPPING_UNKNOWN, EVIDENCE_NONE }
#define LINEAR_SRC	{ SRC, KSEG0(SRC), MAPPING_LINEAR, EVIDENCE_DERIVED }
#define LINEAR_DST	{ DST, KSEG0(DST), MAPPING_LINEAR, EVIDENCE_DERIVED }
#define COHERENT_SRC	{ SRC, COHERENT_VA, MAPPING_COHERENT, EVIDENCE_OBSERVED }
#define OBSERVED_SRC	{ SRC, KSEG0(SRC), MAPPING_LINEAR, EVIDENCE_OBSERVED }
#define OBSERVED_DST	{ DST, KSEG0(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }
#define UNMAPPED_SRC	{ SRC, 0, MAPPING_UNKNOWN, EVIDENCE_NONE }
#define UNMAPPED_DST	{ DST, 0, MAPPING_UNKNOWN, EVIDENCE_NONE }
#define CALLED		(SEEN_CALL | SEEN_SRC_VA | SEEN_DST_VA)

static const struct {
	const char *what;
	const struct calibration *cal;
	/* the fields of the record that matter; pages are those of SRC and DST when seen */
	__u64 src_va, dst_va, page_flags;
	__s32 mapcount;
	__u32 seen;
	struct side source, destination;
	__u16 facts;
} cases[] = {
	{ "MIPS: source through kmap_coherent", &mips,
	  COHERENT_VA, 0, 0, 1, PAGES | SEEN_SRC_VA | SEEN_FLAGS, COHERENT_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: both through kmap_coherent", &mips,
	  COHERENT_VA, COHERENT_VA + 0x2000, 0, 1,
	  PAGES | SEEN_SRC_VA | SEEN_DST_VA | SEEN_FLAGS, COHERENT_SRC,
	  { DST, COHERENT_VA + 0x2000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: no mapping: both derived from the pfn", &mips,
	  0, 0, 0, 0, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: called: coherently mapped source, linear destination", &mips,
	  COHERENT_VA + 0x1000, KSEG0(DST), 0, 1, PAGES | CALLED | SEEN_FLAGS,
	  { SRC, COHERENT_VA + 0x1000, MAPPING_COHERENT, EVIDENCE_OBSERVED }, OBSERVED_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: called with linear addresses of both", &mips,
	  KSEG0(SRC), KSEG0(DST), 0, 0, PAGES | CALLED, OBSERVED_SRC, OBSERVED_DST, WATCHED },
	{ "MIPS: called with addresses within the pages", &mips,
	  KSEG0(SRC) + 16, KSEG0(DST) + 4080, 0, 0, PAGES | CALLED,
	  { SRC, KSEG0(SRC) + 16, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, KSEG0(DST) + 4080, MAPPING_LINEAR, EVIDENCE_OBSERVED }, WATCHED },
	{ "MIPS: called with linear addresses of another page: not of this copy", &mips,
	  KSEG0(OTHER), KSEG0(OTHER), 0, 0, PAGES | CALLED, UNMAPPED_SRC, UNMAPPED_DST, WATCHED },
	{ "MIPS: called with source and destination exchanged", &mips,
	  KSEG0(DST), KSEG0(SRC), 0, 0, PAGES | CALLED, UNMAPPED_SRC, UNMAPPED_DST, WATCHED },
	{ "MIPS: called: the last frame's address, and the one above it", &mips,
	  KSEG0(0x7fffULL), KSEG0(0x8000ULL), 0, 0, PAGES | CALLED, UNMAPPED_SRC,
	  { DST, KSEG0(0x8000ULL), MAPPING_COHERENT, EVIDENCE_OBSERVED }, WATCHED },
	{ "MIPS: called, and no linear line: both may be anywhere", &mips_no_linear,
	  KSEG0(SRC), COHERENT_VA, 0, 0, PAGES | CALLED,
	  { SRC, KSEG0(SRC), MAPPING_COHERENT, EVIDENCE_OBSERVED },
	  { DST, COHERENT_VA, MAPPING_COHERENT, EVIDENCE_OBSERVED }, FACT_MAPPING_WATCHED },
	{ "MIPS: flushed since a fork shared it", &mips,
	  COHERENT_VA, 0, 0, 1, PAGES | SEEN_SRC_VA | SEEN_FLAGS | SEEN_FORK_FLUSH, COHERENT_SRC,
	  LINEAR_DST, WATCHED | FLAGS_KNOWN | FACT_MAPPED | FACT_FORK_FLUSHED },
	{ "MIPS: unmapped source", &mips,
	  0, 0, 0, -1, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST, WATCHED | FLAGS_KNOWN },
	{ "MIPS: a huge page, whose small one nobody mapped: perhaps as a whole", &mips,
	  0, 0, 0, -1, PAGES | SEEN_FLAGS | SEEN_SRC_HUGE, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FACT_DIRTY_KNOWN },
	{ "MIPS: a huge page, whose small one is mapped", &mips,
	  0, 0, 0, 0, PAGES | SEEN_FLAGS | SEEN_SRC_HUGE, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: a huge page, kernel-dirty", &mips,
	  0, 0, 1 << 11, -1, PAGES | SEEN_FLAGS | SEEN_SRC_HUGE, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY },
	{ "MIPS: a small page inside a huge one, flags not read", &mips,
	  0, 0, 0, 0, PAGES | SEEN_SRC_HUGE, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: kernel-dirty source", &mips,
	  0, 0, 1 << 11, -1, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_KERNEL_DIRTY },
	{ "MIPS: all flags but the dirty one", &mips,
	  0, 0, ~(1ULL << 11), 3, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: flags were not read: their words are not looked at", &mips,
	  0, 0, ~0ULL, 5, PAGES, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: which page the destination is was not seen", &mips,
	  0, 0, 0, 0, SEEN_SRC_PAGE, LINEAR_SRC, UNKNOWN_SIDE, WATCHED },
	{ "MIPS: neither page seen", &mips, 0, 0, 0, 0, 0, UNKNOWN_SIDE, UNKNOWN_SIDE, WATCHED },
	{ "MIPS: no linear line: addresses unknown", &mips_no_linear,
	  COHERENT_VA, 0, 1 << 11, 1, PAGES | SEEN_SRC_VA | SEEN_FLAGS, COHERENT_SRC,
	  { DST, 0, MAPPING_LINEAR, EVIDENCE_DERIVED }, FACT_MAPPING_WATCHED },
	{ "MIPS: dirty bit elsewhere, pages of 64 KiB", &mips_64k,
	  0, 0, 1 << 13, 1, PAGES | SEEN_FLAGS,
	  { SRC, 0x80000000 + SRC * 65536, MAPPING_LINEAR, EVIDENCE_DERIVED },
	  { DST, 0x80000000 + DST * 65536, MAPPING_LINEAR, EVIDENCE_DERIVED },
	  FACT_FLUSH_WATCHED | FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY },
	{ "MIPS: flushes of user addresses and of the whole cache would be seen, too", &mips_all,
	  0, 0, 0, 0, PAGES, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED | FACT_STEPS },
	{ "MIPS: more events than there is room for", &mips_all,
	  0, 0, 0, 0, PAGES | SEEN_EVENTS_LOST, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED | FACT_STEPS | FACT_STEPS_LOST },
	{ "x86_64: both addresses exact, pfns from them, nothing else known", &x86,
	  PAGE_OFFSET(SRC), PAGE_OFFSET(DST), 0, 0, SEEN_SRC_VA | SEEN_DST_VA,
	  { SRC, PAGE_OFFSET(SRC), MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
	{ "x86_64: exact, and the kind of the source was looked at", &x86,
	  PAGE_OFFSET(SRC), PAGE_OFFSET(DST), ~0ULL, 0,
	  SEEN_SRC_VA | SEEN_DST_VA | SEEN_FAULT | SEEN_FLAGS | SEEN_SRC_HUGE,
	  { SRC, PAGE_OFFSET(SRC), MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
	{ "ARMv6: through the windows, at the user's colour", &armv6,
	  0, 0, 0, 0, PAGES | SEEN_FLAGS,
	  { SRC, 0xffff8000 + 0x2000, MAPPING_WINDOW, EVIDENCE_DERIVED },
	  { DST, 0xffffc000 + 0x2000, MAPPING_WINDOW, EVIDENCE_DERIVED }, 0 },
	{ "ARMv6: called with the windows' addresses", &armv6_all,
	  0xffff8000 + 0x2000, 0xffffc000 + 0x2000, 1 << 11, 0, PAGES | CALLED | SEEN_FLAGS,
	  { SRC, 0xffff8000 + 0x2000, MAPPING_WINDOW, EVIDENCE_OBSERVED },
	  { DST, 0xffffc000 + 0x2000, MAPPING_WINDOW, EVIDENCE_OBSERVED },
	  ALL_WATCHED | FACT_STEPS | FLAGS_KNOWN | FACT_MAPPED },
	{ "ARMv6: a page that is not marked as clean", &armv6_all,
	  KSEG0(SRC), KSEG0(DST), ~(1ULL << 11), 0, PAGES | CALLED | SEEN_FLAGS,
	  OBSERVED_SRC, OBSERVED_DST,
	  ALL_WATCHED | FACT_STEPS | FLAGS_KNOWN | FACT_MAPPED | FACT_KERNEL_DIRTY },
	{ "x86_64: an address within the page", &x86,
	  PAGE_OFFSET(SRC) + 8, PAGE_OFFSET(DST) + 4095, 0, 0, SEEN_SRC_VA | SEEN_DST_VA,
	  { SRC, PAGE_OFFSET(SRC) + 8, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST) + 4095, MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
	{ "x86_64: an address below the linear mapping has no pfn", &x86,
	  PAGE_OFFSET(0ULL) - 4096, PAGE_OFFSET(DST), 0, 0, SEEN_SRC_VA | SEEN_DST_VA,
	  { PFN_UNKNOWN, PAGE_OFFSET(0ULL) - 4096, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
};

/* Functions of a kernel, and a return address within each. */
enum {
	IN_WP = 0x1040, IN_COW = 0x2040, IN_FORK = 0x3040, IN_HUGETLB = 0x4040, IN_KSM = 0x5040,
	IN_COLLAPSE = 0x6040, ELSEWHERE = 0x7040
};

static const struct callers callers = {
	.list = {
		{ 0x1000, 0x2000, PATH_WP }, { 0x2000, 0x3000, PATH_COW_FAULT },
		{ 0x3000, 0x4000, PATH_FORK_PINNED }, { 0x4000, 0x5000, PATH_HUGETLB },
		{ 0x5000, 0x6000, PATH_KSM }, { 0x6000, 0x7000, PATH_COLLAPSE },
	},
	.n = 6,
	.has_wp = true,
};

static bool same_side(const char *what, const char *name, const struct side *got,
		      const struct side *want)
{
	return ok(got->pfn == want->pfn && got->va == want->va && got->kind == want->kind &&
		  got->evidence == want->evidence,
		  "%s: %s is pfn %llx va %llx %s %s", what, name, (unsigned long long)got->pfn,
		  (unsigned long long)got->va, mapping_kind__name(got->kind),
		  evidence__name(got->evidence));
}

static void test_copies(void)
{
	struct wire_copy rec;
	struct copy c;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const __u32 seen = cases[i].seen;

		rec = (struct wire_copy){
			.user = USER,
			.src_page = seen & SEEN_SRC_PAGE ? PAGE_STRUCT(SRC) : 0,
			.dst_page = seen & SEEN_DST_PAGE ? PAGE_STRUCT(DST) : 0,
			.src_va = cases[i].src_va,
			.dst_va = cases[i].dst_va,
			.page_flags = cases[i].page_flags,
			.mapcount = cases[i].mapcount,
			.seen = seen,
		};
		memset(&c, 0xff, sizeof(c));
		assemble__copy(&rec, cases[i].cal, &c);
		same_side(cases[i].what, "source", &c.source, &cases[i].source);
		same_side(cases[i].what, "destination", &c.destination, &cases[i].destination);
		ok(c.facts == cases[i].facts, "%s: facts %02x", cases[i].what, c.facts);
		ok(c.path == (seen & SEEN_FAULT ? seen & SEEN_SRC_HUGE ? PATH_THP : PATH_WP :
			      PATH_UNKNOWN), "%s: path %s", cases[i].what, path__name(c.path));
	}
}

/* A struct page address off the line must not give a neighbour's pfn. */
static void test_off_the_line(void)
{
	struct wire_copy rec = {
		.src_page = PAGE_STRUCT(SRC) + 4, .dst_page = MEM_MAP - 36, .seen = PAGES,
	};
	const struct side unknown = UNKNOWN_SIDE;
	struct copy c;

	assemble__copy(&rec, &mips, &c);
	same_side("struct page address between two", "source", &c.source, &unknown);
	same_side("struct page address below the first", "destination", &c.destination, &unknown);
}

static void test_plain_fields(void)
{
	const struct wire_copy rec = {
		.head = { .ts = 123456789012345, .cpu = 3, .seq = 9 },
		.pid = 4242, .tid = 4243, .user = 0x77001ffd, .caller = IN_FORK,
	};
	const struct wire_copy high = { .user = 0xfffffffffffff123 };
	struct calibration cal = mips;
	struct copy c;

	cal.callers = &callers;
	assemble__copy(&rec, &cal, &c);
	is(c.ts, 123456789012345, "time");
	is(c.pid, 4242, "process");
	is(c.tid, 4243, "thread");
	is(c.user, 0x77001000, "user address, aligned down");
	is(c.path, PATH_FORK_PINNED, "path");
	assemble__copy(&rec, &mips_64k, &c);
	is(c.user, 0x77000000, "user address, aligned down to a page of 64 KiB");
	assemble__copy(&high, &mips, &c);
	is(c.user, 0xfffffffffffff000, "user address of 64 bits");
}

/* ---- paths ---- */

static const struct {
	const char *what;
	__u64 caller;
	__u32 seen;
	enum copy_path want, unnamed;	/* with the callers known, and without */
} paths[] = {
	{ "wp_page_copy", IN_WP, 0, PATH_WP, PATH_UNKNOWN },
	{ "wp_page_copy, merged by KSM", IN_WP, SEEN_SRC_KSM, PATH_KSM, PATH_UNKNOWN },
	{ "wp_page_copy, of a huge page", IN_WP, SEEN_SRC_HUGE, PATH_THP, PATH_UNKNOWN },
	{ "wp_page_copy, all at once", IN_WP, SEEN_SRC_HUGE | SEEN_SRC_KSM, PATH_KSM,
	  PATH_UNKNOWN },
	{ "the fault handler", IN_COW, 0, PATH_COW_FAULT, PATH_UNKNOWN },
	{ "the fault handler, of a huge page", IN_COW, SEEN_SRC_HUGE, PATH_COW_FAULT,
	  PATH_UNKNOWN },
	{ "fork", IN_FORK, 0, PATH_FORK_PINNED, PATH_UNKNOWN },
	{ "fork, of a huge page", IN_FORK, SEEN_SRC_HUGE, PATH_FORK_PINNED, PATH_UNKNOWN },
	{ "fork, merged by KSM", IN_FORK, SEEN_SRC_KSM, PATH_FORK_PINNED, PATH_UNKNOWN },
	{ "hugetlb", IN_HUGETLB, SEEN_SRC_HUGE, PATH_HUGETLB, PATH_UNKNOWN },
	{ "swap-in of what KSM merged", IN_KSM, 0, PATH_KSM, PATH_UNKNOWN },
	{ "khugepaged", IN_COLLAPSE, 0, PATH_COLLAPSE, PATH_UNKNOWN },
	{ "some other function", ELSEWHERE, 0, PATH_UNKNOWN, PATH_UNKNOWN },
	{ "some other function, merged by KSM", ELSEWHERE, SEEN_SRC_KSM | SEEN_SRC_HUGE,
	  PATH_UNKNOWN, PATH_UNKNOWN },
	{ "the caller was not seen", 0, 0, PATH_UNKNOWN, PATH_UNKNOWN },
	/* if a fault was seen to begin, it made the copy, whoever the caller is */
	{ "a write fault that was announced", 0, SEEN_FAULT, PATH_WP, PATH_WP },
	{ "a write fault that was announced, merged by KSM", 0, SEEN_FAULT | SEEN_SRC_KSM,
	  PATH_KSM, PATH_KSM },
	{ "a write fault that was announced, of a huge page", 0, SEEN_FAULT | SEEN_SRC_HUGE,
	  PATH_THP, PATH_THP },
	{ "a write fault that was announced, whatever called", IN_FORK, SEEN_FAULT, PATH_WP,
	  PATH_WP },
};

static void test_paths(void)
{
	struct calibration named = mips;
	struct wire_copy rec;
	struct copy c;
	unsigned int i;

	named.callers = &callers;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		rec = (struct wire_copy){ .caller = paths[i].caller, .seen = paths[i].seen };
		assemble__copy(&rec, &named, &c);
		ok(assemble__path(&rec, &named) == paths[i].want && c.path == paths[i].want &&
		   assemble__path(&rec, &mips) == paths[i].unnamed, "path: %s: %s",
		   paths[i].what, path__name(c.path));
	}
}

/* ---- clears ---- */

#define FLUSHED(pfn)	WIRE_EVENT(EVENT_FLUSH, KSEG0(pfn))
#define STEP_FLUSHED(pfn) STEP(STEP_FLUSH, STEP_OF_DESTINATION, KSEG0(pfn) >> 12)
#define STEP_WRITTEN(va) STEP(STEP_WRITE, STEP_OF_DESTINATION, (va) >> 12)
#define CLEAR_WATCHED	(ALL_WATCHED | FACT_STEPS)

static const struct {
	const char *what;
	enum { OF_MIPS, OF_MIPS_ALL, OF_ARMV6, OF_ARMV6_ALL } kernel;
	bool named;		/* are the callers known? */
	__u64 caller, event[EVENTS_MAX];
	__u32 seen;
	bool taken;
	struct side destination;
	__u16 facts, step[EVENTS_MAX];
} clears[] = {
	{ "anonymous memory", OF_MIPS, true, IN_COW, {}, SEEN_DST_PAGE, true, LINEAR_DST,
	  FACT_FLUSH_WATCHED, {} },
	{ "in place of the zero page", OF_MIPS, true, IN_WP, {}, SEEN_DST_PAGE, true, LINEAR_DST,
	  FACT_FLUSH_WATCHED, {} },
	{ "flushed", OF_MIPS_ALL, true, IN_COW, { FLUSHED(DST) }, SEEN_DST_PAGE, true,
	  LINEAR_DST, CLEAR_WATCHED, { STEP_FLUSHED(DST) } },
	{ "flushed, after another page was", OF_MIPS_ALL, true, IN_COW,
	  { FLUSHED(OTHER), FLUSHED(DST) }, SEEN_DST_PAGE, true, LINEAR_DST, CLEAR_WATCHED,
	  { STEP_FLUSHED(DST) } },
	{ "flushed, after many others were", OF_MIPS_ALL, true, IN_COW,
	  { FLUSHED(OTHER), FLUSHED(SRC), FLUSHED(OTHER), FLUSHED(DST) },
	  SEEN_DST_PAGE | SEEN_EVENTS_LOST, true, LINEAR_DST, CLEAR_WATCHED | FACT_STEPS_LOST,
	  { STEP_FLUSHED(DST) } },
	{ "flushed, before another page was", OF_MIPS_ALL, true, IN_COW,
	  { FLUSHED(DST), FLUSHED(OTHER) }, SEEN_DST_PAGE, true, LINEAR_DST, CLEAR_WATCHED,
	  { STEP_FLUSHED(DST) } },
	{ "another page was flushed", OF_MIPS_ALL, true, IN_COW, { FLUSHED(OTHER) },
	  SEEN_DST_PAGE, true, LINEAR_DST, CLEAR_WATCHED, {} },
	{ "called, then flushed", OF_MIPS_ALL, true, IN_COW,
	  { WIRE_EVENT(EVENT_WRITE, KSEG0(DST)), FLUSHED(DST) }, SEEN_DST_PAGE, true, OBSERVED_DST,
	  CLEAR_WATCHED, { STEP_WRITTEN(KSEG0(DST)), STEP_FLUSHED(DST) } },
	{ "called for another page before", OF_MIPS_ALL, true, IN_COW,
	  { WIRE_EVENT(EVENT_WRITE, KSEG0(OTHER)), WIRE_EVENT(EVENT_WRITE, KSEG0(DST)) },
	  SEEN_DST_PAGE, true, OBSERVED_DST, CLEAR_WATCHED,
	  { STEP_WRITTEN(KSEG0(DST)) } },
	{ "called through a coherent mapping", OF_MIPS_ALL, true, IN_COW,
	  { WIRE_EVENT(EVENT_WRITE, COHERENT_VA) }, SEEN_DST_PAGE, true,
	  { DST, COHERENT_VA, MAPPING_COHERENT, EVIDENCE_OBSERVED }, CLEAR_WATCHED,
	  { STEP_WRITTEN(COHERENT_VA) } },
	{ "the call was of another page", OF_MIPS_ALL, true, IN_COW,
	  { WIRE_EVENT(EVENT_WRITE, KSEG0(OTHER)) }, SEEN_DST_PAGE, true, UNMAPPED_DST,
	  CLEAR_WATCHED, {} },
	{ "the page was not seen", OF_MIPS, true, IN_COW, {}, 0, true, UNKNOWN_SIDE,
	  FACT_FLUSH_WATCHED, {} },
	{ "fork: copied", OF_MIPS, true, IN_FORK, {}, SEEN_DST_PAGE, false, UNKNOWN_SIDE, 0, {} },
	{ "hugetlb: of no use", OF_MIPS, true, IN_HUGETLB, {}, SEEN_DST_PAGE, false, UNKNOWN_SIDE,
	  0, {} },
	{ "swap-in of what KSM merged: copied", OF_MIPS, true, IN_KSM, {}, SEEN_DST_PAGE, false,
	  UNKNOWN_SIDE, 0, {} },
	{ "khugepaged: copied, and holes", OF_MIPS, true, IN_COLLAPSE, {}, SEEN_DST_PAGE, false,
	  UNKNOWN_SIDE, 0, {} },
	{ "swap-in, userfaultfd, a uprobe: filled", OF_MIPS, true, ELSEWHERE, {}, SEEN_DST_PAGE,
	  false, UNKNOWN_SIDE, 0, {} },
	{ "the caller was not seen", OF_MIPS, true, 0, {}, SEEN_DST_PAGE, false, UNKNOWN_SIDE, 0,
	  {} },
	{ "callers are not known", OF_MIPS, false, IN_COW, {}, SEEN_DST_PAGE, false, UNKNOWN_SIDE,
	  0, {} },
	{ "sent at the entry: its flush would come later", OF_MIPS_ALL, true, 0, {},
	  SEEN_DST_PAGE | SEEN_AT_ENTRY, true, LINEAR_DST, 0, {} },
	{ "sent at the entry, callers are not known", OF_MIPS, false, 0, {},
	  SEEN_DST_PAGE | SEEN_AT_ENTRY, false, UNKNOWN_SIDE, 0, {} },
	{ "ARMv6: through a window", OF_ARMV6, true, 0, {}, SEEN_DST_PAGE | SEEN_AT_ENTRY, true,
	  { DST, 0xffffc000 + 0x2000, MAPPING_WINDOW, EVIDENCE_DERIVED }, 0, {} },
	{ "ARMv6: sent at the entry", OF_ARMV6_ALL, true, 0, {}, SEEN_DST_PAGE | SEEN_AT_ENTRY,
	  true, { DST, 0xffffc000 + 0x2000, MAPPING_WINDOW, EVIDENCE_DERIVED }, 0, {} },
	{ "ARMv6: sent by the call, when old lines were dropped", OF_ARMV6_ALL, true, 0,
	  { WIRE_EVENT(EVENT_DISCARD, KSEG0(DST)), WIRE_EVENT(EVENT_WRITE, 0xffffc000 + 0x2000) },
	  SEEN_DST_PAGE | SEEN_AT_ENTRY | SEEN_CALL, true,
	  { DST, 0xffffc000 + 0x2000, MAPPING_WINDOW, EVIDENCE_OBSERVED }, FACT_STEPS,
	  { STEP(STEP_DISCARD, STEP_OF_DESTINATION, KSEG0(DST) >> 12),
	    STEP_WRITTEN(0xffffc000 + 0x2000) } },
};

static void check_clear(unsigned int i, const struct clear *c)
{
	__u32 n = 0, right = 0;

	ok(c->ts == 5000 && c->pid == 7 && c->tid == 8 && c->user == 0x77002000,
	   "clear: %s: when, whose, where", clears[i].what);
	same_side(clears[i].what, "destination", &c->destination, &clears[i].destination);
	ok(c->facts == clears[i].facts, "clear: %s: facts %02x", clears[i].what, c->facts);
	for (; n < EVENTS_MAX && clears[i].step[n]; n++)
		right += c->step[n] == clears[i].step[n];
	ok(c->steps == n && right == n, "clear: %s: %u steps", clears[i].what, n);
}

static void test_clears(void)
{
	static const struct calibration *const kernels[] = { &mips, &mips_all, &armv6, &armv6_all };
	struct calibration cal;
	struct wire_copy rec;
	struct clear c;
	unsigned int i;

	for (i = 0; i < sizeof(clears) / sizeof(clears[0]); i++) {
		cal = *kernels[clears[i].kernel];
		cal.callers = clears[i].named ? &callers : NULL;
		rec = (struct wire_copy){
			.head = { .type = WIRE_CLEAR, .ts = 5000 },
			.pid = 7, .tid = 8, .user = USER,
			.dst_page = clears[i].seen & SEEN_DST_PAGE ? PAGE_STRUCT(DST) : 0,
			.caller = clears[i].caller,
			.seen = clears[i].seen,
		};
		memcpy(rec.event, clears[i].event, sizeof(rec.event));
		while (SEEN_EVENTS(rec.seen) < EVENTS_MAX && rec.event[SEEN_EVENTS(rec.seen)])
			rec.seen += 1U << SEEN_EVENTS_SHIFT;
		memset(&c, 0xff, sizeof(c));
		ok(assemble__clear(&rec, &cal, &c) == clears[i].taken, "clear: %s: %s",
		   clears[i].what, clears[i].taken ? "is one" : "is none");
		if (clears[i].taken)
			check_clear(i, &c);
	}
}

/* A copy that flushes its kernel-dirty source may call it clean then; somebody else may, too. */
static void test_cleaned(void)
{
	struct wire_copy rec = {
		.head = { .type = WIRE_COPY }, .src_page = PAGE_STRUCT(SRC),
		.dst_page = PAGE_STRUCT(DST), .page_flags = 1 << 11, .event = { FLUSHED(SRC) },
		.seen = PAGES | SEEN_FLAGS | SEEN_CLEANED | 1U << SEEN_EVENTS_SHIFT,
	};
	const __u16 dirty = FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY;
	struct copy c;

	assemble__copy(&rec, &mips_all, &c);
	ok((c.facts & dirty) == dirty && c.facts & FACT_MAPPED_KNOWN,
	   "cleaned: by the copy, which flushed it: it was dirty before");
	rec.event[0] = FLUSHED(DST);
	assemble__copy(&rec, &mips_all, &c);
	ok(!(c.facts & dirty) && c.facts & FACT_MAPPED_KNOWN,
	   "cleaned: by somebody else, who knows when");
	rec.seen &= ~SEEN_CLEANED;
	assemble__copy(&rec, &mips_all, &c);
	ok((c.facts & dirty) == dirty, "cleaned: not at all");
}

/* What flushes where pages are cleared is not seen. */
static void test_clears_unwatched(void)
{
	struct calibration cal = mips_all;
	const struct wire_copy rec = {
		.head = { .type = WIRE_CLEAR }, .seen = SEEN_DST_PAGE,
		.dst_page = PAGE_STRUCT(DST), .caller = IN_COW,
	};
	struct clear c;

	cal.callers = &callers;
	ok(assemble__clear(&rec, &cal, &c) && (c.facts & ALL_WATCHED) == ALL_WATCHED,
	   "clear: all flushes are watched");
	cal.clears_watched = false;
	ok(assemble__clear(&rec, &cal, &c) && !(c.facts & ALL_WATCHED),
	   "clear: something flushes unseen");
}

static void test_window(void)
{
	const struct wire_window rec = {
		.head = { .ts = 2000 }, .pid = 7, .tid = 8, .begin = 1000, .exposed = 1,
	};
	struct wire_window none = rec;
	struct window w;

	memset(&w, 0xff, sizeof(w));
	assemble__window(&rec, &w);
	ok(w.ts == 2000 && w.begin == 1000 && w.pid == 7 && w.tid == 8 && w.exposed == 1,
	   "an exposed window");
	none.exposed = 0;
	assemble__window(&none, &w);
	ok(!w.exposed, "a window that is not exposed");
}

int main(void)
{
	test_copies();
	test_off_the_line();
	test_plain_fields();
	test_paths();
	test_clears();
	test_clears_unwatched();
	test_cleaned();
	test_window();
	return tap__done();
}
