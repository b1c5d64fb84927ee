// SPDX-License-Identifier: GPL-2.0-only
#include "verdict/cache.h"

void verdict_cache__init(struct verdict_cache *cache, const struct arch *arch,
			 const struct geometry *g)
{
	*cache = (struct verdict_cache){
		.arch = arch,
		.geometry = *g,
		.aliases = geometry__colours(g) > 1,
	};
}

/* The slot of a class. Computed in 32 bits, as 32-bit machines do this for every copy. */
static unsigned int place(__u64 class)
{
	const __u32 folded = (__u32)(class >> 32) * 31 + (__u32)class;

	return folded * 2654435761U >> (32 - VERDICT_CACHE_SHIFT);
}

/* Index of the slot that has the verdict on the copy. */
static unsigned int look_up(struct verdict_cache *cache, const struct copy *c)
{
	const __u64 class = verdict__class(&cache->geometry, c);
	const unsigned int i = place(class);
	struct verdict v;

	if (cache->kept[i].class == class && cache->kept[i].used)
		return i;
	verdict__judge_class(cache->arch, &cache->geometry, class, false, &v);
	cache->kept[i].class = class;
	cache->kept[i].used = true;
	cache->kept[i].copy = (__u8)v.copy;
	cache->kept[i].destination = (__u8)v.destination.verdict;
	return i;
}

enum copy_verdict verdict_cache__copy(struct verdict_cache *cache, const struct copy *c)
{
	if (verdict_cache__all_safe(cache))
		return COPY_SAFE;
	return cache->kept[look_up(cache, c)].copy;
}

enum side_verdict verdict_cache__clear(struct verdict_cache *cache, const struct clear *c)
{
	const struct copy as_copy = verdict__as_copy(c);

	if (verdict_cache__all_safe(cache))
		return SIDE_CONGRUENT;
	return cache->kept[look_up(cache, &as_copy)].destination;
}
