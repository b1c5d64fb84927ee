// SPDX-License-Identifier: GPL-2.0-only
/* A report as text for people. */
#include <string.h>
#include "base/text.h"
#include "output/report.h"
#include "recording/env.h"

#define TOP_TABLE	10	/* processes shown unless --top says otherwise */
#define MATRIX_MAX	16	/* colours that fit into a line */
#define LABEL		12	/* columns of the labels at the top */

#define ull(n) ((unsigned long long)(n))

static void label(FILE *f, const char *name)
{
	fprintf(f, "%-*s", LABEL, name);
}

/* ---- the head ---- */

static void machine(FILE *f, const struct report *r)
{
	label(f, "machine");
	text__put(f, r->env->arch);
	fprintf(f, ", %u-bit, %u CPU%s, pages of ", r->env->word_bits, r->env->cpus,
		r->env->cpus == 1 ? "" : "s");
	text__bytes(f, r->env->geometry.page_size);
	putc('\n', f);
	label(f, "kernel");
	text__put(f, r->env->kernel);
	putc('\n', f);
}

static void geometry(FILE *f, const struct report *r)
{
	const struct geometry *g = &r->stats->geometry;
	const __u32 colours = geometry__colours(g);

	label(f, "colours");
	fprintf(f, "%u, span ", colours);
	text__bytes(f, g->span);
	if (r->what_if) {
		fprintf(f, ": WHAT IF, by --span; the machine itself has %u, span ",
			geometry__colours(&r->env->geometry));
		text__bytes(f, r->env->geometry.span);
		putc('\n', f);
		return;
	}
	fprintf(f, "%s (known by ", colours == 1 ? ": the data cache has no aliases" : "");
	text__put(f, g->source);
	fputs(")\n", f);
}

static void recorded(FILE *f, const struct report *r)
{
	const struct stats *s = r->stats;
	char start[24];

	if (stats__any(s)) {
		__u64 ms = (s->last_ts - s->first_ts + 500000) / 1000000;

		report__time(r->env, s->first_ts, start);
		start[10] = ' ';
		start[19] = '\0';
		label(f, "recorded");
		if (r->env->totals_span)
			fprintf(f, "%s UTC, totals only (--totals)\n", start);
		else
			fprintf(f, "%s UTC, %llu.%03llu s from first to last event\n", start,
				ull(ms / 1000), ull(ms % 1000));
	}
	if (r->env->command[0]) {
		label(f, "command");
		text__put(f, r->env->command);
		putc('\n', f);
	}
	if (r->env->filter[0]) {
		label(f, "filter");
		text__put(f, r->env->filter);
		putc('\n', f);
	}
}

/* ---- the verdict ---- */

/* The part of the headline about copies, without a full stop. */
static void copies_verdict(FILE *f, const struct tally *t)
{
	fprintf(f, "%llu of %llu %s at risk", ull(t->at_risk), ull(t->copies),
		t->copies == 1 ? "copy" : "copies");
	if (t->at_risk) {
		fputs(" (", f);
		text__percent(f, t->at_risk, t->copies, 0);
		putc(')', f);
	}
	if (t->unknown)
		fprintf(f, "%s %llu could not be judged", t->at_risk ? "," : ", but",
			ull(t->unknown));
	else if (!t->at_risk)
		fputs(t->copies == 1 ? ": it is safe" : ": all are safe", f);
}

/* Clears are in the headline only if some are at risk. */
static void verdict(FILE *f, const struct report *r)
{
	const struct stats *s = r->stats;
	const __u64 bad_clears = s->cleared.verdict[SIDE_MISMATCH];

	fputs("VERDICT: ", f);
	if (s->total.copies)
		copies_verdict(f, &s->total);
	else
		fputs(bad_clears ? "no copy was recorded" :
		      "no copy was recorded, so nothing can be said", f);
	if (bad_clears)
		fprintf(f, "; %s %llu of %llu %s at risk", s->total.at_risk ? "also" : "but",
			ull(bad_clears), ull(s->clears), s->clears == 1 ?
			"clear (page zeroed for a user)" : "clears (pages zeroed for a user)");
	fputs(".\n", f);
	if (s->total.at_risk || bad_clears)
		fputs("At risk: after what the kernel did, somebody can still read old bytes.\n",
		      f);
}

static void losses(FILE *f, const struct report *r)
{
	const struct recording_totals *t = r->totals;

	if (t->lost)
		fprintf(f, "LOST: %llu record%s found no room in the buffer: the true numbers are "
			"higher.\n", ull(t->lost), t->lost == 1 ? "" : "s");
	if (t->missed)
		fprintf(f, "MISSED: %llu event%s could not be put together: what was not seen is "
			"unknown.\n", ull(t->missed), t->missed == 1 ? "" : "s");
	if (t->absent)
		fprintf(f, "INCOMPLETE: %llu event%s the recorder wrote %s not in the files any "
			"more.\n", ull(t->absent), t->absent == 1 ? "" : "s",
			t->absent == 1 ? "is" : "are");
	if (t->cut_bytes)
		fprintf(f, "INCOMPLETE: the files are cut off; the last %llu bytes, no whole "
			"packet, are left out.\n", ull(t->cut_bytes));
	if (!t->complete)
		fputs("INCOMPLETE: the recorder did not finish in order; its last events may be "
		      "missing.\n", f);
}

/* ---- tables ---- */

static void total_row(FILE *f, const char *name, __u64 n, __u64 all)
{
	fprintf(f, "  %-24s %12llu   ", name, ull(n));
	text__percent(f, n, all, 6);
	putc('\n', f);
}

static void totals(FILE *f, const struct report *r)
{
	const struct tally *t = &r->stats->total;

	fprintf(f, "%-26s %12llu\n", "copies", ull(t->copies));
	total_row(f, "safe", tally__safe(t), t->copies);
	total_row(f, "at risk", t->at_risk, t->copies);
	total_row(f, "unknown", t->unknown, t->copies);
	fprintf(f, "  %-24s %12llu\n", "lost", ull(r->totals->lost));
	fprintf(f, "  %-24s %12llu\n", "missed", ull(r->totals->missed));
}

static void side_row(FILE *f, const char *indent, const char *name, __u64 source,
		     __u64 destination)
{
	fprintf(f, "  %s%-*s %12llu  %12llu\n", indent, 38 - (int)strlen(indent), name,
		ull(source), ull(destination));
}

/* The reasons for one verdict: first those of the source, then those of the destination alone. */
static void reasons(FILE *f, const struct stats *s, enum side_verdict verdict)
{
	const struct side_stats *src = &s->source, *dst = &s->destination;
	__u32 i;

	for (i = 0; i < src->reason_rows; i++)
		if (src->reasons[i].verdict == verdict)
			side_row(f, "  ", src->reasons[i].reason, src->reasons[i].count,
				 stats__reason(dst, verdict, src->reasons[i].reason));
	for (i = 0; i < dst->reason_rows; i++)
		if (dst->reasons[i].verdict == verdict &&
		    !stats__reason(src, verdict, dst->reasons[i].reason))
			side_row(f, "  ", dst->reasons[i].reason, 0, dst->reasons[i].count);
}

static void sides(FILE *f, const struct stats *s)
{
	__u32 i;

	fprintf(f, "\n%-40s %12s  %12s\n", "copies by verdict on each side", "source",
		"destination");
	for (i = 0; i < SIDE_COUNT; i++) {
		side_row(f, "", side_verdict__name(i), s->source.verdict[i],
			 s->destination.verdict[i]);
		reasons(f, s, i);
	}
}

static void tally_columns(FILE *f, const struct tally *t)
{
	fprintf(f, " %12llu %12llu %12llu %12llu\n", ull(t->copies), ull(tally__safe(t)),
		ull(t->at_risk), ull(t->unknown));
}

static void tally_head(FILE *f, const char *what)
{
	fprintf(f, "\n%-26s %12s %12s %12s %12s\n", what, "copies", "safe", "at risk", "unknown");
}

static void paths(FILE *f, const struct stats *s)
{
	__u32 i;

	tally_head(f, "path");
	for (i = 0; i < PATH_COUNT; i++) {
		if (!s->path[i].copies)
			continue;
		fprintf(f, "  %-24s", path__name(i));
		tally_columns(f, &s->path[i]);
	}
}

static void processes(FILE *f, const struct report *r)
{
	const __u32 shown = report__processes(r, TOP_TABLE);
	char head[40];
	__u32 i;

	if (r->env->totals_span) {
		fputs("\nprocesses: not kept, since recorded with --totals\n", f);
		return;
	}
	if (shown < r->stats->process_rows)
		snprintf(head, sizeof(head), "process (%u of %u)", shown, r->stats->process_rows);
	else
		snprintf(head, sizeof(head), "process");
	tally_head(f, head);
	for (i = 0; i < shown; i++) {
		const struct process_stats *p = &r->stats->processes[i];

		fprintf(f, "  %7u ", p->pid);
		fprintf(f, "%*s", 16 - text__put(f, p->comm), "");
		tally_columns(f, &p->tally);
	}
	if (shown < r->stats->process_rows)
		fputs("  more with --top N (0 = all)\n", f);
}

static void matrix(FILE *f, const char *name, const struct side_stats *s, __u32 colours)
{
	__u64 largest = 0;
	__u32 i, k;
	int width;

	for (i = 0; i < colours * colours; i++)
		largest = s->matrix[i] > largest ? s->matrix[i] : largest;
	width = snprintf(NULL, 0, "%llu", ull(largest));
	width = width < 4 ? 4 : width;
	fprintf(f, "\n%s: user colour (rows) by mapping colour (columns)\n  %4s", name, "");
	for (k = 0; k < colours; k++)
		fprintf(f, " %*u", width, k);
	putc('\n', f);
	for (i = 0; i < colours; i++) {
		fprintf(f, "  %4u", i);
		for (k = 0; k < colours; k++)
			fprintf(f, " %*llu", width, ull(s->matrix[i * colours + k]));
		putc('\n', f);
	}
	if (s->uncoloured)
		fprintf(f, "  mapping colour not known: %llu\n", ull(s->uncoloured));
}

static void matrices(FILE *f, const struct stats *s)
{
	const __u32 colours = geometry__colours(&s->geometry);

	if (colours == 1)
		return;
	if (colours > MATRIX_MAX) {
		fprintf(f, "\nThe colour matrices, %u x %u, are in --format=json.\n", colours,
			colours);
		return;
	}
	matrix(f, "source", &s->source, colours);
	matrix(f, "destination", &s->destination, colours);
}

static void forks(FILE *f, const struct report *r)
{
	if (!env__watched(r->env, ROLE_NAME_WINDOW_END)) {
		fputs("\nfork windows: not watched by this plan\n", f);
		return;
	}
	fprintf(f, "\n%-26s %12llu\n", "fork windows", ull(r->stats->windows));
	if (env__watched(r->env, ROLE_NAME_SWITCH))
		fprintf(f, "  %-24s %12llu   another thread of the process ran inside\n",
			"exposed", ull(r->stats->exposed));
	else
		fprintf(f, "  %-24s %12s\n", "exposed", "not watched");
}

static void clears(FILE *f, const struct report *r)
{
	const struct side_stats *c = &r->stats->cleared;
	const __u32 colours = geometry__colours(&r->stats->geometry);
	__u32 i, k;

	if (!env__watched(r->env, ROLE_NAME_CLEAR)) {
		fputs("\nclears: not watched by this plan\n", f);
		return;
	}
	fprintf(f, "\n%-26s %12llu", "clears", ull(r->stats->clears));
	if (!r->stats->clears) {
		putc('\n', f);
		return;
	}
	fputs("   pages zeroed for a user address\n", f);
	for (i = 0; i < SIDE_COUNT; i++) {
		total_row(f, side_verdict__name(i), c->verdict[i], r->stats->clears);
		for (k = 0; k < c->reason_rows; k++)
			if (c->reasons[k].verdict == i)
				fprintf(f, "    %-22s %12llu\n", c->reasons[k].reason,
					ull(c->reasons[k].count));
	}
	if (colours > 1 && colours <= MATRIX_MAX)
		matrix(f, "clears", c, colours);
}

static void plan(FILE *f, const struct recording_env *env)
{
	int width = 8;
	__u32 i;

	if (!env->plan_rows)
		return;
	for (i = 0; i < env->plan_rows; i++)
		if ((int)strlen(env->plan[i].function) > width)
			width = (int)strlen(env->plan[i].function);
	fprintf(f, "\n%-14s  %-*s  %-10s  %s\n", "plan", width, "function", "mechanism",
		"evidence");
	for (i = 0; i < env->plan_rows; i++) {
		const struct plan_row *p = &env->plan[i];

		fputs("  ", f);
		fprintf(f, "%*s  ", 12 - text__put(f, p->role), "");
		fprintf(f, "%*s  ", width - text__put(f, p->function), "");
		fprintf(f, "%*s  ", 10 - text__put(f, p->mechanism), "");
		text__put(f, p->evidence);
		putc('\n', f);
		if (p->reason[0]) {
			fprintf(f, "%16snot seen: ", "");
			text__put(f, p->reason);
			putc('\n', f);
		}
	}
}

void report_table__write(FILE *f, const struct report *r)
{
	machine(f, r);
	geometry(f, r);
	recorded(f, r);
	putc('\n', f);
	verdict(f, r);
	losses(f, r);
	putc('\n', f);
	totals(f, r);
	if (r->stats->total.copies) {
		sides(f, r->stats);
		paths(f, r->stats);
		processes(f, r);
		matrices(f, r->stats);
	}
	forks(f, r);
	clears(f, r);
	plan(f, r->env);
}
