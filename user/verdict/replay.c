// SPDX-License-Identifier: GPL-2.0-only
#include "verdict/replay.h"

/* One state, taken apart. */
struct state {
	enum line line[REPLAY_PLACES];
	bool memory_new;
};

#define STATES	(LINE_COUNT * LINE_COUNT * LINE_COUNT * 2)

_Static_assert(REPLAY_PLACES == 3 && STATES <= 4 * 64, "struct replay has a bit for each state");

static unsigned int number_of(const struct state *s)
{
	return ((s->line[0] * LINE_COUNT + s->line[1]) * LINE_COUNT + s->line[2]) * 2 +
	       s->memory_new;
}

static struct state state_of(unsigned int number)
{
	return (struct state){
		.line = { number / 2 / LINE_COUNT / LINE_COUNT,
			  number / 2 / LINE_COUNT % LINE_COUNT, number / 2 % LINE_COUNT },
		.memory_new = number % 2,
	};
}

static bool has(const struct replay *r, unsigned int number)
{
	return r->states[number / 64] >> (number % 64) & 1;
}

static void add(struct replay *r, unsigned int number)
{
	r->states[number / 64] |= 1ULL << (number % 64);
}

static void unite(struct replay *r, const struct replay *with)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		r->states[i] |= with->states[i];
}

/* The first state of the set from this number on, STATES when there is none. */
static unsigned int next(const struct replay *r, unsigned int number)
{
	while (number < STATES) {
		const __u64 rest = r->states[number / 64] >> (number % 64);

		if (rest)
			return number + (unsigned int)__builtin_ctzll(rest);
		number = (number / 64 + 1) * 64;
	}
	return STATES;
}

static bool is_dirty(enum line line)
{
	return line == LINE_DIRTY_NEW || line == LINE_DIRTY_OLD;
}

static bool is_newest(enum line line)
{
	return line == LINE_CLEAN_NEW || line == LINE_DIRTY_NEW;
}

static enum line aged(enum line line)
{
	if (line == LINE_NONE)
		return LINE_NONE;
	return is_dirty(line) ? LINE_DIRTY_OLD : LINE_CLEAN_OLD;
}

/* What the cache may do by itself: write a dirty line back, drop a clean one. */
static void evict(struct state *s, unsigned int place)
{
	enum line *line = &s->line[place];

	if (is_dirty(*line)) {
		s->memory_new = is_newest(*line);
		*line = s->memory_new ? LINE_CLEAN_NEW : LINE_CLEAN_OLD;
	} else {
		*line = LINE_NONE;
	}
}

static void apply(struct state *s, enum replay_op op, unsigned int place)
{
	enum line *line = &s->line[place];
	unsigned int i;

	switch (op) {
	case REPLAY_READ:
		if (*line == LINE_NONE)
			*line = s->memory_new ? LINE_CLEAN_NEW : LINE_CLEAN_OLD;
		break;
	case REPLAY_WRITE:
		for (i = 0; i < REPLAY_PLACES; i++)
			s->line[i] = aged(s->line[i]);
		s->memory_new = false;
		*line = LINE_DIRTY_NEW;
		break;
	case REPLAY_FLUSH:
		if (is_dirty(*line))
			evict(s, place);
		*line = LINE_NONE;
		break;
	case REPLAY_CLEAN:
		if (is_dirty(*line))
			evict(s, place);
		break;
	case REPLAY_DISCARD:
		*line = LINE_NONE;
		break;
	case REPLAY_OPS:
		break;
	}
}

/* With all that the cache makes of it by itself. */
static void settle(struct replay *r, unsigned int number)
{
	unsigned int place;

	if (has(r, number))
		return;
	add(r, number);
	for (place = 0; place < REPLAY_PLACES; place++) {
		struct state s = state_of(number);

		evict(&s, place);
		settle(r, number_of(&s));
	}
}

/* All that a state can become by write-backs and evictions; worked out once. */
static const struct replay *settled(unsigned int number)
{
	static struct replay all[STATES];

	settle(&all[number], number);
	return &all[number];
}

void replay__add(struct replay *r, const enum line line[REPLAY_PLACES], bool memory_new)
{
	const struct state s = { { line[0], line[1], line[2] }, memory_new };

	unite(r, settled(number_of(&s)));
}

/*
 * A clean line is what memory was when it was filled or written back: newest bytes in it are in
 * memory, too.
 */
static bool possible(const struct state *s, unsigned int reader, bool reads_newest)
{
	unsigned int place;

	for (place = 0; place < REPLAY_PLACES; place++)
		if (s->line[place] == LINE_CLEAN_NEW && !s->memory_new)
			return false;
	if (!reads_newest)
		return true;
	return s->line[reader] == LINE_NONE ? s->memory_new : is_newest(s->line[reader]);
}

void replay__start(struct replay *r, const struct frame_start *start, unsigned int user,
		   unsigned int kernel)
{
	/* one colour for both: what either may hold, it may hold */
	const __u8 of_user = user == kernel ? start->user | start->kernel : start->user;
	const __u8 of_kernel = user == kernel ? of_user : start->kernel;
	const unsigned int reader = start->newest == NEWEST_FOR_KERNEL ? kernel : user;
	unsigned int number, place;

	*r = (struct replay){};
	for (number = 0; number < STATES; number++) {
		const struct state s = state_of(number);
		bool allowed = possible(&s, reader, start->newest != NEWEST_FOR_NOBODY);

		for (place = 0; place < REPLAY_PLACES; place++) {
			const __u8 may_be = place == user ? of_user :
					    place == kernel ? of_kernel : MAY_BE_NONE;

			allowed = allowed && may_be & MAY_BE(s.line[place]);
		}
		if (start->newest == NEWEST_FOR_NOBODY)
			allowed = allowed && !s.memory_new;
		if (allowed)
			unite(r, settled(number));
	}
}

void replay__apply(struct replay *r, enum replay_op op, unsigned int place)
{
	struct replay after = {};
	unsigned int number;

	for (number = next(r, 0); number < STATES; number = next(r, number + 1)) {
		struct state s = state_of(number);

		apply(&s, op, place);
		unite(&after, settled(number_of(&s)));
	}
	*r = after;
}

/* Is there a state in which a reader of this place gets the newest bytes, or (else) old ones? */
static bool any_read(const struct replay *r, unsigned int place, bool newest)
{
	unsigned int number;

	for (number = next(r, 0); number < STATES; number = next(r, number + 1)) {
		const struct state s = state_of(number);
		const enum line line = s.line[place];

		if (newest == (line == LINE_NONE ? s.memory_new : is_newest(line)))
			return true;
	}
	return false;
}

bool replay__can_be_new(const struct replay *r, unsigned int place)
{
	return any_read(r, place, true);
}

bool replay__can_be_old(const struct replay *r, unsigned int place)
{
	return any_read(r, place, false);
}
