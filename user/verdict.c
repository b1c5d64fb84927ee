// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.h"

/*
 * Colour of the mapping a side went through. Its address tells; of a linear mapping also
 * the pfn does, since the kernel maps all memory at an offset that is a multiple of every
 * span. *reason says why not when -1 is returned.
 */
static __s32 mapping_colour(const struct geometry *g, const struct side *s, const char **reason)
{
	*reason = "";
	if (s->va)
		return (__s32)geometry__colour(g, s->va);
	if (s->kind == MAPPING_LINEAR && s->pfn != PFN_UNKNOWN)
		return (__s32)(s->pfn & (geometry__colours(g) - 1));
	if (s->kind == MAPPING_LINEAR)
		*reason = "no pfn";
	else if (s->kind == MAPPING_UNKNOWN)
		*reason = "mapping not seen";
	else
		*reason = "no address";
	return -1;
}

typedef void (*excuse_fn)(const struct copy *c, bool missed, struct judgement *j);

static void judge_side(const struct geometry *g, const struct copy *c, const struct side *s,
		       excuse_fn excuse, bool missed, struct judgement *j)
{
	struct judgement any;

	j->verdict = SIDE_CONGRUENT;
	j->reason = "";
	j->colour = 0;
	if (geometry__colours(g) == 1)
		return;
	j->colour = mapping_colour(g, s, &j->reason);
	if (j->colour >= 0) {
		if (j->colour != (__s32)geometry__colour(g, c->user))
			excuse(c, missed, j);
		return;
	}
	/* What makes a side harmless in any colour does so in an unknown one as well. */
	any = *j;
	excuse(c, missed, &any);
	if (any.verdict == SIDE_FLUSHED || any.verdict == SIDE_EXCUSED)
		*j = any;
	else
		j->verdict = SIDE_UNKNOWN;
}

void verdict__judge(const struct arch *arch, const struct geometry *g, const struct copy *c,
		    bool missed, struct verdict *v)
{
	const struct judgement *s = &v->source, *d = &v->destination;

	if (geometry__colours(g) == 1) {	/* most machines: no copy can be at risk */
		v->source = v->destination = (struct judgement){ SIDE_CONGRUENT, "", 0 };
		v->copy = COPY_SAFE;
		return;
	}
	judge_side(g, c, &c->source, arch->excuse_source, missed, &v->source);
	judge_side(g, c, &c->destination, arch->excuse_destination, missed, &v->destination);
	if (s->verdict == SIDE_MISMATCH || d->verdict == SIDE_MISMATCH)
		v->copy = COPY_AT_RISK;
	else if (s->verdict == SIDE_UNKNOWN || d->verdict == SIDE_UNKNOWN)
		v->copy = COPY_UNKNOWN;
	else
		v->copy = COPY_SAFE;
}

void verdict__judge_clear(const struct arch *arch, const struct geometry *g,
			  const struct clear *c, bool missed, struct judgement *j)
{
	const struct copy as_copy = {
		.ts = c->ts,
		.pid = c->pid,
		.tid = c->tid,
		.user = c->user,
		.source = { .pfn = PFN_UNKNOWN },
		.destination = c->destination,
		.facts = c->facts,
	};

	judge_side(g, &as_copy, &as_copy.destination, arch->excuse_destination, missed, j);
}

enum copy_verdict verdict__of_side(const struct judgement *j)
{
	if (j->verdict == SIDE_MISMATCH)
		return COPY_AT_RISK;
	return j->verdict == SIDE_UNKNOWN ? COPY_UNKNOWN : COPY_SAFE;
}

const char *side_verdict__name(unsigned int v)
{
	static const char *const names[SIDE_COUNT] = {
		[SIDE_CONGRUENT] = "congruent",
		[SIDE_FLUSHED] = "flushed",
		[SIDE_EXCUSED] = "excused",
		[SIDE_MISMATCH] = "mismatch",
		[SIDE_UNKNOWN] = "unknown",
	};

	return v < SIDE_COUNT ? names[v] : "?";
}

const char *copy_verdict__name(unsigned int v)
{
	static const char *const names[COPY_COUNT] = {
		[COPY_SAFE] = "safe",
		[COPY_AT_RISK] = "at-risk",
		[COPY_UNKNOWN] = "unknown",
	};

	return v < COPY_COUNT ? names[v] : "?";
}
