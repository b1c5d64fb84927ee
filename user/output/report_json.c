// SPDX-License-Identifier: GPL-2.0-only
/* A report as JSON. Schema brindle.report/1 may only gain members. */
#include "base/json.h"
#include "output/report.h"
#include "recording/env.h"

static void machine(struct json *j, const struct report *r)
{
	const struct geometry *g = &r->stats->geometry;

	json__object(j, "machine");
	json__string(j, "kernel", r->env->kernel);
	json__string(j, "arch", r->env->arch);
	json__u64(j, "word_bits", r->env->word_bits);
	json__u64(j, "page_size", r->env->geometry.page_size);
	json__u64(j, "cpus", r->env->cpus);
	json__end(j);
	json__object(j, "geometry");
	json__u64(j, "span", g->span);
	json__u64(j, "colours", geometry__colours(g));
	json__string(j, "source", g->source);
	json__bool(j, "what_if", r->what_if);
	json__end(j);
}

static void recording(struct json *j, const struct report *r)
{
	const struct recording_totals *t = r->totals;
	char start[24];

	json__object(j, "recording");
	json__string(j, "directory", r->dir);
	json__string(j, "version", r->env->version);
	json__u64(j, "schema", r->env->schema);
	if (stats__any(r->stats)) {
		report__time(r->env, r->stats->first_ts, start);
		json__string(j, "start", start);
	} else {
		json__null(j, "start");
	}
	/* record --totals stamps events with the time at which it read the counts */
	if (stats__any(r->stats) && !r->env->totals_span)
		json__u64(j, "duration_ns", r->stats->last_ts - r->stats->first_ts);
	else
		json__null(j, "duration_ns");
	json__bool(j, "totals_only", r->env->totals_span);
	json__string(j, "command", r->env->command);
	json__string(j, "filter", r->env->filter);
	if (r->env->recorder_pid)
		json__u64(j, "recorder_pid", r->env->recorder_pid);
	else
		json__null(j, "recorder_pid");
	json__bool(j, "complete", t->complete);
	json__u64(j, "cut_bytes", t->cut_bytes);
	json__u64(j, "absent", t->absent);
	json__end(j);
}

static void plan(struct json *j, const struct recording_env *env)
{
	__u32 i;

	json__array(j, "plan");
	for (i = 0; i < env->plan_rows; i++) {
		json__row_object(j, NULL);
		json__string(j, "role", env->plan[i].role);
		json__string(j, "function", env->plan[i].function);
		json__string(j, "mechanism", env->plan[i].mechanism);
		json__string(j, "evidence", env->plan[i].evidence);
		json__string(j, "reason", env->plan[i].reason);
		json__end(j);
	}
	json__end(j);
}

static void tally(struct json *j, const struct tally *t)
{
	json__u64(j, "copies", t->copies);
	json__u64(j, "safe", tally__safe(t));
	json__u64(j, "at_risk", t->at_risk);
	json__u64(j, "unknown", t->unknown);
}

static void totals(struct json *j, const struct report *r)
{
	json__object(j, "totals");
	tally(j, &r->stats->total);
	json__u64(j, "lost", r->totals->lost);
	json__u64(j, "missed", r->totals->missed);
	json__end(j);
}

/* The members of a side; unit names the count of each reason: "copies" or "clears". */
static void side_members(struct json *j, const struct side_stats *s, const char *unit)
{
	__u32 i;

	for (i = 0; i < SIDE_COUNT; i++)
		json__u64(j, side_verdict__name(i), s->verdict[i]);
	json__array(j, "reasons");
	for (i = 0; i < s->reason_rows; i++) {
		json__row_object(j, NULL);
		json__string(j, "verdict", side_verdict__name(s->reasons[i].verdict));
		json__string(j, "reason", s->reasons[i].reason);
		json__u64(j, unit, s->reasons[i].count);
		json__end(j);
	}
	json__end(j);
}

static void side(struct json *j, const char *key, const struct side_stats *s)
{
	json__object(j, key);
	side_members(j, s, "copies");
	json__end(j);
}

static void paths(struct json *j, const struct stats *s)
{
	__u32 i;

	json__array(j, "paths");
	for (i = 0; i < PATH_COUNT; i++) {
		if (!s->path[i].copies)
			continue;
		json__row_object(j, NULL);
		json__string(j, "path", path__name(i));
		tally(j, &s->path[i]);
		json__end(j);
	}
	json__end(j);
}

static void processes(struct json *j, const struct report *r)
{
	const __u32 shown = report__processes(r, TOP_ALL);
	__u32 i;

	json__u64(j, "processes_total", r->stats->process_rows);
	json__array(j, "processes");
	for (i = 0; i < shown; i++) {
		const struct process_stats *p = &r->stats->processes[i];

		json__row_object(j, NULL);
		json__u64(j, "pid", p->pid);
		json__string(j, "comm", p->comm);
		tally(j, &p->tally);
		json__end(j);
	}
	json__end(j);
}

/* A number that was not watched is null, not 0. */
static void forks(struct json *j, const struct report *r)
{
	json__object(j, "forks");
	if (env__watched(r->env, ROLE_NAME_WINDOW_END))
		json__u64(j, "windows", r->stats->windows);
	else
		json__null(j, "windows");
	if (env__watched(r->env, ROLE_NAME_WINDOW_END) &&
	    env__watched(r->env, ROLE_NAME_SWITCH))
		json__u64(j, "exposed", r->stats->exposed);
	else
		json__null(j, "exposed");
	json__end(j);
}

static void matrix(struct json *j, const char *key, const __u64 *m, __u32 colours)
{
	__u32 row, column;

	json__array(j, key);
	for (row = 0; row < colours; row++) {
		json__row_array(j, NULL);
		for (column = 0; column < colours; column++)
			json__u64(j, NULL, *m++);
		json__end(j);
	}
	json__end(j);
}

static void clears(struct json *j, const struct report *r)
{
	const struct stats *s = r->stats;
	__u32 i;

	json__object(j, "clears");
	if (env__watched(r->env, ROLE_NAME_CLEAR)) {
		json__u64(j, "total", s->clears);
		side_members(j, &s->cleared, "clears");
		matrix(j, "matrix", s->cleared.matrix, geometry__colours(&s->geometry));
		json__u64(j, "uncoloured", s->cleared.uncoloured);
	} else {
		json__null(j, "total");
		for (i = 0; i < SIDE_COUNT; i++)
			json__null(j, side_verdict__name(i));
		json__null(j, "reasons");
		json__null(j, "matrix");
		json__null(j, "uncoloured");
	}
	json__end(j);
}

static void matrices(struct json *j, const struct stats *s)
{
	const __u32 colours = geometry__colours(&s->geometry);

	json__object(j, "matrix");
	matrix(j, "source", s->source.matrix, colours);
	matrix(j, "destination", s->destination.matrix, colours);
	json__u64(j, "source_uncoloured", s->source.uncoloured);
	json__u64(j, "destination_uncoloured", s->destination.uncoloured);
	json__end(j);
}

void report_json__write(FILE *f, const struct report *r)
{
	struct json j;

	json__begin(&j, f, true);
	json__object(&j, NULL);
	json__string(&j, "schema", REPORT_SCHEMA);
	machine(&j, r);
	recording(&j, r);
	plan(&j, r->env);
	totals(&j, r);
	side(&j, "source", &r->stats->source);
	side(&j, "destination", &r->stats->destination);
	paths(&j, r->stats);
	processes(&j, r);
	forks(&j, r);
	clears(&j, r);
	matrices(&j, r->stats);
	json__finish(&j);
}

static void page_side(struct json *j, const char *key, const struct side *s,
		      const struct judgement *v)
{
	json__object(j, key);
	if (s->pfn == PFN_UNKNOWN)
		json__null(j, "pfn");
	else
		json__u64(j, "pfn", s->pfn);
	if (s->va)
		json__hex(j, "va", s->va);
	else
		json__null(j, "va");
	json__string(j, "kind", mapping_kind__name(s->kind));
	json__string(j, "evidence", evidence__name(s->evidence));
	json__string(j, "verdict", side_verdict__name(v->verdict));
	json__string(j, "reason", v->reason);
	json__end(j);
}

static void steps(struct json *j, const struct geometry *g, const __u16 *step, unsigned int n)
{
	unsigned int i;

	json__array(j, "steps");
	for (i = 0; i < n; i++) {
		json__object(j, NULL);
		json__string(j, "what", step__name(STEP_KIND(step[i])));
		/* a flush of the whole cache is of no page */
		if (STEP_KIND(step[i]) == STEP_FLUSH_ALL) {
			json__null(j, "page");
			json__null(j, "colour");
		} else {
			json__string(j, "page", step_page__name(STEP_PAGE(step[i])));
			json__u64(j, "colour", STEP_COLOUR(step[i]) & (geometry__colours(g) - 1));
		}
		json__end(j);
	}
	json__end(j);
}

/* Opens the object of one event, with the members that copies and clears share. */
static void begin_event(struct json *j, FILE *f, const struct event *ev, __u64 ts, __u32 pid,
			__u32 tid)
{
	json__begin(j, f, false);
	json__object(j, NULL);
	json__u64(j, "ts", ts);
	json__u64(j, "cpu", ev->cpu);
	json__u64(j, "pid", pid);
	json__u64(j, "tid", tid);
	json__string(j, "comm", ev->comm);
}

void report_json__copy(FILE *f, const struct geometry *g, const struct event *ev,
		       const struct verdict *v)
{
	const struct copy *c = &ev->copy;
	struct json j;

	begin_event(&j, f, ev, c->ts, c->pid, c->tid);
	json__string(&j, "path", path__name(c->path));
	json__hex(&j, "user", c->user);
	page_side(&j, "source", &c->source, &v->source);
	page_side(&j, "destination", &c->destination, &v->destination);
	steps(&j, g, c->step, c->steps);
	json__string(&j, "verdict", copy_verdict__name(v->copy));
	json__finish(&j);
}

void report_json__clear(FILE *f, const struct geometry *g, const struct event *ev,
			const struct judgement *v)
{
	const struct clear *c = &ev->clear;
	struct json j;

	begin_event(&j, f, ev, c->ts, c->pid, c->tid);
	json__hex(&j, "user", c->user);
	page_side(&j, "destination", &c->destination, v);
	steps(&j, g, c->step, c->steps);
	json__string(&j, "verdict", copy_verdict__name(verdict__of_side(v)));
	json__finish(&j);
}
