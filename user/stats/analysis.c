// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include "stats/classes.h"
#include "base/err.h"
#include "stats/analysis.h"

/* The geometry to judge by: what --span asks for here, or did at record time, or the machine's. */
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

int analysis__open(struct analysis *j, const char *dir, const char *span)
{
	struct geometry g;
	int ret;

	memset(j, 0, sizeof(*j));
	j->dir = dir;
	j->rec = recording__open(dir, &ret);
	if (!j->rec)
		return ret;
	j->env = recording__env(j->rec);
	j->totals = recording__totals(j->rec);
	j->arch = arch__by_name(j->env->arch);
	if (!j->arch)
		return err(EXIT_UNSUPPORTED, "judging %s: recorded on an architecture this brindle "
			   "does not know: update brindle", dir);
	ret = choose_geometry(span, j->env, &g);
	if (ret)
		return ret;
	if (j->env->totals_span && g.span > j->env->totals_span)
		return err(EXIT_USAGE, "--span: %s was recorded with --totals, which counted for "
			   "spans up to %llu bytes; record it again with this --span", dir,
			   (unsigned long long)j->env->totals_span);
	j->what_if = g.span != j->env->geometry.span;
	return stats__init(&j->stats, &g);
}

static int one_event(struct analysis *j, const struct analysis_calls *calls, const struct event *ev)
{
	const bool missed = j->totals->missed > 0;
	struct judgement clear;
	struct verdict copy;

	if (ev->type == EVENT_CLEAR && calls->clear) {
		verdict__judge_clear(j->arch, &j->stats.geometry, &ev->clear, missed, &clear);
		return calls->clear(j, ev, &clear);
	}
	if (ev->type == EVENT_COPY && calls->copy) {
		verdict__judge(j->arch, &j->stats.geometry, &ev->copy, missed, &copy);
		return calls->copy(j, ev, &copy);
	}
	return EXIT_OK;
}

int analysis__read(struct analysis *j, const struct analysis_calls *calls)
{
	int ret, bad = EXIT_OK;
	struct event ev;

	while (!bad && (ret = recording__next(j->rec, &ev)) > 0)
		bad = one_event(j, calls, &ev);
	return bad ? bad : -ret;
}

/* What record --totals counted. */
static int count_copies(struct analysis *j, const struct event *ev)
{
	struct verdict v;

	verdict__judge(j->arch, &j->stats.geometry, &ev->copy, j->totals->missed > 0, &v);
	stats__copies(&j->stats, &ev->copy, &v, ev->count);
	return EXIT_OK;
}

static int count_event(struct analysis *j, struct classes *classes, const struct event *ev)
{
	struct judgement v;

	if (ev->type == EVENT_COPY && j->env->totals_span)
		return count_copies(j, ev);
	if (ev->type == EVENT_COPY)
		return classes__copy(classes, &ev->copy, ev->comm);
	if (ev->type == EVENT_WINDOW) {
		stats__window(&j->stats, &ev->window);
		return EXIT_OK;
	}
	verdict__judge_clear(j->arch, &j->stats.geometry, &ev->clear, j->totals->missed > 0, &v);
	stats__clears(&j->stats, &ev->clear, &v, ev->count);
	return EXIT_OK;
}

int analysis__count(struct analysis *j)
{
	struct classes *classes = classes__new(&j->stats, j->arch, j->totals->missed > 0);
	int ret, bad = EXIT_OK;
	struct event ev;

	if (!classes)
		return err(EXIT_FAIL, "counting copies: out of memory");
	while (!bad && (ret = recording__next(j->rec, &ev)) > 0)
		bad = count_event(j, classes, &ev);
	classes__flush(classes);
	classes__free(classes);
	if (bad || ret)
		return bad ? bad : -ret;
	stats__finish(&j->stats);
	return EXIT_OK;
}

void analysis__free(struct analysis *j)
{
	stats__free(&j->stats);
	recording__free(j->rec);
	j->rec = NULL;
}
