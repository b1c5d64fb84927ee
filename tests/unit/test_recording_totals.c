// SPDX-License-Identifier: GPL-2.0-only
/* A recording of totals: counts written, read, multiplied; the span they serve. */
#include <string.h>
#include "stats/analysis.h"
#include "recording_util.h"

static struct recording_env totals_env(void)
{
	return (struct recording_env){
		.schema = RECORDING_SCHEMA, .version = "1", .kernel = "6.1", .arch = "mips",
		.word_bits = 32, .cpus = 1, .geometry = { .page_size = 4096, .span = 8192,
							  .source = "mmap" },
		.totals_span = 16384,
	};
}

static const struct copy congruent = {
	.ts = 50, .user = 0x1000, .path = PATH_WP,
	.source = { 1, 0xf1000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { 3, 0x80003000, MAPPING_LINEAR, EVIDENCE_DERIVED },
};
static const struct copy at_risk = {
	.ts = 50, .user = 0x1000, .path = PATH_COW_FAULT,
	.facts = FACT_FLUSH_WATCHED,
	.source = { 1, 0xf1000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { 2, 0x80002000, MAPPING_LINEAR, EVIDENCE_DERIVED },
};
static const struct clear cleared = {
	.ts = 50, .user = 0x1000, .facts = FACT_FLUSH_WATCHED,
	.destination = { 3, 0x80003000, MAPPING_LINEAR, EVIDENCE_DERIVED },
};
static const struct copy many = {
	.ts = 60, .user = 0x1000, .path = PATH_WP,
	.source = { 1, 0xf1000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { 3, 0x80003000, MAPPING_LINEAR, EVIDENCE_DERIVED },
};

/* As at_risk, with the order of its steps: flushed before it was written, and not afterwards. */
static const struct copy stepped = {
	.ts = 70, .user = 0x1000, .path = PATH_KSM,
	.facts = FACT_FLUSH_WATCHED | FACT_MAPPING_WATCHED | FACT_STEPS | FACT_USER_WATCHED |
		 FACT_ALL_WATCHED,
	.source = { 1, 0xf1000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
	.destination = { 2, 0x80002000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.steps = 3,
	.step = { STEP(STEP_FLUSH, STEP_OF_DESTINATION, 2), STEP(STEP_READ, STEP_OF_SOURCE, 0xf1),
		  STEP(STEP_WRITE, STEP_OF_DESTINATION, 2) },
};

static const struct clear flushed = {
	.ts = 70, .user = 0x1000,
	.facts = FACT_FLUSH_WATCHED | FACT_FLUSHED_DST | FACT_STEPS | FACT_USER_WATCHED |
		 FACT_ALL_WATCHED,
	.destination = { 2, 0x80002000, MAPPING_LINEAR, EVIDENCE_OBSERVED },
	.steps = 2,
	.step = { STEP(STEP_WRITE, STEP_OF_DESTINATION, 2), STEP(STEP_FLUSH, STEP_OF_DESTINATION, 2) },
};

static void write_totals(void)
{
	struct recording_env env = totals_env();
	struct recording_writer *w = recording__create(in("totals", NULL), &env);

	is(recording__copies(w, &congruent, 5000000000ULL), 0, "more copies than 32 bits count");
	is(recording__copies(w, &at_risk, 7), 0, "copies at risk");
	is(recording__clears(w, &cleared, 11), 0, "clears");
	is(recording__copies(w, &many, 1), 0, "one of a kind");
	is(recording__copies(w, &stepped, 3), 0, "copies with steps");
	is(recording__clears(w, &flushed, 5), 0, "clears with steps");
	is(recording__close(w), 0, "closed");
}

static void test_events(void)
{
	struct recording *r;
	struct event ev;
	int code;

	r = recording__open(in("totals", NULL), &code);
	ok(r && !code, "opens");
	ok(recording__totals(r)->copies == 5000000011ULL && recording__totals(r)->clears == 16 &&
	   recording__totals(r)->complete && !recording__totals(r)->absent, "and adds up");
	ok(recording__env(r)->totals_span == 16384, "the span is kept");
	ok(recording__next(r, &ev) == 1 && ev.type == EVENT_COPY && ev.count == 5000000000ULL &&
	   !ev.copy.pid && !ev.copy.tid && ev.copy.user == 0x1000 && ev.copy.path == PATH_WP &&
	   ev.copy.source.va == 0xf1000 && ev.copy.destination.pfn == 3, "what the first are");
	ok(recording__next(r, &ev) == 1 && ev.count == 7, "how many the second");
	ok(recording__next(r, &ev) == 1 && ev.type == EVENT_CLEAR && ev.count == 11 &&
	   !ev.clear.pid && ev.clear.facts == cleared.facts, "what the clears are");
	ok(recording__next(r, &ev) == 1 && ev.count == 1, "one of a kind");
	ok(recording__next(r, &ev) == 1 && ev.type == EVENT_COPY && ev.count == 3 &&
	   same_copy(&ev.copy, &stepped), "what the copies with steps are");
	ok(recording__next(r, &ev) == 1 && ev.type == EVENT_CLEAR && ev.count == 5 &&
	   same_clear(&ev.clear, &flushed), "what the clears with steps are");
	recording__free(r);
}

static void test_judged(void)
{
	struct analysis j;
	int code;

	is(analysis__open(&j, in("totals", NULL), NULL), 0, "opened for a report");
	is(analysis__count(&j), 0, "and read");
	is(j.stats.total.copies, 5000000011ULL, "all count");
	ok(j.stats.path[PATH_COW_FAULT].copies == 7 && j.stats.path[PATH_WP].at_risk == 0 &&
	   j.stats.path[PATH_KSM].copies == 3 && j.stats.path[PATH_KSM].at_risk == 3,
	   "on their paths");
	ok(j.stats.source.matrix[1 * 2 + 1] == 5000000011ULL &&
	   j.stats.destination.matrix[1 * 2 + 0] == 10, "in the matrices");
	ok(j.stats.clears == 16 && j.stats.cleared.verdict[SIDE_FLUSHED] == 5 &&
	   j.stats.cleared.matrix[1 * 2 + 1] == 11, "and the clears");
	is(j.stats.process_rows, 0, "of no process");
	analysis__free(&j);
	quiet__begin();
	code = analysis__open(&j, in("totals", NULL), "32K");
	quiet__end();
	is(code, EXIT_USAGE, "a larger span is refused");
	ok(quiet_lines() == 1 && strstr(quiet_text, "16384 bytes"), "with the largest that is not");
	analysis__free(&j);
	is(analysis__open(&j, in("totals", NULL), "16K"), 0, "which is taken");
	analysis__free(&j);
}

int main(void)
{
	scratch__make();
	write_totals();
	test_events();
	test_judged();
	scratch__remove();
	return tap__done();
}
