// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle's model of a cache (tests/oracle/cache.c) against a cache with data in it:
 * the same random accesses and operations go to both, and what the model calls stale must
 * be exactly the bytes that differ from the last ones written. Then single rules, who is to
 * blame for what kernels with a mistake do, and cache instructions as an assembler writes them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../oracle/oracle.h"
#include "tap.h"

#define PAGE		4096
#define LINE		32
#define PAGES		4
#define LINES		(PAGE / LINE)
#define SPAN_MAX	(4 * PAGE)

/* ---- a cache with data ---- */

struct held {
	bool present, dirty;
	uint32_t data[LINE];	/* for each byte, the serial number of its value */
};

static struct {
	uint32_t colours;
	uint32_t memory[PAGES * PAGE], newest[PAGES * PAGE];
	int through[PAGES * PAGE];	/* the colour it was written through last */
	maker_id maker[PAGES * PAGE];	/* ... as a part of this */
	struct held held[PAGES * LINES][4];
} real;

static void real_operate(uint32_t line, uint32_t c, unsigned int op)
{
	struct held *h = &real.held[line][c];

	if (!h->present)
		return;
	if (op & OP_CLEAN && h->dirty) {
		memcpy(real.memory + line * LINE, h->data, sizeof(h->data));
		h->dirty = false;
	}
	if (op & OP_INVALIDATE)
		h->present = h->dirty = false;
}

static void real_fill(uint32_t line, uint32_t c)
{
	struct held *h = &real.held[line][c];

	if (h->present)
		return;
	h->present = true;
	memcpy(h->data, real.memory + line * LINE, sizeof(h->data));
}

/* How many of the bytes read are not the newest, and the first of these. */
static uint32_t real_load(const struct access *a, uint64_t *first)
{
	const uint32_t c = a->va / PAGE % real.colours;
	uint32_t i, old = 0;

	for (i = 0; i < a->size; i++) {
		const uint64_t at = a->phys + i;
		uint32_t seen = real.memory[at];

		if (a->cached) {
			real_fill((uint32_t)(at / LINE), c);
			seen = real.held[at / LINE][c].data[at % LINE];
		}
		if (seen != real.newest[at] && !old++)
			*first = at;
	}
	return old;
}

static void real_store(const struct access *a)
{
	const uint32_t c = a->va / PAGE % real.colours;
	uint32_t i;

	for (i = 0; i < a->size; i++) {
		const uint64_t at = a->phys + i;
		struct held *h = &real.held[at / LINE][c];

		real.newest[at]++;
		real.maker[at] = a->maker;
		real.through[at] = a->cached ? (int)c : LIES_MEMORY;
		if (!a->cached) {
			real.memory[at] = real.newest[at];
			continue;
		}
		real_fill((uint32_t)(at / LINE), c);
		h->dirty = true;
		h->data[at % LINE] = real.newest[at];
	}
}

/* ---- both at once ---- */

static struct cache *cache;
static unsigned int reads, stale_reads, wrong, wrong_blame, blamed_makers;
static maker_id makers[PAGES * LINES];	/* each line has one, and each a home */

static int home_of(maker_id maker)
{
	return (int)(maker % real.colours);
}

/* Does this colour, or LIES_MEMORY, have the newest value of this byte? */
static bool real_shows(uint64_t at, int where)
{
	const struct held *h = where == LIES_MEMORY ? NULL : &real.held[at / LINE][where];

	return (h && h->present ? h->data[at % LINE] : real.memory[at]) == real.newest[at];
}

/* Is the blame right? Whose fault a lost value is, this does not know. */
static bool right_blame(const struct stale *stale, uint64_t at)
{
	const maker_id maker = real.maker[at];
	const int belongs = maker ? home_of(maker) : real.through[at];

	if (stale->maker != maker)
		return false;
	if (real_shows(at, belongs))
		return stale->blame == BLAME_READER && !stale->culprit;
	if (belongs != real.through[at] && !real_shows(at, LIES_MEMORY) && stale->lies >= 0)
		return stale->blame == BLAME_MAKER && stale->culprit == maker;
	return stale->blame != BLAME_READER;
}

static void both_load(const struct access *a)
{
	uint64_t first;
	const uint32_t want = real_load(a, &first);
	const struct stale stale = cache__load(cache, a);

	reads++;
	stale_reads += want > 0;
	wrong += stale.bytes != want;
	wrong_blame += want && !right_blame(&stale, first);
	blamed_makers += stale.culprit > 0;
}

static void random_step(void)
{
	const uint64_t phys = (uint64_t)(rand() % (PAGES * PAGE / 4)) * 4;
	const uint32_t colour = (uint32_t)rand() % real.colours, index = phys % PAGE / LINE;
	struct access a = {
		.phys = phys, .va = colour * PAGE + phys % PAGE + 0x10000, .pc = 1,
		.size = 1U << rand() % 4, .cached = rand() % 16, .user = rand() % 2,
	};
	const unsigned int op = OP_CLEAN | (rand() % 2 ? OP_INVALIDATE : 0);
	uint32_t i;

	if (a.phys % 8 && a.size == 8)
		a.size = 4;
	switch (rand() % 16) {
	case 0:
		cache__hit_op(cache, phys, a.va, op);
		real_operate((uint32_t)(phys / LINE), colour, op);
		break;
	case 1:
		cache__index_op(cache, a.va, op);
		for (i = 0; i < PAGES; i++)
			real_operate(i * LINES + index, colour, op);
		break;
	case 2:
		if (rand() % 64)
			break;
		cache__whole_op(cache, op);
		for (i = 0; i < PAGES * LINES * real.colours; i++)
			real_operate(i / real.colours, i % real.colours, op);
		break;
	case 3 ... 7:
		if (!(rand() % 4))
			a.maker = makers[phys / LINE];
		cache__store(cache, &a);
		real_store(&a);
		break;
	default:
		both_load(&a);
	}
}

/* Operations that discard dirty data are left out: no newest value would remain. */
static void test_random(uint32_t colours)
{
	const struct geometry geometry = { .span = colours * PAGE, .line = LINE, .ways = 1,
					   .page = PAGE };
	int i;

	memset(&real, 0, sizeof(real));
	real.colours = colours;
	reads = stale_reads = wrong = wrong_blame = blamed_makers = 0;
	cache = cache__new(&geometry);
	for (i = 0; i < PAGES * LINES; i++) {
		makers[i] = cache__maker(cache);
		cache__made_for(cache, makers[i], (uint64_t)home_of(makers[i]) * PAGE);
	}
	srand(colours);
	for (i = 0; i < 2000000; i++)
		random_step();
	cache__free(cache);
	cache = NULL;
	is(wrong, 0, "no read is judged wrongly");
	is(wrong_blame, 0, "no one is blamed wrongly");
	ok(colours == 1 || blamed_makers > stale_reads / 20, "%u times a maker is blamed",
	   blamed_makers);
	ok(colours == 1 || stale_reads > reads / 10, "%u colours: %u of %u reads stale", colours,
	   stale_reads, reads);
}

/* ---- single rules ---- */

static struct access at(uint64_t phys, uint32_t colour)
{
	return (struct access){ .phys = phys, .va = colour * PAGE + phys % PAGE, .pc = 0x1000,
				.size = 4, .cached = true };
}

static struct cache *new_cache(uint32_t ways)
{
	const struct geometry geometry = { .span = 2 * PAGE, .line = LINE, .ways = ways,
					   .page = PAGE };

	return cache__new(&geometry);
}

static void test_kinds(void)
{
	struct cache *c = new_cache(1);
	struct access a = at(0x100, 0), b = at(0x100, 1), u = at(0x100, 1);
	struct stale stale;

	u.cached = false;
	cache__store(c, &a);
	stale = cache__load(c, &u);
	is(stale.kind, STALE_UNCACHED, "memory is behind a dirty line");
	stale = cache__load(c, &b);
	is(stale.kind, STALE_FILL, "another colour is filled from memory that is behind");
	is(stale.bytes, 4, "four bytes were written");
	is(stale.writer.pc, 0x1000, "by this instruction");
	stale = cache__load(c, &b);
	is(stale.kind, STALE_HIT, "and stays old");
	is(cache__load(c, &a).bytes, 0, "the writer's colour has the newest");
	cache__hit_op(c, a.phys, a.va, OP_CLEAN);
	is(cache__load(c, &u).bytes, 0, "written back: memory is up to date");
	is(cache__load(c, &b).bytes, 4, "the old line does not know");
	cache__hit_op(c, b.phys, b.va, OP_INVALIDATE);
	is(cache__load(c, &b).bytes, 0, "forgotten and filled anew it does");
	cache__free(c);
}

/* Data that is discarded without being written back no longer counts: memory is newest then. */
static void test_discard(void)
{
	struct cache *c = new_cache(1);
	struct access a = at(0x200, 0), u = at(0x200, 0);

	u.cached = false;
	cache__store(c, &a);
	cache__hit_op(c, a.phys, a.va, OP_INVALIDATE);
	is(cache__load(c, &u).bytes, 0, "memory is what there is");
	is(cache__load(c, &a).bytes, 0, "in the colour that wrote, too");
	is(cache__counts(c).discarded, 1, "but it is counted");
	cache__free(c);
}

static void test_ways(void)
{
	struct cache *c = new_cache(4);
	struct access a = at(0x40, 0), b = at(0x40, 1), u = at(0x40, 0);
	uint32_t way;

	u.cached = false;
	cache__store(c, &a);
	for (way = 0; way < 3; way++)
		cache__index_op(c, way * 2 * PAGE + a.va, OP_CLEAN | OP_INVALIDATE);
	is(cache__load(c, &u).bytes, 4, "the line may lie in the fourth way");
	cache__store(c, &a);
	for (way = 0; way < 4; way++)
		cache__index_op(c, way * 2 * PAGE + a.va, OP_CLEAN | OP_INVALIDATE);
	is(cache__load(c, &u).bytes, 0, "reached in all ways");
	cache__store(c, &a);
	cache__store(c, &b);
	for (way = 0; way < 4; way++)
		cache__index_op(c, way * 2 * PAGE + b.va, OP_CLEAN | OP_INVALIDATE);
	for (way = 0; way < 4; way++)
		cache__index_op(c, way * 2 * PAGE + a.va, OP_CLEAN | OP_INVALIDATE);
	is(cache__load(c, &u).bytes, 4, "two dirty colours: the one written back last is old");
	is(cache__counts(c).double_dirty, 1, "and they are counted");
	cache__free(c);
}

/*
 * ---- who is to blame ----
 *
 * Two colours: the kernel's own address of every frame is of colour K, and the users' of U.
 */
enum { K, U };
#define WORDS	16	/* of a page that are played: two lines */

/* What a reader of a page found. */
struct found {
	uint32_t bytes, own, other;	/* old ones; by the reader's fault; by nobody's */
	maker_id culprit;		/* the last one that was to blame */
	uint32_t of_culprit;
};

static struct access word(uint32_t frame, uint32_t i, uint32_t colour)
{
	struct access a = at(frame * PAGE + i * 4, colour);

	a.user = colour == U;
	return a;
}

static void write_words(uint32_t frame, uint32_t colour, uint32_t first, uint32_t n, maker_id maker)
{
	uint32_t i;

	for (i = first; i < first + n; i++) {
		struct access a = word(frame, i, colour);

		a.maker = maker;
		cache__store(cache, &a);
	}
}

/* By a user if the colour is U, else by the kernel. */
static void write_page(uint32_t frame, uint32_t colour)
{
	write_words(frame, colour, 0, WORDS, 0);
}

static void write_first_word(uint32_t frame, uint32_t colour)
{
	write_words(frame, colour, 0, 1, 0);
}

static struct found read_page(uint32_t frame, uint32_t colour)
{
	struct found found = { 0 };
	uint32_t i;

	for (i = 0; i < WORDS; i++) {
		const struct access a = word(frame, i, colour);
		const struct stale stale = cache__load(cache, &a);

		found.bytes += stale.bytes;
		if (stale.culprit) {
			found.culprit = stale.culprit;
			found.of_culprit += stale.bytes;
		} else if (stale.bytes && stale.blame == BLAME_READER) {
			found.own += stale.bytes;
		} else {
			found.other += stale.bytes;
		}
	}
	return found;
}

static void flush(uint32_t frame, uint32_t colour, unsigned int op)
{
	uint32_t i;

	for (i = 0; i < WORDS; i++) {
		const struct access a = word(frame, i, colour);

		cache__hit_op(cache, a.phys, a.va, op);
	}
}

#define FLUSH	(OP_CLEAN | OP_INVALIDATE)

static maker_id new_maker(void)
{
	const maker_id maker = cache__maker(cache);

	cache__made_for(cache, maker, U * PAGE);
	return maker;
}

/* A copy that a kernel makes: from frame and colour to frame and colour. */
static struct found copy(uint32_t from, uint32_t read, uint32_t to, uint32_t written, maker_id *maker)
{
	const struct found found = read_page(from, read);

	*maker = new_maker();
	write_words(to, written, 0, WORDS, *maker);
	return found;
}

static const char *kernel;	/* that is played */

/* Of the old bytes found all are by this one's fault. */
static void fault_of(struct found f, maker_id who, uint32_t bytes, const char *what)
{
	ok(f.bytes == bytes && f.of_culprit == bytes && f.culprit == who,
	   "%s: %s: %u old, %u by the fault of %u, which is %u", kernel, what, f.bytes, f.of_culprit,
	   f.culprit, who);
}

static void own_fault(struct found f, uint32_t bytes, const char *what)
{
	ok(f.bytes == bytes && f.own == bytes, "%s: %s: %u old, %u by its own fault", kernel, what,
	   f.bytes, f.own);
}

static void others_fault(struct found f, uint32_t bytes, const char *what)
{
	ok(f.bytes == bytes && f.other == bytes, "%s: %s: %u old, %u by the fault of no copy",
	   kernel, what, f.bytes, f.other);
}

static void nothing_old(struct found f, const char *what)
{
	ok(!f.bytes, "%s: %s: nothing old", kernel, what);
}

static void begin(const char *name)
{
	kernel = name;
	cache__free(cache);
	cache = new_cache(1);
}

/* A copy of a sound kernel: the source in the user's colour, the destination as below. */
static void test_sound(void)
{
	maker_id a, b;

	begin("sound");
	write_page(0, U);
	write_page(1, K); /* its last life */
	flush(1, K, OP_INVALIDATE);
	nothing_old(copy(0, U, 1, U, &a), "destination in the user's colour: copy");
	write_first_word(1, U);
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
	nothing_old(read_page(1, U), "destination in the user's colour: user");

	nothing_old(copy(1, U, 2, K, &b), "destination flushed after: copy");
	flush(2, K, FLUSH);
	nothing_old(read_page(2, U), "destination flushed after: user");
}

static void test_naive(void)
{
	maker_id a, b;

	begin("naive");
	write_page(0, K); /* a file's page, just read */
	own_fault(copy(0, U, 1, U, &a), 64, "copy of what the kernel wrote");
	nothing_old(read_page(1, U), "user of it");
	nothing_old(copy(1, U, 2, U, &b), "copy of what the user has");
}

static void test_dest_only(void)
{
	maker_id a, b;

	begin("dest-only");
	write_page(0, U);
	own_fault(copy(0, K, 1, U, &a), 64, "copy of what the user wrote");
	nothing_old(read_page(1, U), "user of it");
	own_fault(copy(1, K, 2, U, &b), 64, "copy of what a copy left where it belongs");
	flush(1, U, FLUSH);
	own_fault(read_page(1, K), 64, "the old lines in the kernel's colour");
}

/* How wrong-page and flush-first go on: the destination is left in the kernel's colour. */
static void left_behind(maker_id a)
{
	maker_id b;

	fault_of(read_page(1, U), a, 64, "user");
	write_first_word(1, U);
	fault_of(copy(1, U, 2, U, &b), a, 60, "copy through the right mapping");
	nothing_old(read_page(2, U), "user of that");
	own_fault(read_page(1, K), 4, "copy through the wrong one, of the user's word");
	flush(1, U, FLUSH);
	fault_of(read_page(1, U), a, 60, "user, with his own line written back");
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
	fault_of(read_page(1, U), a, 4, "user, whose word the other line was written over");
	fault_of(copy(1, K, 2, U, &b), a, 4, "copy of that: nowhere it would be right");
}

static void test_flush_first(void)
{
	maker_id a;

	begin("flush-first");
	write_page(0, U);
	write_page(1, K);
	flush(1, K, FLUSH);
	nothing_old(copy(0, U, 1, K, &a), "copy");
	left_behind(a);
}

static void test_wrong_page(void)
{
	maker_id a;

	begin("wrong-page");
	write_page(0, U);
	nothing_old(copy(0, U, 1, K, &a), "copy");
	flush(0, K, FLUSH);
	left_behind(a);
}

static void test_no_discard(void)
{
	maker_id a, b;

	begin("no-discard");
	write_page(0, U);
	write_page(1, K); /* its last life */
	nothing_old(copy(0, U, 1, U, &a), "copy");
	nothing_old(read_page(1, U), "user, as long as nothing is written back");
	own_fault(read_page(1, K), 64, "read where the user does not look");
	write_first_word(1, U);
	flush(1, U, FLUSH);
	write_first_word(1, U); /* another time, and what was there still has to come */
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
	fault_of(read_page(1, U), a, 64, "user, and his own word is lost with the rest");
	fault_of(copy(1, U, 2, U, &b), a, 64, "copy of that");
	nothing_old(read_page(2, U), "user of the second");
}

static void test_old_lines(void)
{
	maker_id a;

	begin("old-lines");
	read_page(1, U);
	write_page(0, U);
	copy(0, U, 1, K, &a);
	flush(1, K, FLUSH);
	others_fault(read_page(1, U), 64, "user, before whose page in memory lie lines of its last life");
	write_first_word(1, U);
	flush(1, U, FLUSH);
	others_fault(read_page(1, U), 28, "user, who wrote to one, and it was written back");
	begin("old-lines, destination left behind");
	read_page(1, U);
	write_page(0, U);
	copy(0, U, 1, K, &a);
	fault_of(read_page(1, U), a, 64, "user");
	begin("flushed too late");
	write_page(0, U);
	read_page(1, U);
	copy(0, U, 1, K, &a);
	flush(1, U, FLUSH);
	read_page(1, U);
	flush(1, K, FLUSH);
	fault_of(read_page(1, U), a, 64, "user, who has old lines of it");
	write_first_word(1, U);
	flush(1, U, FLUSH);
	fault_of(read_page(1, U), a, 28, "user, who wrote to one, and it was written back");
}

static void test_two_lives(void)
{
	maker_id a, b;
	struct access second;

	begin("no-discard of what a copy had left behind");
	copy(0, U, 1, K, &a);
	copy(0, U, 1, U, &b);
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
	fault_of(read_page(1, U), b, 64, "user");

	begin("two copies");
	copy(0, U, 1, U, &a);
	b = new_maker();
	write_words(1, U, 0, 1, b);
	second = word(1, 1, K);
	is(cache__load(cache, &second).maker, 0, "of the first nothing is known when the second begins");
}

/* The kernel writes to a user's page past him; what he writes beside it is lost. */
static void two_ways(void)
{
	write_first_word(1, K);
	write_words(1, U, 1, 1, 0);
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
}

/* What goes wrong besides copies and clears is not put on them. */
static void test_others(void)
{
	maker_id a, b;

	begin("freed-dirty");
	write_page(0, U);
	write_page(1, U); /* freed without a flush */
	copy(0, U, 1, K, &a);
	flush(1, K, FLUSH);
	flush(1, U, FLUSH);
	others_fault(read_page(1, U), 64, "user");

	begin("freed-dirty, after a copy");
	copy(0, U, 1, U, &a);
	copy(0, U, 1, K, &b);
	flush(1, K, FLUSH);
	flush(1, U, FLUSH);
	others_fault(read_page(1, U), 64, "user");

	begin("freed-dirty, beside what a copy had left behind");
	copy(0, U, 1, K, &a);
	write_first_word(1, U);
	flush(1, K, FLUSH);
	copy(0, U, 1, K, &b);
	flush(1, K, FLUSH);
	flush(1, U, FLUSH);
	others_fault(read_page(1, U), 32, "user");

	begin("kernel-wrote");
	copy(0, U, 1, U, &a);
	write_first_word(1, K); /* past the user */
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
	others_fault(read_page(1, U), 28, "user");
	write_words(1, U, 1, 1, 0);
	flush(1, U, FLUSH);
	others_fault(read_page(1, U), 24, "user, who wrote to the rest, and it was written back");

	begin("kernel-wrote, after a sound copy");
	copy(0, U, 1, K, &a);
	flush(1, K, FLUSH);
	two_ways();
	others_fault(read_page(1, U), 4, "user");

	begin("kernel-wrote, after what a copy had spoilt");
	copy(0, U, 1, K, &a);
	write_first_word(1, U);
	flush(1, U, FLUSH);
	flush(1, K, FLUSH);
	write_page(1, U);
	flush(1, U, FLUSH);
	two_ways();
	others_fault(read_page(1, U), 4, "user");
}

static void test_clears(void)
{
	maker_id a, clear;

	begin("clear-unflushed");
	clear = new_maker();
	write_words(0, K, 0, WORDS, clear);
	fault_of(read_page(0, U), clear, 64, "user");
	fault_of(copy(0, U, 1, U, &a), clear, 64, "copy");
	begin("naive");
	clear = cache__maker(cache);
	write_words(0, K, 0, WORDS, clear);
	own_fault(copy(0, U, 1, U, &a), 64, "copy of what the kernel cleared for itself");
}

static void test_where(void)
{
	struct access a;
	struct stale stale;

	begin("where");
	write_page(0, U);
	a = word(0, 0, K);
	stale = cache__load(cache, &a);
	ok(stale.lies == U && stale.read == K && !stale.maker, "dirty there, read here");
	flush(0, U, FLUSH);
	stale = cache__load(cache, &a);
	ok(stale.lies == LIES_MEMORY && stale.read == K, "in memory");
	write_page(0, U);
	a.cached = false;
	stale = cache__load(cache, &a);
	ok(stale.lies == U && stale.read == LIES_MEMORY, "read past the cache");
	write_first_word(0, K);
	flush(0, K, FLUSH);
	flush(0, U, FLUSH);
	stale = cache__load(cache, &a);
	is(stale.lies, LIES_NOWHERE, "written over");
	cache__free(cache);
	cache = NULL;
}

static void test_geometry(void)
{
	static const struct geometry bad[] = {
		{ .span = 0, .line = 32, .ways = 1, .page = 4096 },
		{ .span = 12288, .line = 32, .ways = 1, .page = 4096 },
		{ .span = 8192, .line = 0, .ways = 1, .page = 4096 },
		{ .span = 8192, .line = 32, .ways = 3, .page = 4096 },
		{ .span = 1 << 20, .line = 32, .ways = 1, .page = 4096 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!cache__new(&bad[i]), "geometry %u is none", i);
}

/* ---- instructions, as objdump shows them ---- */

uint64_t guest__reg(int reg)
{
	return reg == 25 ? 0x60000000 : 0; /* CPSR: Z and C */
}

uint64_t guest__word(uint64_t phys, unsigned int size)
{
	(void)phys;
	(void)size;
	return 0;
}

void guest__read_words(uint64_t va, uint32_t *words, size_t n)
{
	(void)va;
	memset(words, 0, n * sizeof(*words));
}

uint64_t symbols__find(const char *name, uint64_t *end)
{
	(void)name;
	*end = 0;
	return 0;
}

static void test_decode(void)
{
	static const struct {
		const struct arch *arch;
		uint32_t insn;
		const char *text;
		unsigned int how, op;
		int reg;
		int32_t offset;
	} cases[] = {
		{ &model_mipsel, 0xbc950020, "cache 0x15,32(a0)", CACHE_OP_HIT,
		  OP_CLEAN | OP_INVALIDATE, 4, 32 },
		{ &model_mipsel, 0xbc59ffe0, "cache 0x19,-32(v0)", CACHE_OP_HIT, OP_CLEAN, 2, -32 },
		{ &model_mipsel, 0xbc910000, "cache 0x11,0(a0)", CACHE_OP_HIT, OP_INVALIDATE, 4, 0 },
		{ &model_mipsel, 0xbc410000, "cache 0x1,0(v0)", CACHE_OP_INDEX,
		  OP_CLEAN | OP_INVALIDATE, 2, 0 },
		{ &model_mipsel, 0xbc500000, "cache 0x10,0(v0)", CACHE_OP_NONE, 0, 0, 0 },
		{ &model_mipsel, 0xbc970000, "cache 0x17,0(a0)", CACHE_OP_NONE, 0, 0, 0 },
		{ &model_mipsel, 0x049f0000, "synci 0(a0)", CACHE_OP_HIT, OP_CLEAN, 4, 0 },
		{ &model_mipsel, 0x8c820020, "lw v0,32(a0)", CACHE_OP_NONE, 0, 0, 0 },
		{ &model_arm, 0xee070f3e, "mcr 15,0,r0,cr7,cr14,{1}", CACHE_OP_HIT,
		  OP_CLEAN | OP_INVALIDATE, 0, 0 },
		{ &model_arm, 0xee071f3a, "mcr 15,0,r1,cr7,cr10,{1}", CACHE_OP_HIT, OP_CLEAN, 1, 0 },
		{ &model_arm, 0xee070f1e, "mcr 15,0,r0,cr7,cr14,{0}", CACHE_OP_WHOLE,
		  OP_CLEAN | OP_INVALIDATE, 0, 0 },
		{ &model_arm, 0xee070f5e, "mcr 15,0,r0,cr7,cr14,{2}", CACHE_OP_UNKNOWN, 0, 0, 0 },
		{ &model_arm, 0xee070f9a, "mcr 15,0,r0,cr7,cr10,{4}", CACHE_OP_NONE, 0, 0, 0 },
		{ &model_arm, 0xec432f0e, "mcrr 15,0,r2,r3,cr14", CACHE_OP_RANGE,
		  OP_CLEAN | OP_INVALIDATE, 3, 0 },
		{ &model_arm, 0xec432f06, "mcrr 15,0,r2,r3,cr6", CACHE_OP_RANGE, OP_INVALIDATE, 3, 0 },
		{ &model_arm, 0xec432f05, "mcrr 15,0,r2,r3,cr5", CACHE_OP_NONE, 0, 0, 0 },
		{ &model_arm, 0xe5910020, "ldr r0,[r1,#32]", CACHE_OP_NONE, 0, 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cache_op op = cases[i].arch->decode(cases[i].insn);

		ok(op.how == cases[i].how && (op.how == CACHE_OP_NONE ||
		   op.how == CACHE_OP_UNKNOWN || (op.op == cases[i].op &&
		   (op.how == CACHE_OP_WHOLE || op.reg == cases[i].reg) &&
		   op.offset == cases[i].offset)), "%s", cases[i].text);
	}
	ok(model_arm.condition_holds(model_arm.decode(0x0e070f3e).condition), "mcreq with Z set");
	ok(!model_arm.condition_holds(model_arm.decode(0x1e070f3e).condition), "mcrne with Z set");
	ok(model_arm.condition_holds(model_arm.decode(0xee070f3e).condition), "mcr");
}

static void test_segments(void)
{
	uint64_t phys;

	is(model_mipsel.segment(0x80001234, &phys), SEGMENT_CACHED, "kseg0");
	is(phys, 0x1234, "kseg0's address");
	is(model_mipsel.segment(0xa0001234, &phys), SEGMENT_UNCACHED, "kseg1");
	is(model_mipsel.segment(0x7fff0000, &phys), SEGMENT_MAPPED, "a user's address");
	is(model_mipsel.segment(0xfffd1000, &phys), SEGMENT_MAPPED, "a fixed mapping");
	is(model_mips64el.segment(0x9800000012345678, &phys), SEGMENT_CACHED, "xkphys");
	is(phys, 0x12345678, "xkphys' address");
	is(model_mips64el.segment(0x9000000012345678, &phys), SEGMENT_UNCACHED, "uncached xkphys");
	is(model_mips64el.segment(0xffffffff80001234, &phys), SEGMENT_CACHED, "ckseg0");
	is(model_mips64el.segment(0xc000000000001000, &phys), SEGMENT_MAPPED, "xkseg");
	is(model_mips64el.pfn(0x10000000, PAGE), 0x90000, "malta's upper memory");
}

int main(void)
{
	test_random(1);
	test_random(2);
	test_random(4);
	test_kinds();
	test_discard();
	test_ways();
	test_sound();
	test_naive();
	test_dest_only();
	test_flush_first();
	test_wrong_page();
	test_no_discard();
	test_old_lines();
	test_two_lives();
	test_others();
	test_clears();
	test_where();
	test_geometry();
	test_decode();
	test_segments();
	return tap__done();
}
