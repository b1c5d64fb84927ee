// SPDX-License-Identifier: GPL-2.0-only
/* A comparison as text for people. */
#include "base/text.h"
#include "output/compare.h"
#include "output/report.h"
#include "recording/env.h"

#define COLOURS_SHOWN	16	/* as in the report's matrices */
#define NAME		15	/* columns of a row's name */

#define ull(n) ((unsigned long long)(n))

/* ---- the head ---- */

static void windows(FILE *f, const struct compare_input *in)
{
	if (!env__watched(in->env, ROLE_NAME_WINDOW_END))
		return;
	fprintf(f, "  windows   %llu", ull(in->stats->windows));
	if (env__watched(in->env, ROLE_NAME_SWITCH))
		fprintf(f, ", %llu of them exposed", ull(in->stats->exposed));
	putc('\n', f);
}

static void recording(FILE *f, const char *name, const struct compare_input *in)
{
	const struct recording_env *env = in->env;
	const struct geometry *g = &in->stats->geometry;

	fprintf(f, "%-12s", name);
	text__put(f, in->dir);
	fputs("\n  kernel    ", f);
	text__put(f, env->kernel);
	fputs("\n  machine   ", f);
	text__put(f, env->arch);
	fprintf(f, ", %u-bit, %u CPU%s, pages of ", env->word_bits, env->cpus,
		env->cpus == 1 ? "" : "s");
	text__bytes(f, env->geometry.page_size);
	fprintf(f, "\n  colours   %u, span ", geometry__colours(g));
	text__bytes(f, g->span);
	if (g->span != env->geometry.span)
		fputs(": WHAT IF, by --span", f);
	putc('\n', f);
	if (env->command[0]) {
		fputs("  command   ", f);
		text__put(f, env->command);
		putc('\n', f);
	}
	windows(f, in);
}

/* ---- the verdict ---- */

/* "3 of 10 copies (30.00 %)" */
static void part(FILE *f, const struct compare_counts *n, const char *what)
{
	fprintf(f, "%llu of %llu%s", ull(n->at_risk), ull(n->copies), what);
	if (!n->at_risk)
		return;
	fputs(" (", f);
	text__percent(f, n->at_risk, n->copies, 0);
	putc(')', f);
}

static void numbers(FILE *f, const struct compare_row *r, const char *what)
{
	part(f, &r->after, what);
	fputs(" at risk after, ", f);
	part(f, &r->before, "");
	fputs(" before", f);
}

static const char *basis_name(const struct basis *b)
{
	static const char *const congruent[MAPPING_COUNT] = {
		[MAPPING_UNKNOWN] = "congruent",
		[MAPPING_LINEAR] = "linear of the user's colour",
		[MAPPING_KMAP] = "kmap of the user's colour",
		[MAPPING_COHERENT] = "coherent",
		[MAPPING_WINDOW] = "window of the user's colour",
	};

	if (b->verdict == SIDE_CONGRUENT)
		return congruent[b->kind < MAPPING_COUNT ? b->kind : MAPPING_UNKNOWN];
	return b->reason;
}

/* "12034 sources coherent, 3112 flushed before, 40 kernel-dirty" */
static void bases(FILE *f, const char *before, const struct side_stats *s, const char *what)
{
	__u32 i;

	for (i = 0; i < s->basis_rows; i++) {
		const struct basis *b = &s->bases[i];

		fprintf(f, "%s%llu ", i ? ", " : before, ull(b->count));
		if (!i)
			fprintf(f, "%s%s ", what, b->count == 1 ? "" : "s");
		fputs(basis_name(b), f);
	}
}

/* What the safety of all copies and clears after rests on. */
static void rests_on(FILE *f, const struct stats *s)
{
	bases(f, "it rests on ", &s->source, "source");
	bases(f, "; ", &s->destination, "destination");
	bases(f, "; ", &s->cleared, "clear");
	fputs(".\n", f);
}

static void verdict(FILE *f, const struct comparison *c)
{
	const struct compare_row *all = &c->rows[0], *clears = compare__row(c, ROW_CLEARS, 0);
	bool first = true;
	__u32 i;

	fprintf(f, "\nVERDICT: %s: ", compare__verdict_name(c->verdict));
	if (c->verdict != COMPARE_CANNOT_TELL) {
		numbers(f, all, " copies");
		if (clears->before.at_risk || clears->after.at_risk) {
			fputs("; ", f);
			numbers(f, clears, " clears");
		}
		fputs(".\n", f);
	}
	if (c->verdict == COMPARE_FIXED || c->verdict == COMPARE_STILL_GOOD)
		rests_on(f, c->after.stats);
	for (i = 0; i < c->finding_count; i++) {
		if (!c->findings[i].decides)
			continue;
		fputs(first ? "" : "also: ", f);
		text__put(f, c->findings[i].text);
		fputs(".\n", f);
		first = false;
	}
	for (i = 0; i < c->finding_count; i++) {
		if (c->findings[i].decides)
			continue;
		fputs("note: ", f);
		text__put(f, c->findings[i].text);
		fputs(".\n", f);
	}
}

/* ---- tables ---- */

/* Prints the name of a row; returns its width in columns. */
static int row_name(FILE *f, const struct compare_row *r)
{
	switch (r->kind) {
	case ROW_PATH:
		return fprintf(f, "  %s", path__name(r->index));
	case ROW_SIDE:
		return fprintf(f, "  %s", r->index ? "destination" : "source");
	case ROW_COLOUR:
		return fprintf(f, "  colour %u", r->index);
	default:
		return fprintf(f, "%s", r->kind == ROW_COPIES ? "copies" : "clears");
	}
}

static bool is_shown(const struct comparison *c, const struct compare_row *r)
{
	if (r->kind == ROW_COLOUR)
		return geometry__colours(&c->before.stats->geometry) <= COLOURS_SHOWN;
	return r->before.copies || r->after.copies;
}

static void counts(FILE *f, const struct compare_counts *n)
{
	if (!n->copies) {
		fprintf(f, " %10s %9s %8s %9s", n->watched ? "-" : "unwatched", "-", "-", "-");
		return;
	}
	fprintf(f, " %10llu %9llu %8llu ", ull(n->copies), ull(n->at_risk), ull(n->unknown));
	text__percent(f, n->at_risk, n->copies, 7);
}

static void counts_table(FILE *f, const struct comparison *c)
{
	__u32 i;

	fprintf(f, "\n%*s %39s%40s\n", NAME, "", "before", "after");
	fprintf(f, "%*s %10s %9s %8s %9s %10s %9s %8s %9s\n", NAME, "", "copies", "at risk",
		"unknown", "rate", "copies", "at risk", "unknown", "rate");
	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->rows[i];

		if (!is_shown(c, r))
			continue;
		fprintf(f, "%*s", NAME - row_name(f, r), "");
		counts(f, &r->before);
		counts(f, &r->after);
		putc('\n', f);
	}
}

static void evidence_table(FILE *f, const struct comparison *c)
{
	__u32 i;

	fprintf(f, "\n%-*s %17s %17s   %s\n", NAME, "rate at risk", "at least, before",
		"at most, after", "by itself");
	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->rows[i];

		if (!is_shown(c, r))
			continue;
		fprintf(f, "%*s ", NAME - row_name(f, r), "");
		text__rate(f, r->before.lower, 15);
		putc(' ', f);
		text__rate(f, r->after.upper, 15);
		fprintf(f, "   %s\n", compare__verdict_name(r->verdict));
	}
	fputs("  each with 95 % confidence; ", f);
	if (c->needed == ~0ULL) {
		fputs("no number of copies is enough evidence\n", f);
		return;
	}
	fprintf(f, "%llu %s after, none at risk, are enough: at most ", ull(c->needed),
		c->needed == 1 ? "copy" : "copies");
	text__rate(f, c->allowed, 0);
	putc('\n', f);
}

void compare_table__write(FILE *f, const struct comparison *c)
{
	recording(f, "before", &c->before);
	recording(f, "after", &c->after);
	verdict(f, c);
	counts_table(f, c);
	evidence_table(f, c);
	if (geometry__colours(&c->before.stats->geometry) > COLOURS_SHOWN)
		fputs("\nThe user's colours are in --format=json.\n", f);
}
