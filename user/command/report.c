// SPDX-License-Identifier: GPL-2.0-only
/* brindle report: recording -> verdict -> statistics -> output. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include "base/err.h"
#include "base/options.h"
#include "command/progress.h"
#include "output/report.h"
#include "recording/env.h"
#include "stats/analysis.h"

struct report_options {
	const struct report_format *format;	/* NULL: the first of the table */
	bool copies, clears;	/* a line for each of these instead of a report */
	const char *span;
	__u32 top;
};

static int set_format(void *cfg, const char *value)
{
	((struct report_options *)cfg)->format = report__format(value);
	return ((struct report_options *)cfg)->format ? EXIT_OK : EXIT_USAGE;
}

static int set_copies(void *cfg, const char *value)
{
	(void)value;
	((struct report_options *)cfg)->copies = true;
	return EXIT_OK;
}

static int set_clears(void *cfg, const char *value)
{
	(void)value;
	((struct report_options *)cfg)->clears = true;
	return EXIT_OK;
}

static int set_span(void *cfg, const char *value)
{
	((struct report_options *)cfg)->span = value;
	return EXIT_OK;
}

static int set_top(void *cfg, const char *value)
{
	__u64 n = 0;
	int ret = options__u64("--top", value, 0, 1000000000, &n);

	((struct report_options *)cfg)->top = (__u32)n;
	return ret;
}

static const struct opt opts[] = {
	{ 0, "format", "FORMAT", NULL, set_format },
	{ 0, "copies", NULL, "one JSON object per copy and line, in time order", set_copies },
	{ 0, "clears", NULL, "the same for clears: pages the kernel zeroed for a user",
	  set_clears },
	{ 0, "span", "BYTES", "judge as if colours repeated over BYTES: 16384, 16K, 4M", set_span },
	{ 0, "top", "N", "show N processes (table: 10, 0 = all)", set_top },
	{ 0 }
};

/* ---- the work ---- */

/* After output: 0, or EXIT_FAIL having said why it failed. */
static int printed(void)
{
	return ferror(stdout) ? out__failed(errno) : EXIT_OK;
}

static int print_copy(struct analysis *a, const struct event *ev, const struct verdict *v)
{
	errno = 0;
	report_json__copy(stdout, &a->stats.geometry, ev, v);
	return printed();
}

static int print_clear(struct analysis *a, const struct event *ev, const struct judgement *v)
{
	errno = 0;
	report_json__clear(stdout, &a->stats.geometry, ev, v);
	return printed();
}

/* Prints a line for each copy or clear, or counts all events for a report. */
static int read_events(struct analysis *a, const struct report_options *cfg)
{
	static const struct analysis_calls copies = { .copy = print_copy };
	static const struct analysis_calls clears = { .clear = print_clear };

	if (cfg->copies)
		return analysis__read(a, &copies);
	return cfg->clears ? analysis__read(a, &clears) : analysis__count(a);
}

/* If --clears prints no line, there were no clears or they were not watched: say which. */
static void warn_unwatched(const char *dir, const struct recording_env *env)
{
	const char *why = env__unseen(env, ROLE_NAME_CLEAR);

	if (!env__watched(env, ROLE_NAME_CLEAR))
		warn("reading %s: clears were not watched%s%s", dir, *why ? ": " : "", why);
}

static int report(const char *dir, const struct report_options *cfg)
{
	const struct recording_totals *totals;
	struct analysis a;
	int ret;

	ret = analysis__open(&a, dir, cfg->span);
	if (!ret && a.env->totals_span && (cfg->copies || cfg->clears))
		ret = err(EXIT_FAIL, "report: --%s: %s was recorded with --totals, which keeps no "
			  "single %s", cfg->copies ? "copies" : "clears", dir,
			  cfg->copies ? "copy" : "clear");
	if (!ret)
		ret = read_events(&a, cfg);
	progress__end();
	if (ret)
		goto cleanup;
	totals = a.totals;
	if (cfg->clears)
		warn_unwatched(dir, a.env);
	errno = 0;
	if (!cfg->copies && !cfg->clears)
		(cfg->format ?: report_formats)->write(stdout, &(struct report){
			.dir = dir, .env = a.env, .totals = totals, .stats = &a.stats,
			.what_if = a.what_if, .top = cfg->top,
		});
	ret = out__finish();
	if (!ret && totals__incomplete(totals)) {
		ret = EXIT_LOST;
		if (totals->lost || totals->missed)
			warn("reading %s: %llu records were lost and %llu missed while recording",
			     dir, (unsigned long long)totals->lost,
			     (unsigned long long)totals->missed);
	}

cleanup:
	analysis__free(&a);
	return ret;
}

static int run(const struct command *cmd, int argc, char **argv)
{
	struct report_options cfg = { .top = TOP_DEFAULT };
	int rest, ret = options__parse(cmd, argc, argv, &cfg, &rest);
	const char *dir = "brindle.rec";

	if (ret)
		return ret < 0 ? EXIT_OK : ret;
	if (rest + 1 < argc && argv[rest + 1][0] == '-')
		return err(EXIT_USAGE, "report: give '%s' before the recording '%s'",
			   argv[rest + 1], argv[rest]);
	if (rest + 1 < argc)
		return err(EXIT_USAGE, "report: one recording at a time, but '%s' follows '%s'",
			   argv[rest + 1], argv[rest]);
	if (rest < argc)
		dir = argv[rest];
	if (cfg.copies && cfg.clears)
		return err(EXIT_USAGE, "report: --copies or --clears, one at a time");
	if ((cfg.copies || cfg.clears) && cfg.format)
		return err(EXIT_USAGE, "report: --%s has its own format: leave --format out",
			   cfg.copies ? "copies" : "clears");
	/* a write to a closed pipe must fail with EPIPE, not kill us */
	signal(SIGPIPE, SIG_IGN);
	progress__begin();
	return report(dir, &cfg);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "[--copies | --clears] [--span BYTES]\n"
		    "       [--top N] [DIR]",
	.summary = "totals, paths, processes, colours of a recording",
	.help = "Reads the recording in DIR (default: brindle.rec), judges every copy and clear\n"
		"(a page zeroed for a user) and prints how many were safe, at risk or could not\n"
		"be judged, and why. Needs no privilege and reads recordings of any machine.\n"
		"\n"
		"Exit status: 0 ok, 1 unreadable or damaged recording, 2 usage, 3 recorded by a\n"
		"newer brindle or on an unknown architecture, 5 records were lost (the report is\n"
		"printed).\n",
	.opts = opts,
	.formats = report_formats,
	.format_size = sizeof(report_formats[0]),
	.run = run,
};
