/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A data cache with bytes in it, and sets of all that it may hold: what verdicts are compared
 * with. Written apart from verdict/replay.c, of which it knows only the names of operations.
 */
#ifndef BRINDLE_BYTE_CACHE_H
#define BRINDLE_BYTE_CACHE_H

#include <stdbool.h>
#include <string.h>
#include "verdict/replay.h"

#define COLOURS		4
#define BYTES		2	/* of a line: enough to tell a torn one */
#define CODES		(1 << 13)
#define WORDS		(CODES / 64)

/* ---- a cache with bytes ---- */

struct cache {
	bool valid[COLOURS], dirty[COLOURS];
	unsigned char data[COLOURS][BYTES];
	unsigned char memory[BYTES];
};

/* What was written last is 1, 2; all that is older is 0, 0. */
static const unsigned char newest[BYTES] = { 1, 2 }, oldest[BYTES];

static inline bool is_newest(const unsigned char *bytes)
{
	return !memcmp(bytes, newest, BYTES);
}

static inline void write_back(struct cache *c, int colour)
{
	memcpy(c->memory, c->data[colour], BYTES);
	c->dirty[colour] = false;
}

static inline void drop(struct cache *c, int colour)
{
	c->valid[colour] = c->dirty[colour] = false;
	memcpy(c->data[colour], oldest, BYTES);
}

static inline const unsigned char *load(struct cache *c, int colour)
{
	if (!c->valid[colour])
		memcpy(c->data[colour], c->memory, BYTES);
	c->valid[colour] = true;
	return c->data[colour];
}

static inline void store(struct cache *c, int colour)
{
	int i;

	for (i = 0; i < COLOURS; i++)
		memcpy(c->data[i], oldest, BYTES);
	memcpy(c->memory, oldest, BYTES);
	memcpy(c->data[colour], newest, BYTES);
	c->valid[colour] = c->dirty[colour] = true;
}

static inline void operate(struct cache *c, enum replay_op op, int colour)
{
	if (op == REPLAY_READ)
		load(c, colour);
	else if (op == REPLAY_WRITE)
		store(c, colour);
	else if (op != REPLAY_DISCARD && c->valid[colour] && c->dirty[colour])
		write_back(c, colour);
	if (op == REPLAY_FLUSH || op == REPLAY_DISCARD)
		drop(c, colour);
}

/* A cache as a number, and back. */
static inline unsigned int code_of(const struct cache *c)
{
	unsigned int code = is_newest(c->memory);
	int i;

	for (i = 0; i < COLOURS; i++)
		code = code << 3 | (unsigned int)c->valid[i] << 2 | (unsigned int)c->dirty[i] << 1 |
		       is_newest(c->data[i]);
	return code;
}

static inline struct cache cache_of(unsigned int code)
{
	struct cache c;
	int i;

	for (i = COLOURS - 1; i >= 0; i--, code >>= 3) {
		memcpy(c.data[i], code & 1 ? newest : oldest, BYTES);
		c.dirty[i] = code & 2;
		c.valid[i] = code & 4;
	}
	memcpy(c.memory, code & 1 ? newest : oldest, BYTES);
	return c;
}

/* ---- all caches that may be ---- */

struct set {
	__u64 bits[WORDS];
};

static inline bool set__has(const struct set *s, unsigned int code)
{
	return s->bits[code / 64] >> code % 64 & 1;
}

/* With all that write-backs and evictions make of it. */
static inline void set__add(struct set *s, const struct cache *c)
{
	const unsigned int code = code_of(c);
	int colour;

	if (set__has(s, code))
		return;
	s->bits[code / 64] |= 1ULL << code % 64;
	for (colour = 0; colour < COLOURS; colour++) {
		struct cache next = *c;

		if (!c->valid[colour])
			continue;
		if (c->dirty[colour])
			write_back(&next, colour);
		else
			drop(&next, colour);
		set__add(s, &next);
	}
}

/* The next code of the set from this one on, CODES when there is none. */
static inline unsigned int set__next(const struct set *s, unsigned int code)
{
	for (; code < CODES; code = (code / 64 + 1) * 64) {
		const __u64 rest = s->bits[code / 64] >> code % 64;

		if (rest)
			return code + (unsigned int)__builtin_ctzll(rest);
	}
	return CODES;
}

static inline void set__operate(const struct set *from, struct set *to, enum replay_op op, int colour)
{
	unsigned int code;

	memset(to, 0, sizeof(*to));
	for (code = set__next(from, 0); code < CODES; code = set__next(from, code + 1)) {
		struct cache c = cache_of(code);

		operate(&c, op, colour);
		set__add(to, &c);
	}
}

static inline void set__reads(const struct set *s, int colour, bool *can_be_new, bool *can_be_old)
{
	unsigned int code;

	*can_be_new = *can_be_old = false;
	for (code = set__next(s, 0); code < CODES; code = set__next(s, code + 1)) {
		struct cache c = cache_of(code);

		*(is_newest(load(&c, colour)) ? can_be_new : can_be_old) = true;
	}
}

#endif
