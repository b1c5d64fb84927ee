/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts while recording, where only the number of copies at risk is wanted. They are kept by
 * class (verdict.h), so that of millions of copies only a few have to be judged.
 */
#ifndef BRINDLE_VERDICT_CACHE_H
#define BRINDLE_VERDICT_CACHE_H

#include "verdict/verdict.h"

/* A few hundred classes are usual with four colours; a replay takes as long as 200 look-ups. */
#define VERDICT_CACHE_SHIFT	10

struct verdict_cache {
	const struct arch *arch;
	struct geometry geometry;
	bool aliases;			/* it has more than one colour */
	/* where the last class with the same hash is kept */
	struct {
		struct verdict_class class;
		bool used;
		__u8 copy;		/* enum copy_verdict */
		__u8 destination;	/* enum side_verdict */
	} kept[1 << VERDICT_CACHE_SHIFT];
};

/* verdict_cache__init - prepare to judge by the rules of arch, assuming that no probe was missed */
void verdict_cache__init(struct verdict_cache *cache, const struct arch *arch,
			 const struct geometry *g);

/* verdict_cache__all_safe - true on machines without aliases: no copy can be at risk */
static inline bool verdict_cache__all_safe(const struct verdict_cache *cache)
{
	return !cache->aliases;
}

/* verdict_cache__copy - the verdict on a copy */
enum copy_verdict verdict_cache__copy(struct verdict_cache *cache, const struct copy *c);
/* verdict_cache__clear - the verdict on a clear, by its destination */
enum side_verdict verdict_cache__clear(struct verdict_cache *cache, const struct clear *c);

#endif
