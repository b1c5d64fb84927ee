// SPDX-License-Identifier: GPL-2.0-only
/* Every rule of verdict.c and arch/: two colours of 4 KiB unless a case says otherwise. */
#include "verdict/verdict.h"
#include "tap.h"

#define KNOWN	(FACT_MAPPED_KNOWN | FACT_DIRTY_KNOWN | FACT_MAPPING_WATCHED | FACT_FLUSH_WATCHED)
#define CLEAN	(KNOWN | FACT_MAPPED)	/* mapped, not dirty, all watched */

#define LIN(pfn)	{ pfn, 0, MAPPING_LINEAR, EVIDENCE_DERIVED }
#define LINVA(pfn, va)	{ pfn, va, MAPPING_LINEAR, EVIDENCE_OBSERVED }
#define COH(va)		{ 8, va, MAPPING_COHERENT, EVIDENCE_OBSERVED }
#define NOWHERE		{ PFN_UNKNOWN, 0, MAPPING_UNKNOWN, EVIDENCE_NONE }
#define NOPFN		{ PFN_UNKNOWN, 0, MAPPING_LINEAR, EVIDENCE_DERIVED }
#define WINDOW(va)	{ 8, va, MAPPING_WINDOW, EVIDENCE_DERIVED }

/* The user address has colour 0 in all cases: an even pfn is congruent, an odd one not. */
#define USER	0x77e00000

struct one_case {
	const char *name;
	const struct arch *arch;
	__u64 span;
	__u16 facts;
	bool missed;
	struct side source, destination;
	enum side_verdict source_verdict;
	const char *source_reason;
	enum side_verdict destination_verdict;
	const char *destination_reason;
	enum copy_verdict copy;
	__s32 source_colour, destination_colour;
};

#define MIPS	&arch_mips, 8192
#define GOOD	SIDE_CONGRUENT, ""
#define PLAIN	"plain mapping of a mapped, clean page"

static const struct one_case mips_source[] = {
	{ "coherent, congruent", MIPS, CLEAN, false, COH(0xfffd0000), LIN(2), GOOD, GOOD,
	  COPY_SAFE, 0, 0 },
	{ "linear, congruent by its pfn", MIPS, CLEAN, false, LIN(4), LIN(2), GOOD, GOOD,
	  COPY_SAFE, 0, 0 },
	{ "congruent stays so when probes were missed", MIPS, CLEAN, true, LIN(4), LIN(2), GOOD,
	  GOOD, COPY_SAFE, 0, 0 },
	{ "congruent stays so when nothing is known", MIPS, 0, false, LIN(4), LIN(2), GOOD, GOOD,
	  COPY_SAFE, 0, 0 },
	{ "linear of another colour, mapped and clean", MIPS, CLEAN, false, LIN(5), LIN(2),
	  SIDE_MISMATCH, PLAIN, GOOD, COPY_AT_RISK, 1, 0 },
	{ "address before pfn", MIPS, CLEAN, false, LINVA(4, 0x80001000), LIN(2),
	  SIDE_MISMATCH, PLAIN, GOOD, COPY_AT_RISK, 1, 0 },
	{ "unmapped", MIPS, KNOWN, false, LIN(5), LIN(2),
	  SIDE_EXCUSED, "unmapped", GOOD, COPY_SAFE, 1, 0 },
	{ "unmapped, though probes were missed", MIPS, KNOWN, true, LIN(5), LIN(2),
	  SIDE_EXCUSED, "unmapped", GOOD, COPY_SAFE, 1, 0 },
	{ "unmapped is enough: dirty not known", MIPS, KNOWN & ~FACT_DIRTY_KNOWN, false, LIN(5),
	  LIN(2), SIDE_EXCUSED, "unmapped", GOOD, COPY_SAFE, 1, 0 },
	{ "kernel-dirty", MIPS, CLEAN | FACT_KERNEL_DIRTY, false, LIN(5), LIN(2),
	  SIDE_EXCUSED, "kernel-dirty", GOOD, COPY_SAFE, 1, 0 },
	{ "kernel-dirty is enough: mapped not known", MIPS,
	  FACT_DIRTY_KNOWN | FACT_KERNEL_DIRTY, false, LIN(5), LIN(2),
	  SIDE_EXCUSED, "kernel-dirty", GOOD, COPY_SAFE, 1, 0 },
	{ "mapped bit without its known bit", MIPS, CLEAN & ~FACT_MAPPED_KNOWN, false, LIN(5),
	  LIN(2), SIDE_UNKNOWN, "mapped state not known", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "dirty bit without its known bit is no excuse", MIPS,
	  (CLEAN | FACT_KERNEL_DIRTY) & ~FACT_DIRTY_KNOWN, false, LIN(5), LIN(2),
	  SIDE_UNKNOWN, "dirty state not known", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "coherent mapping not watched", MIPS, CLEAN & ~FACT_MAPPING_WATCHED, false, LIN(5),
	  LIN(2), SIDE_UNKNOWN, "mapping not watched", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "probes missed", MIPS, CLEAN, true, LIN(5), LIN(2),
	  SIDE_UNKNOWN, "probes missed", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "an observed mapping needs no probe that may have missed", MIPS,
	  CLEAN & ~FACT_MAPPING_WATCHED, true, LINVA(5, 0x80001000), LIN(2),
	  SIDE_MISMATCH, PLAIN, GOOD, COPY_AT_RISK, 1, 0 },
	{ "coherent of another colour", MIPS, CLEAN, false, COH(0xfffd1000), LIN(2),
	  SIDE_MISMATCH, "coherent mapping of another colour", GOOD, COPY_AT_RISK, 1, 0 },
	{ "coherent of another colour, unmapped: no excuse", MIPS, KNOWN, true, COH(0xfffd1000),
	  LIN(2), SIDE_MISMATCH, "coherent mapping of another colour", GOOD, COPY_AT_RISK, 1, 0 },
	{ "mapping not seen", MIPS, CLEAN, false, NOWHERE, LIN(2),
	  SIDE_UNKNOWN, "mapping not seen", GOOD, COPY_UNKNOWN, -1, 0 },
	{ "no pfn", MIPS, CLEAN, false, NOPFN, LIN(2),
	  SIDE_UNKNOWN, "no pfn", GOOD, COPY_UNKNOWN, -1, 0 },
	{ "no pfn, but unmapped", MIPS, KNOWN, false, NOPFN, LIN(2),
	  SIDE_EXCUSED, "unmapped", GOOD, COPY_SAFE, -1, 0 },
	{ "coherent without an address", MIPS, CLEAN, false, COH(0), LIN(2),
	  SIDE_UNKNOWN, "no address", GOOD, COPY_UNKNOWN, -1, 0 },
	{ "coherent without an address is no mismatch", MIPS, CLEAN, true, COH(0), LIN(2),
	  SIDE_UNKNOWN, "no address", GOOD, COPY_UNKNOWN, -1, 0 },
};

static const struct one_case mips_destination[] = {
	{ "flushed", MIPS, CLEAN | FACT_FLUSHED_DST, false, LIN(4), LIN(3), GOOD,
	  SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 0, 1 },
	{ "flushed, though probes were missed", MIPS, CLEAN | FACT_FLUSHED_DST, true, LIN(4),
	  LIN(3), GOOD, SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 0, 1 },
	{ "congruent needs no flush", MIPS, CLEAN | FACT_FLUSHED_DST, false, LIN(4), LIN(2), GOOD,
	  GOOD, COPY_SAFE, 0, 0 },
	{ "not flushed", MIPS, CLEAN, false, LIN(4), LIN(3), GOOD,
	  SIDE_MISMATCH, "not flushed", COPY_AT_RISK, 0, 1 },
	{ "flush not watched", MIPS, CLEAN & ~FACT_FLUSH_WATCHED, false, LIN(4), LIN(3), GOOD,
	  SIDE_UNKNOWN, "flush not watched", COPY_UNKNOWN, 0, 1 },
	{ "no flush seen, but probes missed", MIPS, CLEAN, true, LIN(4), LIN(3), GOOD,
	  SIDE_UNKNOWN, "probes missed", COPY_UNKNOWN, 0, 1 },
	{ "no pfn, but flushed", MIPS, CLEAN | FACT_FLUSHED_DST, false, LIN(4), NOPFN, GOOD,
	  SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 0, -1 },
	{ "no pfn and no flush is no mismatch", MIPS, CLEAN, false, LIN(4), NOPFN, GOOD,
	  SIDE_UNKNOWN, "no pfn", COPY_UNKNOWN, 0, -1 },
};

static const struct one_case both_sides[] = {
	{ "mismatch weighs more than unknown", MIPS, CLEAN, false, LIN(5), NOWHERE,
	  SIDE_MISMATCH, PLAIN, SIDE_UNKNOWN, "mapping not seen", COPY_AT_RISK, 1, -1 },
	{ "unknown source, mismatched destination", MIPS, CLEAN, false, NOWHERE, LIN(3),
	  SIDE_UNKNOWN, "mapping not seen", SIDE_MISMATCH, "not flushed", COPY_AT_RISK, -1, 1 },
	{ "excused and flushed is safe", MIPS, KNOWN | FACT_FLUSHED_DST, false, LIN(5), LIN(3),
	  SIDE_EXCUSED, "unmapped", SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 1, 1 },
	{ "one colour: all is congruent", &arch_mips, 4096, 0, true, NOWHERE, NOPFN, GOOD, GOOD,
	  COPY_SAFE, 0, 0 },
	{ "four colours: odd pages differ by more", &arch_mips, 16384, CLEAN, false, LIN(6),
	  LIN(4), SIDE_MISMATCH, PLAIN, GOOD, COPY_AT_RISK, 2, 0 },
	{ "window of the user's colour", &arch_mips, 16384, CLEAN, false, WINDOW(0xffff8000),
	  WINDOW(0xffffc000), GOOD, GOOD, COPY_SAFE, 0, 0 },
	{ "x86_64: nothing differs without --span", &arch_x86_64, 4096, 0, false, LIN(5), LIN(3),
	  GOOD, GOOD, COPY_SAFE, 0, 0 },
	{ "x86_64: what if, no excuse", &arch_x86_64, 8192, KNOWN | FACT_FLUSHED_DST, false,
	  LIN(5), LIN(3), SIDE_MISMATCH, "colours differ", SIDE_MISMATCH, "colours differ",
	  COPY_AT_RISK, 1, 1 },
	{ "x86_64: what if, not seen", &arch_x86_64, 8192, 0, false, NOPFN, LIN(2),
	  SIDE_UNKNOWN, "no pfn", GOOD, COPY_UNKNOWN, -1, 0 },
	{ "x86_64: what if, observed addresses", &arch_x86_64, 16384, 0, false,
	  LINVA(9, 0xffff888000004000), LINVA(9, 0xffff888000007000), GOOD,
	  SIDE_MISMATCH, "colours differ", COPY_AT_RISK, 0, 3 },
};

static void run(const char *group, const struct one_case *c, size_t n)
{
	for (; n--; c++) {
		struct geometry g = { .span = c->span, .page_size = 4096 };
		struct copy copy = { .user = USER, .source = c->source,
				     .destination = c->destination, .facts = c->facts };
		struct verdict v;

		verdict__judge(c->arch, &g, &copy, c->missed, &v);
		ok(v.source.verdict == c->source_verdict &&
		   !strcmp(v.source.reason, c->source_reason), "%s, %s: source %s \"%s\"", group,
		   c->name, side_verdict__name(v.source.verdict), v.source.reason);
		ok(v.destination.verdict == c->destination_verdict &&
		   !strcmp(v.destination.reason, c->destination_reason),
		   "%s, %s: destination %s \"%s\"", group, c->name,
		   side_verdict__name(v.destination.verdict), v.destination.reason);
		ok(v.source.colour == c->source_colour &&
		   v.destination.colour == c->destination_colour, "%s, %s: colours %d and %d",
		   group, c->name, v.source.colour, v.destination.colour);
		ok(v.copy == c->copy, "%s, %s: copy %s", group, c->name,
		   copy_verdict__name(v.copy));
	}
}

/* For all facts, a clear is judged like the destination of a copy with these facts. */
static void test_clears(const char *group, const struct one_case *c, size_t n)
{
	struct judgement j;
	size_t i;

	for (i = 0; i < n; i++, c++) {
		struct geometry g = { .span = c->span, .page_size = 4096 };
		struct clear clear = { .user = USER, .destination = c->destination,
				       .facts = c->facts };

		verdict__judge_clear(c->arch, &g, &clear, c->missed, &j);
		ok(j.verdict == c->destination_verdict &&
		   !strcmp(j.reason, c->destination_reason) && j.colour == c->destination_colour,
		   "%s, clear: %s: %s \"%s\" %d", group, c->name, side_verdict__name(j.verdict),
		   j.reason, j.colour);
	}
}

/* The rule that matters most: a flushed destination is harmless, one not flushed is not. */
static void test_clear(void)
{
	struct geometry g = { .span = 8192, .page_size = 4096 };
	struct clear c = { .user = USER, .destination = LIN(3), .facts = FACT_FLUSH_WATCHED };
	struct judgement j;

	verdict__judge_clear(&arch_mips, &g, &c, false, &j);
	ok(j.verdict == SIDE_MISMATCH && verdict__of_side(&j) == COPY_AT_RISK, "not flushed");
	verdict__judge_clear(&arch_mips, &g, &c, true, &j);
	ok(j.verdict == SIDE_UNKNOWN && verdict__of_side(&j) == COPY_UNKNOWN, "probes missed");
	c.facts |= FACT_FLUSHED_DST;
	verdict__judge_clear(&arch_mips, &g, &c, false, &j);
	ok(j.verdict == SIDE_FLUSHED && verdict__of_side(&j) == COPY_SAFE, "flushed afterwards");
	c.user += 4096;
	c.facts = 0;
	verdict__judge_clear(&arch_mips, &g, &c, false, &j);
	ok(j.verdict == SIDE_CONGRUENT && verdict__of_side(&j) == COPY_SAFE && j.colour == 1,
	   "of the user's colour");
	j.verdict = SIDE_EXCUSED;
	is(verdict__of_side(&j), COPY_SAFE, "excused is safe");
}

/* For all facts: a copy is at risk only with a mismatch, and never safe with one. */
static void test_all_facts(void)
{
	struct geometry g = { .span = 8192, .page_size = 4096 };
	unsigned int facts, kind, missed, wrong = 0, risky = 0;
	struct verdict v;

	for (facts = 0; facts < 128; facts++) {
		for (kind = 0; kind < MAPPING_COUNT * 4; kind++) {
			for (missed = 0; missed < 2; missed++) {
				struct copy c = { .user = USER, .facts = (__u16)facts };
				const struct judgement *s = &v.source, *d = &v.destination;
				bool mismatch, unknown;

				c.source = (struct side){ 5, kind & 4 ? 0xfffd1000 : 0,
							  (__u8)(kind % MAPPING_COUNT), 1 };
				c.destination = (struct side){ kind & 8 ? 3 : PFN_UNKNOWN, 0,
							       MAPPING_LINEAR, 2 };
				verdict__judge(&arch_mips, &g, &c, missed, &v);
				mismatch = s->verdict == SIDE_MISMATCH ||
					   d->verdict == SIDE_MISMATCH;
				unknown = s->verdict == SIDE_UNKNOWN || d->verdict == SIDE_UNKNOWN;
				wrong += (v.copy == COPY_AT_RISK) != mismatch;
				wrong += (v.copy == COPY_UNKNOWN) != (!mismatch && unknown);
				wrong += s->verdict != SIDE_CONGRUENT && !*s->reason;
				wrong += d->verdict != SIDE_CONGRUENT && !*d->reason;
				/* with missed probes, a flush that was not seen proves nothing */
				wrong += missed && d->verdict == SIDE_MISMATCH;
				risky += v.copy == COPY_AT_RISK;
			}
		}
	}
	is(wrong, 0, "the copy's verdict follows from the sides, for all facts");
	ok(risky > 0, "and some are at risk");
}

static void test_archs(void)
{
	const struct hazard *h = arch_mips.hazards;

	ok(arch__by_name("mips") == &arch_mips, "mips by name");
	ok(arch__by_name("x86_64") == &arch_x86_64, "x86_64 by name");
	ok(!arch__by_name("mip") && !arch__by_name("vax") && !arch__by_name(""), "unknown names");
	ok(arch__by_machine("mips") == &arch_mips, "uname -m mips");
	ok(arch__by_machine("x86_64") == &arch_x86_64, "uname -m x86_64");
	ok(arch__by_machine("mips64") == &arch_mips, "uname -m mips64: the same rules");
	ok(arch__by_machine("aarch64") == &arch_arm64, "uname -m aarch64");
	is_str(h->name, "mips-kprobe-rcu", "the hazard of MIPS");
	is_str(h->path, "/sys/module/rcutree/parameters/use_softirq", "where it is seen");
	is_str(h->safe, "N", "what is safe");
	ok(strstr(h->advice, "rcutree.use_softirq=0") != NULL, "what to do");
	ok(!h[1].name, "the table ends");
	ok(!arch_x86_64.hazards, "x86_64 has none");
	is_str(side_verdict__name(SIDE_COUNT), "?", "side verdict out of range");
	is_str(copy_verdict__name(COPY_COUNT), "?", "copy verdict out of range");
}

#define RUN(group, cases) \
	(run(group, cases, sizeof(cases) / sizeof(cases[0])), \
	 test_clears(group, cases, sizeof(cases) / sizeof(cases[0])))

int main(void)
{
	RUN("mips source", mips_source);
	RUN("mips destination", mips_destination);
	RUN("both sides", both_sides);
	test_clear();
	test_all_facts();
	test_archs();
	return tap__done();
}
