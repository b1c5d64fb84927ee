// SPDX-License-Identifier: GPL-2.0-only
/*
 * record --totals counts copies by a key that the kernel programs compute (bpf/totals.bpf.h).
 * Copies with the same key must have the same verdict, or a total would be wrong.
 */
#include <stdlib.h>
#include <string.h>
#include "bpf/state.h"
#include "recorder/assemble.h"
#include "verdict/verdict.h"
#include "tap.h"

/* ---- stubs for the programs ---- */

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

static bool copy__send(void *ctx, struct wire_copy *c, struct counters *n)
{
	(void)ctx;
	(void)c;
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
#define HIGHEST		0xffff
#define COPIES		60000

static unsigned int seed = 20061019;

static __u32 any(__u32 n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static bool by_page;

/* An event about either page, through the linear mapping or another one, or about neither. */
static __u64 any_event(__u32 src, __u32 dst, const struct wire_copy *c)
{
	static const enum wire_event kinds[] = {
		EVENT_READ, EVENT_WRITE, EVENT_FLUSH, EVENT_FLUSH, EVENT_FLUSH, EVENT_FLUSH_SOURCE,
		EVENT_FLUSH_DESTINATION, EVENT_FLUSH_USER, EVENT_FLUSH_USER, EVENT_FLUSH_ALL,
		EVENT_DISCARD,
	};
	const enum wire_event kind = kinds[any(sizeof(kinds) / sizeof(kinds[0]))];
	const __u64 vas[] = { LINEAR + src * PAGE, LINEAR + dst * PAGE, c->src_va, c->dst_va,
			      LINEAR + any(64) * PAGE, 0xfff00000 + any(16) * PAGE };

	if (kind == EVENT_FLUSH_ALL)
		return kind;
	/* a kernel flushes by an address or by a struct page (bpf/mapping.bpf.h) */
	if (by_page && (kind == EVENT_FLUSH_SOURCE || kind == EVENT_FLUSH_DESTINATION))
		return kind;
	if (kind == EVENT_FLUSH_USER)
		return WIRE_EVENT(kind, any(3) ? c->user : 0x78000000 + any(16) * PAGE);
	return WIRE_EVENT(kind, vas[any(sizeof(vas) / sizeof(vas[0]))]);
}

/* The call that copies, or a mapping made for it, comes before the event "at". */
static void add_call(struct wire_copy *c, __u32 at, __u32 src)
{
	if (!any(3) && at < EVENTS_MAX)
		c->event[at] = EVENT_MAP;
	else
		c->seen |= SEEN_CALL | at << SEEN_CALL_SHIFT;
	c->seen |= SEEN_SRC_VA | SEEN_DST_VA;
	/* calls that are not of these pages */
	if ((c->seen & SEEN_CALL) && !any(4))
		c->dst_va = LINEAR + any(64) * PAGE;
	if ((c->seen & SEEN_CALL) && !any(4))
		c->src_va = LINEAR + any(2) * src * PAGE;
}

static void add_events(struct wire_copy *c, __u32 src, __u32 dst)
{
	const __u32 n = any(2) ? any(2) : any(EVENTS_MAX + 1);
	__u32 i;

	for (i = 0; i < n; i++)
		c->event[i] = any_event(src, dst, c);
	if (c->head.type == WIRE_COPY && any(2))
		add_call(c, any(n + 1), src);
	c->seen |= n << SEEN_EVENTS_SHIFT;
	c->seen |= n == EVENTS_MAX && any(2) ? SEEN_EVENTS_LOST : 0;
}

/* Copies of few kinds, so that many have the same key. */
static struct wire_copy any_copy(void)
{
	const __u32 src = any(64), dst = src ^ (1 + any(63));
	struct wire_copy c = {
		.head = { .type = any(4) ? WIRE_COPY : WIRE_CLEAR },
		.user = 0x77000000 + any(64) * PAGE,
		.src_page = MEM_MAP + src * PAGE_STRUCT + (any(50) ? 0 : 4),
		.dst_page = MEM_MAP + dst * PAGE_STRUCT,
		.src_va = 0xfff00000 + any(16) * PAGE,
		.dst_va = any(2) ? LINEAR + dst * PAGE : 0xfff80000 + any(16) * PAGE,
		.page_flags = (__u64)any(8) << 11 | any(1 << 11),
		.caller = any(3) ? 0x1010 : 0x2010,
		.mapcount = (__s32)any(4) - 1,
	};

	c.seen = SEEN_SRC_PAGE | SEEN_DST_PAGE;
	c.seen |= any(2) ? SEEN_SRC_VA : 0;
	c.seen |= any(4) ? 0 : SEEN_DST_VA;
	c.seen |= any(8) ? SEEN_FLAGS : 0;
	c.seen |= any(8) ? 0 : SEEN_CLEANED;
	c.seen |= any(16) ? 0 : SEEN_FORK_FLUSH;
	add_events(&c, src, dst);
	if (c.head.type == WIRE_CLEAR) {	/* it has no source */
		c.seen &= ~(SEEN_SRC_PAGE | SEEN_SRC_VA);
		c.seen |= any(2) ? SEEN_AT_ENTRY : 0;
		/* sent by the call itself, which is the last event */
		if ((c.seen & SEEN_AT_ENTRY) && SEEN_EVENTS(c.seen) && any(2)) {
			c.event[SEEN_EVENTS(c.seen) - 1] = WIRE_EVENT(EVENT_WRITE, c.dst_va);
			c.seen |= SEEN_CALL;
		}
	}
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
	.flush_watched = true, .user_watched = true, .all_watched = true, .steps = true,
	.highest_pfn = HIGHEST, .mapping_kind = MAPPING_COHERENT, .call_kind = MAPPING_COHERENT,
	.copy_kind = MAPPING_LINEAR, .callers = &callers,
};

/* All that a report with this span says about one copy or clear. */
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

/* Sorts copies by key and compares neighbours that have the same key. */
static void test_arch(const char *name, __u32 colours, __s32 dirty_bit, __u64 log2)
{
	struct total *list = calloc(COPIES, sizeof(*list));
	const struct arch *arch = arch__by_name(name);
	int i, differ = 0, pairs = 0, kinds = 1;
	struct outcome a, b;
	__u64 span;

	cfg = (struct config){ .page_size = PAGE, .page_shift = 12, .colours = colours };
	learned = (struct learned){
		.page_bytes = PAGE_STRUCT, .page_base = MEM_MAP, .linear_base = LINEAR,
		.linear_known = 1, .checked = 1, .page_log2 = log2, .highest_pfn = HIGHEST,
	};
	cal.span = colours * PAGE;
	cal.dirty_bit = dirty_bit;
	cal.flag_is_clean = by_page = arch->flag_is_clean;
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
	ok(pairs > COPIES / 20 && kinds > 100, "%d kinds of %d copies", kinds, COPIES);
	free(list);
}

/* Nothing is counted twice or dropped silently: a copy without room counts as lost. */
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
