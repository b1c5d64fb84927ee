// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "cache.h"

#define OPS		(OP_CLEAN | OP_INVALIDATE)
#define DISPUTED_MAX	4096
#define GRAINS		32	/* parts of a line told apart: bytes, or more in long lines */

/* The state of one line of memory. */
struct line {
	uint64_t stamp;		/* when it was last used, in time of struct cache.now */
	struct writer writer;	/* the last */
	uint32_t behind;	/* grains of which memory does not have the newest value */
	uint16_t present;	/* colours that hold it */
	uint16_t dirty;		/* colours that hold it and must write it back */
	uint32_t old[];		/* per colour: grains of which it does not have the newest value */
};

struct cache {
	struct geometry geometry;
	unsigned int line_shift, page_shift, grain_shift;
	uint32_t lines;		/* per page */
	size_t line_bytes;	/* of a struct line */
	uint64_t now;		/* index operations so far */
	uint64_t *way_time[OPS + 1];	/* [op]: when op last reached each index, per way */
	uint64_t *time[OPS + 1];	/* [op]: when op had last reached all ways of each index */
	uint64_t *latest;	/* per line of a page: the last of time[], any op and colour */
	struct cache_counts counts;
	/* Lines that are dirty in several colours: there the order of all operations matters. */
	struct {
		struct line *line;
		uint32_t at;
	} disputed[DISPUTED_MAX];
	size_t ndisputed;
	uint8_t *pages[1 << 20]; /* lines of each page frame, made when first used */
};

static unsigned int log2_of(uint32_t v)
{
	return (unsigned int)__builtin_ctz(v);
}

static bool power_of_two(uint32_t v)
{
	return v && !(v & (v - 1));
}

static bool usable(const struct geometry *g)
{
	return power_of_two(g->span) && power_of_two(g->line) && power_of_two(g->page) &&
	       power_of_two(g->ways) && g->line >= 4 && g->line <= 1024 && g->ways <= 64 &&
	       g->page >= 4096 && g->span >= g->page && g->span / g->page <= COLOURS_MAX;
}

struct cache *cache__new(const struct geometry *geometry)
{
	struct cache *cache = usable(geometry) ? calloc(1, sizeof(*cache)) : NULL;
	size_t indexes;
	unsigned int op;

	if (!cache)
		return NULL;
	cache->geometry = *geometry;
	cache->geometry.colours = geometry->span / geometry->page;
	cache->line_shift = log2_of(geometry->line);
	cache->page_shift = log2_of(geometry->page);
	cache->grain_shift = geometry->line > GRAINS ? cache->line_shift - log2_of(GRAINS) : 0;
	cache->lines = geometry->page / geometry->line;
	cache->line_bytes = sizeof(struct line) + cache->geometry.colours * sizeof(uint32_t);
	cache->line_bytes = (cache->line_bytes + 7) & ~(size_t)7;
	indexes = geometry->span / geometry->line;
	cache->latest = calloc(cache->lines, sizeof(*cache->latest));
	for (op = 1; op <= OPS; op++) {
		cache->way_time[op] = calloc(indexes * geometry->ways, sizeof(uint64_t));
		cache->time[op] = calloc(indexes, sizeof(uint64_t));
		if (!cache->way_time[op] || !cache->time[op] || !cache->latest) {
			cache__free(cache);
			return NULL;
		}
	}
	return cache;
}

void cache__free(struct cache *cache)
{
	size_t i;

	if (!cache)
		return;
	for (i = 0; i < sizeof(cache->pages) / sizeof(cache->pages[0]); i++)
		free(cache->pages[i]);
	for (i = 1; i <= OPS; i++) {
		free(cache->way_time[i]);
		free(cache->time[i]);
	}
	free(cache->latest);
	free(cache);
}

static unsigned int colour_of(const struct cache *cache, uint64_t va)
{
	return (va >> cache->page_shift) & (cache->geometry.colours - 1);
}

/* The index, within the span, that va selects. */
static uint32_t index_of(const struct cache *cache, uint64_t va)
{
	return (va & (cache->geometry.span - 1)) >> cache->line_shift;
}

/* Writes back the line in colour c: memory then has what the line has, old grains included. */
static void clean(struct line *line, unsigned int c)
{
	if (line->dirty & (1 << c)) {
		line->behind = line->old[c];
		line->dirty &= ~(1 << c);
	}
}

/*
 * Discards the line in colour c. Dirty data that is not written back is taken as given up on
 * purpose (a page about to be overwritten, a buffer that a device has filled): from then on,
 * memory has the newest values.
 */
static void invalidate(struct cache *cache, struct line *line, unsigned int c)
{
	if (line->dirty & (1 << c)) {
		cache->counts.discarded++;
		line->behind &= line->old[c];
		line->dirty &= ~(1 << c);
	}
	line->present &= ~(1 << c);
}

static void operate(struct cache *cache, struct line *line, unsigned int c, unsigned int op)
{
	if (!(line->present & (1 << c)))
		return;
	if (op & OP_CLEAN)
		clean(line, c);
	if (op & OP_INVALIDATE)
		invalidate(cache, line, c);
}

/* Applies, in their order, the index operations that have reached the line since it was used. */
static void catch_up(struct cache *cache, struct line *line, uint32_t at)
{
	uint64_t first;
	unsigned int c, op, which, what;

	while (line->stamp < cache->latest[at]) {
		first = UINT64_MAX;
		which = what = 0;
		for (c = 0; c < cache->geometry.colours; c++)
			for (op = 1; line->present & (1 << c) && op <= OPS; op++) {
				uint64_t t = cache->time[op][c * cache->lines + at];

				if (t > line->stamp && t < first) {
					first = t;
					which = c;
					what = op;
				}
			}
		if (first == UINT64_MAX)
			break;
		operate(cache, line, which, what);
		line->stamp = first;
	}
}

static bool is_disputed(const struct line *line)
{
	return line->dirty & (line->dirty - 1);
}

/* Puts the line on the list of disputed lines, if there is room. */
static void dispute(struct cache *cache, struct line *line, uint64_t phys)
{
	size_t i;

	for (i = 0; i < cache->ndisputed && cache->disputed[i].line != line; i++)
		;
	if (i < cache->ndisputed || i == DISPUTED_MAX)
		return;
	cache->disputed[i].line = line;
	cache->disputed[i].at = (phys & (cache->geometry.page - 1)) >> cache->line_shift;
	cache->ndisputed++;
}

/*
 * Called after each index operation, since catch_up() knows only the last one of each kind: if
 * several write back the dirty colours of a line, it would miss the first.
 */
static void catch_up_disputed(struct cache *cache)
{
	size_t i = 0;

	while (i < cache->ndisputed) {
		catch_up(cache, cache->disputed[i].line, cache->disputed[i].at);
		if (is_disputed(cache->disputed[i].line))
			i++;
		else
			cache->disputed[i] = cache->disputed[--cache->ndisputed];
	}
}

/* The line at physical address phys, brought up to date; NULL: out of memory, or no such RAM. */
static struct line *line_at(struct cache *cache, uint64_t phys)
{
	const uint64_t frame = phys >> cache->page_shift;
	uint32_t at = (phys & (cache->geometry.page - 1)) >> cache->line_shift;
	struct line *line;

	if (frame >= sizeof(cache->pages) / sizeof(cache->pages[0]))
		return NULL;
	if (!cache->pages[frame]) {
		cache->pages[frame] = calloc(cache->lines, cache->line_bytes);
		if (!cache->pages[frame])
			return NULL;
	}
	line = (struct line *)(cache->pages[frame] + at * cache->line_bytes);
	if (line->stamp != cache->now)
		catch_up(cache, line, at);
	line->stamp = cache->now;
	return line;
}

/* The grains of the line at a->phys that the first n bytes of a touch. */
static uint32_t grains(const struct cache *cache, const struct access *a, uint32_t n)
{
	const uint32_t mask = cache->geometry.line - 1;
	const uint32_t first = (a->phys & mask) >> cache->grain_shift;
	const uint32_t last = ((a->phys & mask) + n - 1) >> cache->grain_shift;

	return (uint32_t)((((uint64_t)1 << (last - first + 1)) - 1) << first);
}

/* The number of bytes of a that are in its first line. */
static uint32_t in_first_line(const struct cache *cache, const struct access *a)
{
	const uint32_t room = cache->geometry.line - (a->phys & (cache->geometry.line - 1));

	return a->size < room ? a->size : room;
}

static void step(struct access *a, uint32_t n)
{
	a->phys += n;
	a->va += n;
	a->size -= n;
}

/* Reads the line from memory into colour c. */
static void fill(struct line *line, unsigned int c)
{
	line->present |= 1 << c;
	line->old[c] = line->behind;
}

static uint32_t load_line(struct cache *cache, struct line *line, const struct access *a,
			  uint32_t wanted, enum stale_kind *kind)
{
	const unsigned int c = colour_of(cache, a->va);

	if (!a->cached) {
		*kind = STALE_UNCACHED;
		return line->behind & wanted;
	}
	*kind = STALE_HIT;
	if (!(line->present & (1 << c))) {
		fill(line, c);
		*kind = STALE_FILL;
	}
	return line->old[c] & wanted;
}

struct stale cache__load(struct cache *cache, const struct access *access)
{
	struct stale stale = { .kind = STALE_NONE };
	struct access a = *access;

	while (a.size) {
		const uint32_t n = in_first_line(cache, &a);
		struct line *line = line_at(cache, a.phys);
		enum stale_kind kind;
		uint32_t old;

		old = line ? load_line(cache, line, &a, grains(cache, &a, n), &kind) : 0;
		if (old) {
			if (!stale.bytes) {
				stale.kind = kind;
				stale.writer = line->writer;
			}
			stale.bytes += (uint32_t)__builtin_popcount(old) << cache->grain_shift;
		}
		step(&a, n);
	}
	return stale;
}

static void store_line(struct cache *cache, struct line *line, const struct access *a,
		       uint32_t written)
{
	const unsigned int self = colour_of(cache, a->va);
	unsigned int c;

	for (c = 0; c < cache->geometry.colours; c++)
		if (line->present & (1 << c) && !(a->cached && c == self))
			line->old[c] |= written;
	if (a->cached) {
		if (!(line->present & (1 << self)))
			fill(line, self);
		if (line->dirty & ~(1 << self))
			cache->counts.double_dirty++;
		line->old[self] &= ~written;
		line->dirty |= 1 << self;
		line->behind |= written;
		if (is_disputed(line))
			dispute(cache, line, a->phys);
	} else {
		line->behind &= ~written;
	}
	line->writer.pc = a->pc;
	line->writer.va = a->va;
}

void cache__store(struct cache *cache, const struct access *access)
{
	struct access a = *access;

	while (a.size) {
		const uint32_t n = in_first_line(cache, &a);
		struct line *line = line_at(cache, a.phys);

		if (line)
			store_line(cache, line, &a, grains(cache, &a, n));
		step(&a, n);
	}
}

void cache__hit_op(struct cache *cache, uint64_t phys, uint64_t va, unsigned int op)
{
	struct line *line = line_at(cache, phys);

	if (line)
		operate(cache, line, colour_of(cache, va), op);
}

/* Notes that operation op has reached this way of an index; it counts once it reached all ways. */
static void reach(struct cache *cache, unsigned int op, uint32_t index, uint32_t way)
{
	uint64_t *times = cache->way_time[op] + (size_t)index * cache->geometry.ways;
	uint64_t all = cache->now;
	uint32_t w;

	times[way] = cache->now;
	for (w = 0; w < cache->geometry.ways; w++)
		if (times[w] < all)
			all = times[w];
	cache->time[op][index] = all;
	if (all > cache->latest[index & (cache->lines - 1)])
		cache->latest[index & (cache->lines - 1)] = all;
}

void cache__index_op(struct cache *cache, uint64_t va, unsigned int op)
{
	const uint32_t way = (uint32_t)(va / cache->geometry.span) & (cache->geometry.ways - 1);

	cache->now++;
	reach(cache, op, index_of(cache, va), way);
	catch_up_disputed(cache);
}

void cache__whole_op(struct cache *cache, unsigned int op)
{
	uint32_t index, way;

	for (index = 0; index < cache->geometry.span / cache->geometry.line; index++) {
		cache->now++;	/* catch_up() needs a time of its own for each index */
		for (way = 0; way < cache->geometry.ways; way++)
			reach(cache, op, index, way);
		catch_up_disputed(cache);
	}
}

struct cache_counts cache__counts(const struct cache *cache)
{
	return cache->counts;
}
