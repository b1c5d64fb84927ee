/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts while recording, where only the count of copies at risk is wanted. By class
 * (verdict.h): of millions of copies a few are judged, the others are like one of them.
 */
#ifndef BRINDLE_VERDICT_CACHE_H
#define BRINDLE_VERDICT_CACHE_H

#include "verdict/verdict.h"

#define VERDICT_CACHE_SHIFT	6

struct verdict_cache {
	const struct arch *arch;
	struct geometry geometry;
	bool aliases;			/* it has more than one colour */
	/* where the last class with the same hash is kept; 16 bytes each */
	struct {
		__u64 class;
		bool used;
		__u8 copy;		/* enum copy_verdict */
		__u8 destination;	/* enum side_verdict */
	} kept[1 << VERDICT_CACHE_SHIFT];
};

/* verdict_cache__init - begin to judge by the rules of arch, as if no probe had missed anything */
void verdict_cache__init(struct verdict_cache *cache, const struct arch *arch,
			 const struct geometry *g);

/* verdict_cache__all_safe - on most machines no copy can be at risk */
static inline bool verdict_cache__all_safe(const struct verdict_cache *cache)
{
	return !cache->aliases;
}

enum copy_verdict verdict_cache__copy(struct verdict_cache *cache, const struct copy *c);
enum side_verdict verdict_cache__clear(struct verdict_cache *cache, const struct clear *c);

#endif
