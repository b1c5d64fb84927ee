// SPDX-License-Identifier: GPL-2.0-only
#include "base/err.h"
#include "stats/stats.h"
#include "stats_util.h"
#include "tap.h"

static const struct geometry two = { .span = 8192, .page_size = 4096 };

static struct judgement side(enum side_verdict verdict, const char *reason, __s32 colour)
{
	return (struct judgement){ verdict, reason, colour };
}

static void add(struct stats *s, __u32 pid, const char *comm, __u64 user, enum copy_path path,
		struct judgement source, struct judgement destination, enum copy_verdict copy)
{
	static __u64 ts = 1000;
	struct copy c = { .ts = ts, .pid = pid, .user = user, .path = path };
	struct verdict v = { source, destination, copy };

	ts++;
	count_copy(s, &c, &v, comm);
}

static void test_empty(void)
{
	struct stats s;

	is(stats__init(&s, &two), 0, "init");
	stats__finish(&s);
	is(s.total.copies + s.windows + s.process_rows + s.source.reason_rows, 0, "empty is zero");
	stats__free(&s);
	stats__free(&s);
}

static void test_counts(void)
{
	const struct judgement fine = side(SIDE_CONGRUENT, "", 0);
	struct window w = { .ts = 5, .exposed = 0 };
	struct stats s;

	stats__init(&s, &two);
	add(&s, 1, "a", 0x1000, PATH_WP, side(SIDE_CONGRUENT, "", 1), side(SIDE_FLUSHED, "f", 0),
	    COPY_SAFE);
	add(&s, 1, "a", 0x2000, PATH_WP, side(SIDE_MISMATCH, "m", 1), fine, COPY_AT_RISK);
	add(&s, 1, "a", 0x2000, PATH_COW_FAULT, side(SIDE_EXCUSED, "u", 1), fine, COPY_SAFE);
	add(&s, 2, "b", 0x3000, PATH_COW_FAULT, side(SIDE_UNKNOWN, "no pfn", -1), fine,
	    COPY_UNKNOWN);
	add(&s, 2, "b", 0x3000, 200, side(SIDE_UNKNOWN, "u", -1), fine, COPY_UNKNOWN);
	stats__window(&s, &w);
	w = (struct window){ .ts = 9999, .exposed = 1 };
	stats__window(&s, &w);
	stats__finish(&s);

	is(s.total.copies, 5, "copies");
	is(s.total.at_risk, 1, "at risk");
	is(s.total.unknown, 2, "unknown");
	is(tally__safe(&s.total), 2, "safe");
	is(s.source.verdict[SIDE_CONGRUENT], 1, "source congruent");
	is(s.source.verdict[SIDE_MISMATCH], 1, "source mismatch");
	is(s.source.verdict[SIDE_EXCUSED], 1, "source excused");
	is(s.source.verdict[SIDE_UNKNOWN], 2, "source unknown");
	is(s.destination.verdict[SIDE_FLUSHED], 1, "destination flushed");
	is(s.destination.verdict[SIDE_CONGRUENT], 4, "destination congruent");
	is(s.source.reason_rows, 4, "the same reason under two verdicts is two rows");
	is(stats__reason(&s.source, SIDE_EXCUSED, "u"), 1, "reason of the excuse");
	is(stats__reason(&s.source, SIDE_UNKNOWN, "u"), 1, "same words, other verdict");
	is(stats__reason(&s.source, SIDE_UNKNOWN, "x"), 0, "a reason that never was");
	is(s.path[PATH_WP].copies, 2, "path wp");
	is(s.path[PATH_WP].at_risk, 1, "path wp at risk");
	is(s.path[PATH_COW_FAULT].unknown, 1, "path cow-fault unknown");
	is(s.path[PATH_UNKNOWN].copies, 1, "a path out of range counts as unknown");
	is(s.windows, 2, "windows");
	is(s.exposed, 1, "exposed");
	is(s.first_ts, 1000, "first event");
	is(s.last_ts, 9999, "last event");
	/* row = user colour, column = mapping colour */
	is(s.source.matrix[0 * 2 + 1], 2, "source matrix: user 0, mapping 1");
	is(s.source.matrix[1 * 2 + 1], 1, "source matrix: user 1, mapping 1");
	is(s.source.matrix[0] + s.source.matrix[2], 0, "source matrix: nothing else");
	is(s.source.uncoloured, 2, "source: mapping colour not known, counted apart");
	is(s.destination.matrix[1 * 2 + 0], 3, "destination matrix: user 1, mapping 0");
	is(s.destination.matrix[0], 2, "destination matrix: user 0, mapping 0");
	stats__free(&s);
}

/* Clears are counted apart: no count of copies changes. */
static void test_clears(void)
{
	const struct judgement fine = side(SIDE_CONGRUENT, "", 0);
	struct stats s;

	stats__init(&s, &two);
	ok(!stats__any(&s), "no event");
	stats__clears(&s, &(struct clear){ .ts = 50, .pid = 1, .user = 0x1000 },
		     &(struct judgement){ SIDE_FLUSHED, "f", 0 }, 1);
	ok(stats__any(&s), "a clear is one");
	add(&s, 1, "a", 0x1000, PATH_WP, fine, fine, COPY_SAFE);
	stats__clears(&s, &(struct clear){ .ts = 5000, .pid = 2, .user = 0x2000 },
		     &(struct judgement){ SIDE_MISMATCH, "m", 1 }, 1);
	stats__clears(&s, &(struct clear){ .ts = 6000, .pid = 2, .user = 0x3000 },
		     &(struct judgement){ SIDE_UNKNOWN, "u", -1 }, 1);
	stats__clears(&s, &(struct clear){ .ts = 7000, .pid = 2, .user = 0x5000 },
		     &(struct judgement){ SIDE_FLUSHED, "f", 0 }, 1);
	stats__finish(&s);
	is(s.clears, 4, "clears");
	is(s.cleared.verdict[SIDE_FLUSHED], 2, "flushed");
	is(s.cleared.verdict[SIDE_MISMATCH], 1, "mismatch");
	is(s.cleared.verdict[SIDE_UNKNOWN], 1, "unknown");
	is_str(s.cleared.reasons[0].reason, "f", "the most frequent reason first");
	is(stats__reason(&s.cleared, SIDE_MISMATCH, "m"), 1, "reason of the mismatch");
	is(s.cleared.matrix[1 * 2 + 0], 2, "matrix: user 1, mapping 0");
	is(s.cleared.matrix[0 * 2 + 1], 1, "matrix: user 0, mapping 1");
	is(s.cleared.matrix[0] + s.cleared.matrix[3], 0, "matrix: nothing else");
	is(s.cleared.uncoloured, 1, "mapping colour not known");
	is(s.first_ts, 50, "first event");
	is(s.last_ts, 7000, "last event");
	ok(s.total.copies == 1 && !s.total.at_risk && !s.total.unknown, "totals are of copies");
	ok(s.path[PATH_WP].copies == 1 && !s.path[PATH_UNKNOWN].copies, "so are paths");
	ok(s.process_rows == 1 && s.processes[0].tally.copies == 1, "and processes");
	is(s.destination.verdict[SIDE_MISMATCH] + s.destination.verdict[SIDE_FLUSHED], 0,
	   "and the destinations");
	is(s.destination.matrix[2], 1, "and their matrix");
	is(s.destination.matrix[0] + s.destination.matrix[1] + s.destination.matrix[3], 0,
	   "without a clear in it");
	stats__free(&s);
}

/* Counts n copies whose source is safe by this mapping, and whose destination is not safe. */
static void add_source(struct stats *s, struct judgement source, __u8 kind, __u8 evidence,
		       __u16 facts, __u64 n)
{
	struct copy c = { .source = { .kind = kind, .evidence = evidence }, .facts = facts };
	struct verdict v = { source, side(SIDE_UNKNOWN, "u", 0), COPY_UNKNOWN };

	stats__copies(s, &c, &v, n);
}

/* What safe sides rest on: congruent ones by their mapping, all others by their reason. */
static void test_bases(void)
{
	const struct judgement fine = side(SIDE_CONGRUENT, "", 0), f = side(SIDE_FLUSHED, "f", 1);
	const __u8 seen = EVIDENCE_OBSERVED, derived = EVIDENCE_DERIVED;
	const struct basis *b;
	struct stats s;

	stats__init(&s, &two);
	add_source(&s, fine, MAPPING_LINEAR, seen, 0, 1);
	add_source(&s, fine, MAPPING_LINEAR, derived, FACT_STEPS, 2);
	add_source(&s, fine, MAPPING_LINEAR, derived, 0, 4);
	add_source(&s, fine, MAPPING_COHERENT, seen, 0, 8);
	add_source(&s, f, MAPPING_LINEAR, derived, 0, 16);
	add_source(&s, f, MAPPING_KMAP, seen, 0, 32);
	add_source(&s, side(SIDE_EXCUSED, "e", 1), MAPPING_LINEAR, seen, 0, 64);
	add_source(&s, side(SIDE_MISMATCH, "m", 1), MAPPING_LINEAR, derived, 0, 128);
	add_source(&s, side(SIDE_UNKNOWN, "u", 1), MAPPING_LINEAR, derived, 0, 128);
	stats__finish(&s);
	b = s.source.bases;
	is(s.source.basis_rows, 4, "bases of sources");
	ok(b[0].verdict == SIDE_EXCUSED && b[0].count == 64 && !b[0].derived, "excused");
	ok(b[1].verdict == SIDE_FLUSHED && b[1].count == 48 && b[1].derived == 16,
	   "flushed, by any mapping");
	ok(b[2].kind == MAPPING_COHERENT && b[2].count == 8 && !b[2].derived, "coherent");
	ok(b[3].kind == MAPPING_LINEAR && b[3].count == 7 && b[3].derived == 4, "linear");
	is_str(b[1].reason, "f", "with the reason");
	is(s.source.derived, 20, "derived in all: of those that are safe, without steps");
	is(s.destination.basis_rows + s.destination.derived, 0, "what is not safe has no basis");
	stats__free(&s);
}

static void test_order(void)
{
	const struct judgement j = side(SIDE_CONGRUENT, "", 0);
	const struct { __u32 pid; int copies, at_risk; } plan[] = {
		{ 9, 3, 0 }, { 4, 5, 0 }, { 7, 2, 2 }, { 8, 4, 2 }, { 3, 5, 0 },
	};
	const __u32 want[] = { 8, 7, 3, 4, 9 };
	struct stats s;
	char name[32];
	int i, k;

	stats__init(&s, &two);
	for (i = 0; i < 5; i++)
		for (k = 0; k < plan[i].copies; k++)
			add(&s, plan[i].pid, "x", 0, PATH_WP, j, j,
			    k < plan[i].at_risk ? COPY_AT_RISK : COPY_SAFE);
	for (i = 0; i < 3; i++)
		add(&s, 9, "x", 0, PATH_WP, side(SIDE_EXCUSED, i ? "often" : "seldom", 0), j,
		    COPY_SAFE);
	stats__finish(&s);
	is(s.process_rows, 5, "five processes");
	/* pid 9 has six copies now and comes before those with five */
	is(s.processes[2].pid, 9, "more copies first");
	for (i = 0; i < 5; i++) {
		__u32 pid = i < 2 ? want[i] : i == 2 ? 9 : want[i - 1];

		snprintf(name, sizeof(name), "process in place %d", i);
		is(s.processes[i].pid, pid, name);
	}
	is_str(s.source.reasons[0].reason, "often", "the most frequent reason first");
	stats__free(&s);
}

static void test_comm(void)
{
	const struct judgement j = side(SIDE_CONGRUENT, "", 0);
	struct stats s;

	stats__init(&s, &two);
	add(&s, 1, "sh", 0, PATH_WP, j, j, COPY_SAFE);
	add(&s, 1, "ls", 0, PATH_WP, j, j, COPY_SAFE);
	add(&s, 1, "?", 0, PATH_WP, j, j, COPY_SAFE);
	add(&s, 2, NULL, 0, PATH_WP, j, j, COPY_SAFE);
	add(&s, 3, "0123456789abcdefXYZ", 0, PATH_WP, j, j, COPY_SAFE);
	stats__finish(&s);
	is_str(s.processes[0].comm, "ls", "the last comm stays, \"?\" does not replace it");
	is_str(s.processes[1].comm, "?", "no comm");
	is_str(s.processes[2].comm, "0123456789abcdef", "a long comm is cut");
	stats__free(&s);
}

/* Many pids, in an order and with gaps that fill the hash unevenly. */
static void test_many(void)
{
	const struct judgement j = side(SIDE_CONGRUENT, "", 0);
	const __u32 n = 50000;
	__u32 i, round, wrong = 0;
	struct stats s;

	stats__init(&s, &two);
	for (round = 0; round < 3; round++)
		for (i = 0; i < n; i++)
			if (i % 3 <= round)
				add(&s, i * 65536 + i, "x", 0, PATH_WP, j, j, COPY_SAFE);
	stats__finish(&s);
	for (i = 0; i < s.process_rows; i++)
		wrong += s.processes[i].tally.copies != 3 - s.processes[i].pid % 65536 % 3;
	is(s.process_rows, n, "50000 processes");
	is(wrong, 0, "each with its own count");
	is(s.total.copies, 3 * ((n + 2) / 3) + 2 * ((n + 1) / 3) + n / 3, "and the sum is right");
	stats__free(&s);
}

static void test_most_colours(void)
{
	struct geometry g = { .span = 4 << 20, .page_size = 4096 };
	struct stats s;

	is(stats__init(&s, &g), 0, "1024 colours");
	add(&s, 1, "x", 1023 * 4096, PATH_WP, side(SIDE_CONGRUENT, "", 1023),
	    side(SIDE_MISMATCH, "m", 0), COPY_AT_RISK);
	is(s.source.matrix[1024 * 1024 - 1], 1, "last cell of the source");
	is(s.destination.matrix[1023 * 1024], 1, "last row of the destination");
	stats__free(&s);
}

static void test_many_reasons(void)
{
	const struct judgement j = side(SIDE_CONGRUENT, "", 0);
	char reasons[REASONS_MAX + 8][16];
	struct stats s;
	int i;

	stats__init(&s, &two);
	for (i = 0; i < REASONS_MAX + 8; i++) {
		snprintf(reasons[i], sizeof(reasons[i]), "r%d", i);
		add(&s, 1, "x", 0, PATH_WP, side(SIDE_UNKNOWN, reasons[i], 0), j, COPY_UNKNOWN);
	}
	is(s.source.reason_rows, REASONS_MAX, "the table of reasons is bounded");
	is(s.source.verdict[SIDE_UNKNOWN], REASONS_MAX + 8, "the verdicts are all counted");
	stats__free(&s);
}

int main(void)
{
	test_empty();
	test_counts();
	test_clears();
	test_bases();
	test_order();
	test_comm();
	test_many();
	test_most_colours();
	test_many_reasons();
	return tap__done();
}
