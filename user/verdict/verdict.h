/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict on a copy: facts and geometry in, judgement out. Pure. */
#ifndef BRINDLE_VERDICT_VERDICT_H
#define BRINDLE_VERDICT_VERDICT_H

#include "arch/arch.h"

struct verdict {
	struct judgement source, destination;
	enum copy_verdict copy;
};

/*
 * verdict__judge - judge one copy
 * @missed: probes were missed in this recording, so that "not seen" proves nothing
 *
 * A side whose mapping has the colour of the user address is congruent. If the colours differ,
 * the architecture's rule (struct arch) decides. If the mapping's colour is not known, the side
 * is unknown, unless that rule calls it flushed or excused whatever the colour. A mismatch puts
 * the copy at risk; else an unknown side makes the copy unknown; else it is safe.
 */
void verdict__judge(const struct arch *arch, const struct geometry *g, const struct copy *c,
		    bool missed, struct verdict *v);

/*
 * verdict__class - all properties of a copy that its verdict depends on, as a number
 *
 * Copies of one class have the same verdict (with the same geometry) and the same colour of the
 * user address. Millions of copies have few classes.
 */
__u64 verdict__class(const struct geometry *g, const struct copy *c);

/* verdict__judge_class - verdict__judge for all copies of a class, which is by the same geometry */
void verdict__judge_class(const struct arch *arch, const struct geometry *g, __u64 class,
			  bool missed, struct verdict *v);

/* verdict__as_copy - the copy whose destination is judged in place of a clear */
struct copy verdict__as_copy(const struct clear *c);

/*
 * verdict__judge_clear - judge a clear by the rules for the destination of a copy
 * @missed: as for verdict__judge
 */
void verdict__judge_clear(const struct arch *arch, const struct geometry *g,
			  const struct clear *c, bool missed, struct judgement *j);

/* verdict__of_side - the verdict on a copy with this side, if the other one is safe */
enum copy_verdict verdict__of_side(const struct judgement *j);

#endif
