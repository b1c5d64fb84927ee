// SPDX-License-Identifier: GPL-2.0-only
/* Joining two recordings row by row; compare_findings.c draws the conclusions. */
#include <string.h>
#include "recording/env.h"
#include "stats/binomial.h"
#include "stats/compare.h"

/* The name of each verdict, and the exit status that tells it to a script. */
static const struct {
	const char *name;
	int status;
} verdicts[COMPARE_VERDICTS] = {
	[COMPARE_FIXED] = { "fixed", 0 },
	[COMPARE_STILL_GOOD] = { "still good", 0 },
	[COMPARE_NOT_FIXED] = { "not fixed", 1 },
	[COMPARE_WORSE] = { "worse", 1 },
	[COMPARE_CANNOT_TELL] = { "cannot tell", 2 },
};

const char *compare__verdict_name(unsigned int verdict)
{
	return verdict < COMPARE_VERDICTS ? verdicts[verdict].name : "?";
}

int compare__exit(enum compare_verdict verdict)
{
	return verdicts[verdict].status;
}

const char *compare__code_name(unsigned int code)
{
	static const char *const names[FOUND_COUNT] = {
		[FOUND_MACHINE] = "different-machine",
		[FOUND_GEOMETRY] = "different-geometry",
		[FOUND_NO_ALIASES] = "no-aliases",
		[FOUND_NO_COPIES] = "no-copies",
		[FOUND_MISSING] = "records-missing",
		[FOUND_UNKNOWN] = "unknown",
		[FOUND_DERIVED] = "derived",
		[FOUND_TOO_FEW] = "too-few",
		[FOUND_NOT_EXERCISED] = "not-exercised",
		[FOUND_PLAN] = "plan",
		[FOUND_WORKLOAD] = "workload",
		[FOUND_SAME] = "same-recording",
		[FOUND_RATE] = "rate",
	};

	return code < FOUND_COUNT ? names[code] : "?";
}

const struct compare_row *compare__row(const struct comparison *c, enum compare_kind kind,
				       __u32 index)
{
	__u32 i;

	for (i = 0; i < c->row_count; i++)
		if (c->rows[i].kind == kind && c->rows[i].index == index)
			return &c->rows[i];
	return NULL;
}

/* ---- rows ---- */

/* missing: number of records that are missing and may have been such copies, at risk or not. */
static void set_limits(struct compare_counts *n, __u64 missing)
{
	n->lower = binomial__lower(n->at_risk, n->copies + missing, COMPARE_ALPHA);
	n->upper = binomial__upper(n->at_risk + n->unknown + missing, n->copies + missing,
				   COMPARE_ALPHA);
}

static struct compare_counts of_tally(const struct tally *t)
{
	struct compare_counts n = { .watched = true, .copies = t->copies, .at_risk = t->at_risk,
				    .unknown = t->unknown };

	set_limits(&n, 0);
	return n;
}

static struct compare_counts of_side(const struct side_stats *s, __u64 all)
{
	return of_tally(&(struct tally){ all, s->verdict[SIDE_MISMATCH],
					 s->verdict[SIDE_UNKNOWN] });
}

static struct compare_counts all_copies(const struct compare_input *in)
{
	struct compare_counts n = of_tally(&in->stats->total);

	set_limits(&n, in->totals->lost + in->totals->missed + in->totals->absent);
	return n;
}

static struct compare_counts all_clears(const struct compare_input *in)
{
	if (!env__watched(in->env, ROLE_NAME_CLEAR))
		return (struct compare_counts){ .upper = 1 };
	return of_side(&in->stats->cleared, in->stats->clears);
}

static struct compare_row *add_row(struct comparison *c, enum compare_kind kind, __u32 index,
				   struct compare_counts before, struct compare_counts after)
{
	struct compare_row *r = &c->rows[c->row_count++];

	*r = (struct compare_row){ kind, index, before, after, COMPARE_CANNOT_TELL };
	return r;
}

static void join_rows(struct comparison *c)
{
	const struct stats *before = c->before.stats, *after = c->after.stats;
	const __u32 colours = geometry__colours(&before->geometry);
	__u32 i;

	c->row_count = 0;
	add_row(c, ROW_COPIES, 0, all_copies(&c->before), all_copies(&c->after));
	for (i = 0; i < PATH_COUNT; i++)
		if (before->path[i].copies || after->path[i].copies)
			add_row(c, ROW_PATH, i, of_tally(&before->path[i]),
				of_tally(&after->path[i]));
	add_row(c, ROW_SIDE, 0, of_side(&before->source, before->total.copies),
		of_side(&after->source, after->total.copies));
	add_row(c, ROW_SIDE, 1, of_side(&before->destination, before->total.copies),
		of_side(&after->destination, after->total.copies));
	/* equal colour numbers mean the same only if there are equally many colours */
	if (colours == geometry__colours(&after->geometry))
		for (i = 0; i < colours; i++)
			if (before->colour[i].copies || after->colour[i].copies)
				add_row(c, ROW_COLOUR, i, of_tally(&before->colour[i]),
					of_tally(&after->colour[i]));
	add_row(c, ROW_CLEARS, 0, all_clears(&c->before), all_clears(&c->after));
}

/* ---- evidence ---- */

/*
 * How many copies, none at risk, show that the rate is at most this? --max-rate replaces the
 * rate, --min-copies the result; with both, the larger number is needed.
 */
static __u64 copies_needed(const struct comparison *c, double rate)
{
	const struct compare_demands *d = &c->demands;
	__u64 needed = binomial__enough(d->max_rate > 0 ? d->max_rate : rate, COMPARE_ALPHA);

	if (d->min_copies && (d->max_rate <= 0 || d->min_copies > needed))
		needed = d->min_copies;
	return needed;
}

/*
 * Enough evidence of "none at risk" shows a rate an order of magnitude below the lower limit of
 * the rate before or, where none was at risk before, below one in a hundred.
 */
static void set_demands(struct comparison *c)
{
	const struct compare_counts *before = &c->rows[0].before;

	c->needed_good = copies_needed(c, COMPARE_GOOD_RATE);
	c->needed = c->needed_good;
	if (before->at_risk)
		c->needed = copies_needed(c, before->lower / COMPARE_PART);
	c->allowed = binomial__upper(0, c->needed, COMPARE_ALPHA);
}

bool compare__good(const struct comparison *c, const struct compare_counts *n)
{
	return n->watched && n->copies && n->copies >= c->needed_good && !n->at_risk &&
	       !n->unknown;
}

/*
 * The verdict on a row with something at risk after. Worse means that the limits of the two
 * rates do not overlap, and that the rate is higher by more than a tenth.
 */
static enum compare_verdict at_risk(const struct compare_row *r)
{
	const struct compare_counts *b = &r->before, *a = &r->after;
	const double before = b->copies ? (double)b->at_risk / (double)b->copies : 0;
	const double after = (double)a->at_risk / (double)a->copies;

	if (a->lower > b->upper && after > before * (1 + 1.0 / COMPARE_PART))
		return COMPARE_WORSE;
	return COMPARE_NOT_FIXED;
}

static enum compare_verdict row_verdict(const struct comparison *c, const struct compare_row *r)
{
	const struct compare_counts *b = &r->before, *a = &r->after;

	if (a->at_risk)
		return at_risk(r);
	if (!a->copies || a->unknown)
		return COMPARE_CANNOT_TELL;
	if (b->at_risk)
		return a->upper < b->lower ? COMPARE_FIXED : COMPARE_CANNOT_TELL;
	return compare__good(c, b) && compare__good(c, a) ? COMPARE_STILL_GOOD :
							    COMPARE_CANNOT_TELL;
}

void compare__join(struct comparison *c)
{
	__u32 i;

	join_rows(c);
	set_demands(c);
	for (i = 0; i < c->row_count; i++)
		c->rows[i].verdict = row_verdict(c, &c->rows[i]);
}
