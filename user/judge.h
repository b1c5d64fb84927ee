/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts while recording, where only the count of copies at risk is wanted. By class
 * (verdict.h): of millions of copies a few are judged, the others are like one of them.
 */
#ifndef BRINDLE_JUDGE_H
#define BRINDLE_JUDGE_H

#include "verdict.h"

#define JUDGE_SHIFT	6

struct judge {
	const struct arch *arch;
	struct geometry geometry;
	bool aliases;			/* it has more than one colour */
	/* where the last class with the same hash is kept; 16 bytes each */
	struct {
		__u64 class;
		bool used;
		__u8 copy;		/* enum copy_verdict */
		__u8 destination;	/* enum side_verdict */
	} kept[1 << JUDGE_SHIFT];
};

/* judge__init - begin to judge by the rules of arch, as if no probe had missed anything */
void judge__init(struct judge *j, const struct arch *arch, const struct geometry *g);

/* judge__all_safe - on most machines no copy can be at risk */
static inline bool judge__all_safe(const struct judge *j)
{
	return !j->aliases;
}

enum copy_verdict judge__copy(struct judge *j, const struct copy *c);
enum side_verdict judge__clear(struct judge *j, const struct clear *c);

#endif
