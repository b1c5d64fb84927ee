// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "stats/analysis.h"
#include "stats/classes.h"

/* The geometry to judge by: the span asked for here, else at record time, else the machine's. */
static int choose_geometry(const char *asked, const struct recording_env *env,
			   struct geometry *g)
{
	char span[24];

	*g = env->geometry;
	if (asked)
		return geometry__set_span(g, asked);
	if (!env->what_if_span)
		return EXIT_OK;
	snprintf(span, sizeof(span), "%llu", (unsigned long long)env->what_if_span);
	return geometry__set_span(g, span) ? EXIT_FAIL : EXIT_OK;
}

int analysis__open(struct analysis *a, const char *dir, const char *span)
{
	struct geometry g;
	int ret;

	memset(a, 0, sizeof(*a));
	a->dir = dir;
	a->rec = recording__open(dir, &ret);
	if (!a->rec)
		return ret;
	a->env = recording__env(a->rec);
	a->totals = recording__totals(a->rec);
	a->arch = arch__by_name(a->env->arch);
	if (!a->arch)
		return err(EXIT_UNSUPPORTED, "judging %s: recorded on an architecture this brindle "
			   "does not know: update brindle", dir);
	ret = choose_geometry(span, a->env, &g);
	if (ret)
		return ret;
	if (a->env->totals_span && g.span > a->env->totals_span)
		return err(EXIT_USAGE, "--span: %s was recorded with --totals, which counted for "
			   "spans up to %llu bytes; record it again with this --span", dir,
			   (unsigned long long)a->env->totals_span);
	a->what_if = g.span != a->env->geometry.span;
	return stats__init(&a->stats, &g);
}

static int one_event(struct analysis *a, const struct analysis_calls *calls, const struct event *ev)
{
	const bool missed = a->totals->missed > 0;
	struct judgement clear;
	struct verdict copy;

	if (ev->type == EVENT_CLEAR && calls->clear) {
		verdict__judge_clear(a->arch, &a->stats.geometry, &ev->clear, missed, &clear);
		return calls->clear(a, ev, &clear);
	}
	if (ev->type == EVENT_COPY && calls->copy) {
		verdict__judge(a->arch, &a->stats.geometry, &ev->copy, missed, &copy);
		return calls->copy(a, ev, &copy);
	}
	return EXIT_OK;
}

int analysis__read(struct analysis *a, const struct analysis_calls *calls)
{
	int ret, bad = EXIT_OK;
	struct event ev;

	while (!bad && (ret = recording__next(a->rec, &ev)) > 0)
		bad = one_event(a, calls, &ev);
	return bad ? bad : -ret;
}

/* An event of record --totals: ev->count copies of one kind. */
static int count_copies(struct analysis *a, const struct event *ev)
{
	struct verdict v;

	verdict__judge(a->arch, &a->stats.geometry, &ev->copy, a->totals->missed > 0, &v);
	stats__copies(&a->stats, &ev->copy, &v, ev->count);
	return EXIT_OK;
}

static int count_event(struct analysis *a, struct classes *classes, const struct event *ev)
{
	struct judgement v;

	if (ev->type == EVENT_COPY && a->env->totals_span)
		return count_copies(a, ev);
	if (ev->type == EVENT_COPY)
		return classes__copy(classes, &ev->copy, ev->comm);
	if (ev->type == EVENT_WINDOW) {
		stats__window(&a->stats, &ev->window);
		return EXIT_OK;
	}
	verdict__judge_clear(a->arch, &a->stats.geometry, &ev->clear, a->totals->missed > 0, &v);
	stats__clears(&a->stats, &ev->clear, &v, ev->count);
	return EXIT_OK;
}

int analysis__count(struct analysis *a)
{
	struct classes *classes = classes__new(&a->stats, a->arch, a->totals->missed > 0);
	int ret, bad = EXIT_OK;
	struct event ev;

	if (!classes)
		return err(EXIT_FAIL, "counting copies: out of memory");
	while (!bad && (ret = recording__next(a->rec, &ev)) > 0)
		bad = count_event(a, classes, &ev);
	classes__flush(classes);
	classes__free(classes);
	if (bad || ret)
		return bad ? bad : -ret;
	stats__finish(&a->stats);
	return EXIT_OK;
}

void analysis__free(struct analysis *a)
{
	stats__free(&a->stats);
	recording__free(a->rec);
	a->rec = NULL;
}
