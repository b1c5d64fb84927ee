/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records that the kernel programs send to the loader. Only fixed-width types may appear here:
 * the BPF machine is 64-bit, the loader may be a 32-bit program (o32 MIPS, ARM).
 */
#ifndef BRINDLE_BPF_WIRE_H
#define BRINDLE_BPF_WIRE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "words.h"

enum wire_type { WIRE_COPY = 1, WIRE_WINDOW = 2, WIRE_CLEAR = 3, WIRE_SHORT = 4 };

/* struct wire_copy.seen: which probes contributed to the record */
#define SEEN_SRC_PAGE	(1 << 0)	/* src_page is a struct page address */
#define SEEN_DST_PAGE	(1 << 1)
#define SEEN_SRC_VA	(1 << 2)	/* src_va: address the source was read, or mapped, at */
#define SEEN_DST_VA	(1 << 3)
#define SEEN_EVENTS_LOST (1 << 4)	/* there were more events than EVENTS_MAX */
#define SEEN_FLAGS	(1 << 5)	/* page_flags, mapcount: read at entry of the copy */
#define SEEN_FORK_FLUSH	(1 << 7)	/* flushed since fork shared the source, see wire_window */
#define SEEN_CALL	(1 << 6)	/* src_va, dst_va: of the call that copies or clears */
#define SEEN_CLEANED	(1 << 8)	/* a flag of page_flags was cleared during the copy */
#define SEEN_FAULT	(1 << 9)	/* made inside a write fault on a present page */
#define SEEN_SRC_KSM	(1 << 10)	/* the source was merged by KSM */
#define SEEN_SRC_HUGE	(1 << 11)	/* the source is part of a huge page */
#define SEEN_AT_ENTRY	(1 << 12)	/* clear sent before it is made: its flush is not seen */
#define SEEN_CALL_SHIFT	24		/* above it, with SEEN_CALL: events before the call */
#define SEEN_EVENTS_SHIFT 28		/* above it: number of events */

/*
 * What happened inside a copy, or before a clear, in its order: each event is the address of a
 * page, with the kind in its low bits. No page is smaller than 4096 bytes.
 */
enum wire_event {
	EVENT_READ = 1,		/* a second call that copies reads here ... */
	EVENT_WRITE,		/* ... and writes here; a call that clears does */
	EVENT_MAP,		/* a mapping was made: the copy comes later */
	EVENT_FLUSH,		/* a kernel address was flushed: the page is told by the address */
	/* ... of a page that is known, at an address, or with none in the linear mapping */
	EVENT_FLUSH_SOURCE,
	EVENT_FLUSH_DESTINATION,
	EVENT_FLUSH_USER,	/* a user address was */
	EVENT_DISCARD,		/* lines of a kernel address were dropped, not written back */
	EVENT_FLUSH_ALL,	/* the whole cache was; it has no address */
};

#define EVENTS_MAX		4
#define WIRE_EVENT(kind, va)	(((va) & ~0xfffULL) | (kind))
#define WIRE_EVENT_KIND(event)	((__u32)(event) & 0xfff)
#define WIRE_EVENT_VA(event)	((event) & ~0xfffULL)
#define SEEN_EVENTS(seen)	((__u32)(seen) >> SEEN_EVENTS_SHIFT)
#define SEEN_CALL_AT(seen)	((__u32)(seen) >> SEEN_CALL_SHIFT & 15)

/* Head of every record. seq counts from 0 on each CPU; check is wire__sum of the record. */
struct wire_head {
	__u16 type;		/* enum wire_type */
	__u16 size;		/* bytes, head included, multiple of 8 */
	__u32 check;
	__u32 cpu;
	union {
		__u32 seen;		/* WIRE_SHORT: SEEN_* */
		__u32 shorts_follow;	/* WIRE_COPY: 1 if struct wire_short may follow */
	};
	__u64 seq;
	__u64 ts;		/* ns, CLOCK_MONOTONIC */
};

/*
 * A full record: one copy, sent when it is complete, or one clear, which leaves the fields of
 * the source unused. A field is valid only if its SEEN_ bit is set. Of the events, only those that
 * there are are sent: the size is WIRE_COPY_SIZE().
 */
struct wire_copy {
	struct wire_head head;
	__u32 pid;		/* process: the kernel's tgid */
	__u32 tid;		/* thread */
	char comm[COMM_LEN];
	__u64 user;		/* user address of the page, low bits as the kernel gave them */
	__u64 src_page;		/* struct page address, or 0 */
	__u64 dst_page;
	__u64 src_va;		/* kernel virtual addresses, or 0 */
	__u64 dst_va;
	__u64 page_flags;	/* first word of the source's struct page */
	__u64 caller;		/* return address in the calling function, 0 = not seen */
	__s32 mapcount;		/* raw _mapcount of the source: -1 = unmapped */
	__u32 seen;		/* SEEN_* */
	__u64 event[EVENTS_MAX]; /* WIRE_EVENT(), SEEN_EVENTS() of them */
};

#define WIRE_COPY_SIZE(events)	((__u32)(sizeof(struct wire_copy) - \
				 sizeof(__u64) * EVENTS_MAX + sizeof(__u64) * (events)))

/*
 * A short record: a copy whose two kernel addresses were seen. Its thread's name is that of the
 * last full record of the same thread; other fields of struct wire_copy are not known.
 */
struct wire_short {
	struct wire_head head;
	__u32 pid;
	__u32 tid;
	__u64 user;
	__u64 src_va;
	__u64 dst_va;
};

/* One fork window, sent at its end. */
struct wire_window {
	struct wire_head head;
	__u32 pid;
	__u32 tid;		/* the thread that forks */
	char comm[COMM_LEN];
	__u64 begin;		/* ns, CLOCK_MONOTONIC; head.ts is the end */
	__u64 mm;		/* the parent's struct mm_struct */
	__u32 exposed;		/* 1: another thread of the process ran inside */
	__u16 no_writer;	/* 1: its TLB was flushed: nobody can write the shared pages */
	__u16 flushed;		/* 1: its cache was flushed after that */
};

#define WIRE_MAX	sizeof(struct wire_copy)

#ifdef __cplusplus
#define WIRE_ASSERT static_assert
#else
#define WIRE_ASSERT _Static_assert
#endif
WIRE_ASSERT(sizeof(struct wire_head) == 32, "wire_head is part of the border");
WIRE_ASSERT(sizeof(struct wire_copy) == 152, "wire_copy is part of the border");
WIRE_ASSERT(EVENTS_MAX == 4, "wire__sum_copy counts on it");
WIRE_ASSERT(sizeof(struct wire_short) == 64, "wire_short is part of the border");
WIRE_ASSERT(sizeof(struct wire_window) == 80, "wire_window is part of the border");

/*
 * wire__sum - checksum of all of a record but head.check
 * @rec: record, 8-byte aligned; @size: bytes, a compile-time constant in BPF
 * wire__sum_copy - the same of a copy or clear, of WIRE_COPY_SIZE(events) bytes
 *
 * Catches the torn and stale words of an incoherent shared mapping, not malice.
 */
#define WIRE_MIX(sum, word)	(((sum) ^ (word)) * 0x9e3779b97f4a7c15ULL)

typedef __u64 __attribute__((may_alias)) wire_word;

static inline __attribute__((always_inline)) __u64 wire__mixed(const void *rec, __u32 size)
{
	const struct wire_head *head = (const struct wire_head *)rec;
	const wire_word *word = (const wire_word *)rec;
	__u64 sum = ((__u64)head->type << 16 | head->size) + 0x9e3779b97f4a7c15ULL;
	__u32 i;

#ifdef __bpf__
#pragma unroll
#else
#pragma GCC unroll 15
#endif
	for (i = 1; i < size / 8; i++)
		sum = WIRE_MIX(sum, word[i]);	/* the high half depends on every bit */
	return sum;
}

static inline __attribute__((always_inline)) __u32 wire__sum(const void *rec, __u32 size)
{
	return (__u32)(wire__mixed(rec, size) >> 32);
}

static inline __attribute__((always_inline)) __u32 wire__sum_copy(const struct wire_copy *rec,
								  __u32 events)
{
	__u64 sum = wire__mixed(rec, WIRE_COPY_SIZE(0));

	/* no loop: old verifiers refuse one whose end is not known when it is compiled */
	if (events > 0)
		sum = WIRE_MIX(sum, rec->event[0]);
	if (events > 1)
		sum = WIRE_MIX(sum, rec->event[1]);
	if (events > 2)
		sum = WIRE_MIX(sum, rec->event[2]);
	if (events > 3)
		sum = WIRE_MIX(sum, rec->event[3]);
	return (__u32)(sum >> 32);
}

#ifndef __bpf__
/* wire__expand - the full record that a short one stands for, with an empty comm */
static inline struct wire_copy wire__expand(const struct wire_short *rec)
{
	struct wire_copy whole = {
		.head = rec->head,
		.pid = rec->pid,
		.tid = rec->tid,
		.user = rec->user,
		.src_va = rec->src_va,
		.dst_va = rec->dst_va,
		.seen = rec->head.seen,
	};

	whole.head.type = WIRE_COPY;
	whole.head.size = sizeof(whole);
	return whole;
}
#endif

#endif
