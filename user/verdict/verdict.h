/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict on a copy: facts, steps and geometry in, judgement out. Pure. */
#ifndef BRINDLE_VERDICT_VERDICT_H
#define BRINDLE_VERDICT_VERDICT_H

#include "arch/arch.h"
#include "model/geometry.h"

struct verdict {
	struct judgement source, destination;
	enum copy_verdict copy;
};

/*
 * All of a copy that its verdict rests on. Copies of one class have one verdict by a geometry:
 * of millions of copies few classes have to be judged. Compare with verdict__same_class.
 */
struct verdict_class {
	__u64 sides;		/* colours, kinds, evidence */
	__u64 facts;		/* FACT_*, colours of the frames */
	union {
		__u16 step[STEPS_MAX];
		__u64 steps[STEPS_MAX / 4];
	};
};

static inline bool verdict__same_class(const struct verdict_class *a, const struct verdict_class *b)
{
	return a->sides == b->sides && a->facts == b->facts && a->steps[0] == b->steps[0] &&
	       a->steps[1] == b->steps[1];
}

/* verdict__hash_class - 32 well mixed bits */
static inline __u32 verdict__hash_class(const struct verdict_class *c)
{
	const __u64 steps = c->steps[0] ^ c->steps[1] << 7;
	__u32 h = ((__u32)(c->sides >> 32) * 31 + (__u32)c->sides) * 31 + (__u32)c->facts;

	h = (h * 31 + (__u32)(c->facts >> 32)) * 31 + (__u32)steps;
	return (h * 31 + (__u32)(steps >> 32)) * 2654435761U;
}

/* verdict__class - the class of a copy, by the colours of this geometry */
struct verdict_class verdict__class(const struct geometry *g, const struct copy *c);

/*
 * verdict__judge_class - judge all copies of a class
 * @missed: probes were missed in this recording: "not seen" proves nothing
 *
 * Each side is a replay: what the cache may hold of the frame by the architecture's rules
 * (struct arch), and then the steps of the copy in their order, on the symbolic cache of
 * replay.h. A side is safe when nobody can read old bytes of it, at risk when somebody can, and
 * unknown when that depends on what was not seen.
 */
void verdict__judge_class(const struct arch *arch, const struct geometry *g,
			  const struct verdict_class *class, bool missed, struct verdict *v);

/* verdict__judge - judge one copy, as verdict__judge_class */
void verdict__judge(const struct arch *arch, const struct geometry *g, const struct copy *c,
		    bool missed, struct verdict *v);

/* verdict__as_copy - a clear is judged as the destination of such a copy */
struct copy verdict__as_copy(const struct clear *c);

/* verdict__judge_clear - judge a clear, as the destination of a copy by verdict__judge */
void verdict__judge_clear(const struct arch *arch, const struct geometry *g,
			  const struct clear *c, bool missed, struct judgement *j);

/* verdict__of_side - at risk, unknown or safe: what a side alone makes of its page */
enum copy_verdict verdict__of_side(const struct judgement *j);

#endif
