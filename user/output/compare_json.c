// SPDX-License-Identifier: GPL-2.0-only
/* A comparison as JSON. Schema brindle.compare/1 may only gain members. */
#include "base/json.h"
#include "output/compare.h"
#include "output/report.h"
#include "recording/env.h"

static void bases(struct json *j, const char *key, const struct side_stats *s, const char *unit)
{
	__u32 i;

	json__array(j, key);
	for (i = 0; i < s->basis_rows; i++) {
		const struct basis *b = &s->bases[i];

		json__row_object(j, NULL);
		json__string(j, "verdict", side_verdict__name(b->verdict));
		if (b->verdict == SIDE_CONGRUENT)
			json__string(j, "kind", mapping_kind__name(b->kind));
		else
			json__null(j, "kind");
		json__string(j, "reason", b->reason);
		json__u64(j, unit, b->count);
		json__u64(j, "derived", b->derived);
		json__end(j);
	}
	json__end(j);
}

/* What the sides that are safe rest their safety on. */
static void rests_on(struct json *j, const struct stats *s)
{
	json__object(j, "rests_on");
	bases(j, "source", &s->source, "copies");
	bases(j, "destination", &s->destination, "copies");
	bases(j, "clears", &s->cleared, "clears");
	json__end(j);
}

static void recording(struct json *j, const char *key, const struct compare_input *in)
{
	const struct recording_env *env = in->env;
	const struct recording_totals *t = in->totals;
	const bool forks = env__watched(env, ROLE_NAME_WINDOW_END);

	json__object(j, key);
	json__string(j, "directory", in->dir);
	json__string(j, "version", env->version);
	json__string(j, "kernel", env->kernel);
	json__string(j, "arch", env->arch);
	json__u64(j, "word_bits", env->word_bits);
	json__u64(j, "page_size", env->geometry.page_size);
	json__u64(j, "cpus", env->cpus);
	json__u64(j, "span", in->stats->geometry.span);
	json__u64(j, "colours", geometry__colours(&in->stats->geometry));
	json__bool(j, "what_if", in->stats->geometry.span != env->geometry.span);
	json__string(j, "command", env->command);
	json__string(j, "filter", env->filter);
	json__bool(j, "complete", t->complete && !t->cut_bytes && !t->absent);
	json__u64(j, "lost", t->lost);
	json__u64(j, "missed", t->missed);
	if (forks)
		json__u64(j, "windows", in->stats->windows);
	else
		json__null(j, "windows");
	if (forks && env__watched(env, ROLE_NAME_SWITCH))
		json__u64(j, "exposed", in->stats->exposed);
	else
		json__null(j, "exposed");
	rests_on(j, in->stats);
	json__end(j);
}

static void findings(struct json *j, const char *key, const struct comparison *c, bool decides)
{
	__u32 i;

	json__array(j, key);
	for (i = 0; i < c->finding_count; i++) {
		if (c->findings[i].decides != decides)
			continue;
		json__row_object(j, NULL);
		json__string(j, "code", compare__code_name(c->findings[i].code));
		json__string(j, "text", c->findings[i].text);
		json__end(j);
	}
	json__end(j);
}

/* null when not watched; without copies there is no rate. */
static void counts(struct json *j, const char *key, const struct compare_counts *n)
{
	if (!n->watched) {
		json__null(j, key);
		return;
	}
	json__row_object(j, key);
	json__u64(j, "copies", n->copies);
	json__u64(j, "at_risk", n->at_risk);
	json__u64(j, "unknown", n->unknown);
	if (n->copies)
		json__number(j, "rate", (double)n->at_risk / (double)n->copies);
	else
		json__null(j, "rate");
	json__number(j, "lower", n->lower);
	json__number(j, "upper", n->upper);
	json__end(j);
}

static void row_members(struct json *j, const struct compare_row *r)
{
	json__string(j, "verdict", compare__verdict_name(r->verdict));
	counts(j, "before", &r->before);
	counts(j, "after", &r->after);
}

static void one_row(struct json *j, const char *key, const struct compare_row *r)
{
	json__object(j, key);
	row_members(j, r);
	json__end(j);
}

static void rows(struct json *j, const char *key, const struct comparison *c,
		 enum compare_kind kind)
{
	__u32 i;

	json__array(j, key);
	for (i = 0; i < c->row_count; i++) {
		if (c->rows[i].kind != kind)
			continue;
		json__object(j, NULL);
		if (kind == ROW_PATH)
			json__string(j, "path", path__name(c->rows[i].index));
		else
			json__u64(j, "colour", c->rows[i].index);
		row_members(j, &c->rows[i]);
		json__end(j);
	}
	json__end(j);
}

static void evidence(struct json *j, const struct comparison *c)
{
	json__object(j, "evidence");
	json__number(j, "confidence", 1 - COMPARE_ALPHA);
	json__number(j, "max_rate", c->allowed);
	if (c->needed == ~0ULL)
		json__null(j, "min_copies");
	else
		json__u64(j, "min_copies", c->needed);
	json__end(j);
}

void compare_json__write(FILE *f, const struct comparison *c)
{
	struct json j;

	json__begin(&j, f, true);
	json__object(&j, NULL);
	json__string(&j, "schema", COMPARE_SCHEMA);
	json__string(&j, "verdict", compare__verdict_name(c->verdict));
	json__u64(&j, "exit_status", (__u64)compare__exit(c->verdict));
	findings(&j, "reasons", c, true);
	findings(&j, "notes", c, false);
	evidence(&j, c);
	recording(&j, "before", &c->before);
	recording(&j, "after", &c->after);
	one_row(&j, "copies", &c->rows[0]);
	rows(&j, "paths", c, ROW_PATH);
	one_row(&j, "source", compare__row(c, ROW_SIDE, 0));
	one_row(&j, "destination", compare__row(c, ROW_SIDE, 1));
	rows(&j, "colours", c, ROW_COLOUR);
	one_row(&j, "clears", compare__row(c, ROW_CLEARS, 0));
	json__finish(&j);
}
