// SPDX-License-Identifier: GPL-2.0-only
#include "verdict/verdict.h"

/*
 * A class is a copy reduced to what a verdict may depend on. From the low end it has: the facts,
 * the colour of the user address, the destination and the source. A side is the colour of its
 * mapping plus 1 (0 = not known), then kind and evidence.
 */
#define COLOUR_BITS	11
#define KIND_BITS	3
#define EVIDENCE_BITS	2
#define SIDE_BITS	(COLOUR_BITS + KIND_BITS + EVIDENCE_BITS)
#define FACTS_BITS	16
#define USER_BITS	10
#define DESTINATION_AT	(FACTS_BITS + USER_BITS)
#define SOURCE_AT	(DESTINATION_AT + SIDE_BITS)

_Static_assert(COLOURS_MAX < 1 << COLOUR_BITS && COLOURS_MAX <= 1 << USER_BITS &&
	       MAPPING_COUNT <= 1 << KIND_BITS && EVIDENCE_COUNT <= 1 << EVIDENCE_BITS &&
	       SOURCE_AT + SIDE_BITS <= 64, "a class has room for all");

/* Shifting 64 bits is slow where they take two registers. No page is larger than 4 MiB. */
_Static_assert(COLOURS_MAX <= 1 << (32 - 22), "the low half of an address tells its colour");

struct side_class {
	__s32 colour;		/* -1 = not known */
	__u8 kind, evidence;
};

/*
 * The colour of a mapping follows from its address. That of a linear mapping also follows from
 * the pfn, since the kernel maps all memory at an offset that is a multiple of every span.
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

__u64 verdict__class(const struct geometry *g, const struct copy *c)
{
	const __u32 page_shift = geometry__page_shift(g), mask = geometry__colours(g) - 1;
	const __u32 user = (__u32)c->user >> page_shift & mask;

	return (__u64)class_of_side(&c->source, page_shift, mask) << SOURCE_AT |
	       (__u64)class_of_side(&c->destination, page_shift, mask) << DESTINATION_AT |
	       user << FACTS_BITS | c->facts;
}

static __u32 pop_bits(__u64 *class, unsigned int bits)
{
	const __u32 value = (__u32)(*class & ((1ULL << bits) - 1));

	*class >>= bits;
	return value;
}

static struct side_class pop_side(__u64 *class)
{
	struct side_class s;

	s.colour = (__s32)pop_bits(class, COLOUR_BITS) - 1;
	s.kind = (__u8)pop_bits(class, KIND_BITS);
	s.evidence = (__u8)pop_bits(class, EVIDENCE_BITS);
	return s;
}

static const char *why_unknown(const struct side_class *s)
{
	if (s->kind == MAPPING_LINEAR)
		return "no pfn";
	return s->kind == MAPPING_UNKNOWN ? "mapping not seen" : "no address";
}

typedef void (*excuse_fn)(const struct copy *c, bool missed, struct judgement *j);

static void judge_side(const struct geometry *g, const struct copy *c, __u32 user_colour,
		       const struct side_class *s, excuse_fn excuse, bool missed,
		       struct judgement *j)
{
	struct judgement any;

	j->verdict = SIDE_CONGRUENT;
	j->reason = "";
	j->colour = 0;
	if (geometry__colours(g) == 1)
		return;
	j->colour = s->colour;
	if (j->colour >= 0) {
		if (j->colour != (__s32)user_colour)
			excuse(c, missed, j);
		return;
	}
	j->reason = why_unknown(s);
	/* A rule that makes a side harmless in any colour also does so in an unknown one. */
	any = *j;
	excuse(c, missed, &any);
	if (any.verdict == SIDE_FLUSHED || any.verdict == SIDE_EXCUSED)
		*j = any;
	else
		j->verdict = SIDE_UNKNOWN;
}

void verdict__judge_class(const struct arch *arch, const struct geometry *g, __u64 class,
			  bool missed, struct verdict *v)
{
	const struct judgement *s = &v->source, *d = &v->destination;
	const __u16 facts = (__u16)pop_bits(&class, FACTS_BITS);
	const __u32 user_colour = pop_bits(&class, USER_BITS);
	const struct side_class destination = pop_side(&class), source = pop_side(&class);
	/* Only what is in the class: so no excuse can depend on anything else. */
	const struct copy c = {
		.source = { .pfn = PFN_UNKNOWN, .kind = source.kind, .evidence = source.evidence },
		.destination = { .pfn = PFN_UNKNOWN, .kind = destination.kind,
				 .evidence = destination.evidence },
		.facts = facts,
	};

	judge_side(g, &c, user_colour, &source, arch->excuse_source, missed, &v->source);
	judge_side(g, &c, user_colour, &destination, arch->excuse_destination, missed,
		   &v->destination);
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
	if (geometry__colours(g) == 1) {	/* most machines: no copy can be at risk */
		v->source = v->destination = (struct judgement){ SIDE_CONGRUENT, "", 0 };
		v->copy = COPY_SAFE;
		return;
	}
	verdict__judge_class(arch, g, verdict__class(g, c), missed, v);
}

struct copy verdict__as_copy(const struct clear *c)
{
	return (struct copy){
		.user = c->user,
		.source = { .pfn = PFN_UNKNOWN },
		.destination = c->destination,
		.facts = c->facts,
	};
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
