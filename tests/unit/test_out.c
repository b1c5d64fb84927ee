// SPDX-License-Identifier: GPL-2.0-only
/* The table, JSON and CSV of a report. */
#include <stdlib.h>
#include <unistd.h>
#include "output/report.h"
#include "recording/env.h"
#include "stats_util.h"
#include "tap.h"

static struct recording_env env;
static struct recording_totals totals;
static struct stats stats;
static struct report report;
static char *text;

/* Two colours: 3 safe copies, 1 at risk, 1 unknown; odd names; one exposed window of two. */
static void make(void)
{
	static const struct side none = { PFN_UNKNOWN, 0, 0, 0 };
	static const enum copy_verdict verdicts[] = { COPY_SAFE, COPY_SAFE, COPY_SAFE,
						      COPY_AT_RISK, COPY_UNKNOWN };
	int i;

	env = (struct recording_env){
		.schema = 1, .version = "0.1", .kernel = "6.1 \x1b[31mred", .arch = "mips",
		.word_bits = 32, .cpus = 1, .plan_rows = 3, .command = "a \"b\"",
		.geometry = { .span = 8192, .page_size = 4096, .source = "mmap" },
		.plan = { { "copy", "copy_user_highpage", "kprobe", "observed", "" },
			  { "window-end", "uprobe_end_dup_mmap", "kprobe", "observed", "" },
			  { "switch", "sched_switch", "tracepoint", "observed", "" } },
		.recorder_pid = 49,
		.start_ns = 1763820000000000000ULL,
	};
	totals = (struct recording_totals){ .copies = 5, .complete = true };
	stats__init(&stats, &env.geometry);
	for (i = 0; i < 5; i++) {
		struct copy c = { .ts = 1000000000ULL * (__u64)(i + 1), .pid = (__u32)(i / 3 + 1),
				  .user = (__u64)i << 12, .source = none, .destination = none,
				  .path = PATH_WP };
		struct verdict v = { { i == 3 ? SIDE_MISMATCH : SIDE_CONGRUENT,
				       i == 3 ? "why" : "", i & 1 },
				     { i == 4 ? SIDE_UNKNOWN : SIDE_FLUSHED,
				       i == 4 ? "no pfn" : "f", i == 4 ? -1 : 0 }, verdicts[i] };

		count_copy(&stats, &c, &v, i < 3 ? "q\"\xff\x1b" : "plain");
	}
	stats__window(&stats, &(struct window){ .ts = 5500000000ULL, .exposed = 1 });
	stats__window(&stats, &(struct window){ .ts = 6500000000ULL });
	stats__finish(&stats);
	report = (struct report){ .dir = "r", .env = &env, .totals = &totals, .stats = &stats,
				  .top = TOP_DEFAULT };
}

static const char *written(void (*fn)(FILE *f, const struct report *r))
{
	size_t size;
	FILE *f;

	free(text);
	text = NULL;
	f = open_memstream(&text, &size);
	fn(f, &report);
	fclose(f);
	return text;
}

#define has(what)	ok(strstr(text, what) != NULL, "%s", #what)
#define has_not(what)	ok(strstr(text, what) == NULL, "not %s", #what)

static void test_table(void)
{
	written(report_table__write);
	has("mips, 32-bit, 1 CPU, pages of 4 KiB\n");
	has("2, span 8 KiB (known by mmap)\n");
	has("2025-11-22 14:00:01 UTC, 5.500 s");
	has("VERDICT: 1 of 5 copies at risk (20.00 %), 1 could not be judged.\n");
	has("  safe                                3    60.00 %\n");
	has("  at risk                             1    20.00 %\n");
	has("    why                                             1             0\n");
	has("    no pfn                                          0             1\n");
	has("  wp                                  5            3            1            1\n");
	has("        1 q\"??                        3            3            0            0\n");
	has("     0    3    0\n     1    0    2\n");	/* user colours 0 1 0 1 0, mapping alike */
	has("mapping colour not known: 1\n");
	has("fork windows                          2\n");
	has("  exposed                             1 ");
	has("  switch        sched_switch         tracepoint  observed\n");
	has_not("\x1b");
	has_not("LOST");
	has_not("INCOMPLETE");
	has_not("WHAT IF");
	has_not("more with --top");
	has("\nclears: not watched by this plan\n");
	has_not("not seen: ");
}

static void test_bad_news(void)
{
	totals = (struct recording_totals){ .copies = 5, .lost = 7, .missed = 1, .cut_bytes = 99,
					    .absent = 4 };
	report.what_if = true;
	report.top = 1;
	env.plan_rows = 1;
	written(report_table__write);
	has("LOST: 7 records ");
	has("MISSED: 1 event ");
	has("INCOMPLETE: 4 events ");
	has("INCOMPLETE: the files are cut off; the last 99 bytes");
	has("INCOMPLETE: the recorder did not finish");
	has("  lost                                7\n");
	has("WHAT IF, by --span; the machine itself has 2, span 8 KiB");
	has("process (1 of 2)");
	has("plain");
	has_not("q\"??");
	has("fork windows: not watched");
	written(report_csv__write);
	has("total,\"\",,5,3,1,1,7,1,no\r\n");
	written(report_json__write);
	has("\"lost\": 7,\n    \"missed\": 1\n");
	has("\"complete\": false");
	has("\"windows\": null,\n    \"exposed\": null");
	has("\"processes_total\": 2,");
	env.plan_rows = 3;
	strcpy(env.plan[1].mechanism, "none");
	written(report_json__write);
	has("\"windows\": null,\n    \"exposed\": null");
	strcpy(env.plan[1].mechanism, "kprobe");
	strcpy(env.plan[2].mechanism, "none");
	written(report_json__write);
	has("\"windows\": 2,\n    \"exposed\": null");
	written(report_table__write);
	has("  exposed                   not watched\n");
	strcpy(env.plan[2].mechanism, "tracepoint");
	report.what_if = false;
	report.top = TOP_DEFAULT;
	env.plan_rows = 3;
	totals = (struct recording_totals){ .copies = 5, .complete = true };
}

static void test_csv(void)
{
	written(report_csv__write);
	is_str(text, "section,name,pid,copies,safe,at_risk,unknown,lost,missed,complete\r\n"
	       "total,\"\",,5,3,1,1,0,0,yes\r\n"
	       "path,\"wp\",,5,3,1,1,,,\r\n"
	       "process,\"plain\",2,2,0,1,1,,,\r\n"
	       "process,\"q\"\"\xef\xbf\xbd\xef\xbf\xbd\",1,3,3,0,0,,,\r\n", "the whole CSV");
}

/* jq's answer for the text must be "true". */
static void jq_says(const char *filter, const char *what)
{
	char name[] = "/tmp/brindle-test.XXXXXX", cmd[3000];
	int fd;

	if (system("command -v jq >/dev/null 2>&1")) {
		skip("no jq", "%s", what);
		return;
	}
	fd = mkstemp(name);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(1);
	close(fd);
	snprintf(cmd, sizeof(cmd), "jq -e '%s' %s >/dev/null", filter, name);
	is(system(cmd), 0, what);
	unlink(name);
}

static void test_json(void)
{
	static const char filter[] =
		".schema == \"brindle.report/1\" and .machine.arch == \"mips\" and "
		".machine.page_size == 4096 and .geometry == {span: 8192, colours: 2, "
		"source: \"mmap\", what_if: false} and (.plan | length) == 3 and "
		".plan[1].function == \"uprobe_end_dup_mmap\" and .totals == {copies: 5, safe: 3, "
		"at_risk: 1, unknown: 1, lost: 0, missed: 0} and .source.mismatch == 1 and "
		".source.reasons == [{verdict: \"mismatch\", reason: \"why\", copies: 1}] and "
		".destination.flushed == 4 and .paths == [{path: \"wp\", copies: 5, safe: 3, "
		"at_risk: 1, unknown: 1}] and .processes[0].pid == 2 and "
		".processes[1].comm == \"q\\\"\\ufffd\\u001b\" and .forks == {windows: 2, "
		"exposed: 1} and .matrix.source == [[3,0],[0,2]] and "
		".matrix.destination == [[2,0],[2,0]] and .matrix.destination_uncoloured == 1 and "
		".recording.start == \"2025-11-22T14:00:01Z\" and .recording.duration_ns == "
		"5500000000 and .recording.recorder_pid == 49 and .machine.kernel == "
		"\"6.1 \\u001b[31mred\" and all(.plan[]; .reason "
		"== \"\") and .clears == {total: null, congruent: null, flushed: null, excused: "
		"null, mismatch: null, unknown: null, reasons: null, matrix: null, uncoloured: null}";

	written(report_json__write);
	has("\"schema\": \"brindle.report/1\"");
	has("\"at_risk\": 1");
	jq_says(filter, "jq reads it, and every member is right");
}

static void one_copy(FILE *f, const struct report *r)
{
	struct event ev = { .type = EVENT_COPY, .cpu = 1, .comm = "x\n", .copy = {
		.ts = 5, .pid = 1, .tid = 2, .user = 0x77e01000, .path = PATH_COW_FAULT,
		.source = { 33, 0xfffd1000, MAPPING_COHERENT, EVIDENCE_OBSERVED },
		.destination = { PFN_UNKNOWN, 0, MAPPING_UNKNOWN, EVIDENCE_NONE },
		.facts = FACT_STEPS, .steps = 7, .step = {
			STEP(STEP_FLUSH_USER, STEP_OF_SOURCE, 6), STEP(STEP_FLUSH_ALL, 3, 9),
			STEP(STEP_MAP, STEP_OF_SOURCE, 5), STEP(STEP_READ, STEP_OF_SOURCE, 7),
			STEP(STEP_WRITE, STEP_OF_DESTINATION, 1), STEP(STEP_FLUSH, STEP_OF_OTHER, 4),
			STEP(STEP_DISCARD, STEP_OF_UNKNOWN, 1023),
		} } };
	const struct geometry g = { .span = 16384, .page_size = 4096 };
	struct verdict v = { { SIDE_CONGRUENT, "", 1 }, { SIDE_UNKNOWN, "mapping not seen", -1 },
			     COPY_UNKNOWN };

	(void)r;
	report_json__copy(f, &g, &ev, &v);
}

static void test_ndjson(void)
{
	written(one_copy);
	is_str(text, "{\"ts\":5,\"cpu\":1,\"pid\":1,\"tid\":2,\"comm\":\"x\\u000a\",\"path\":"
	       "\"cow-fault\",\"user\":\"0x77e01000\",\"source\":{\"pfn\":33,\"va\":\"0xfffd1000\","
	       "\"kind\":\"coherent\",\"evidence\":\"observed\",\"verdict\":\"congruent\","
	       "\"reason\":\"\"},\"destination\":{\"pfn\":null,\"va\":null,\"kind\":\"unknown\","
	       "\"evidence\":\"none\",\"verdict\":\"unknown\",\"reason\":\"mapping not seen\"},"
	       "\"steps\":["
	       "{\"what\":\"flush-user\",\"page\":\"source\",\"colour\":2},"
	       "{\"what\":\"flush-all\",\"page\":null,\"colour\":null},"
	       "{\"what\":\"map\",\"page\":\"source\",\"colour\":1},"
	       "{\"what\":\"read\",\"page\":\"source\",\"colour\":3},"
	       "{\"what\":\"write\",\"page\":\"destination\",\"colour\":1},"
	       "{\"what\":\"flush\",\"page\":\"other\",\"colour\":0},"
	       "{\"what\":\"discard\",\"page\":\"unknown\",\"colour\":3}],"
	       "\"verdict\":\"unknown\"}\n", "a copy as a line");
}

static void one_clear(FILE *f, const struct report *r)
{
	struct event ev = { .type = EVENT_CLEAR, .cpu = 1, .comm = "x\n", .clear = {
		.ts = 5, .pid = 1, .tid = 2, .user = 0x77e01000,
		.destination = { 33, 0x80021000, MAPPING_LINEAR, EVIDENCE_OBSERVED } } };
	struct judgement v = { SIDE_MISMATCH, "not flushed", 1 };
	const struct geometry g = { .span = 4096, .page_size = 4096 };

	(void)r;
	report_json__clear(f, &g, &ev, &v);
}

static void test_clear_ndjson(void)
{
	written(one_clear);
	is_str(text, "{\"ts\":5,\"cpu\":1,\"pid\":1,\"tid\":2,\"comm\":\"x\\u000a\",\"user\":"
	       "\"0x77e01000\",\"destination\":{\"pfn\":33,\"va\":\"0x80021000\",\"kind\":"
	       "\"linear\",\"evidence\":\"observed\",\"verdict\":\"mismatch\",\"reason\":"
	       "\"not flushed\"},\"steps\":[],\"verdict\":\"at-risk\"}\n", "a clear as a line");
}

static void one_step(FILE *f, const struct report *r)
{
	struct event ev = { .type = EVENT_CLEAR, .comm = "x", .clear = { .steps = 1,
		.step = { STEP(STEP_WRITE, STEP_OF_DESTINATION, 3) } } };
	struct judgement v = { SIDE_CONGRUENT, "", 0 };
	const struct geometry g = { .span = 4096, .page_size = 4096 };

	(void)r;
	report_json__clear(f, &g, &ev, &v);
}

static void test_clear_step(void)
{
	written(one_step);
	has("\"steps\":[{\"what\":\"write\",\"page\":\"destination\",\"colour\":0}],");
}

/* ---- with clears, from here on ---- */

static void test_no_clear(void)
{
	env.plan_rows = 4;
	env.plan[3] = (struct plan_row){ ROLE_NAME_CLEAR, "clear_user_highpage", "kprobe",
					  "observed", "" };
	written(report_table__write);
	has("\nclears                                0\n\nplan ");
	written(report_csv__write);
	has("clears,\"\",,0,0,0,0,,,\r\n");
	has_not("clears-verdict");
	written(report_json__write);
	jq_says(".clears == {total: 0, congruent: 0, flushed: 0, excused: 0, mismatch: 0, "
		"unknown: 0, reasons: [], matrix: [[0,0],[0,0]], uncoloured: 0}",
		"JSON: watched, and there was none");
}

static void test_unseen(void)
{
	env.plan[3] = (struct plan_row){ ROLE_NAME_CLEAR, "-", "none", "unknown",
					 "clear_user_page is inlined \x1b[31m everywhere" };
	written(report_table__write);
	has("\nclears: not watched by this plan\n");
	has("  clear         -                    none        unknown\n"
	    "                not seen: clear_user_page is inlined ?[31m everywhere\n");
	written(report_csv__write);
	has_not("clears");
	written(report_json__write);
	jq_says(".clears.total == null and .plan[3].reason == "
		"\"clear_user_page is inlined \\u001b[31m everywhere\" and .plan[2].reason == \"\"",
		"JSON: not watched, and why");
	is_str(env__unseen(&env, ROLE_NAME_CLEAR), env.plan[3].reason, "why clears are not seen");
	is_str(env__unseen(&env, "copy"), "", "no reason for what is seen");
}

static void add_clears(void)
{
	static const struct judgement verdicts[] = {
		{ SIDE_CONGRUENT, "", 0 }, { SIDE_FLUSHED, "flushed afterwards", 0 },
		{ SIDE_FLUSHED, "flushed afterwards", 0 }, { SIDE_UNKNOWN, "no pfn", -1 },
		{ SIDE_MISMATCH, "not flushed", 0 },
	};
	int i;

	env.plan[3] = (struct plan_row){ ROLE_NAME_CLEAR, "clear_user_highpage", "kprobe",
					  "observed", "" };
	for (i = 0; i < 5; i++)
		stats__clears(&stats, &(struct clear){ .ts = 6000000000ULL, .user = i ? 4096 : 0 },
			     &verdicts[i], 1);
	stats__finish(&stats);
}

static void test_clears(void)
{
	add_clears();
	written(report_table__write);
	has("VERDICT: 1 of 5 copies at risk (20.00 %), 1 could not be judged; also 1 of 5 clears "
	    "(pages zeroed for a user) at risk.\nAt risk: after what");
	has("copies                                5\n");
	has("\nclears                                5   pages zeroed for a user address\n"
	    "  congruent                           1    20.00 %\n"
	    "  flushed                             2    40.00 %\n"
	    "    flushed afterwards                2\n"
	    "  excused                             0     0.00 %\n"
	    "  mismatch                            1    20.00 %\n"
	    "    not flushed                       1\n"
	    "  unknown                             1    20.00 %\n"
	    "    no pfn                            1\n"
	    "\nclears: user colour (rows) by mapping colour (columns)\n"
	    "          0    1\n     0    1    0\n     1    3    0\n"
	    "  mapping colour not known: 1\n\nplan ");
	written(report_csv__write);
	has("\r\nclears,\"\",,5,3,1,1,,,\r\n"
	    "clears-verdict,\"congruent\",,1,1,0,0,,,\r\n"
	    "clears-verdict,\"flushed\",,2,2,0,0,,,\r\n"
	    "clears-verdict,\"mismatch\",,1,0,1,0,,,\r\n"
	    "clears-verdict,\"unknown\",,1,0,0,1,,,\r\n");
	has("total,\"\",,5,3,1,1,0,0,yes\r\n");
	written(report_json__write);
	jq_says(".clears == {total: 5, congruent: 1, flushed: 2, excused: 0, mismatch: 1, unknown: 1, "
		"reasons: [{verdict: \"flushed\", reason: \"flushed afterwards\", clears: 2}, "
		"{verdict: \"unknown\", reason: \"no pfn\", clears: 1}, {verdict: \"mismatch\", "
		"reason: \"not flushed\", clears: 1}], matrix: [[1,0],[3,0]], uncoloured: 1} and "
		".totals.copies == 5 and .totals.at_risk == 1", "JSON: clears");
}

static void headline(__u64 copies, __u64 at_risk, __u64 unknown, const char *want)
{
	stats.total = (struct tally){ copies, at_risk, unknown };
	written(report_table__write);
	ok(strstr(text, want) != NULL, "%s", want);
}

static void test_headlines(void)
{
	headline(0, 0, 0, "VERDICT: no copy was recorded, so nothing can be said.\n");
	headline(1, 0, 0, "VERDICT: 0 of 1 copy at risk: it is safe.\n");
	headline(9, 0, 0, "VERDICT: 0 of 9 copies at risk: all are safe.\n");
	headline(9, 0, 2, "VERDICT: 0 of 9 copies at risk, but 2 could not be judged.\n");
	headline(9, 9, 0, "VERDICT: 9 of 9 copies at risk (100.00 %).\n");
	headline(1000000, 999999, 0, "at risk (>99.99 %).\n");
	headline(1000000, 1, 0, "at risk (<0.01 %).\n");
	headline(1000000, 1, 0, "  safe                           999999   >99.99 %\n");
	headline(1000000, 1, 0, "  at risk                             1    <0.01 %\n");
}

/* The headline does not mention clears unless one is a mismatch. */
static void test_clear_headlines(void)
{
	stats.clears = 900;
	headline(0, 0, 0, "VERDICT: no copy was recorded; but 1 of 900 clears (pages zeroed for a "
		 "user) at risk.\nAt risk: ");
	headline(9, 0, 0, "VERDICT: 0 of 9 copies at risk: all are safe; but 1 of 900 clears (pages "
		 "zeroed for a user) at risk.\nAt risk: ");
	headline(9, 0, 2, "2 could not be judged; but 1 of 900 clears (pages zeroed");
	stats.clears = 1;
	headline(9, 0, 0, "all are safe; but 1 of 1 clear (page zeroed for a user) at risk.\n");
	stats.cleared.verdict[SIDE_MISMATCH] = 0;
	headline(9, 0, 0, "VERDICT: 0 of 9 copies at risk: all are safe.\n\n");
	headline(0, 0, 0, "VERDICT: no copy was recorded, so nothing can be said.\n");
}

static void test_time(void)
{
	static const struct { __u64 seconds; const char *want; } cases[] = {
		{ 0, "1970-01-01T00:00:00Z" }, { 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" }, { 951868800, "2000-03-01T00:00:00Z" },
		{ 2147483648, "2038-01-19T03:14:08Z" }, { 4107542400, "2100-03-01T00:00:00Z" },
		{ 1735689599, "2024-12-31T23:59:59Z" },
	};
	char when[24];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		env.start_ns = cases[i].seconds * 1000000000ULL - 5;
		report__time(&env, 5, when);
		is_str(when, cases[i].want, cases[i].want);
	}
}

int main(void)
{
	make();
	test_table();
	test_bad_news();
	test_csv();
	test_json();
	test_ndjson();
	test_clear_ndjson();
	test_clear_step();
	test_no_clear();
	test_unseen();
	test_clears();
	test_clear_headlines();
	test_headlines();
	test_time();
	stats__free(&stats);
	free(text);
	return tap__done();
}
