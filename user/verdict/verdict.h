/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict on a copy: facts and geometry in, judgement out. Pure. */
#ifndef BRINDLE_VERDICT_H
#define BRINDLE_VERDICT_H

#include "arch/arch.h"

struct verdict {
	struct judgement source, destination;
	enum copy_verdict copy;
};

/*
 * verdict__judge - judge one copy
 * @missed: probes were missed in this recording: "not seen" proves nothing
 *
 * Rule: DESIGN's section on words; what excuses a side is the architecture's own
 * rule (struct arch).
 */
void verdict__judge(const struct arch *arch, const struct geometry *g, const struct copy *c,
		    bool missed, struct verdict *v);

/*
 * verdict__class - all of a copy that its verdict rests on, as a number
 *
 * Copies of one class have one verdict by a geometry: of millions of copies few classes
 * have to be judged. It also has the colour of the user address.
 */
__u64 verdict__class(const struct geometry *g, const struct copy *c);
void verdict__judge_class(const struct arch *arch, const struct geometry *g, __u64 class,
			  bool missed, struct verdict *v);

/* verdict__as_copy - a clear is judged as the destination of such a copy */
struct copy verdict__as_copy(const struct clear *c);

/*
 * verdict__judge_clear - judge a clear, by the rules for the destination of a copy
 * @missed: as for verdict__judge
 */
void verdict__judge_clear(const struct arch *arch, const struct geometry *g,
			  const struct clear *c, bool missed, struct judgement *j);

/* verdict__of_side - at risk, unknown or safe: what a side alone makes of its page */
enum copy_verdict verdict__of_side(const struct judgement *j);

#endif
