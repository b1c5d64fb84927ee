// SPDX-License-Identifier: GPL-2.0-only
#include "verdict/cache.h"

void verdict_cache__init(struct verdict_cache *j, const struct arch *arch, const struct geometry *g)
{
	*j = (struct verdict_cache){ .arch = arch, .geometry = *g, .aliases = geometry__colours(g) > 1 };
}

/* The place of a class. In 32 bits: a 32-bit machine does this for every copy. */
static unsigned int place(__u64 class)
{
	return ((__u32)(class >> 32) * 31 + (__u32)class) * 2654435761U >> (32 - VERDICT_CACHE_SHIFT);
}

/* Where the verdict on the copy is kept. */
static unsigned int look_up(struct verdict_cache *j, const struct copy *c)
{
	const __u64 class = verdict__class(&j->geometry, c);
	const unsigned int i = place(class);
	struct verdict v;

	if (j->kept[i].class == class && j->kept[i].used)
		return i;
	verdict__judge_class(j->arch, &j->geometry, class, false, &v);
	j->kept[i].class = class;
	j->kept[i].used = true;
	j->kept[i].copy = (__u8)v.copy;
	j->kept[i].destination = (__u8)v.destination.verdict;
	return i;
}

enum copy_verdict verdict_cache__copy(struct verdict_cache *j, const struct copy *c)
{
	if (verdict_cache__all_safe(j))
		return COPY_SAFE;
	return j->kept[look_up(j, c)].copy;
}

enum side_verdict verdict_cache__clear(struct verdict_cache *j, const struct clear *c)
{
	const struct copy as_copy = verdict__as_copy(c);

	if (verdict_cache__all_safe(j))
		return SIDE_CONGRUENT;
	return j->kept[look_up(j, &as_copy)].destination;
}
