// SPDX-License-Identifier: GPL-2.0-only
/*
 * A report as OpenMetrics 1.0 text. A family whose number was not watched is left out. Processes
 * are left out as well: a label with a value for each process makes a series for each.
 */
#include "base/utf8.h"
#include "output/report.h"
#include "recording/env.h"

/* Control characters and bytes that are not UTF-8 become U+FFFD; a newline has an escape. */
static void escaped(FILE *f, const char *s)
{
	size_t length;

	for (; *s; s += length ? length : 1) {
		unsigned char c = (unsigned char)*s;

		length = utf8__length(s);
		if (c == '\n')
			fputs("\\n", f);
		else if (!length || c < 0x20 || c == 0x7f)
			fputs("\xef\xbf\xbd", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else
			fwrite(s, 1, length, f);
	}
}

/* Begins a family; help has no character that would need an escape. */
static void family(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# TYPE brindle_%s %s\n# HELP brindle_%s %s\n", name, type, name, help);
}

/* Labels of a sample: names and values in turn. */
#define LABELS(...)	(const char *const[]){ __VA_ARGS__, NULL }

/* One sample; labels is NULL when it has none. */
static void sample(FILE *f, const char *name, __u64 value, const char *const *labels)
{
	char before = '{';

	fprintf(f, "brindle_%s", name);
	for (; labels && *labels; labels += 2) {
		fprintf(f, "%c%s=\"", before, labels[0]);
		escaped(f, labels[1]);
		putc('"', f);
		before = ',';
	}
	fprintf(f, "%s %llu\n", before == ',' ? "}" : "", (unsigned long long)value);
}

static void machine(FILE *f, const struct report *r)
{
	const struct geometry *judged = &r->stats->geometry;
	char colours[16], span[24];

	family(f, "machine", "info", "The machine that recorded.");
	snprintf(colours, sizeof(colours), "%u", geometry__colours(&r->env->geometry));
	sample(f, "machine_info", 1,
	       LABELS("kernel", r->env->kernel, "arch", r->env->arch, "colours", colours));
	family(f, "geometry", "info", "What copies and clears were judged by; span in bytes.");
	snprintf(colours, sizeof(colours), "%u", geometry__colours(judged));
	snprintf(span, sizeof(span), "%llu", (unsigned long long)judged->span);
	sample(f, "geometry_info", 1,
	       LABELS("span", span, "colours", colours, "source", judged->source,
		      "what_if", r->what_if ? "true" : "false"));
}

static void plan(FILE *f, const struct recording_env *env)
{
	__u32 i;

	family(f, "plan", "info", "The probes, and what they could not see.");
	for (i = 0; i < env->plan_rows; i++)
		sample(f, "plan_info", 1,
		       LABELS("role", env->plan[i].role, "function", env->plan[i].function,
			      "mechanism", env->plan[i].mechanism,
			      "evidence", env->plan[i].evidence));
}

static void recording(FILE *f, const struct recording_totals *t)
{
	family(f, "recording_complete", "gauge",
	       "1 when nothing is missing, 0 when all counts are lower bounds.");
	sample(f, "recording_complete", !totals__incomplete(t), NULL);
	family(f, "lost", "counter", "Records that found no room in the buffer.");
	sample(f, "lost_total", t->lost, NULL);
	family(f, "missed", "counter", "Events that could not be put together.");
	sample(f, "missed_total", t->missed, NULL);
}

/* Copies of each path that has any, by verdict. */
static void copies(FILE *f, const struct stats *s)
{
	__u32 i;

	family(f, "copies", "counter", "Pages copied for a user address.");
	for (i = 0; i < PATH_COUNT; i++) {
		const struct tally *t = &s->path[i];
		const char *path = path__name(i);

		if (!t->copies)
			continue;
		sample(f, "copies_total", tally__safe(t),
		       LABELS("path", path, "verdict", copy_verdict__name(COPY_SAFE)));
		sample(f, "copies_total", t->at_risk,
		       LABELS("path", path, "verdict", copy_verdict__name(COPY_AT_RISK)));
		sample(f, "copies_total", t->unknown,
		       LABELS("path", path, "verdict", copy_verdict__name(COPY_UNKNOWN)));
	}
}

static void clears(FILE *f, const struct report *r)
{
	__u32 i;

	if (!env__watched(r->env, ROLE_NAME_CLEAR))
		return;
	family(f, "clears", "counter", "Pages zeroed for a user address.");
	for (i = 0; i < SIDE_COUNT; i++)
		sample(f, "clears_total", r->stats->cleared.verdict[i],
		       LABELS("verdict", side_verdict__name(i)));
}

static void forks(FILE *f, const struct report *r)
{
	if (!env__watched(r->env, ROLE_NAME_WINDOW_END))
		return;
	family(f, "fork_windows", "counter", "Fork windows: from cache flush to TLB flush.");
	sample(f, "fork_windows_total", r->stats->windows, NULL);
	if (!env__watched(r->env, ROLE_NAME_SWITCH))
		return;
	family(f, "fork_windows_exposed", "counter",
	       "Fork windows in which another thread of the process ran.");
	sample(f, "fork_windows_exposed_total", r->stats->exposed, NULL);
}

void report_openmetrics__write(FILE *f, const struct report *r)
{
	machine(f, r);
	plan(f, r->env);
	recording(f, r->totals);
	copies(f, r->stats);
	clears(f, r);
	forks(f, r);
	fputs("# EOF\n", f);
}
