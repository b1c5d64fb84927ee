// SPDX-License-Identifier: GPL-2.0-only
/* The cached verdicts while recording must be those of a report. */
#include "verdict/cache.h"
#include "recording_util.h"

#define TRIES	4000

static void test_geometry(const char *name, const struct arch *arch, __u64 span, __u64 addresses)
{
	const struct geometry g = { .span = span, .page_size = 4096 };
	unsigned int i, copies = 0, clears = 0, used = 0, verdicts = 0;
	struct verdict_cache judge;

	verdict_cache__init(&judge, arch, &g);
	for (i = 0; i < TRIES; i++) {
		struct copy copy = random_copy(i);
		struct clear clear = random_clear(i);
		struct judgement j;
		struct verdict v;

		/* unless all is watched, nothing is known to be at risk */
		if (i % 2)
			copy.facts |= FACT_USER_WATCHED | FACT_ALL_WATCHED;
		/* with many colours, few are safe by chance */
		if (i % 8 == 0) {
			copy.source.va = copy.destination.va = copy.user;
			copy.source.pfn = copy.destination.pfn = copy.user >> 12 & 0xfff;
		}
		copy.user &= addresses;
		copy.source.va &= addresses;
		copy.destination.va &= addresses;
		clear.user &= addresses;
		clear.destination.va &= addresses;
		verdict__judge(arch, &g, &copy, false, &v);
		copies += verdict_cache__copy(&judge, &copy) == v.copy;
		verdicts |= 1 << v.copy;
		verdict__judge_clear(arch, &g, &clear, false, &j);
		clears += verdict_cache__clear(&judge, &clear) == j.verdict;
	}
	for (i = 0; i < 1 << VERDICT_CACHE_SHIFT; i++)
		used += judge.kept[i].used;
	ok(copies == TRIES, "%s: copies are judged as in a report", name);
	ok(clears == TRIES, "%s: clears are", name);
	if (geometry__colours(&g) > 1)
		ok(used > 1 << VERDICT_CACHE_SHIFT >> 1 && verdicts == (1 << COPY_COUNT) - 1,
		   "%s: verdicts of all kinds, and most places in use", name);
}

/*
 * The copies of an ARMv6 system: three colours, four of each. If their verdicts push each other
 * out, the recorder judges instead of looking up, and cannot keep up with the kernel.
 */
static void test_room(void)
{
	const struct geometry g = { .span = 16384, .page_size = 4096 };
	unsigned int i, used = 0;
	struct verdict_cache cache;

	verdict_cache__init(&cache, &arch_armv6, &g);
	for (i = 0; i < 128; i++) {
		const __u64 user = i & 3, from = i >> 2 & 3, to = i >> 4 & 3;
		struct copy c = {
			.user = user << 12, .path = PATH_WP,
			.source = { from, 0xffff8000 + (user << 12), MAPPING_WINDOW,
				    EVIDENCE_OBSERVED },
			.destination = { to, 0xffffc000 + (user << 12), MAPPING_WINDOW,
					 EVIDENCE_OBSERVED },
			.facts = FACT_FLUSH_WATCHED | FACT_MAPPED_KNOWN | FACT_DIRTY_KNOWN |
				 FACT_STEPS | (i >> 6 ? FACT_MAPPED : FACT_KERNEL_DIRTY),
			.step = { STEP(STEP_DISCARD, STEP_OF_DESTINATION, to),
				  STEP(STEP_READ, STEP_OF_SOURCE, 8 + user),
				  STEP(STEP_WRITE, STEP_OF_DESTINATION, 12 + user) },
			.steps = 3,
		};

		verdict_cache__copy(&cache, &c);
	}
	for (i = 0; i < 1 << VERDICT_CACHE_SHIFT; i++)
		used += cache.kept[i].used;
	ok(used > 110, "room for the classes of one system: %u of 128 are kept", used);
}

int main(void)
{
	test_room();

	test_geometry("mips", &arch_mips, 8192, 0xffffff);
	test_geometry("mips, 4 colours", &arch_mips, 16384, 0xffffff);
	test_geometry("armv6", &arch_armv6, 16384, 0xffffff);
	test_geometry("no aliases", &arch_x86_64, 4096, 0xffffff);
	test_geometry("what if", &arch_x86_64, 65536, ~0ULL);
	test_geometry("more classes than there is room for", &arch_mips, 4 << 20, 0xffffff);
	return tap__done();
}
