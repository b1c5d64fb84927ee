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

/* True when the arch's own rule must decide. */
static bool judge_colours(const struct geometry *g, const struct copy *c, const struct side *s,
			  struct judgement *j)
{
	j->verdict = SIDE_CONGRUENT;
	j->reason = "";
	j->colour = 0;
	if (geometry__colours(g) == 1)
		return false;
	j->colour = mapping_colour(g, s, &j->reason);
	if (j->colour < 0) {
		j->verdict = SIDE_UNKNOWN;
		return false;
	}
	return j->colour != (__s32)geometry__colour(g, c->user);
}

void verdict__judge(const struct arch *arch, const struct geometry *g, const struct copy *c,
		    bool missed, struct verdict *v)
{
	const struct judgement *s = &v->source, *d = &v->destination;

	if (judge_colours(g, c, &c->source, &v->source))
		arch->excuse_source(c, missed, &v->source);
	if (judge_colours(g, c, &c->destination, &v->destination))
		arch->excuse_destination(c, missed, &v->destination);
	if (s->verdict == SIDE_MISMATCH || d->verdict == SIDE_MISMATCH)
		v->copy = COPY_AT_RISK;
	else if (s->verdict == SIDE_UNKNOWN || d->verdict == SIDE_UNKNOWN)
		v->copy = COPY_UNKNOWN;
	else
		v->copy = COPY_SAFE;
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
