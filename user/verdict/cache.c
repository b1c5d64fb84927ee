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

/* Index of the slot that has the verdict on the copy. */
static unsigned int look_up(struct verdict_cache *cache, const struct copy *c)
{
	const struct verdict_class class = verdict__class(&cache->geometry, c);
	const unsigned int i = verdict__hash_class(&class) >> (32 - VERDICT_CACHE_SHIFT);
	struct verdict v;

	if (cache->kept[i].used && verdict__same_class(&cache->kept[i].class, &class))
		return i;
	verdict__judge_class(cache->arch, &cache->geometry, &class, false, &v);
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
