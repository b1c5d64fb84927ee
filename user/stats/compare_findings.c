// SPDX-License-Identifier: GPL-2.0-only
/* Conclusions from two joined recordings: the findings and the verdict. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "recording/env.h"
#include "stats/binomial.h"
#include "stats/compare.h"

#define ull(n) ((unsigned long long)(n))

/* Adds a finding: a reason for "cannot tell" if it decides, else a note. */
static void __attribute__((format(printf, 4, 5)))
find(struct comparison *c, enum compare_code code, bool decides, const char *fmt, ...)
{
	struct compare_finding *f;
	va_list ap;

	/* never reached; but if it were, the last one would have to keep its "decides" */
	if (c->finding_count == COMPARE_FINDINGS_MAX)
		f = &c->findings[COMPARE_FINDINGS_MAX - 1];
	else
		f = &c->findings[c->finding_count++];
	f->code = code;
	f->decides |= decides;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static bool undecided(const struct comparison *c)
{
	__u32 i;

	for (i = 0; i < c->finding_count; i++)
		if (c->findings[i].decides)
			return true;
	return false;
}

/* ---- may they be compared? ---- */

static void find_number(struct comparison *c, enum compare_code code, const char *what,
			__u64 before, __u64 after)
{
	if (before != after)
		find(c, code, !c->demands.accept_differences, "%s: %llu before, %llu after",
		     what, ull(before), ull(after));
}

/* Differences in what, besides the kernel, the verdict on a copy depends on. */
static void find_differences(struct comparison *c)
{
	const struct recording_env *b = c->before.env, *a = c->after.env;
	const struct geometry *bg = &c->before.stats->geometry, *ag = &c->after.stats->geometry;

	if (strcmp(b->arch, a->arch))
		find(c, FOUND_MACHINE, !c->demands.accept_differences,
		     "different architectures: %s before, %s after", b->arch, a->arch);
	find_number(c, FOUND_MACHINE, "different word sizes in bits", b->word_bits, a->word_bits);
	find_number(c, FOUND_MACHINE, "different page sizes in bytes", b->geometry.page_size,
		    a->geometry.page_size);
	find_number(c, FOUND_MACHINE, "the machines have different spans in bytes",
		    b->geometry.span, a->geometry.span);
	if (bg->span != b->geometry.span || ag->span != a->geometry.span)
		find_number(c, FOUND_GEOMETRY, "judged by different spans in bytes", bg->span,
			    ag->span);
}

/* Without aliases nothing can be at risk, and "none at risk" tells nothing about the kernel. */
static void find_no_aliases(struct comparison *c, const struct compare_input *in,
			    const char *when)
{
	if (geometry__colours(&in->stats->geometry) == 1)
		find(c, FOUND_NO_ALIASES, true, "the cache has no aliases %s (one colour): no copy "
		     "can be at risk there, whatever the kernel does; --span asks what if it had",
		     when);
}

/* ---- is each of them complete? ---- */

/* decides: a verdict would assume that nothing of what is missing was at risk. */
static void find_missing(struct comparison *c, const struct compare_input *in, const char *when,
			 bool decides)
{
	const struct recording_totals *t = in->totals;

	if (t->lost || t->missed)
		find(c, FOUND_MISSING, decides, "%llu record%s lost and %llu event%s missed %s: "
		     "what is missing may have been at risk", ull(t->lost),
		     t->lost == 1 ? "" : "s", ull(t->missed), t->missed == 1 ? "" : "s", when);
	if (t->absent || t->cut_bytes || !t->complete)
		find(c, FOUND_MISSING, decides, "the recording %s is not whole: what is missing "
		     "may have been at risk", when);
}

static void find_unknown(struct comparison *c, const struct compare_counts *n, const char *what,
			 const char *when, bool decides)
{
	if (n->unknown)
		find(c, FOUND_UNKNOWN, decides, "%llu of %llu %s could not be judged %s",
		     ull(n->unknown), ull(n->copies), what, when);
}

static void find_derived_side(struct comparison *c, const struct side_stats *side, __u64 all,
			      const char *what, const char *when, bool decides)
{
	if (side->derived)
		find(c, FOUND_DERIVED, decides, "%llu of %llu %s %s are safe only by a mapping "
		     "that was derived: nobody saw it, nor the order of flush and copy",
		     ull(side->derived), ull(all), what, when);
}

/*
 * A mapping that was derived is what a kernel known so far would have used: on a machine with
 * aliases this is what is to be shown. Without aliases the kernel has no other mapping.
 */
static bool may_be_wrong(const struct compare_input *in)
{
	return geometry__colours(&in->env->geometry) > 1;
}

static void find_derived(struct comparison *c, const struct compare_input *in, const char *when)
{
	const struct stats *s = in->stats;

	if (!may_be_wrong(in))
		return;
	find_derived_side(c, &s->source, s->total.copies, "sources", when, true);
	find_derived_side(c, &s->destination, s->total.copies, "destinations", when, true);
}

/* ---- is there enough of what was at risk? ---- */

/* A list of names as text; "..." ends it when it is full. */
struct list {
	char text[160];
	size_t length;
	bool full;
};

static void name_row(const struct compare_row *r, char *name, size_t size)
{
	if (r->kind == ROW_PATH)
		snprintf(name, size, "path %s", path__name(r->index));
	else if (r->kind == ROW_COLOUR)
		snprintf(name, size, "user colour %u", r->index);
	else
		snprintf(name, size, "%s", r->index ? "destination" : "source");
}

static void add_name(struct list *l, const struct compare_row *r)
{
	char name[48], item[64];

	if (l->full)
		return;
	name_row(r, name, sizeof(name));
	snprintf(item, sizeof(item), "%s%s (%llu)", l->length ? ", " : "", name,
		 ull(r->after.copies));
	l->full = l->length + strlen(item) + sizeof(", ...") > sizeof(l->text);
	if (l->full)
		snprintf(item, sizeof(item), ", ...");
	l->length += (size_t)snprintf(l->text + l->length, sizeof(l->text) - l->length, "%s", item);
}

/* Is the rate after significantly lower than the rate before? */
static bool contradicted(const struct compare_row *r)
{
	return r->after.upper < r->before.lower;
}

/*
 * Are there so few copies before that even as many after, none at risk, could not show a lower
 * rate? So it is with about six at risk or fewer. No repetition of the workload could give
 * evidence for such a row alone, so none is demanded.
 */
static bool is_thin(const struct compare_row *r)
{
	return binomial__upper(0, r->before.copies, COMPARE_ALPHA) >= r->before.lower;
}

static void find_gone(struct comparison *c, const char *what, __u64 at_risk)
{
	const __u64 all = c->rows[0].before.at_risk;

	if (at_risk * COMPARE_PART > all)
		find(c, FOUND_NOT_EXERCISED, true, "%s with %llu of the %llu copies at risk before "
		     "have no copies after", what, ull(at_risk), ull(all));
}

/*
 * Could the workload have shown the fault? Every path, side and user colour that was at risk
 * before needs enough copies after to show a lower rate. Thin rows are left to the row of all
 * copies. But if the rows without any copy after held more than a tenth of what was at risk
 * before, it is not the same workload.
 */
static void find_not_exercised(struct comparison *c)
{
	struct list bare = { 0 }, thin = { 0 };
	__u64 gone[ROW_KINDS] = { 0 };
	__u32 i;

	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->rows[i];

		if (r->kind == ROW_COPIES || r->kind == ROW_CLEARS || !r->before.at_risk)
			continue;
		if (!r->after.copies)
			gone[r->kind] += r->before.at_risk;
		if (!contradicted(r))
			add_name(is_thin(r) ? &thin : &bare, r);
	}
	find_gone(c, "paths", gone[ROW_PATH]);
	find_gone(c, "user colours", gone[ROW_COLOUR]);
	if (bare.length)
		find(c, FOUND_TOO_FEW, true, "at risk before, and not enough copies after to show "
		     "a lower rate: %s", bare.text);
	if (thin.length)
		find(c, FOUND_TOO_FEW, false, "at risk before, but too few copies for a verdict of "
		     "their own: %s", thin.text);
}

/* As find_not_exercised, where nothing was at risk before: most of it must be seen again. */
static void find_not_seen_again(struct comparison *c)
{
	struct list gone = { 0 };
	__u64 copies[ROW_KINDS] = { 0 };
	bool decides;
	__u32 i;

	for (i = 0; i < c->row_count; i++) {
		const struct compare_row *r = &c->rows[i];

		if ((r->kind != ROW_PATH && r->kind != ROW_COLOUR) || r->after.copies)
			continue;
		copies[r->kind] += r->before.copies;
		add_name(&gone, r);
	}
	if (!gone.length)
		return;
	decides = copies[ROW_PATH] * COMPARE_PART > c->rows[0].before.copies ||
		  copies[ROW_COLOUR] * COMPARE_PART > c->rows[0].before.copies;
	find(c, FOUND_NOT_EXERCISED, decides, "recorded before, and no copy after: %s", gone.text);
}

static void find_too_few(struct comparison *c, const struct compare_counts *n, const char *what,
			 const char *when, __u64 needed)
{
	const double rate = binomial__upper(0, needed, COMPARE_ALPHA);

	if (!n->copies)
		find(c, FOUND_NO_COPIES, true, "no %s recorded %s", what, when);
	else if (n->copies < needed && needed == ~0ULL)
		find(c, FOUND_TOO_FEW, true, "no number of %s shows so low a rate", what);
	else if (n->copies < needed)
		find(c, FOUND_TOO_FEW, true, "too few %s %s: %llu, and it takes %llu, none at "
		     "risk, to show that at most %.3g %% are", what, when, ull(n->copies),
		     ull(needed), 100 * rate);
}

/* Findings on copies; called when none is at risk after. */
static void judge_copies(struct comparison *c)
{
	const struct compare_row *r = &c->rows[0];
	const struct compare_counts *b = &r->before, *a = &r->after;

	find_too_few(c, a, "copies", "after", c->needed);
	find_unknown(c, a, "copies", "after", true);
	find_unknown(c, b, "copies", "before", !b->at_risk);
	find_derived(c, &c->after, "after");
	find_missing(c, &c->before, "before", !b->at_risk);
	if (!b->at_risk)
		find_derived(c, &c->before, "before");
	if (!b->at_risk)
		find_too_few(c, b, "copies", "before", c->needed_good);
	if (!a->copies)
		return;
	if (!b->at_risk) {
		find_not_seen_again(c);
		return;
	}
	/* enough copies by --min-copies or --max-rate may still not show a lower rate */
	if (a->copies >= c->needed && !contradicted(r))
		find(c, FOUND_TOO_FEW, true, "too few copies after: %llu, none at risk, may have "
		     "the rate before", ull(a->copies));
	find_not_exercised(c);
}

/*
 * Findings on clears; called when none is at risk after. Most kernels clear pages well, and
 * copies are the subject. So evidence is demanded only if clears were at risk before, or were
 * shown to be good before and are no longer seen at all.
 */
static void judge_clears(struct comparison *c)
{
	const struct compare_row *r = compare__row(c, ROW_CLEARS, 0);
	const struct compare_counts *b = &r->before, *a = &r->after;

	if (!a->watched && (b->at_risk || compare__good(c, b)))
		find(c, FOUND_PLAN, true, "clears were watched before%s, and are not after",
		     b->at_risk ? " and at risk" : "");
	else if (b->at_risk && !contradicted(r))
		find(c, FOUND_TOO_FEW, true, "clears were at risk before, and %llu after are not "
		     "enough to show a lower rate", ull(a->copies));
	else if (compare__good(c, b) && a->copies == a->unknown)
		find(c, FOUND_NOT_EXERCISED, true, "%llu clears before, and none that could be "
		     "judged after", ull(b->copies));
	find_unknown(c, a, "clears", "after", b->at_risk);
	if (may_be_wrong(&c->after))
		find_derived_side(c, &c->after.stats->cleared, a->copies, "clears", "after",
				  b->at_risk);
}

/* ---- worth a note ---- */

static const struct plan_row *plan_row(const struct recording_env *env, const char *role)
{
	__u32 i;

	for (i = 0; i < env->plan_rows; i++)
		if (!strcmp(env->plan[i].role, role) && strcmp(env->plan[i].mechanism, "none"))
			return &env->plan[i];
	return NULL;
}

static int strength(const struct plan_row *p)
{
	if (!p)
		return 0;
	if (!strcmp(p->evidence, evidence__name(EVIDENCE_OBSERVED)))
		return 3;
	return strcmp(p->evidence, evidence__name(EVIDENCE_DERIVED)) ? 1 : 2;
}

/*
 * A fix may change the function that serves a role. If the evidence it gives is weaker, what it
 * does not show makes sides unknown, or their mappings derived, which decides by itself.
 */
static void find_plan(struct comparison *c)
{
	static const char *const roles[] = { ROLE_NAME_COPY, ROLE_NAME_MAPPING, ROLE_NAME_FLUSH };
	const struct recording_env *b = c->before.env, *a = c->after.env;
	__u32 i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		const char *role = roles[i];
		const struct plan_row *before = plan_row(b, role), *after = plan_row(a, role);

		if (strength(after) < strength(before))
			find(c, FOUND_PLAN, false, "the plan's %s is %s before (%s) and "
			     "%s after", role, before->evidence, before->function,
			     after ? after->evidence : "not watched");
	}
	for (i = 0; i < PATH_COUNT; i++)
		if (*env__unseen(a, path__name(i)) && !*env__unseen(b, path__name(i)))
			find(c, FOUND_PLAN, false, "the plan sees no copies on path %s after: %s",
			     path__name(i), env__unseen(a, path__name(i)));
}

/*
 * Commands and filters may differ for harmless reasons (another directory, another pid), so
 * this is only noted: the copies show what was exercised. Nor does a verdict need exposed
 * windows: it is about the mappings the kernel uses, and these do not depend on whether another
 * thread had the time to write.
 */
static void find_workload(struct comparison *c)
{
	const struct recording_env *b = c->before.env, *a = c->after.env;

	if (strcmp(b->command, a->command))
		find(c, FOUND_WORKLOAD, false, "the commands differ");
	if (strcmp(b->filter, a->filter))
		find(c, FOUND_WORKLOAD, false, "the filters differ");
	if (b->cpus != a->cpus)
		find(c, FOUND_WORKLOAD, false, "CPUs: %u before, %u after", b->cpus, a->cpus);
	if (c->before.stats->exposed && !c->after.stats->exposed)
		find(c, FOUND_WORKLOAD, false, "no fork window was exposed after: a program that "
		     "checks its own data could not have failed in this run");
}

/* A higher rate that is not "worse", because by the limits it may be the same. */
static void find_overlap(struct comparison *c)
{
	const struct compare_counts *b = &c->rows[0].before, *a = &c->rows[0].after;

	if (b->copies && a->lower <= b->upper &&
	    (double)a->at_risk / (double)a->copies > (double)b->at_risk / (double)b->copies)
		find(c, FOUND_RATE, false, "the rate is higher than before, but may be the same: "
		     "at most %.3g %% before, at least %.3g %% after", 100 * b->upper,
		     100 * a->lower);
}

/* Changes of rates that the verdict does not tell. */
static void find_rates(struct comparison *c)
{
	const struct compare_row *all = &c->rows[0];
	__u32 i;

	for (i = 0; i < c->row_count; i++)
		if (c->rows[i].kind == ROW_PATH && c->rows[i].verdict == COMPARE_WORSE &&
		    c->verdict != COMPARE_WORSE)
			find(c, FOUND_RATE, false, "path %s is worse",
			     path__name(c->rows[i].index));
	if (c->verdict == COMPARE_NOT_FIXED && all->after.at_risk && contradicted(all))
		find(c, FOUND_RATE, false, "the rate is lower than before, but not 0");
	if (c->verdict == COMPARE_NOT_FIXED && all->after.at_risk)
		find_overlap(c);
}

/* ---- the verdict ---- */

/*
 * Called with something at risk after: then no missing or unknown copy can make it good. "Worse"
 * is said only against a recording before that is complete, or had something at risk itself. If
 * the rate of all copies is higher but that of no path, only the shares of the paths have
 * changed, which is not the kernel's doing.
 */
static enum compare_verdict verdict_at_risk(const struct comparison *c)
{
	const struct compare_row *all = &c->rows[0], *clears = compare__row(c, ROW_CLEARS, 0);
	const bool whole = !totals__incomplete(c->before.totals);
	bool path_worse = false;
	__u32 i;

	for (i = 0; i < c->row_count; i++)
		path_worse |= c->rows[i].kind == ROW_PATH && c->rows[i].verdict == COMPARE_WORSE;
	if (all->verdict == COMPARE_WORSE && path_worse && (all->before.at_risk || whole))
		return COMPARE_WORSE;
	if (clears->verdict == COMPARE_WORSE && (clears->before.at_risk || whole))
		return COMPARE_WORSE;
	return COMPARE_NOT_FIXED;
}

static enum compare_verdict verdict(struct comparison *c)
{
	const struct compare_row *all = &c->rows[0], *clears = compare__row(c, ROW_CLEARS, 0);

	find_differences(c);
	find_no_aliases(c, &c->after, "after");
	if (undecided(c))
		return COMPARE_CANNOT_TELL;
	if (all->after.at_risk || clears->after.at_risk) {
		find_missing(c, &c->before, "before", false);
		find_missing(c, &c->after, "after", false);
		find_unknown(c, &all->before, "copies", "before", false);
		find_unknown(c, &all->after, "copies", "after", false);
		return verdict_at_risk(c);
	}
	find_no_aliases(c, &c->before, "before");
	find_missing(c, &c->after, "after", true);
	judge_copies(c);
	judge_clears(c);
	find_plan(c);
	if (undecided(c))
		return COMPARE_CANNOT_TELL;
	return all->before.at_risk || clears->before.at_risk ? COMPARE_FIXED :
							       COMPARE_STILL_GOOD;
}

void compare__judge(struct comparison *c, bool same)
{
	c->finding_count = 0;
	memset(c->findings, 0, sizeof(c->findings));
	compare__join(c);
	c->verdict = verdict(c);
	if (same)
		find(c, FOUND_SAME, false, "BEFORE and AFTER are the same recording");
	find_workload(c);
	find_rates(c);
}
