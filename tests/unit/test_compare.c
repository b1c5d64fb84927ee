// SPDX-License-Identifier: GPL-2.0-only
/* The verdict on two recordings: a table of cases, and properties of random ones. */
#include <stdlib.h>
#include "stats/binomial.h"
#include "stats/compare.h"
#include "output/compare.h"
#include "tap.h"

/* All other members of a case are 0. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static struct recording_env envs[2];
static struct recording_totals totals[2];
static struct stats stats[2];
static struct comparison *cmp;

/* One recording of a case. All copies are wp and alternate between the colours. */
struct sample {
	__u64 copies, at_risk, unknown;
	__u64 clears, bad_clears;
	__u64 lost;
	bool cut, clears_unwatched;
};

static const char *verdict(void)
{
	return compare__verdict_name(cmp->verdict);
}

/* Is there a finding with this code, and as a reason (if decides) or as a note? */
static bool found(enum compare_code code, bool decides)
{
	__u32 i;

	for (i = 0; i < cmp->finding_count; i++)
		if (cmp->findings[i].code == code && cmp->findings[i].decides == decides)
			return true;
	return false;
}

static void fill(int i, const struct sample *s)
{
	const struct recording_env env = {
		.schema = 1, .kernel = "6.1", .arch = "mips", .word_bits = 32, .cpus = 1,
		.geometry = { .span = 8192, .page_size = 4096, .source = "mmap" },
		.plan = {
			{ "copy", "copy_user_highpage", "kprobe", "observed", "" },
			{ "mapping", "__kmap_pgprot", "kretprobe", "observed", "" },
			{ "clear", "page_add_new_anon_rmap", "kprobe", "observed", "" },
		},
		.plan_rows = s->clears_unwatched ? 2 : 3,
	};
	__u32 k;

	envs[i] = env;
	totals[i] = (struct recording_totals){ .copies = s->copies, .lost = s->lost,
					       .complete = !s->cut };
	stats__free(&stats[i]);
	stats__init(&stats[i], &envs[i].geometry);
	stats[i].total = (struct tally){ s->copies, s->at_risk, s->unknown };
	stats[i].path[PATH_WP] = stats[i].total;
	stats[i].source.verdict[SIDE_MISMATCH] = s->at_risk;
	stats[i].source.verdict[SIDE_UNKNOWN] = s->unknown;
	for (k = 0; k < 2; k++)
		stats[i].colour[k] = (struct tally){ (s->copies + k) / 2, (s->at_risk + k) / 2,
						     (s->unknown + k) / 2 };
	stats[i].clears = s->clears;
	stats[i].cleared.verdict[SIDE_MISMATCH] = s->bad_clears;
	stats__finish(&stats[i]);
}

static void judge(void)
{
	cmp->before = (struct compare_input){ "b", &envs[0], &totals[0], &stats[0] };
	cmp->after = (struct compare_input){ "a", &envs[1], &totals[1], &stats[1] };
	compare__judge(cmp, false);
}

static void compare(struct sample before, struct sample after)
{
	fill(0, &before);
	fill(1, &after);
	judge();
}

/* ---- verdicts ---- */

static const struct {
	const char *what;
	struct sample before, after;
	struct compare_demands demands;
	enum compare_verdict verdict;
	int code;	/* of the reason for "cannot tell", -1 = none */
} cases[] = {
	{ "half before, none after", { 1000, 500 }, { 1000 }, {}, COMPARE_FIXED, -1 },
	{ "all before, none after", { 1000, 1000 }, { 1000 }, {}, COMPARE_FIXED, -1 },
	{ "none before, none after", { 1000 }, { 1000 }, {}, COMPARE_STILL_GOOD, -1 },
	{ "none before, half after", { 1000 }, { 1000, 500 }, {}, COMPARE_WORSE, -1 },
	{ "none before, one after", { 1000 }, { 1000, 1 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "none of few before, few of many after", { 300 }, { 100000, 20 }, {}, COMPARE_NOT_FIXED,
	  -1 },
	/* none of 299 is at most 0.997 %, and 16 of 1000 at least 1.01 %, 15 only 0.927 % */
	{ "none before, limits overlap", { 299 }, { 1000, 15 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "none before, limits apart", { 299 }, { 1000, 16 }, {}, COMPARE_WORSE, -1 },
	/* 50 of 1000 are at most 6.29 %, and 77 of 1000 at least 6.36 %, 76 only 6.27 % */
	{ "some before, limits overlap", { 1000, 50 }, { 1000, 76 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "some before, limits apart", { 1000, 50 }, { 1000, 77 }, {}, COMPARE_WORSE, -1 },
	{ "half before and after", { 1000, 500 }, { 1000, 500 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "less, but not none", { 1000, 500 }, { 1000, 1 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "much more", { 1000, 100 }, { 1000, 500 }, {}, COMPARE_WORSE, -1 },
	{ "a little more", { 1000, 500 }, { 1000, 505 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "significantly more, by less than a tenth", { 1000000, 500000 }, { 1000000, 540000 }, {},
	  COMPARE_NOT_FIXED, -1 },
	{ "by more than a tenth", { 1000000, 500000 }, { 1000000, 560000 }, {}, COMPARE_WORSE, -1 },
	{ "more, but of few", { 10, 2 }, { 10, 4 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "three before, three after", { 3, 3 }, { 3 }, {}, COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "two of three before", { 3, 2 }, { 3 }, {}, COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "three and three, none at risk", { 3 }, { 3 }, {}, COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	/* 500 of 1000 is at least 0.4736, and 62 copies show at most a tenth of that, 0.0474 */
	{ "one too few after", { 1000, 500 }, { 61 }, {}, COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "just enough after", { 1000, 500 }, { 62 }, {}, COMPARE_FIXED, -1 },
	{ "still good: one too few after", { 1000 }, { 298 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_TOO_FEW },
	{ "still good: one too few before", { 298 }, { 1000 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_TOO_FEW },
	{ "still good: just enough", { 299 }, { 299 }, {}, COMPARE_STILL_GOOD, -1 },
	{ "few before, and yet clearly worse", { 100 }, { 1000, 500 }, {}, COMPARE_WORSE, -1 },
	{ "none recorded after", { 1000, 500 }, { 0 }, {}, COMPARE_CANNOT_TELL, FOUND_NO_COPIES },
	{ "none recorded before", { 0 }, { 1000 }, {}, COMPARE_CANNOT_TELL, FOUND_NO_COPIES },
	{ "none before, at risk after", { 0 }, { 1000, 9 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "nothing at all", { 0 }, { 0 }, {}, COMPARE_CANNOT_TELL, FOUND_NO_COPIES },
	{ "rare before", { 100000, 1 }, { 100000 }, {}, COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	/* something is missing or unknown */
	{ "one unknown after", { 1000, 500 }, { 1000, 0, 1 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_UNKNOWN },
	{ "unknown before as well", { 1000, 500, 250 }, { 1000 }, {}, COMPARE_FIXED, -1 },
	{ "only unknown before", { 1000, 0, 1 }, { 1000 }, {}, COMPARE_CANNOT_TELL, FOUND_UNKNOWN },
	{ "only unknown before, at risk after", { 1000, 0, 900 }, { 1000, 500 }, {},
	  COMPARE_NOT_FIXED, -1 },
	{ "unknown and at risk after", { 1000, 500 }, { 1000, 1, 500 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "lost after", { 1000, 500 }, { 1000, .lost = 1 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_MISSING },
	{ "lost before", { 1000, 500, .lost = 9 }, { 1000 }, {}, COMPARE_FIXED, -1 },
	{ "lost before, none at risk", { 1000, .lost = 9 }, { 1000 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_MISSING },
	{ "lost before, at risk after", { 1000, .lost = 9 }, { 1000, 1 }, {}, COMPARE_NOT_FIXED,
	  -1 },
	{ "lost and at risk after", { 1000 }, { 1000, 10, .lost = 9 }, {}, COMPARE_WORSE, -1 },
	{ "lost so many before that the rate may have been low", { 100, 50, .lost = 1000000 },
	  { 1000 }, {}, COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "cut after", { 1000, 500 }, { 1000, .cut = true }, {}, COMPARE_CANNOT_TELL,
	  FOUND_MISSING },
	{ "cut before", { 1000, 500, .cut = true }, { 1000 }, {}, COMPARE_FIXED, -1 },
	{ "cut before, none at risk", { 1000, .cut = true }, { 1000 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_MISSING },
	/* demands of the user */
	{ "--min-copies, one too few", { 1000, 500 }, { 499 }, { .min_copies = 500 },
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "--min-copies, just enough", { 1000, 500 }, { 500 }, { .min_copies = 500 },
	  COMPARE_FIXED, -1 },
	{ "--min-copies below the default", { 1000, 500 }, { 20 }, { .min_copies = 20 },
	  COMPARE_FIXED, -1 },
	{ "--min-copies, still good", { 20 }, { 20 }, { .min_copies = 20 }, COMPARE_STILL_GOOD,
	  -1 },
	{ "--min-copies makes no evidence of nothing", { 1000, 10 }, { 20 }, { .min_copies = 20 },
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "--max-rate 0.1 %, one too few", { 1000, 500 }, { 2994 }, { .max_rate = 0.001 },
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "--max-rate 0.1 %, just enough", { 1000, 500 }, { 2995 }, { .max_rate = 0.001 },
	  COMPARE_FIXED, -1 },
	{ "--max-rate excuses no copy at risk", { 1000, 500 }, { 1000000, 1 }, { .max_rate = 0.5 },
	  COMPARE_NOT_FIXED, -1 },
	{ "--max-rate and fewer --min-copies", { 1000, 500 }, { 2994 }, { 0.001, 10, false },
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "--max-rate and more --min-copies", { 1000, 500 }, { 2995 }, { 0.001, 3000, false },
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "--max-rate 1", { 1000 }, { 2 }, { .max_rate = 1 }, COMPARE_STILL_GOOD, -1 },
	/* clears */
	{ "clears fixed", { 1000, 0, 0, 1000, 500 }, { 1000, 0, 0, 1000 }, {}, COMPARE_FIXED, -1 },
	{ "clears not fixed", { 1000, 500, 0, 1000, 500 }, { 1000, 0, 0, 1000, 1 }, {},
	  COMPARE_NOT_FIXED, -1 },
	{ "copies fixed, clears worse", { 1000, 500, 0, 1000 }, { 1000, 0, 0, 1000, 9 }, {},
	  COMPARE_WORSE, -1 },
	{ "copies fixed, clears perhaps worse", { 1000, 500, 0, 1000 }, { 1000, 0, 0, 1000, 1 }, {},
	  COMPARE_NOT_FIXED, -1 },
	{ "clears fixed, too few copies", { 10, 0, 0, 1000, 500 }, { 10, 0, 0, 1000 }, {},
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "clears at risk before, too few after", { 1000, 0, 0, 1000, 5 }, { 1000, 0, 0, 10 }, {},
	  COMPARE_CANNOT_TELL, FOUND_TOO_FEW },
	{ "clears not watched after", { 1000, 500, 0, 1000 }, { 1000, .clears_unwatched = true },
	  {}, COMPARE_CANNOT_TELL, FOUND_PLAN },
	{ "few clears, not watched after", { 1000, 500, 0, 100 },
	  { 1000, .clears_unwatched = true }, {}, COMPARE_FIXED, -1 },
	{ "clears not watched before", { 1000, 500, .clears_unwatched = true },
	  { 1000, 0, 0, 1000 }, {}, COMPARE_FIXED, -1 },
	{ "... and at risk after", { 1000, 500, .clears_unwatched = true },
	  { 1000, 0, 0, 1000, 1000 }, {}, COMPARE_NOT_FIXED, -1 },
	{ "no clears after", { 1000, 500, 0, 1000 }, { 1000 }, {}, COMPARE_CANNOT_TELL,
	  FOUND_NOT_EXERCISED },
	{ "clears never watched", { 1000, .clears_unwatched = true },
	  { 1000, .clears_unwatched = true }, {}, COMPARE_STILL_GOOD, -1 },
};

static void test_cases(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cmp->demands = cases[i].demands;
		compare(cases[i].before, cases[i].after);
		is_str(verdict(), compare__verdict_name(cases[i].verdict), cases[i].what);
		if (cases[i].code >= 0)
			ok(found((enum compare_code)cases[i].code, true), "... because: %s",
			   compare__code_name((unsigned int)cases[i].code));
	}
	cmp->demands = (struct compare_demands){ 0 };
}

/* ---- properties that must be the same ---- */

static void expect(const char *want, enum compare_code code, const char *what)
{
	judge();
	is_str(verdict(), want, what);
	ok(found(code, !strcmp(want, "cannot tell")), "... %s", compare__code_name(code));
}

static void test_differences(void)
{
	const struct sample bad = { 1000, 500 }, good = { 1000 };

	compare(bad, good);
	strcpy(envs[1].arch, "armv6");
	expect("cannot tell", FOUND_MACHINE, "another architecture");
	cmp->demands.accept_differences = true;
	expect("fixed", FOUND_MACHINE, "... accepted");
	cmp->demands.accept_differences = false;

	compare(bad, good);
	envs[1].word_bits = 64;
	expect("cannot tell", FOUND_MACHINE, "another word size");
	compare(bad, good);
	envs[0].geometry.page_size = 16384;
	expect("cannot tell", FOUND_MACHINE, "another page size");
	compare(bad, good);
	envs[0].geometry.span = 16384;
	expect("cannot tell", FOUND_MACHINE, "another span of the machine");
	compare(bad, bad);
	envs[0].geometry.span = 16384;
	expect("cannot tell", FOUND_MACHINE, "... also with copies at risk after");

	compare(bad, good);
	stats[1].geometry.span = 16384;
	expect("cannot tell", FOUND_GEOMETRY, "judged by another span");
	ok(!compare__row(cmp, ROW_COLOUR, 0), "colours of different spans are not joined");
	stats[1].geometry.span = 8192;

	compare(good, good);
	stats[0].geometry.span = stats[1].geometry.span = 4096;
	envs[0].geometry.span = envs[1].geometry.span = 4096;
	expect("cannot tell", FOUND_NO_ALIASES, "one colour");
	stats[0].geometry.span = stats[1].geometry.span = 8192;
}

/* Allowed differences: the kernel, functions of the plan, and all that the verdict ignores. */
static void test_may_differ(void)
{
	const struct sample bad = { 1000, 500 }, good = { 1000 };

	compare(bad, good);
	strcpy(envs[1].kernel, "6.12");
	strcpy(envs[1].version, "9.9");
	strcpy(envs[0].plan[1].mechanism, "none");
	strcpy(envs[1].plan[0].function, "v6_copy_user_highpage_aliasing");
	judge();
	is_str(verdict(), "fixed", "kernel, version, a mapping that appears, a function");
	is(cmp->finding_count, 0, "... without a word");
	compare(bad, good);
	strcpy(envs[1].plan[1].mechanism, "none");
	expect("fixed", FOUND_PLAN, "a mapping that disappears: what is unknown by it counts");
	compare(bad, good);
	strcpy(envs[1].plan[0].evidence, "derived");
	expect("fixed", FOUND_PLAN, "a copy with less evidence: its sides tell whether it matters");
	compare(bad, good);
	envs[1].plan[envs[1].plan_rows++] = (struct plan_row){ "ksm", "-", "none", "unknown",
							       "inlined" };
	expect("fixed", FOUND_PLAN, "a path that is not seen after");
	compare(bad, good);
	strcpy(envs[1].command, "other");
	envs[1].cpus = 2;
	stats[0].exposed = 4;
	expect("fixed", FOUND_WORKLOAD, "command, CPUs, exposed windows");
	is(cmp->finding_count, 3, "... each with a note");
	fill(0, &good);
	fill(1, &good);
	compare__judge(cmp, true);
	is_str(verdict(), "still good", "the same recording");
	ok(found(FOUND_SAME, false), "... with a note");
}

/* ---- paths, sides, colours ---- */

static void path(int i, enum copy_path path, __u64 copies, __u64 at_risk)
{
	stats[i].path[path] = (struct tally){ copies, at_risk, 0 };
	stats[i].total.copies += copies;
	stats[i].total.at_risk += at_risk;
}

static void test_exercised(void)
{
	const struct sample bad = { 1000, 500 }, good = { 1000 };

	compare(bad, good);
	path(0, PATH_KSM, 100, 50);
	expect("cannot tell", FOUND_TOO_FEW, "a path at risk before is not there after");
	path(1, PATH_KSM, 3, 0);
	expect("cannot tell", FOUND_TOO_FEW, "... has three copies after");
	path(1, PATH_KSM, 50, 0);
	judge();
	is_str(verdict(), "fixed", "... has enough");
	is_str(compare__verdict_name(compare__row(cmp, ROW_PATH, PATH_KSM)->verdict), "fixed",
	       "... and is fixed itself");

	compare(bad, good);
	path(0, PATH_COW_FAULT, 6, 3);
	expect("fixed", FOUND_TOO_FEW, "a thin path is a note");
	ok(!compare__row(cmp, ROW_PATH, PATH_COW_FAULT)->after.copies, "... on one side only");
	is_str(compare__verdict_name(compare__row(cmp, ROW_PATH, PATH_COW_FAULT)->verdict),
	       "cannot tell", "... with no verdict of its own");

	compare((struct sample){ 40, 20 }, good);
	path(0, PATH_COW_FAULT, 6, 3);
	expect("cannot tell", FOUND_NOT_EXERCISED, "... but not where it had a tenth of all");

	compare(bad, good);
	path(1, PATH_KSM, 1000, 1);
	expect("not fixed", FOUND_RATE, "a path that is new and at risk");

	compare(good, good);
	path(1, PATH_KSM, 1000, 1000);
	judge();
	is_str(verdict(), "not fixed", "... and of which nothing was known before");

	compare((struct sample){ 1000, 100 }, (struct sample){ 1000, 100 });
	path(0, PATH_KSM, 1000, 900);
	path(1, PATH_KSM, 100000, 90000);
	judge();
	is_str(verdict(), "not fixed", "a higher rate by other shares of the paths is not worse");

	compare(bad, good);
	stats[1].colour[0].copies = 998;
	stats[1].colour[1].copies = 2;
	expect("cannot tell", FOUND_TOO_FEW, "a user colour that is hardly there after");

	compare(good, good);
	path(0, PATH_KSM, 1000, 0);
	expect("cannot tell", FOUND_NOT_EXERCISED, "still good: half of it is not seen again");
	compare(good, good);
	path(0, PATH_KSM, 100, 0);
	expect("still good", FOUND_NOT_EXERCISED, "... less than a tenth");

	compare(bad, good);
	stats[0].destination.verdict[SIDE_MISMATCH] = 300;
	judge();
	is_str(verdict(), "fixed", "both sides at risk before");
	is(compare__row(cmp, ROW_SIDE, 1)->before.at_risk, 300, "... counted by side");
}

/* Many colours, few copies of each: rows are joined, and coverage is judged in sum. */
static void test_many_colours(void)
{
	const struct geometry g = { .span = 4 << 20, .page_size = 4096, .source = "constant" };
	int i, k;

	for (i = 0; i < 2; i++) {
		fill(i, &(struct sample){ 4096, i ? 0 : 4000 });
		envs[i].geometry = g;
		stats__free(&stats[i]);
		stats__init(&stats[i], &g);
		stats[i].total = (struct tally){ 4096, i ? 0 : 4000, 0 };
		stats[i].path[PATH_WP] = stats[i].total;
		stats[i].source.verdict[SIDE_MISMATCH] = i ? 0 : 4000;
		for (k = 0; k < 1024; k++)
			stats[i].colour[k] = (struct tally){ 4, i || k < 24 ? 0 : 4, 0 };
	}
	judge();
	is_str(verdict(), "fixed", "1024 colours with four copies each");
	is(cmp->row_count, 1 + 1 + 2 + 1024 + 1, "... a row for each");
	memset(stats[1].colour, 0, 1024 * sizeof(struct tally));
	stats[1].colour[0].copies = 4096;
	expect("cannot tell", FOUND_NOT_EXERCISED, "one colour instead of 1024");
}

/* ---- what the safety of AFTER rests on ---- */

#define ALL_SEEN	(FACT_MAPPED_KNOWN | FACT_MAPPED | FACT_DIRTY_KNOWN | FACT_FLUSH_WATCHED | \
			 FACT_MAPPING_WATCHED | FACT_USER_WATCHED | FACT_ALL_WATCHED)

/* Copies of MIPS, for a user address of colour 0. Pages of odd frames have the other colour. */
static const struct copy coherent = {
	.user = 0x10000, .path = PATH_WP, .facts = ALL_SEEN | FACT_STEPS,
	.source = { 3, 0xfffe0000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { 5, 0x80005000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.steps = 3, .step = { STEP(STEP_READ, STEP_OF_SOURCE, 0),
			      STEP(STEP_WRITE, STEP_OF_DESTINATION, 1),
			      STEP(STEP_FLUSH, STEP_OF_DESTINATION, 1) },
};
static const struct copy flushed = {
	.user = 0x10000, .path = PATH_WP, .facts = ALL_SEEN | FACT_STEPS,
	.source = { 3, 0x80003000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.destination = { 5, 0x80005000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.steps = 5, .step = { STEP(STEP_FLUSH_USER, STEP_OF_SOURCE, 0),
			      STEP(STEP_FLUSH, STEP_OF_SOURCE, 1),
			      STEP(STEP_READ, STEP_OF_SOURCE, 1),
			      STEP(STEP_WRITE, STEP_OF_DESTINATION, 1),
			      STEP(STEP_FLUSH, STEP_OF_DESTINATION, 1) },
};
static const struct copy dirty = {
	.user = 0x10000, .path = PATH_WP, .facts = ALL_SEEN | FACT_STEPS | FACT_KERNEL_DIRTY,
	.source = { 3, 0x80003000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.destination = { 5, 0x80005000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.steps = 3, .step = { STEP(STEP_READ, STEP_OF_SOURCE, 1),
			      STEP(STEP_WRITE, STEP_OF_DESTINATION, 1),
			      STEP(STEP_FLUSH, STEP_OF_DESTINATION, 1) },
};
/* As schema 1 and 2 have it: no steps, and both mappings computed from the frames. */
static const struct copy derived = {
	.user = 0x10000, .path = PATH_WP, .facts = ALL_SEEN,
	.source = { 4, 0, MAPPING_LINEAR, EVIDENCE_DERIVED },
	.destination = { 6, 0, MAPPING_LINEAR, EVIDENCE_DERIVED },
};

/* Counts n copies, which are safe. */
static void count(int i, const struct copy *like, __u64 n)
{
	struct verdict v;

	verdict__judge(&arch_mips, &stats[i].geometry, like, false, &v);
	is(v.copy, COPY_SAFE, "a safe copy");
	stats__copies(&stats[i], like, &v, n);
}

/* Begins a recording i with nothing in it. */
static void empty(int i)
{
	fill(i, &(struct sample){ 0 });
}

static char *output(void (*write)(FILE *f, const struct comparison *c))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	write(f, cmp);
	fclose(f);
	return text;
}

static void has(void (*write)(FILE *f, const struct comparison *c), const char *what, bool want)
{
	const char *line = what + (*what == '\n');
	char *text = output(write);

	ok(!strstr(text, what) == !want, "output has %s\"%.*s\"", want ? "" : "no ",
	   (int)strcspn(line, "\n"), line);
	free(text);
}

/* BEFORE, where the copies above are AFTER: only colour 0 is exercised. */
static void fill_before(__u64 at_risk)
{
	fill(0, &(struct sample){ 1000, at_risk });
	stats[0].colour[0] = stats[0].total;
	stats[0].colour[1] = (struct tally){ 0 };
}

static void test_rests_on(void)
{
	const struct judgement clear = { SIDE_FLUSHED, "flushed afterwards", 1 };

	fill_before(500);
	empty(1);
	count(1, &dirty, 40);
	count(1, &coherent, 12034);
	count(1, &flushed, 3112);
	stats__finish(&stats[1]);
	judge();
	is_str(verdict(), "fixed", "several ways to be safe");
	has(compare_table__write, "\nit rests on 12034 sources coherent, 3112 flushed before, "
	    "40 kernel-dirty; 15186 destinations flushed afterwards.\n", true);
	has(compare_json__write, "\"rests_on\": {\n      \"source\": [\n"
	    "        {\"verdict\": \"congruent\", \"kind\": \"coherent\", \"reason\": \"\", "
	    "\"copies\": 12034, \"derived\": 0},\n"
	    "        {\"verdict\": \"flushed\", \"kind\": null, \"reason\": \"flushed before\", "
	    "\"copies\": 3112, \"derived\": 0},\n"
	    "        {\"verdict\": \"excused\", \"kind\": null, \"reason\": \"kernel-dirty\", "
	    "\"copies\": 40, \"derived\": 0}\n", true);
	stats__clears(&stats[1], &(struct clear){ .user = 0x10000 }, &clear, 1);
	judge();
	has(compare_table__write, "; 1 clear flushed afterwards.\n", true);
	fill_before(0);
	judge();
	is_str(verdict(), "still good", "the same where nothing was at risk before");
	has(compare_table__write, "\nit rests on 12034 sources", true);
	stats[1].total.unknown = 1;
	judge();
	is_str(verdict(), "cannot tell", "... but not with one unknown");
	has(compare_table__write, "it rests on", false);
}

/* What was derived and not seen is an assumption. */
static void test_derived(void)
{
	struct copy c = derived;

	fill_before(500);
	empty(1);
	count(1, &derived, 1000);
	expect("cannot tell", FOUND_DERIVED, "mappings that nobody saw");
	has(compare_table__write, "1000 of 1000 sources after are safe only by a mapping", true);
	has(compare_table__write, "1000 of 1000 destinations after are safe only by", true);
	has(compare_json__write, "\"kind\": \"linear\", \"reason\": \"\", \"copies\": 1000, "
	    "\"derived\": 1000}", true);

	empty(1);
	count(1, &coherent, 999);
	c.destination.evidence = EVIDENCE_OBSERVED;
	count(1, &c, 1);
	expect("cannot tell", FOUND_DERIVED, "one source");
	has(compare_table__write, "1 of 1000 sources after are", true);
	has(compare_table__write, "destinations after are", false);

	empty(1);
	c = derived;
	c.source.evidence = EVIDENCE_OBSERVED;
	count(1, &c, 1000);
	expect("cannot tell", FOUND_DERIVED, "only destinations");

	empty(1);
	c.destination.evidence = EVIDENCE_OBSERVED;
	count(1, &c, 1000);
	judge();
	is_str(verdict(), "fixed", "mappings that were seen");
	empty(1);
	c = derived;
	c.facts |= FACT_STEPS;
	count(1, &c, 1000);
	judge();
	is_str(verdict(), "fixed", "derived, but all that happened was recorded");

	/* where the machine has no aliases, its kernel has no other mapping */
	fill_before(500);
	empty(1);
	count(1, &derived, 1000);
	envs[0].geometry.span = envs[1].geometry.span = 4096;
	judge();
	is_str(verdict(), "fixed", "what if, on a machine without aliases");

	/* before, it matters only if it is to be called good */
	empty(0);
	count(0, &derived, 1000);
	empty(1);
	count(1, &coherent, 1000);
	expect("cannot tell", FOUND_DERIVED, "derived before, none at risk");
	stats[0].total.at_risk = stats[0].path[PATH_WP].at_risk = 500;
	judge();
	is_str(verdict(), "fixed", "derived before, and at risk");
}

static void test_derived_clears(void)
{
	const struct clear c = { .user = 0x10000, .destination = derived.destination };
	const struct judgement fine = { SIDE_CONGRUENT, "", 0 };

	compare((struct sample){ 1000, 500 }, (struct sample){ 1000 });
	stats__clears(&stats[1], &c, &fine, 1000);
	expect("fixed", FOUND_DERIVED, "clears derived: a note");
	stats[0].clears = 1000;
	stats[0].cleared.verdict[SIDE_MISMATCH] = 500;
	expect("cannot tell", FOUND_DERIVED, "... but not when they were at risk before");
}

/* ---- properties ---- */

static __u64 next_random(__u64 below)
{
	static __u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? (state >> 11) % below : 0;
}

static struct sample random_sample(void)
{
	struct sample s = { .copies = next_random(1ULL << next_random(16)) };

	if (next_random(2))
		s.at_risk = next_random(s.copies + 1);
	if (!next_random(4))
		s.unknown = next_random(s.copies - s.at_risk + 1);
	s.lost = next_random(8) ? 0 : next_random(10);
	return s;
}

static int status_of(struct sample before, struct sample after)
{
	compare(before, after);
	return compare__exit(cmp->verdict);
}

/* By the limits, can the rate after be the rate before? (All missing ones at risk, or none.) */
static bool may_be_same(const struct sample *b, const struct sample *a)
{
	return binomial__lower(a->at_risk, a->copies + a->lost, COMPARE_ALPHA) <=
	       binomial__upper(b->at_risk + b->unknown + b->lost, b->copies + b->lost,
			       COMPARE_ALPHA);
}

/*
 * With copies at risk after, the exit status is always 1. With none it is never 1; then more
 * such copies after never take a good verdict away, and neither one more copy at risk, nor a
 * lost record, nor an unknown copy ever gives one. It is not worse when it may be the same.
 */
static void test_properties(void)
{
	int i, wrong = 0, lost = 0, fewer = 0, unknown = 0, good = 0, worse = 0, rash = 0;

	for (i = 0; i < 4000; i++) {
		struct sample b = random_sample(), a = random_sample(), more;
		int status = status_of(b, a);

		wrong += (status == 1) != (a.at_risk > 0);
		good += status == 0;
		worse += cmp->verdict == COMPARE_WORSE;
		rash += cmp->verdict == COMPARE_WORSE && may_be_same(&b, &a);
		more = a;
		more.copies += 1 + next_random(1000);
		fewer += status == 0 && status_of(b, more) != 0;
		more = a;
		more.lost += 1;
		lost += status_of(b, more) == 0;
		more = a;
		more.copies += 1;
		more.unknown += 1;
		unknown += status_of(b, more) == 0;
		more = a;
		more.copies += 1;
		more.at_risk += 1;
		wrong += status_of(b, more) != 1;
	}
	is(rash, 0, "what is called worse cannot be the same rate by chance");
	ok(worse > 100, "%d were worse", worse);
	is(wrong, 0, "exit status 1 if and only if something is at risk after");
	is(fewer, 0, "more good copies after never take a good verdict away");
	is(lost, 0, "with a record lost after, there is no good verdict");
	is(unknown, 0, "nor with an unknown copy");
	ok(good > 100, "%d good verdicts were among them", good);
}

static void test_output(void)
{
	char *text;

	compare((struct sample){ 1000, 500, 0, 10 }, (struct sample){ 2000 });
	strcpy(envs[0].kernel, "\x1b[31m");
	text = output(compare_table__write);
	ok(strstr(text, "\nVERDICT: fixed: 0 of 2000 copies at risk after, 500 of 1000 (50.00 %) "
		  "before.\n"), "the headline");
	ok(!strchr(text, '\x1b'), "no control character of the recording");
	ok(strstr(text, "\n  wp                  1000       500        0   50.00 %       2000"
		  "         0        0    0.00 %\n"), "a path");
	ok(strstr(text, "\nclears                  10         0        0    0.00 %          -"
		  "         -        -         -\n"), "a row on one side only");
	ok(strstr(text, "62 copies after, none at risk, are enough: at most 4.72 %\n"),
	   "what is enough");
	free(text);
	text = output(compare_json__write);
	ok(strstr(text, "\"verdict\": \"fixed\",\n  \"exit_status\": 0,\n  \"reasons\": [],"),
	   "JSON: the verdict");
	ok(strstr(text, "\"before\": {\"copies\": 1000, \"at_risk\": 500, \"unknown\": 0, "
		  "\"rate\": 0.5, "), "JSON: counts");
	free(text);
	compare((struct sample){ 300 }, (struct sample){ 100000, 20 });
	has(compare_table__write, "note: the rate is higher than before, but may be the same: "
	    "at most 0.994 % before, at least 0.0133 % after.\n", true);
	compare((struct sample){ 300 }, (struct sample){ 100000, 20000 });
	has(compare_table__write, "may be the same", false);
}

int main(void)
{
	cmp = calloc(1, sizeof(*cmp));
	test_cases();
	test_differences();
	test_may_differ();
	test_exercised();
	test_many_colours();
	test_rests_on();
	test_derived();
	test_derived_clears();
	test_properties();
	test_output();
	stats__free(&stats[0]);
	stats__free(&stats[1]);
	free(cmp);
	return tap__done();
}
