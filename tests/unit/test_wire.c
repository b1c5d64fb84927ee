// SPDX-License-Identifier: GPL-2.0-only
/* The border between kernel programs and loader (bpf/words.h, bpf/wire.h). */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "bpf/state.h"
#include "tap.h"

#define FIELD(type, name, at) \
	{ #type "." #name, offsetof(struct type, name), at }

/* Kernel side and loader must agree on all offsets, even if the loader is a 32-bit program. */
static const struct {
	const char *what;
	size_t is, want;
} layout[] = {
	{ "sizeof wire_head", sizeof(struct wire_head), 32 },
	{ "sizeof wire_copy", sizeof(struct wire_copy), 152 },
	{ "sizeof wire_window", sizeof(struct wire_window), 80 },
	{ "sizeof config", sizeof(struct config), 104 },
	{ "sizeof counters", sizeof(struct counters), 8 * (3 + ROLE_COUNT + 4) },
	{ "sizeof wire_short", sizeof(struct wire_short), 64 },
	{ "sizeof thread", sizeof(struct thread), 248 },
	{ "sizeof slot", sizeof(struct slot), 256 },
	{ "sizeof learned", sizeof(struct learned), 64 },
	{ "sizeof total_key", sizeof(struct total_key), 32 },
	{ "sizeof total", sizeof(struct total), 200 },
	{ "WIRE_MAX", WIRE_MAX, 152 },
	FIELD(wire_head, type, 0),
	FIELD(wire_head, size, 2),
	FIELD(wire_head, check, 4),
	FIELD(wire_head, cpu, 8),
	FIELD(wire_head, seen, 12),
	FIELD(wire_head, seq, 16),
	FIELD(wire_head, ts, 24),
	FIELD(wire_copy, pid, 32),
	FIELD(wire_copy, tid, 36),
	FIELD(wire_copy, comm, 40),
	FIELD(wire_copy, user, 56),
	FIELD(wire_copy, src_page, 64),
	FIELD(wire_copy, dst_page, 72),
	FIELD(wire_copy, src_va, 80),
	FIELD(wire_copy, dst_va, 88),
	FIELD(wire_copy, page_flags, 96),
	FIELD(wire_copy, caller, 104),
	FIELD(wire_copy, mapcount, 112),
	FIELD(wire_copy, seen, 116),
	FIELD(wire_copy, event, 120),
	/* selfcheck.c reads the pid at the same place in all records */
	FIELD(wire_window, pid, offsetof(struct wire_copy, pid)),
	FIELD(wire_window, tid, 36),
	FIELD(wire_window, comm, 40),
	FIELD(wire_window, begin, 56),
	FIELD(wire_window, mm, 64),
	FIELD(wire_window, exposed, 72),
	FIELD(wire_window, no_writer, 76),
	FIELD(wire_window, flushed, 78),
	FIELD(counters, seq, 0),
	FIELD(counters, lost, 8),
	FIELD(counters, missed, 16),
	FIELD(counters, hits, 24),
	FIELD(counters, idle_mappings, 24 + 8 * ROLE_COUNT),
	FIELD(counters, idle_flushes, 32 + 8 * ROLE_COUNT),
	FIELD(wire_short, pid, 32),
	FIELD(wire_short, tid, 36),
	FIELD(wire_short, user, 40),
	FIELD(wire_short, src_va, 48),
	FIELD(wire_short, dst_va, 56),
	FIELD(thread, tid, 0),
	FIELD(thread, user, 8),
	FIELD(thread, source, 24),
	FIELD(thread, comm, 48),
	FIELD(thread, comm_sent, 64),
	FIELD(thread, spilled, 66),
	FIELD(thread, copying, 68),
	FIELD(thread, clearing, 70),
	FIELD(thread, mapping_page, 72),
	FIELD(thread, mapped_va, 80),
	FIELD(thread, copied_page, 88),
	FIELD(thread, rec, 96),
	FIELD(learned, page_bytes, 0),
	FIELD(learned, checked, 28),
	FIELD(learned, page_log2, 32),
	FIELD(learned, fork_flushes, 40),
	FIELD(learned, highest_pfn, 48),
	FIELD(total_key, events, 24),
	FIELD(total, ready, 32),
	FIELD(total, count, 40),
	FIELD(total, first, 48),
	FIELD(config, next_pid_off, 24),
	FIELD(config, wake_every, 40),
	FIELD(config, ends, 44),
	FIELD(config, huge_pages, 48),
	FIELD(config, clears, 52),
	FIELD(config, comm, 56),
	FIELD(config, totals, 72),
	FIELD(config, colours, 76),
	FIELD(config, copy_sets_flag, 84),
	FIELD(config, fork_flush, 88),
	FIELD(config, registers, 92),
	FIELD(config, register_size, 96),
	FIELD(config, clears_end, 100),
};

static void test_layout(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(layout) / sizeof(layout[0]); i++)
		ok(layout[i].is == layout[i].want, "%s is %zu", layout[i].what, layout[i].is);
}

/* All SEEN_ bits must differ. */
static void test_seen(void)
{
	static const unsigned int bits[] = {
		SEEN_SRC_PAGE, SEEN_DST_PAGE, SEEN_SRC_VA, SEEN_DST_VA, SEEN_EVENTS_LOST,
		SEEN_FLAGS, SEEN_CALL, SEEN_FAULT, SEEN_SRC_KSM, SEEN_SRC_HUGE, SEEN_AT_ENTRY,
		SEEN_FORK_FLUSH, SEEN_CLEANED,
	};
	unsigned int i, all = 0, single = 0;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		single += __builtin_popcount(bits[i]) == 1 && !(all & bits[i]);
		all |= bits[i];
	}
	ok(single == sizeof(bits) / sizeof(bits[0]), "every SEEN_ bit is one bit of its own");
	ok((typeof(((struct wire_head *)0)->seen))all == all, "they fit into wire_head.seen");
	ok((typeof(((struct wire_copy *)0)->seen))all == all, "they fit into wire_copy.seen");
	/* PID_MAX_LIMIT, include/linux/threads.h */
	ok(__builtin_popcount(TASK_ADOPTED) == 1 && TASK_ADOPTED > 4 << 20,
	   "TASK_ADOPTED is no part of a process id");
}

/* The number of events is kept above the bits, each event's kind below its address. */
static void test_events(void)
{
	const __u32 seen = SEEN_AT_ENTRY | EVENTS_MAX << SEEN_EVENTS_SHIFT;
	const __u64 event = WIRE_EVENT(EVENT_FLUSH_ALL, 0xffffffff80123fedULL);

	ok(SEEN_EVENTS(seen) == EVENTS_MAX && SEEN_AT_ENTRY < 1U << SEEN_EVENTS_SHIFT,
	   "the number of events has bits of its own");
	ok(WIRE_EVENT_KIND(event) == EVENT_FLUSH_ALL &&
	   WIRE_EVENT_VA(event) == 0xffffffff80123000ULL, "an event is a kind and an address");
	ok(SEEN_CALL_AT(seen | 3 << SEEN_CALL_SHIFT) == 3 && !SEEN_CALL_AT(seen) &&
	   EVENTS_MAX < 16 && SEEN_AT_ENTRY < 1 << SEEN_CALL_SHIFT,
	   "so has the number of those before the call");
	/* total_key.events: 4 bits of kind, 2 of page */
	ok(EVENT_FLUSH_ALL < 16 && KEY_USER_PAGE < 4 && EVENTS_MAX * KEY_EVENT_BITS == 64,
	   "the events of a copy fit into the key of a total");
}

/* Recordings store these numbers: a new value must be added at the end. */
static void test_numbers(void)
{
	ok(!PATH_UNKNOWN && PATH_WP == 1 && PATH_COW_FAULT == 2 && PATH_FORK_PINNED == 3 &&
	   PATH_HUGETLB == 4 && PATH_THP == 5 && PATH_KSM == 6 && PATH_COLLAPSE == 7,
	   "the numbers of the paths");
	ok(WIRE_COPY == 1 && WIRE_WINDOW == 2 && WIRE_CLEAR == 3 && WIRE_SHORT == 4,
	   "the types of records");
}

static void fill(void *rec, size_t size, unsigned int seed)
{
	__u8 *byte = rec;
	size_t i;

	for (i = 0; i < size; i++) {
		seed = seed * 1103515245 + 12345;
		byte[i] = seed >> 16;
	}
}

static void test_sum(const char *what, __u32 size, unsigned int seed)
{
	__u64 rec[WIRE_MAX / 8] = { 0 }, word;
	/* head.check is not part of the sum */
	const __u32 first = offsetof(struct wire_head, check) * 8, last = first + 32;
	__u32 sum, bit, i, j, differs = 0, again = 0, swapped = 0, pairs = 0, cleared = 0;
	__u8 *byte = (__u8 *)rec;

	fill(rec, size, seed);
	sum = wire__sum(rec, size);
	for (bit = 0; bit < size * 8; bit++) {
		byte[bit / 8] ^= 1 << bit % 8;
		differs += (wire__sum(rec, size) != sum) == (bit < first || bit >= last);
		byte[bit / 8] ^= 1 << bit % 8;
		again += wire__sum(rec, size) == sum;
	}
	ok(differs == size * 8, "%s: every flipped bit but those of the sum changes the sum", what);
	ok(again == size * 8, "%s: the sum depends on the record alone", what);
	for (i = 0; i < size / 8; i++) {
		for (j = 0; j < i; j++, pairs++) {
			word = rec[i];
			rec[i] = rec[j];
			rec[j] = word;
			swapped += wire__sum(rec, size) != sum;
			rec[j] = rec[i];
			rec[i] = word;
		}
	}
	ok(swapped == pairs, "%s: two words exchanged change the sum", what);
	/* a stale cache line leaves the old words from some place on */
	for (i = 0; i < size / 8; i++) {
		__u64 old[WIRE_MAX / 8];

		memcpy(old, rec, size);
		memset(&old[i], 0, size - 8 * i);
		cleared += wire__sum(old, size) != sum;
	}
	ok(cleared == size / 8, "%s: torn at any word", what);
}

/* Of a copy, the events that it does not have are not sent. */
static void test_sum_copy(void)
{
	struct wire_copy rec;
	__u32 events;

	fill(&rec, sizeof(rec), 5);
	for (events = 0; events <= EVENTS_MAX; events++) {
		ok(WIRE_COPY_SIZE(events) == 120 + 8 * events, "size with %u events", events);
		ok(wire__sum_copy(&rec, events) == wire__sum(&rec, WIRE_COPY_SIZE(events)),
		   "sum with %u events", events);
	}
}

/* A buffer that was never written must not hold a valid record. */
static void test_blank(void)
{
	__u64 rec[WIRE_MAX / 8] = {};

	ok(wire__sum(rec, sizeof(struct wire_copy)), "a copy of zeros has a sum that is not 0");
	ok(wire__sum(rec, sizeof(struct wire_window)), "so has a window");
	ok(wire__sum(rec, sizeof(struct wire_copy)) != wire__sum(rec, sizeof(struct wire_window)),
	   "the sum depends on the size");
}

int main(void)
{
	test_layout();
	test_seen();
	test_events();
	test_numbers();
	test_sum("copy", sizeof(struct wire_copy), 1);
	test_sum("copy, other data", sizeof(struct wire_copy), 20061019);
	test_sum("exact", sizeof(struct wire_short), 4);
	test_sum("window", sizeof(struct wire_window), 2);
	test_sum("head", sizeof(struct wire_head), 3);
	test_sum_copy();
	test_blank();
	return tap__done();
}
