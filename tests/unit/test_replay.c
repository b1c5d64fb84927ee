// SPDX-License-Identifier: GPL-2.0-only
/*
 * The symbolic cache of verdict/replay.c against a cache with bytes in it, written apart from
 * it: one to four colours, every state to begin with, every sequence of operations. From each
 * beginning all sets of states that any sequence leads to are visited, until there are no new
 * ones: so sequences of every length are covered. After each operation, for each colour: can a
 * reader get old bytes, can it get the newest?
 */
#include <stdlib.h>
#include "byte_cache.h"
#include "tap.h"

#define NODES_MAX	(1 << 17)
#define TABLE		(4 * NODES_MAX)

/* ---- both, side by side ---- */

struct pair {
	struct replay replay;
	struct set set;
};

static struct pair *pairs;
static int *table;		/* hash to pair + 1 */
static int count;
static unsigned long long applied, wrong;

/* Keep a pair; returns whether it was not there before. */
static bool visit(const struct pair *p)
{
	const __u64 *word = (const void *)p;
	__u64 h = 0;
	size_t i;

	for (i = 0; i < sizeof(*p) / sizeof(*word); i++)
		h = (h ^ word[i]) * 0x9e3779b97f4a7c15ULL + (h >> 29);
	for (i = h % TABLE; table[i]; i = (i + 1) % TABLE)
		if (!memcmp(&pairs[table[i] - 1], p, sizeof(*p)))
			return false;
	if (count == NODES_MAX) {
		printf("Bail out! more than %d pairs of sets\n", NODES_MAX);
		exit(1);
	}
	pairs[count++] = *p;
	table[i] = count;
	return true;
}

static void compare(const struct pair *p, const int *colour_of)
{
	bool can_be_new, can_be_old;
	unsigned int place;

	for (place = 0; place < REPLAY_PLACES; place++) {
		set__reads(&p->set, colour_of[place], &can_be_new, &can_be_old);
		wrong += can_be_new != replay__can_be_new(&p->replay, place);
		wrong += can_be_old != replay__can_be_old(&p->replay, place);
	}
}

/* Go on from every pair with every operation, until there is no new pair. */
static void explore(const int *colour_of, unsigned int places)
{
	unsigned int op, place;
	int at;

	for (at = 0; at < count; at++) {
		compare(&pairs[at], colour_of);
		for (op = 0; op < REPLAY_OPS; op++) {
			for (place = 0; place < places; place++) {
				struct pair next = { .replay = pairs[at].replay };

				replay__apply(&next.replay, op, place);
				set__operate(&pairs[at].set, &next.set, op, colour_of[place]);
				applied++;
				visit(&next);
			}
		}
	}
}

/* Each state of lines and memory by itself, in the places there are. */
static void begin(const int *colour_of, unsigned int places)
{
	unsigned int state, place, rest;

	for (state = 0; state < 2 * LINE_COUNT * LINE_COUNT * LINE_COUNT; state++) {
		enum line line[REPLAY_PLACES];
		struct cache c = {};
		struct pair p = {};

		memcpy(c.memory, state % 2 ? newest : oldest, BYTES);
		for (place = 0, rest = state / 2; place < REPLAY_PLACES; place++, rest /= LINE_COUNT)
			line[place] = rest % LINE_COUNT;
		for (place = 0; place < REPLAY_PLACES; place++) {
			const enum line l = line[place];
			const int colour = colour_of[place];

			if (place >= places && l != LINE_NONE)
				break;
			c.valid[colour] |= l != LINE_NONE;
			c.dirty[colour] |= l == LINE_DIRTY_NEW || l == LINE_DIRTY_OLD;
			if (l == LINE_CLEAN_NEW || l == LINE_DIRTY_NEW)
				memcpy(c.data[colour], newest, BYTES);
		}
		if (place < REPLAY_PLACES)
			continue;
		set__add(&p.set, &c);
		replay__add(&p.replay, line, state % 2);
		visit(&p);
	}
}

static void test_colours(const int *colour_of, unsigned int places, const char *name)
{
	int starts;

	memset(table, 0, TABLE * sizeof(*table));
	count = 0;
	applied = wrong = 0;
	begin(colour_of, places);
	starts = count;
	explore(colour_of, places);
	ok(!wrong, "%s: %d beginnings, %d sets, %llu operations, %llu answers wrong", name, starts,
	   count, applied, wrong);
}

/*
 * Places that are not used stand for a colour where nothing is and nothing is done. A frame is
 * used in at most three colours at once, so that four are three, and one that stays empty.
 */
int main(void)
{
	pairs = malloc(NODES_MAX * sizeof(*pairs));
	table = malloc(TABLE * sizeof(*table));
	if (!pairs || !table)
		return 1;
	test_colours((const int[]){ 0, 3, 3 }, 1, "one colour");
	test_colours((const int[]){ 0, 1, 3 }, 2, "two colours");
	test_colours((const int[]){ 1, 0, 2 }, 3, "three colours, and one more");
	free(pairs);
	free(table);
	return tap__done();
}
