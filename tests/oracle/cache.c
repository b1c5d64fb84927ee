// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "cache.h"

#define OPS		(OP_CLEAN | OP_INVALIDATE)
#define DISPUTED_MAX	4096
#define GRAINS		32	/* parts of a line told apart: bytes, or more in long lines */

#define HOME_UNKNOWN	UINT8_MAX

/* A line of memory. */
struct line {
	uint64_t stamp;		/* when it was last used: see struct cache.now */
	struct writer writer;	/* who wrote it last, but for makers */
	struct writer maker_writer; /* the maker's last store */
	uint32_t behind;	/* grains of which memory has not the newest */
	uint32_t made;		/* grains that the maker wrote, and nobody since */
	maker_id maker;		/* the last copy or clear that wrote to it */
	uint16_t present;	/* colours that hold it */
	uint16_t dirty;		/* colours that hold it and must write it back */
	uint16_t makers;	/* ... and that the maker wrote to */
	uint16_t users;		/* ... and that users made dirty; the rest the kernel did */
	uint16_t spoils;	/* ... and whose write-back loses bytes by the maker's fault */
	uint16_t inherited;	/* colours that have held it since before the maker wrote */
	bool spoilt;		/* what was last lost was so by the maker's fault */
	struct held {
		uint32_t old;	/* grains of which this colour has not the newest */
		uint32_t by;	/* grains last written through this colour */
	} in[];			/* per colour */
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
	uint8_t *homes;		/* per maker: the colour of the user it works for */
	maker_id makers, makers_room;
	/* Lines that several colours have dirty: there the order of all operations counts. */
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
	cache->line_bytes = sizeof(struct line) + cache->geometry.colours * sizeof(struct held);
	cache->line_bytes = (cache->line_bytes + 7) & ~(size_t)7;
	cache->makers = 1; /* 0 is none */
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
	free(cache->homes);
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

maker_id cache__maker(struct cache *cache)
{
	if (cache->makers >= cache->makers_room) {
		const maker_id room = cache->makers_room ? 2 * cache->makers_room : 4096;
		uint8_t *homes = room > cache->makers_room ? realloc(cache->homes, room) : NULL;

		if (!homes)
			return 0;
		cache->homes = homes;
		cache->makers_room = room;
	}
	cache->homes[cache->makers] = HOME_UNKNOWN;
	return cache->makers++;
}

void cache__made_for(struct cache *cache, maker_id maker, uint64_t user)
{
	if (maker)
		cache->homes[maker] = (uint8_t)colour_of(cache, user);
}

/* Is it a copy or clear for a user? If so, *home is his colour. */
static bool is_maker(const struct cache *cache, maker_id who, unsigned int *home)
{
	if (!who || cache->homes[who] == HOME_UNKNOWN)
		return false;
	*home = cache->homes[who];
	return true;
}

/* The line in colour c is dirty no more. */
static void settle(struct line *line, unsigned int c)
{
	line->dirty &= ~(1 << c);
	line->makers &= ~(1 << c);
	line->users &= ~(1 << c);
	line->spoils &= ~(1 << c);
}

/* The line in colour c is written back: memory is now as old as the line is. */
static void clean(struct line *line, unsigned int c)
{
	if (line->dirty & (1 << c)) {
		line->behind = line->in[c].old;
		line->spoilt = line->spoils & (1 << c);
		settle(line, c);
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
		line->behind &= line->in[c].old;
		settle(line, c);
	}
	line->present &= ~(1 << c);
	line->inherited &= ~(1 << c);
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
	line->in[c].old = line->behind;
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
	return line->in[c].old & wanted;
}

/* Does this colour, or LIES_MEMORY, show the newest value of this grain to who reads there? */
static bool shows(const struct line *line, int where, uint32_t grain)
{
	if (where != LIES_MEMORY && line->present & (1 << where))
		return !(line->in[where].old & grain);
	return !(line->behind & grain);
}

static int place_of(const struct cache *cache, const struct line *line, uint32_t grain)
{
	const int colours = (int)cache->geometry.colours;
	int c;

	for (c = 0; c < colours; c++)
		if (line->dirty & (1 << c) && !(line->in[c].old & grain))
			return c;
	if (!(line->behind & grain))
		return LIES_MEMORY;
	for (c = 0; c < colours; c++)
		if (line->present & (1 << c) && !(line->in[c].old & grain))
			return c;
	return LIES_NOWHERE;
}

/* The colour this grain was written through last, or LIES_MEMORY: uncached, or never. */
static int written_through(const struct cache *cache, const struct line *line, uint32_t grain)
{
	int c;

	for (c = 0; c < (int)cache->geometry.colours; c++)
		if (line->in[c].by & grain)
			return c;
	return LIES_MEMORY;
}

/*
 * Did the maker leave its bytes where its user does not see them? It did not if they are in
 * memory, and before them is a line of the user's colour that was there when it began.
 */
static bool left_away(const struct line *line, const struct stale *stale, int belongs, int through)
{
	if (belongs == through || stale->lies == LIES_NOWHERE)
		return false;
	return stale->lies != LIES_MEMORY || !(line->inherited & (1 << belongs));
}

/* The rule of README.md, "Who is to blame", for one grain that was read in an old version. */
static void find_culprit(const struct cache *cache, const struct line *line, uint32_t grain,
			 struct stale *stale)
{
	const int through = written_through(cache, line, grain);
	const bool made = line->made & grain;
	unsigned int home;
	int belongs = through;

	stale->writer = made ? line->maker_writer : line->writer;
	stale->maker = made && is_maker(cache, line->maker, &home) ? line->maker : 0;
	stale->lies = place_of(cache, line, grain);
	if (stale->maker)
		belongs = (int)home;
	if (shows(line, belongs, grain))
		stale->blame = BLAME_READER;
	else if (left_away(line, stale, belongs, through))
		stale->culprit = stale->maker;
	else if (line->spoilt && is_maker(cache, line->maker, &home))
		stale->culprit = line->maker;
	else
		stale->blame = BLAME_OTHER;
	if (stale->culprit)
		stale->blame = BLAME_MAKER;
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
				stale.read = a.cached ? (int)colour_of(cache, a.va) : LIES_MEMORY;
				find_culprit(cache, line, old & -old, &stale);
			}
			stale.bytes += (uint32_t)__builtin_popcount(old) << cache->grain_shift;
		}
		step(&a, n);
	}
	return stale;
}

/* Is colour self old because the maker left its bytes elsewhere? */
static bool left_old(const struct line *line, unsigned int self, unsigned int home)
{
	return home == self && line->in[self].old & line->made & ~line->in[self].by &&
	       !(line->inherited & (1 << self));
}

/* A new maker: all that was of the line's last life. */
static void begin_life(const struct cache *cache, struct line *line, maker_id maker)
{
	unsigned int home;

	if (is_maker(cache, line->maker, &home))
		line->users |= line->makers & (1 << home);
	line->makers = 0;
	line->inherited = line->present;
	line->made = 0;
	line->maker = maker;
}

/*
 * The maker stores through colour self. What the kernel left dirty elsewhere it should have got
 * rid of: whichever is written back last spoils the other. That a freed page is dirty in a
 * user's colour is no fault of whom it is given to.
 */
static void soil_by_maker(struct line *line, unsigned int self)
{
	uint16_t kernels;

	line->makers |= 1 << self;
	line->users &= ~(1 << self);
	kernels = line->dirty & ~line->makers & ~line->users;
	line->spoils = kernels ? kernels | line->makers : 0;
}

/*
 * Anyone else does. The maker is to blame if it left its bytes dirty where its user does not
 * look, so that now two colours are.
 */
static void soil_by_others(const struct cache *cache, struct line *line, unsigned int self,
			   bool user)
{
	unsigned int home;

	if (!(line->makers & (1 << self))) {
		line->users &= ~(1 << self);
		line->users |= user << self;
	}
	if (is_maker(cache, line->maker, &home)) {
		const uint16_t away = line->makers & ~(1 << self) & ~(1 << home);

		if (away || left_old(line, self, home))
			line->spoils |= away | 1 << self;
	}
}

static void note_writer(struct line *line, const struct access *a, uint32_t written)
{
	const struct writer writer = { .pc = a->pc, .va = a->va };

	if (a->maker) {
		line->maker_writer = writer;
		line->made |= written;
	} else {
		line->writer = writer;
		line->made &= ~written;
	}
}

static void store_line(struct cache *cache, struct line *line, const struct access *a,
		       uint32_t written)
{
	const unsigned int self = colour_of(cache, a->va);
	unsigned int c;

	if (a->maker && a->maker != line->maker)
		begin_life(cache, line, a->maker);
	note_writer(line, a, written);
	for (c = 0; c < cache->geometry.colours; c++) {
		if (line->present & (1 << c) && !(a->cached && c == self))
			line->in[c].old |= written;
		line->in[c].by &= ~written;
	}
	if (a->cached) {
		if (!(line->present & (1 << self)))
			fill(line, self);
		if (line->dirty & ~(1 << self))
			cache->counts.double_dirty++;
		if (a->maker)
			soil_by_maker(line, self);
		else
			soil_by_others(cache, line, self, a->user);
		line->dirty |= 1 << self;
		line->in[self].old &= ~written;
		line->in[self].by |= written;
		line->behind |= written;
		if (is_disputed(line))
			dispute(cache, line, a->phys);
	} else {
		line->behind &= ~written;
	}
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
