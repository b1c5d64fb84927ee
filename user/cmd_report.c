// SPDX-License-Identifier: GPL-2.0-only
/* brindle report: recording -> verdict -> statistics -> output. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "err.h"
#include "options.h"
#include "out.h"

enum format { FORMAT_NONE, FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

struct report_options {
	enum format format;
	bool copies, clears;	/* these instead of a report */
	const char *span;
	__u32 top;
};

static int set_format(void *cfg, const char *value)
{
	static const char *const names[] = { "table", "json", "csv" };
	struct report_options *c = cfg;
	const char *near;
	int i;

	for (i = 0; i < 3; i++) {
		if (!strcmp(value, names[i])) {
			c->format = FORMAT_TABLE + i;
			return EXIT_OK;
		}
	}
	near = options__nearest(value, names, 3);
	if (near)
		return err(EXIT_USAGE, "--format=%s: no such format; did you mean '%s'?", value,
			   near);
	return err(EXIT_USAGE, "--format=%s: no such format: give table, json or csv", value);
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
	{ 0, "format", "FORMAT", "table (default), json or csv", set_format },
	{ 0, "copies", NULL, "one JSON object per copy and line, in time order", set_copies },
	{ 0, "clears", NULL, "the same for clears: pages the kernel zeroed for a user",
	  set_clears },
	{ 0, "span", "BYTES", "judge as if colours repeated over BYTES: 16384, 16K, 4M", set_span },
	{ 0, "top", "N", "show N processes (table: 10, 0 = all)", set_top },
	{ 0 }
};

/* ---- progress ---- */

static __u64 now_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000 + (__u64)t.tv_nsec / 1000000;
}

static __u64 progress_from, progress_shown;

/* For work of more than a second, on a terminal, five times a second. */
static void show_progress(const char *what, __u64 done, __u64 all)
{
	__u64 now = now_ms();

	if (now < progress_from + 1000 || now < progress_shown + 200 || !all)
		return;
	progress_shown = now;
	fprintf(stderr, "\rbrindle: %s: %llu %% of %llu MB ", what,
		(unsigned long long)(done * 100 / all), (unsigned long long)(all / 1000000));
}

static void start_progress(void)
{
	progress_from = now_ms();
	progress_shown = 0;
	if (isatty(STDERR_FILENO))
		recording__on_progress(show_progress);
}

static void end_progress(void)
{
	recording__on_progress(NULL);
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = 0;
}

/* ---- the work ---- */

static int printed(void)
{
	return ferror(stdout) ? out__failed(errno) : EXIT_OK;
}

static int on_copy(const struct event *ev, const struct arch *arch, bool missed,
		   const struct report_options *cfg, struct stats *s)
{
	struct verdict v;

	if (cfg->clears)
		return EXIT_OK;
	verdict__judge(arch, &s->geometry, &ev->copy, missed, &v);
	if (!cfg->copies)
		return stats__copy(s, &ev->copy, &v, ev->comm);
	errno = 0;
	out_json__copy(stdout, ev, &v);
	return printed();
}

static int on_clear(const struct event *ev, const struct arch *arch, bool missed,
		    const struct report_options *cfg, struct stats *s)
{
	struct judgement j;

	if (cfg->copies)
		return EXIT_OK;
	verdict__judge_clear(arch, &s->geometry, &ev->clear, missed, &j);
	if (!cfg->clears)
		return stats__clear(s, &ev->clear, &j);
	errno = 0;
	out_json__clear(stdout, ev, &j);
	return printed();
}

static int each_event(struct recording *rec, const struct arch *arch,
		      const struct report_options *cfg, struct stats *s)
{
	const bool missed = recording__totals(rec)->missed > 0;
	int ret, bad = EXIT_OK;
	struct event ev;

	while (!bad && (ret = recording__next(rec, &ev)) > 0) {
		if (ev.type == EVENT_COPY)
			bad = on_copy(&ev, arch, missed, cfg, s);
		else if (ev.type == EVENT_CLEAR)
			bad = on_clear(&ev, arch, missed, cfg, s);
		else if (!cfg->copies && !cfg->clears)
			bad = stats__window(s, &ev.window);
	}
	return bad ? bad : -ret;
}

static void write_report(const struct report_options *cfg, const struct report *r)
{
	if (cfg->format == FORMAT_JSON)
		out_json__write(stdout, r);
	else if (cfg->format == FORMAT_CSV)
		out_csv__write(stdout, r);
	else
		out_table__write(stdout, r);
}

/* The geometry to judge by: what --span asks for here, or did at record time, or the machine's. */
static int choose_geometry(const struct report_options *cfg, const struct recording_env *env,
			   struct geometry *g)
{
	char span[24];

	*g = env->geometry;
	if (cfg->span)
		return geometry__set_span(g, cfg->span);
	if (!env->what_if_span)
		return EXIT_OK;
	snprintf(span, sizeof(span), "%llu", (unsigned long long)env->what_if_span);
	return geometry__set_span(g, span) ? EXIT_FAIL : EXIT_OK;
}

/* No line of --clears may mean that there was none, or that nobody looked. */
static void warn_unwatched(const char *dir, const struct recording_env *env)
{
	const char *why = report__unseen(env, CLEAR_ROLE);

	if (!report__watched(env, CLEAR_ROLE))
		warn("reading %s: clears were not watched%s%s", dir, *why ? ": " : "", why);
}

static int report(const char *dir, const struct report_options *cfg)
{
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct arch *arch;
	struct stats s = { 0 };
	struct recording *rec;
	struct geometry g;
	int ret;

	rec = recording__open(dir, &ret);
	if (!rec)
		goto cleanup;
	env = recording__env(rec);
	totals = recording__totals(rec);
	arch = arch__by_name(env->arch);
	if (!arch) {
		ret = err(EXIT_UNSUPPORTED, "judging %s: recorded on an architecture this brindle "
			  "does not know: update brindle", dir);
		goto cleanup;
	}
	ret = choose_geometry(cfg, env, &g);
	if (!ret)
		ret = stats__init(&s, &g);
	if (!ret)
		ret = each_event(rec, arch, cfg, &s);
	end_progress();
	if (ret)
		goto cleanup;
	stats__finish(&s);
	if (cfg->clears)
		warn_unwatched(dir, env);
	errno = 0;
	if (!cfg->copies && !cfg->clears)
		write_report(cfg, &(struct report){
			.dir = dir, .env = env, .totals = totals, .stats = &s,
			.what_if = g.span != env->geometry.span, .top = cfg->top,
		});
	ret = out__finish();
	if (!ret && report__lost(totals)) {
		ret = EXIT_LOST;
		if (totals->lost || totals->missed)
			warn("reading %s: %llu records were lost and %llu missed while recording",
			     dir, (unsigned long long)totals->lost,
			     (unsigned long long)totals->missed);
	}

cleanup:
	end_progress();
	stats__free(&s);
	recording__free(rec);
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
	if ((cfg.copies || cfg.clears) && cfg.format != FORMAT_NONE)
		return err(EXIT_USAGE, "report: --%s has its own format: leave --format out",
			   cfg.copies ? "copies" : "clears");
	/* A write to a closed pipe shall return EPIPE and not kill us half way. */
	signal(SIGPIPE, SIG_IGN);
	start_progress();
	return report(dir, &cfg);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "[--format=table|json|csv] [--copies | --clears] [--span BYTES] [--top N]\n"
		    "       [DIR]",
	.summary = "totals, paths, processes, colours of a recording",
	.help = "Reads the recording in DIR (default: brindle.rec), judges every copy and clear\n"
		"(a page zeroed for a user) and prints how many were safe, at risk or could not\n"
		"be judged, and why. Needs no privilege and reads recordings of any machine.\n"
		"\n"
		"Exit status: 0 ok, 1 unreadable or damaged recording, 2 usage, 3 recorded by a\n"
		"newer brindle or on an unknown architecture, 5 records were lost (the report is\n"
		"printed).\n",
	.opts = opts,
	.run = run,
};
