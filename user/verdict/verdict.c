// SPDX-License-Identifier: GPL-2.0-only
#include "verdict/side.h"
#include "verdict/verdict.h"

/*
 * A class is a copy with nothing left of it but what a verdict may rest on. In "sides": of each
 * side kind, evidence and the colour of its mapping, which is one more than the colour here and
 * 0 when it is not known. In "facts": the facts, the colour of the user address, and of each
 * side the colour of its frame in the linear mapping, in the same way.
 */
#define COLOUR_BITS	11
#define KIND_BITS	3
#define EVIDENCE_BITS	2
#define SIDE_BITS	(COLOUR_BITS + KIND_BITS + EVIDENCE_BITS)
#define FACTS_BITS	16
#define USER_BITS	10

_Static_assert(COLOURS_MAX < 1 << COLOUR_BITS && COLOURS_MAX <= 1 << USER_BITS &&
	       MAPPING_COUNT <= 1 << KIND_BITS && EVIDENCE_COUNT <= 1 << EVIDENCE_BITS &&
	       2 * SIDE_BITS <= 64 && FACTS_BITS + USER_BITS + 2 * COLOUR_BITS <= 64,
	       "a class has room for all");

/* To shift 64 bits is dear where they are two registers. No page is larger than 4 MiB. */
_Static_assert(COLOURS_MAX <= 1 << (32 - 22), "the low half of an address tells its colour");

/*
 * The address of a mapping tells its colour; of a linear mapping also the pfn does, since
 * the kernel maps all memory at an offset that is a multiple of every span.
 */
static inline __u32 class_of_side(const struct side *s, __u32 page_shift, __u32 mask)
{
	__u32 colour = 0;

	if (s->va)
		colour = ((__u32)s->va >> page_shift & mask) + 1;
	else if (s->kind == MAPPING_LINEAR && s->pfn != PFN_UNKNOWN)
		colour = ((__u32)s->pfn & mask) + 1;
	return colour | (s->kind & ((1U << KIND_BITS) - 1)) << COLOUR_BITS |
	       (s->evidence & ((1U << EVIDENCE_BITS) - 1)) << (COLOUR_BITS + KIND_BITS);
}

/* The frame's colour in the linear mapping, by its pfn or by a linear address of it. */
static inline __u32 class_of_frame(const struct side *s, __u32 page_shift, __u32 mask)
{
	if (s->pfn != PFN_UNKNOWN)
		return ((__u32)s->pfn & mask) + 1;
	return s->kind == MAPPING_LINEAR && s->va ? ((__u32)s->va >> page_shift & mask) + 1 : 0;
}

struct verdict_class verdict__class(const struct geometry *g, const struct copy *c)
{
	const __u32 page_shift = geometry__page_shift(g), mask = geometry__colours(g) - 1;
	const __u32 user = (__u32)c->user >> page_shift & mask;
	struct verdict_class class;
	unsigned int i;

	class.sides = (__u64)class_of_side(&c->source, page_shift, mask) << SIDE_BITS |
		      class_of_side(&c->destination, page_shift, mask);
	class.facts = c->facts | user << FACTS_BITS |
		      (__u64)class_of_frame(&c->source, page_shift, mask) <<
			      (FACTS_BITS + USER_BITS) |
		      (__u64)class_of_frame(&c->destination, page_shift, mask) <<
			      (FACTS_BITS + USER_BITS + COLOUR_BITS);
	class.steps[0] = class.steps[1] = 0;
	for (i = 0; i < c->steps && i < STEPS_MAX; i++)
		class.step[i] = c->step[i] & (__u16)(mask << STEP_COLOUR_SHIFT | 63);
	return class;
}

static __u32 take(__u64 *bits, unsigned int n)
{
	const __u32 value = (__u32)(*bits & ((1ULL << n) - 1));

	*bits >>= n;
	return value;
}

/* A class, taken apart. */
struct facts {
	__u16 facts;
	__s32 user;
	struct {
		__s32 access, kernel;	/* colours, COLOUR_UNKNOWN when not known */
		__u8 kind, evidence;
	} side[2];			/* by enum step_page */
	__u16 step[STEPS_MAX];
	int steps;
};

static void take_apart(const struct verdict_class *class, struct facts *f)
{
	__u64 sides = class->sides, facts = class->facts;
	int i;

	f->facts = (__u16)take(&facts, FACTS_BITS);
	f->user = (__s32)take(&facts, USER_BITS);
	f->side[STEP_OF_SOURCE].kernel = (__s32)take(&facts, COLOUR_BITS) - 1;
	f->side[STEP_OF_DESTINATION].kernel = (__s32)take(&facts, COLOUR_BITS) - 1;
	for (i = STEP_OF_DESTINATION; i >= STEP_OF_SOURCE; i--) {
		f->side[i].access = (__s32)take(&sides, COLOUR_BITS) - 1;
		f->side[i].kind = (__u8)take(&sides, KIND_BITS);
		f->side[i].evidence = (__u8)take(&sides, EVIDENCE_BITS);
	}
	for (i = f->steps = 0; i < STEPS_MAX; i++) {
		f->step[i] = class->step[i];
		if (STEP_KIND(f->step[i]) != STEP_NONE)
			f->steps = i + 1;
	}
}

static const char *why_no_colour(__u8 kind)
{
	if (kind == MAPPING_LINEAR)
		return "no pfn";
	return kind == MAPPING_UNKNOWN ? "mapping not seen" : "no address";
}

/* Is there a step of this kind on this page, before (or else after) the access of the page? */
static bool has_flush(const struct side_play *p, bool before, bool of_user)
{
	bool accessed = false;
	int i;

	for (i = 0; i < p->steps; i++) {
		const enum step_kind kind = STEP_KIND(p->step[i]);

		if ((kind == STEP_READ || kind == STEP_WRITE) && STEP_PAGE(p->step[i]) == p->page)
			accessed = true;
		if (accessed == before)
			continue;
		if (of_user ? kind == STEP_FLUSH_USER && STEP_PAGE(p->step[i]) == p->page :
		    kind == STEP_FLUSH_ALL ||
		    ((kind == STEP_FLUSH || kind == STEP_FLUSH_USER) &&
		     STEP_PAGE(p->step[i]) == p->page))
			return true;
	}
	return false;
}

static const char *why_source_at_risk(const struct side_play *p, __u8 kind)
{
	if (p->start[0].newest == NEWEST_FOR_KERNEL)
		return "the newest bytes were in the kernel's colour, and read in another";
	if (has_flush(p, true, true))
		return "flushed in the user's colour only";
	if (kind == MAPPING_COHERENT)
		return "coherent mapping of another colour";
	if (has_flush(p, false, false) && !has_flush(p, true, false))
		return "flushed after the copy, not before";
	return "plain mapping of a mapped, clean page";
}

static const char *why_destination_at_risk(const struct side_play *p)
{
	if (p->access == p->user)
		return "old lines of the kernel's mapping not flushed before";
	if (has_flush(p, true, false) && !has_flush(p, false, false))
		return "flushed before the copy, not after";
	return "not flushed";
}

/* Is there a flush of which it is not known whether it is of this page? */
static bool flushes_unknown(const struct side_play *p)
{
	int i;

	for (i = 0; i < p->steps; i++)
		if (STEP_PAGE(p->step[i]) == STEP_OF_UNKNOWN &&
		    STEP_KIND(p->step[i]) != STEP_FLUSH_ALL)
			return true;
	return false;
}

/* What kept us from knowing, most fundamental first. */
static const char *why_unknown(const struct side_play *p, const struct facts *f, __u8 kind,
			       bool guessed, bool missed, const char *start_unknown)
{
	if (p->access < 0)
		return guessed ? "mapping not watched" : why_no_colour(kind);
	if (p->starts > 1)
		return start_unknown;
	if (!p->accessed && p->steps)
		return "the order of flush and copy was not seen";
	if (missed)
		return "probes missed";
	if (f->facts & FACT_STEPS_LOST)
		return "more happened than there is room for";
	if (p->kernel_unwatched || p->user_unwatched || p->all_unwatched)
		return "flush not watched";
	if (p->may_discard)
		return "discard not watched";
	return flushes_unknown(p) ? "which page was flushed was not seen" :
	       "accessed in more colours than one";
}

/* A side that is safe: what made it so. */
static void judge_safe(const struct side_play *p, struct judgement *j)
{
	struct side_play without = *p;
	struct side_result result;

	j->verdict = SIDE_CONGRUENT;
	j->reason = "";
	if (p->access == p->user)
		return;
	/* steps that are no access */
	without.steps = 0;
	without.accessed = false;
	without.kernel_unwatched = without.user_unwatched = without.all_unwatched = false;
	without.may_discard = false;
	result = side__play(&without);
	if (p->page == STEP_OF_SOURCE && !result.can_be_at_risk) {
		j->verdict = SIDE_EXCUSED;
		j->reason = p->start[0].excuse;
		return;
	}
	j->verdict = SIDE_FLUSHED;
	j->reason = p->page == STEP_OF_SOURCE ? "flushed before" : "flushed afterwards";
}

static void judge_side(const struct arch *arch, const struct facts *f, enum step_page page,
		       bool missed, struct judgement *j)
{
	const bool linear = f->side[page].kind == MAPPING_LINEAR;
	const bool observed = f->side[page].evidence == EVIDENCE_OBSERVED;
	/* a mapping that nobody saw, and that nobody would have */
	const bool guessed = page == STEP_OF_SOURCE && linear && !observed &&
			     (missed || !(f->facts & FACT_MAPPING_WATCHED)) && !arch->never_flushes;
	const bool unsure = missed || f->facts & FACT_STEPS_LOST;
	struct side_play p = {
		.page = page,
		.user = f->user,
		.kernel = f->side[page].kernel,
		.access = f->side[page].access,
		.steps = f->steps,
	};
	const char *start_unknown = "";
	struct side_result result;
	int i;

	if (page == STEP_OF_SOURCE) {
		p.starts = arch->source(f->facts, p.start, &start_unknown);
	} else {
		p.start[0] = arch->destination;
		p.starts = 1;
	}
	for (i = 0; i < f->steps; i++) {
		p.step[i] = f->step[i];
		p.accessed |= STEP_PAGE(f->step[i]) == page &&
			      (STEP_KIND(f->step[i]) == STEP_READ ||
			       STEP_KIND(f->step[i]) == STEP_WRITE);
	}
	if (!arch->never_flushes) {
		p.kernel_unwatched = unsure || !(f->facts & FACT_FLUSH_WATCHED);
		p.user_unwatched = unsure || !(f->facts & FACT_USER_WATCHED);
		p.all_unwatched = unsure || !(f->facts & FACT_ALL_WATCHED);
		p.may_discard = f->facts & FACT_MAY_DISCARD;
	}
	j->colour = p.access;
	/* where it was mapped is a guess: any colour can have been used */
	if (guessed)
		p.access = COLOUR_UNKNOWN;
	result = side__play(&p);
	if (!result.can_be_at_risk) {
		p.access = j->colour;
		judge_safe(&p, j);
	} else if (!result.can_be_safe) {
		j->verdict = SIDE_MISMATCH;
		j->reason = arch->never_flushes ? "colours differ" : page == STEP_OF_SOURCE ?
			    why_source_at_risk(&p, f->side[page].kind) :
			    why_destination_at_risk(&p);
	} else {
		j->verdict = SIDE_UNKNOWN;
		j->reason = why_unknown(&p, f, f->side[page].kind, guessed, missed, start_unknown);
	}
}

void verdict__judge_class(const struct arch *arch, const struct geometry *g,
			  const struct verdict_class *class, bool missed, struct verdict *v)
{
	const struct judgement *s = &v->source, *d = &v->destination;
	struct facts f;

	if (geometry__colours(g) == 1) {	/* most machines: no copy can be at risk */
		v->source = v->destination = (struct judgement){ SIDE_CONGRUENT, "", 0 };
		v->copy = COPY_SAFE;
		return;
	}
	take_apart(class, &f);
	judge_side(arch, &f, STEP_OF_SOURCE, missed, &v->source);
	judge_side(arch, &f, STEP_OF_DESTINATION, missed, &v->destination);
	if (s->verdict == SIDE_MISMATCH || d->verdict == SIDE_MISMATCH)
		v->copy = COPY_AT_RISK;
	else if (s->verdict == SIDE_UNKNOWN || d->verdict == SIDE_UNKNOWN)
		v->copy = COPY_UNKNOWN;
	else
		v->copy = COPY_SAFE;
}

void verdict__judge(const struct arch *arch, const struct geometry *g, const struct copy *c,
		    bool missed, struct verdict *v)
{
	const struct verdict_class class = verdict__class(g, c);

	verdict__judge_class(arch, g, &class, missed, v);
}

struct copy verdict__as_copy(const struct clear *c)
{
	struct copy copy = {
		.user = c->user,
		.source = { .pfn = PFN_UNKNOWN },
		.destination = c->destination,
		.facts = c->facts,
		.steps = c->steps,
	};

	__builtin_memcpy(copy.step, c->step, sizeof(copy.step));
	return copy;
}

void verdict__judge_clear(const struct arch *arch, const struct geometry *g,
			  const struct clear *c, bool missed, struct judgement *j)
{
	const struct copy as_copy = verdict__as_copy(c);
	struct verdict v;

	verdict__judge(arch, g, &as_copy, missed, &v);
	*j = v.destination;
}

enum copy_verdict verdict__of_side(const struct judgement *j)
{
	if (j->verdict == SIDE_MISMATCH)
		return COPY_AT_RISK;
	return j->verdict == SIDE_UNKNOWN ? COPY_UNKNOWN : COPY_SAFE;
}
