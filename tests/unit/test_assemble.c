// SPDX-License-Identifier: GPL-2.0-only
/* From a record to the facts of a copy (user/assemble.c). */
#include <string.h>
#include "../../user/assemble.h"
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

static const struct calibration mips = {
	.page = { true, MEM_MAP, 36 },
	.linear = { true, 0x80000000, 4096 },
	.page_size = 4096,
	.dirty_bit = 11,
	.mapcount_known = true,
	.mapping_watched = true,
	.flush_watched = true,
	.mapping_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

/* As mips, but no copy showed a flush to draw the linear line through. */
static const struct calibration mips_no_linear = {
	.page = { true, MEM_MAP, 36 },
	.page_size = 4096,
	.dirty_bit = -1,
	.mapping_watched = true,
	.mapping_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

static const struct calibration mips_64k = {
	.page = { true, MEM_MAP, 36 },
	.linear = { true, 0x80000000, 65536 },
	.page_size = 65536,
	.dirty_bit = 13,
	.flush_watched = true,
	.mapping_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR,
};

static const struct calibration x86 = {
	.linear = { true, 0xffff888000000000, 4096 },
	.page_size = 4096,
	.dirty_bit = -1,
	.copy_kind = MAPPING_LINEAR,
};

#define PAGES		(SEEN_SRC_PAGE | SEEN_DST_PAGE)
#define UNKNOWN_SIDE	{ PFN_UNKNOWN, 0, MAPPING_UNKNOWN, EVIDENCE_NONE }
#define LINEAR_SRC	{ SRC, KSEG0(SRC), MAPPING_LINEAR, EVIDENCE_DERIVED }
#define LINEAR_DST	{ DST, KSEG0(DST), MAPPING_LINEAR, EVIDENCE_DERIVED }
#define COHERENT_SRC	{ SRC, COHERENT_VA, MAPPING_COHERENT, EVIDENCE_OBSERVED }
#define FLUSHED_DST	{ DST, KSEG0(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }

static const struct {
	const char *what;
	const struct calibration *cal;
	/* the fields of the record that matter; pages are those of SRC and DST when seen */
	__u64 src_va, dst_va, flush_va, flush_va2, page_flags;
	__s32 mapcount;
	__u16 seen;
	struct side source, destination;
	__u16 facts;
} cases[] = {
	{ "MIPS: source through kmap_coherent, destination flushed", &mips,
	  COHERENT_VA, 0, KSEG0(DST), 0, 0, 1, PAGES | SEEN_SRC_VA | SEEN_FLUSH | SEEN_FLAGS,
	  COHERENT_SRC, FLUSHED_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED | FACT_FLUSHED_DST },
	{ "MIPS: no mapping, no flush: both derived from the pfn", &mips,
	  0, 0, 0, 0, 0, 0, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: unmapped source", &mips,
	  0, 0, 0, 0, 0, -1, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST, WATCHED | FLAGS_KNOWN },
	{ "MIPS: kernel-dirty source", &mips,
	  0, 0, 0, 0, 1 << 11, -1, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_KERNEL_DIRTY },
	{ "MIPS: all flags but the dirty one", &mips,
	  0, 0, 0, 0, ~(1ULL << 11), 3, PAGES | SEEN_FLAGS, LINEAR_SRC, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: flags were not read: their words are not looked at", &mips,
	  0, 0, 0, 0, ~0ULL, 5, PAGES, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: two different mappings: the source's is not known", &mips,
	  COHERENT_VA, 0, 0, 0, 0, 1, PAGES | SEEN_SRC_VA | SEEN_SRC_MORE | SEEN_FLAGS,
	  { SRC, 0, MAPPING_UNKNOWN, EVIDENCE_NONE }, LINEAR_DST,
	  WATCHED | FLAGS_KNOWN | FACT_MAPPED },
	{ "MIPS: flush inside the destination page", &mips,
	  0, 0, KSEG0(DST) + 0xfe0, 0, 0, 0, PAGES | SEEN_FLUSH, LINEAR_SRC,
	  { DST, KSEG0(DST) + 0xfe0, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  WATCHED | FACT_FLUSHED_DST },
	{ "MIPS: flush of the next page", &mips,
	  0, 0, KSEG0(OTHER), 0, 0, 0, PAGES | SEEN_FLUSH, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: flush of the source", &mips,
	  0, 0, KSEG0(SRC), 0, 0, 0, PAGES | SEEN_FLUSH, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: flush outside the linear mapping", &mips,
	  0, 0, 0x70000000, 0, 0, 0, PAGES | SEEN_FLUSH, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: of two flushes the second is the destination's", &mips,
	  0, 0, KSEG0(SRC), KSEG0(DST), 0, 0, PAGES | SEEN_FLUSH | SEEN_FLUSH_MORE, LINEAR_SRC,
	  FLUSHED_DST, WATCHED | FACT_FLUSHED_DST },
	{ "MIPS: of two flushes the first is the destination's", &mips,
	  0, 0, KSEG0(DST), KSEG0(SRC), 0, 0, PAGES | SEEN_FLUSH | SEEN_FLUSH_MORE, LINEAR_SRC,
	  FLUSHED_DST, WATCHED | FACT_FLUSHED_DST },
	{ "MIPS: two flushes, none of them the destination's", &mips,
	  0, 0, KSEG0(SRC), KSEG0(OTHER), 0, 0, PAGES | SEEN_FLUSH | SEEN_FLUSH_MORE, LINEAR_SRC,
	  LINEAR_DST, WATCHED },
	{ "MIPS: flush addresses that no flush left are not looked at", &mips,
	  0, 0, KSEG0(DST), KSEG0(DST), 0, 0, PAGES, LINEAR_SRC, LINEAR_DST, WATCHED },
	{ "MIPS: flushed, but which page the destination is was not seen", &mips,
	  0, 0, KSEG0(DST), 0, 0, 0, SEEN_SRC_PAGE | SEEN_FLUSH, LINEAR_SRC, UNKNOWN_SIDE,
	  WATCHED },
	{ "MIPS: nor is the page known that was flushed", &mips,
	  0, 0, 0x70000000, 0, 0, 0, SEEN_SRC_PAGE | SEEN_FLUSH, LINEAR_SRC, UNKNOWN_SIDE,
	  WATCHED },
	{ "MIPS: neither page seen", &mips, 0, 0, 0, 0, 0, 0, 0, UNKNOWN_SIDE, UNKNOWN_SIDE,
	  WATCHED },
	{ "MIPS: no linear line: flush of an unknown page, addresses unknown", &mips_no_linear,
	  COHERENT_VA, 0, KSEG0(DST), 0, 1 << 11, 1,
	  PAGES | SEEN_SRC_VA | SEEN_FLUSH | SEEN_FLAGS, COHERENT_SRC,
	  { DST, 0, MAPPING_LINEAR, EVIDENCE_DERIVED }, FACT_MAPPING_WATCHED },
	{ "MIPS: dirty bit elsewhere, pages of 64 KiB", &mips_64k,
	  0, 0, 0x80000000 + DST * 65536 + 0xfff0, 0, 1 << 13, 1, PAGES | SEEN_FLUSH | SEEN_FLAGS,
	  { SRC, 0x80000000 + SRC * 65536, MAPPING_LINEAR, EVIDENCE_DERIVED },
	  { DST, 0x80000000 + DST * 65536 + 0xfff0, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  FACT_FLUSH_WATCHED | FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY | FACT_FLUSHED_DST },
	{ "x86_64: both addresses exact, pfns from them, nothing else known", &x86,
	  PAGE_OFFSET(SRC), PAGE_OFFSET(DST), 0, 0, 0, 0, SEEN_SRC_VA | SEEN_DST_VA,
	  { SRC, PAGE_OFFSET(SRC), MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
	{ "x86_64: an address within the page", &x86,
	  PAGE_OFFSET(SRC) + 8, PAGE_OFFSET(DST) + 4095, 0, 0, 0, 0, SEEN_SRC_VA | SEEN_DST_VA,
	  { SRC, PAGE_OFFSET(SRC) + 8, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST) + 4095, MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
	{ "x86_64: an address below the linear mapping has no pfn", &x86,
	  PAGE_OFFSET(0ULL) - 4096, PAGE_OFFSET(DST), 0, 0, 0, 0, SEEN_SRC_VA | SEEN_DST_VA,
	  { PFN_UNKNOWN, PAGE_OFFSET(0ULL) - 4096, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	  { DST, PAGE_OFFSET(DST), MAPPING_LINEAR, EVIDENCE_OBSERVED }, 0 },
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
		const __u16 seen = cases[i].seen;

		rec = (struct wire_copy){
			.src_page = seen & SEEN_SRC_PAGE ? PAGE_STRUCT(SRC) : 0,
			.dst_page = seen & SEEN_DST_PAGE ? PAGE_STRUCT(DST) : 0,
			.src_va = cases[i].src_va,
			.dst_va = cases[i].dst_va,
			.flush_va = cases[i].flush_va,
			.flush_va2 = cases[i].flush_va2,
			.page_flags = cases[i].page_flags,
			.mapcount = cases[i].mapcount,
			.seen = seen,
		};
		memset(&c, 0xff, sizeof(c));
		assemble__copy(&rec, cases[i].cal, &c);
		same_side(cases[i].what, "source", &c.source, &cases[i].source);
		same_side(cases[i].what, "destination", &c.destination, &cases[i].destination);
		ok(c.facts == cases[i].facts, "%s: facts %02x", cases[i].what, c.facts);
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
		.pid = 4242, .tid = 4243, .user = 0x77001ffd, .path = PATH_FORK_PINNED,
	};
	const struct wire_copy high = { .user = 0xfffffffffffff123 };
	struct copy c;

	assemble__copy(&rec, &mips, &c);
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
	test_window();
	return tap__done();
}
