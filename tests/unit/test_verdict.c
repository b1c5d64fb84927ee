// SPDX-License-Identifier: GPL-2.0-only
/* Every rule of verdict.c and arch/: two colours of 4 KiB unless a case says otherwise. */
#include "verdict/verdict.h"
#include "tap.h"

#define WATCHED	(FACT_FLUSH_WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED)
#define KNOWN	(FACT_MAPPED_KNOWN | FACT_DIRTY_KNOWN | FACT_MAPPING_WATCHED | WATCHED)
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
	__u16 step[STEPS_MAX];
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

/* What is seen of a copy where its call of copy_page is probed; pages of colours 0 and 1. */
#define READ(page)	STEP(STEP_READ, STEP_OF_SOURCE, page)
#define WRITE(page)	STEP(STEP_WRITE, STEP_OF_DESTINATION, page)
#define FLUSH(of, page)	STEP(STEP_FLUSH, STEP_OF_##of, page)
#define FLUSH_USER(of)	STEP(STEP_FLUSH_USER, STEP_OF_##of, 0)
#define MAP(of, page)	STEP(STEP_MAP, STEP_OF_##of, page)
#define COPIED(from, to)	{ READ(from), WRITE(to) }
#define IN_U	{ 5, 0xfffd0000, MAPPING_COHERENT, EVIDENCE_OBSERVED }	/* an odd frame */

static const struct one_case mips_source[] = {
	{ "coherent, congruent", MIPS, CLEAN, false, COPIED(0, 0), COH(0xfffd0000), LIN(2), GOOD,
	  GOOD, COPY_SAFE, 0, 0 },
	{ "linear, congruent", MIPS, CLEAN, false, COPIED(0, 0), LIN(4), LIN(2), GOOD, GOOD,
	  COPY_SAFE, 0, 0 },
	{ "congruent stays so when probes were missed", MIPS, CLEAN, true, COPIED(0, 0),
	  LINVA(4, 0x80004000), LIN(2), GOOD, GOOD, COPY_SAFE, 0, 0 },
	{ "linear of another colour, mapped and clean", MIPS, CLEAN, false, COPIED(1, 0), LIN(5),
	  LIN(2), SIDE_MISMATCH, PLAIN, GOOD, COPY_AT_RISK, 1, 0 },
	{ "unmapped", MIPS, KNOWN, false, COPIED(1, 0), LIN(5), LIN(2),
	  SIDE_EXCUSED, "unmapped", GOOD, COPY_SAFE, 1, 0 },
	{ "kernel-dirty", MIPS, CLEAN | FACT_KERNEL_DIRTY, false, COPIED(1, 0), LIN(5), LIN(2),
	  SIDE_EXCUSED, "kernel-dirty", GOOD, COPY_SAFE, 1, 0 },
	{ "kernel-dirty, read in the user's colour", MIPS, CLEAN | FACT_KERNEL_DIRTY, false,
	  COPIED(0, 0), IN_U, LIN(2), SIDE_MISMATCH,
	  "the newest bytes were in the kernel's colour, and read in another", GOOD,
	  COPY_AT_RISK, 0, 0 },
	{ "the same, its kernel lines flushed before", MIPS, CLEAN | FACT_KERNEL_DIRTY, false,
	  { FLUSH(SOURCE, 1), READ(0), WRITE(0) }, IN_U, LIN(2), GOOD, GOOD, COPY_SAFE, 0, 0 },
	{ "mapped state not known", MIPS, CLEAN & ~FACT_MAPPED_KNOWN, false, COPIED(1, 0),
	  LIN(5), LIN(2), SIDE_UNKNOWN, "mapped state not known", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "dirty state not known", MIPS, CLEAN & ~FACT_DIRTY_KNOWN, false, COPIED(1, 0), LIN(5),
	  LIN(2), SIDE_UNKNOWN, "dirty state not known", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "user's and kernel's lines flushed before", MIPS, CLEAN, false,
	  { FLUSH_USER(SOURCE), FLUSH(SOURCE, 1), READ(1), WRITE(0) }, LIN(5), LIN(2),
	  SIDE_FLUSHED, "flushed before", GOOD, COPY_SAFE, 1, 0 },
	{ "only the user's lines flushed before", MIPS, CLEAN, false,
	  { FLUSH_USER(SOURCE), READ(1), WRITE(0) }, LIN(5), LIN(2),
	  SIDE_MISMATCH, "flushed in the user's colour only", GOOD, COPY_AT_RISK, 1, 0 },
	{ "flushed after the copy", MIPS, CLEAN, false,
	  { READ(1), WRITE(0), FLUSH_USER(SOURCE), FLUSH(SOURCE, 1) }, LIN(5), LIN(2),
	  SIDE_MISMATCH, "flushed after the copy, not before", GOOD, COPY_AT_RISK, 1, 0 },
	{ "the whole cache flushed before", MIPS, CLEAN, false,
	  { STEP(STEP_FLUSH_ALL, STEP_OF_OTHER, 0), READ(1), WRITE(0) }, LIN(5), LIN(2),
	  SIDE_FLUSHED, "flushed before", GOOD, COPY_SAFE, 1, 0 },
	{ "flushed at fork", MIPS, CLEAN | FACT_FORK_FLUSHED, false, COPIED(1, 0), LIN(5), LIN(2),
	  SIDE_EXCUSED, "flushed at fork", GOOD, COPY_SAFE, 1, 0 },
	{ "mapping not watched", MIPS, CLEAN & ~FACT_MAPPING_WATCHED, false, {}, LIN(5), LIN(2),
	  SIDE_UNKNOWN, "mapping not watched", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "probes missed: perhaps flushed", MIPS, CLEAN, true, COPIED(1, 0), LINVA(5, 0x80005000),
	  LIN(2), SIDE_UNKNOWN, "probes missed", GOOD, COPY_UNKNOWN, 1, 0 },
	{ "coherent of another colour", MIPS, CLEAN, false, COPIED(1, 0), COH(0xfffd1000), LIN(2),
	  SIDE_MISMATCH, "coherent mapping of another colour", GOOD, COPY_AT_RISK, 1, 0 },
	{ "mapping not seen", MIPS, CLEAN, false, {}, NOWHERE, LIN(2),
	  SIDE_UNKNOWN, "mapping not seen", GOOD, COPY_UNKNOWN, -1, 0 },
	{ "no pfn", MIPS, CLEAN, false, {}, NOPFN, LIN(2),
	  SIDE_UNKNOWN, "no pfn", GOOD, COPY_UNKNOWN, -1, 0 },
};

static const struct one_case mips_destination[] = {
	{ "flushed", MIPS, CLEAN, false, { READ(0), WRITE(1), FLUSH(DESTINATION, 1) }, LIN(4),
	  LIN(3), GOOD, SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 0, 1 },
	{ "flushed, though probes were missed", MIPS, CLEAN, true,
	  { READ(0), WRITE(1), FLUSH(DESTINATION, 1) }, LINVA(4, 0x80004000), LIN(3), GOOD,
	  SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 0, 1 },
	{ "not flushed", MIPS, CLEAN, false, COPIED(0, 1), LIN(4), LIN(3), GOOD,
	  SIDE_MISMATCH, "not flushed", COPY_AT_RISK, 0, 1 },
	{ "flushed before, not after", MIPS, CLEAN, false,
	  { FLUSH(DESTINATION, 1), READ(0), WRITE(1) }, LIN(4), LIN(3), GOOD,
	  SIDE_MISMATCH, "flushed before the copy, not after", COPY_AT_RISK, 0, 1 },
	{ "flushed between the mapping and the copy", MIPS, CLEAN, false,
	  { MAP(SOURCE, 0), FLUSH(DESTINATION, 1), READ(0), WRITE(1) }, LIN(4), LIN(3), GOOD,
	  SIDE_MISMATCH, "flushed before the copy, not after", COPY_AT_RISK, 0, 1 },
	{ "flushed after a mapping, the copy not seen", MIPS, CLEAN, false,
	  { MAP(SOURCE, 0), FLUSH(DESTINATION, 1) }, LIN(4), LIN(3), GOOD,
	  SIDE_UNKNOWN, "the order of flush and copy was not seen", COPY_UNKNOWN, 0, 1 },
	{ "another page flushed", MIPS, CLEAN, false, { READ(0), WRITE(1), FLUSH(SOURCE, 0) },
	  LIN(4), LIN(3), GOOD, SIDE_MISMATCH, "not flushed", COPY_AT_RISK, 0, 1 },
	{ "flush not watched", MIPS, CLEAN & ~FACT_FLUSH_WATCHED, false, COPIED(0, 1), LIN(4),
	  LIN(3), GOOD, SIDE_UNKNOWN, "flush not watched", COPY_UNKNOWN, 0, 1 },
	{ "coherent, old lines of the kernel's left", MIPS, CLEAN, false, COPIED(0, 0), LIN(4),
	  IN_U, GOOD, SIDE_MISMATCH, "old lines of the kernel's mapping not flushed before",
	  COPY_AT_RISK, 0, 0 },
	{ "coherent, the kernel's lines flushed before", MIPS, CLEAN, false,
	  { FLUSH(DESTINATION, 1), READ(0), WRITE(0) }, LIN(4), IN_U, GOOD, GOOD, COPY_SAFE, 0, 0 },
};

static const struct one_case both_sides[] = {
	{ "mismatch weighs more than unknown", MIPS, CLEAN, false, COPIED(1, 0), LIN(5), NOWHERE,
	  SIDE_MISMATCH, PLAIN, SIDE_UNKNOWN, "mapping not seen", COPY_AT_RISK, 1, -1 },
	{ "excused and flushed is safe", MIPS, KNOWN, false,
	  { READ(1), WRITE(1), FLUSH(DESTINATION, 1) }, LIN(5), LIN(3),
	  SIDE_EXCUSED, "unmapped", SIDE_FLUSHED, "flushed afterwards", COPY_SAFE, 1, 1 },
	{ "one colour: all is congruent", &arch_mips, 4096, 0, true, {}, NOWHERE, NOPFN, GOOD,
	  GOOD, COPY_SAFE, 0, 0 },
	{ "four colours: odd pages differ by more", &arch_mips, 16384, CLEAN, false, COPIED(2, 0),
	  LIN(6), LIN(4), SIDE_MISMATCH, PLAIN, GOOD, COPY_AT_RISK, 2, 0 },
	{ "read once more, in a third colour", &arch_mips, 16384, CLEAN, false,
	  { READ(0), READ(2), WRITE(0) }, LINVA(5, 0xfffd0000), LIN(4), SIDE_UNKNOWN,
	  "accessed in more colours than one", GOOD, COPY_UNKNOWN, 0, 0 },
	{ "written once more, in a third colour", &arch_mips, 16384, CLEAN, false,
	  { READ(0), WRITE(1), WRITE(2), FLUSH(DESTINATION, 1) }, LIN(4), LIN(5), GOOD,
	  SIDE_UNKNOWN, "accessed in more colours than one", COPY_UNKNOWN, 0, 1 },
	{ "flushed, but which of the pages is not known", MIPS, CLEAN, false,
	  { READ(0), WRITE(1), FLUSH(UNKNOWN, 1) }, LIN(4), LIN(3), GOOD,
	  SIDE_UNKNOWN, "which page was flushed was not seen", COPY_UNKNOWN, 0, 1 },
	{ "windows, the kernel's lines discarded", &arch_armv6, 16384, CLEAN, false,
	  { STEP(STEP_DISCARD, STEP_OF_DESTINATION, 8), READ(0), WRITE(0) },
	  WINDOW(0xffff8000), WINDOW(0xffffc000), GOOD, GOOD, COPY_SAFE, 0, 0 },
	{ "x86_64: nothing differs without --span", &arch_x86_64, 4096, 0, false, {}, LIN(5),
	  LIN(3), GOOD, GOOD, COPY_SAFE, 0, 0 },
	{ "x86_64: what if, no excuse", &arch_x86_64, 8192, KNOWN, false, {}, LIN(5), LIN(3),
	  SIDE_MISMATCH, "colours differ", SIDE_MISMATCH, "colours differ", COPY_AT_RISK, 1, 1 },
	{ "x86_64: what if, not seen", &arch_x86_64, 8192, 0, false, {}, NOPFN, LIN(2),
	  SIDE_UNKNOWN, "no pfn", GOOD, COPY_UNKNOWN, -1, 0 },
	{ "x86_64: what if, observed addresses", &arch_x86_64, 16384, 0, false, {},
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

		memcpy(copy.step, c->step, sizeof(copy.step));
		while (copy.steps < STEPS_MAX && copy.step[copy.steps])
			copy.steps++;
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

/* A clear is judged as the destination of a copy with the same steps. */
static void test_clear(void)
{
	struct geometry g = { .span = 8192, .page_size = 4096 };
	struct clear c = { .user = USER, .destination = LIN(3), .facts = WATCHED, .steps = 1,
			   .step = { WRITE(1) } };
	struct judgement j;

	verdict__judge_clear(&arch_mips, &g, &c, false, &j);
	ok(j.verdict == SIDE_MISMATCH && verdict__of_side(&j) == COPY_AT_RISK, "not flushed");
	verdict__judge_clear(&arch_mips, &g, &c, true, &j);
	ok(j.verdict == SIDE_UNKNOWN && verdict__of_side(&j) == COPY_UNKNOWN, "probes missed");
	c.step[c.steps++] = FLUSH(DESTINATION, 1);
	verdict__judge_clear(&arch_mips, &g, &c, false, &j);
	ok(j.verdict == SIDE_FLUSHED && verdict__of_side(&j) == COPY_SAFE, "flushed afterwards");
	c.step[0] = FLUSH(DESTINATION, 1);
	c.step[1] = WRITE(1);
	verdict__judge_clear(&arch_mips, &g, &c, false, &j);
	is(j.verdict, SIDE_MISMATCH, "flushed before");
	j.verdict = SIDE_EXCUSED;
	is(verdict__of_side(&j), COPY_SAFE, "excused is safe");
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

#define RUN(group, cases) run(group, cases, sizeof(cases) / sizeof(cases[0]))

int main(void)
{
	RUN("mips source", mips_source);
	RUN("mips destination", mips_destination);
	RUN("both sides", both_sides);
	test_clear();
	test_archs();
	return tap__done();
}
