// SPDX-License-Identifier: GPL-2.0-only
/*
 * record --totals counts copies by a key that the kernel programs make of them
 * (bpf/totals.bpf.h). Copies of one key must be judged alike, or a total lies.
 */
#include <stdlib.h>
#include <string.h>
#include "bpf/state.h"
#include "recorder/assemble.h"
#include "verdict/verdict.h"
#include "tap.h"

/* ---- what the programs find around them ---- */

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define SLOW_PATH

static struct config cfg;
static struct learned learned;
static struct total table[TOTALS];
static bool owned[TOTALS];
static int totals, total_owners, more_totals;
static struct total no_total;

static void *bpf_map_lookup_elem(void *map, const void *key)
{
	return map == &totals ? &table[*(const __u32 *)key] : NULL;
}

static long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags)
{
	bool *place = map == &total_owners ? &owned[*(const __u32 *)key] : NULL;

	(void)value;
	(void)flags;
	if (!place || *place)	/* there is no room in more_totals */
		return -1;
	*place = true;
	return 0;
}

static void counter__add(__u64 *counter)
{
	(*counter)++;
}

static bool record__send(void *ctx, struct wire_head *head, __u32 size, struct counters *n)
{
	(void)ctx;
	(void)head;
	(void)size;
	(void)n;
	return true;
}

#define BPF_NOEXIST	1
#include "bpf/totals.bpf.h"

/* ---- copies ---- */

#define PAGE		4096
#define PAGE_STRUCT	32
#define MEM_MAP		0x81400000ULL
#define LINEAR		0x80000000ULL
#define COPIES		60000

static unsigned int seed = 20061019;

static __u32 any(__u32 n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

/* Of few kinds, so that many have the same key. */
static struct wire_copy any_copy(void)
{
	const __u32 src = any(64), dst = any(64);
	struct wire_copy c = {
		.head = { .type = any(4) ? WIRE_COPY : WIRE_CLEAR },
		.user = 0x77000000 + any(64) * PAGE,
		.src_page = MEM_MAP + src * PAGE_STRUCT + (any(50) ? 0 : 4),
		.dst_page = MEM_MAP + dst * PAGE_STRUCT,
		.src_va = 0xfff00000 + any(16) * PAGE,
		.dst_va = any(2) ? LINEAR + dst * PAGE : LINEAR + any(64) * PAGE,
		.flush_va = LINEAR + (any(3) ? dst : any(64)) * PAGE,
		.flush_va2 = LINEAR + (any(3) ? dst : any(64)) * PAGE,
		.page_flags = (__u64)any(8) << 11 | any(1 << 11),
		.caller = any(3) ? 0x1010 : 0x2010,
		.mapcount = (__s32)any(4) - 1,
	};

	c.seen = SEEN_SRC_PAGE | SEEN_DST_PAGE;
	c.seen |= any(2) ? SEEN_SRC_VA : 0;
	c.seen |= any(4) ? 0 : SEEN_DST_VA;
	c.seen |= any(2) ? SEEN_FLUSH : 0;
	c.seen |= (c.seen & SEEN_FLUSH) && !any(4) ? SEEN_FLUSH_MORE : 0;
	c.seen |= any(8) ? SEEN_FLAGS : 0;
	return c;
}

static const struct callers callers = {
	.n = 2,
	.has_wp = true,
	.list = { { 0x1000, 0x1100, PATH_WP }, { 0x2000, 0x2100, PATH_COW_FAULT } },
};

static struct calibration cal = {
	.page = FIT(MEM_MAP, PAGE_STRUCT), .linear = FIT(LINEAR, PAGE),
	.page_size = PAGE, .mapcount_known = true, .mapping_watched = true,
	.flush_watched = true, .mapping_kind = MAPPING_COHERENT, .copy_kind = MAPPING_LINEAR,
	.callers = &callers,
};

/* All that a report says of one copy or clear, by this span. */
struct outcome {
	struct judgement source, destination;
	__u32 verdict, path, facts, user_colour;
};

static struct outcome judged(const struct arch *arch, const struct wire_copy *rec, __u64 span)
{
	const struct geometry g = { .page_size = PAGE, .span = span };
	struct outcome o = { 0 };
	struct verdict v;
	struct clear clear;
	struct copy copy;

	if (rec->head.type == WIRE_COPY) {
		assemble__copy(rec, &cal, &copy);
		verdict__judge(arch, &g, &copy, false, &v);
		o = (struct outcome){ v.source, v.destination, v.copy, copy.path, copy.facts,
				      geometry__colour(&g, copy.user) };
	} else if (assemble__clear(rec, &cal, &clear)) {
		verdict__judge_clear(arch, &g, &clear, false, &o.destination);
		o.facts = clear.facts;
		o.user_colour = geometry__colour(&g, clear.user);
	}
	return o;
}

static bool same_side(const struct judgement *a, const struct judgement *b)
{
	return a->verdict == b->verdict && a->colour == b->colour &&
	       !strcmp(a->reason ?: "", b->reason ?: "");
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return same_side(&a->source, &b->source) && same_side(&a->destination, &b->destination) &&
	       a->verdict == b->verdict && a->path == b->path && a->facts == b->facts &&
	       a->user_colour == b->user_colour;
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct total_key));
}

/* Sorted by key, neighbours of one key are compared. */
static void test_arch(const char *name, __u32 colours, __s32 dirty_bit, __u64 log2)
{
	struct total *list = calloc(COPIES, sizeof(*list));
	const struct arch *arch = arch__by_name(name);
	int i, differ = 0, pairs = 0, kinds = 1;
	struct outcome a, b;
	__u64 span;

	cfg = (struct config){ .page_size = PAGE, .page_shift = 12, .colours = colours };
	learned = (struct learned){ PAGE_STRUCT, MEM_MAP, LINEAR, 1, 1, log2 };
	cal.span = colours * PAGE;
	cal.dirty_bit = dirty_bit;
	for (i = 0; i < COPIES; i++) {
		list[i].first = any_copy();
		total__key(&list[i].key, &list[i].first);
	}
	qsort(list, COPIES, sizeof(*list), by_key);
	for (i = 1; i < COPIES; i++) {
		if (!same_key(&list[i - 1].key, &list[i].key)) {
			kinds++;
			continue;
		}
		pairs++;
		for (span = 2 * PAGE; span <= colours * PAGE; span *= 2) {
			a = judged(arch, &list[i - 1].first, span);
			b = judged(arch, &list[i].first, span);
			differ += !same(&a, &b);
		}
	}
	ok(!differ, "%s, %u colours: copies of one key are judged alike, by every span up to it",
	   name, colours);
	ok(pairs > COPIES / 10 && kinds > 100, "%d kinds of %d copies", kinds, COPIES);
	free(list);
}

/* Nothing is counted twice or forgotten: what has no room is lost. */
static void test_count(void)
{
	struct counters n = { 0 };
	struct wire_copy c;
	__u64 sum = 0;
	int i;

	cfg.totals = 1;
	for (i = 0; i < COPIES; i++) {
		c = any_copy();
		record__send_or_count(NULL, &c, &n);
	}
	for (i = 0; i < TOTALS; i++)
		sum += table[i].count;
	ok(sum && n.lost && sum + n.lost == COPIES, "%llu copies counted, %llu lost for want of room",
	   (unsigned long long)sum, (unsigned long long)n.lost);
}

int main(void)
{
	test_arch("mips", 2, 11, 5);
	test_arch("mips", 4, 12, 0);
	test_arch("mips", 16, -1, 5);
	test_arch("armv6", 4, 13, 5);
	test_arch("x86_64", 16, 11, 0);
	test_count();
	return tap__done();
}
