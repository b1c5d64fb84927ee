// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle's model of a cache (tests/oracle/cache.c) against a cache with data in it:
 * the same random accesses and operations go to both, and what the model calls stale must
 * be exactly the bytes that differ from the last ones written. Then single rules, and
 * cache instructions as an assembler writes them.
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

/* The number of bytes read that are not the newest. */
static uint32_t real_load(const struct access *a)
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
		old += seen != real.newest[at];
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
static unsigned int reads, stale_reads, wrong;

static void both_load(const struct access *a)
{
	const uint32_t want = real_load(a);

	reads++;
	stale_reads += want > 0;
	wrong += cache__load(cache, a).bytes != want;
}

static void random_step(void)
{
	const uint64_t phys = (uint64_t)(rand() % (PAGES * PAGE / 4)) * 4;
	const uint32_t colour = (uint32_t)rand() % real.colours, index = phys % PAGE / LINE;
	struct access a = {
		.phys = phys, .va = colour * PAGE + phys % PAGE + 0x10000, .pc = 1,
		.size = 1U << rand() % 4, .cached = rand() % 16,
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
	reads = stale_reads = wrong = 0;
	cache = cache__new(&geometry);
	srand(colours);
	for (i = 0; i < 2000000; i++)
		random_step();
	cache__free(cache);
	is(wrong, 0, "no read is judged wrongly");
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
	test_geometry();
	test_decode();
	test_segments();
	return tap__done();
}
