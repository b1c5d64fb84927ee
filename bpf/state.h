/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the kernel programs: the loader sets some of it before loading, and reads or writes
 * the rest while they run. Fixed-width types only, as in wire.h.
 */
#ifndef BRINDLE_BPF_STATE_H
#define BRINDLE_BPF_STATE_H

#include "wire.h"

#define CPUS_MAX	256	/* CPUs searched for other threads when a window begins */

/* The tasks that are recorded: struct config.follow */
enum follow {
	FOLLOW_ALL,		/* every task */
	FOLLOW_PROCESS,		/* tasks in the map "tasks", and threads they create */
	FOLLOW_TREE,		/* tasks in the map "tasks", and all tasks they create */
};

/*
 * Flag beside the process id in a value of the map "tasks": the task was born before it was
 * followed, so it may be in a copy that began unseen.
 */
#define TASK_ADOPTED	(1U << 31)

/* Per-CPU counters, one struct per CPU in the map "counters". */
struct counters {
	__u64 seq;		/* records attempted on this CPU */
	__u64 lost;		/* records without room in the buffer, or in the maps of totals */
	__u64 missed;		/* copies or windows that began but could not be put together */
	/* runs of a role's program, for tasks followed or not; trampolines count only some */
	__u64 hits[ROLE_COUNT];
	__u64 idle_mappings;	/* ROLE_MAPPING hits outside copies: they show that it works */
	__u64 idle_flushes;	/* ROLE_FLUSH hits outside copies, for the same purpose */
	__u64 begun, ended;	/* copies with ROLE_COPY_END: begun - ended are in progress */
};

/* Words of a source's struct page: with the caller's address they tell the path. */
struct page_kind {
	__u64 flags;
	__u64 compound;		/* compound_head: with bit 0, a tail page */
	__u64 mapping;		/* bit 0: anonymous, with bit 1: merged by KSM */
};

/* State of a thread, kept until it exits: its copies then need no look-up of "tasks". */
struct thread {
	__u32 tid;		/* 0: the slot is free */
	__u32 pid;
	__u64 user;		/* user address of the write fault in progress, 0 = none */
	__u64 vmf;		/* its struct vm_fault, valid only while it lasts */
	struct page_kind source; /* kind of its page: read at its beginning, or at the copy */
	char comm[COMM_LEN];	/* name in the last full record */
	__u16 comm_sent;	/* 1: the loader keeps comm, by slot: short records may follow */
	__u16 spilled;		/* 1: kept in the map "threads" */
	__u16 copying;		/* 1: a copy is in progress */
	__u16 clearing;		/* 1: a clear is, which ROLE_CLEAR_CALL will send */
	__u64 mapping_page;	/* struct page that is being mapped, or was mapped last ... */
	__u64 mapped_va;	/* ... and where it was; 0 = nowhere yet */
	__u64 copied_page;	/* destination of the last copy: new, but not cleared */
	/*
	 * While copying: the copy in progress. Otherwise: flushes and the last mapping seen
	 * since the previous clear, used by ROLE_CLEAR.
	 */
	struct wire_copy rec;
};

#define CALLS_MAX	4	/* calls of one role that can be probed */

/*
 * Marks in the programs at such calls, where the loader puts what an argument consists of: the
 * offsets of two registers in struct pt_regs, and a constant.
 */
#define CALL_BASE(i)	(0x7f00 + 2 * (i))
#define CALL_INDEX(i)	(0x7f01 + 2 * (i))
#define CALL_ADD(i)	(0x7eadbee0 + (i))

#define SLOTS	1024		/* a power of two */

struct slot {
	struct thread thread;
	__u64 spilled;		/* threads of this slot that are kept in the map "threads" */
} __attribute__((aligned(256)));

WIRE_ASSERT(sizeof(struct slot) == 256, "a slot is found by a shift");

/* Results of the self-check, written while the programs run. */
struct learned {
	__u64 page_bytes;	/* sizeof(struct page), 0 = not known */
	__u64 page_base;	/* struct page of pfn 0 */
	__u64 linear_base;	/* linear address of pfn 0 */
	__u32 linear_known;	/* 1: linear_base is valid */
	__u32 checked;		/* 1: the self-check is over */
	__u64 page_log2;	/* log2 of page_bytes, 0 = it is no power of two */
	__u64 fork_flushes;	/* 1: forks flush the cache when nobody can write any more */
	__u64 highest_pfn;	/* no frame is above it */
	__u64 alone;		/* 1: checked, and while a copy is made, no other thread runs */
};

/*
 * All that verdict and path depend on. Copies, or clears, with equal keys are judged alike, so
 * only the first of them and their number are kept.
 */
struct total_key {
	__u64 caller;
	__u64 colours;		/* KEY_COLOUR_BITS each: enum key_place */
	__u64 facts;		/* SEEN_*, KEY_*: 32 bits, which need no constant of 64 */
	__u64 events;		/* KEY_EVENT_BITS each: kind, enum key_page, colour */
};

#define KEY_COLOUR_BITS	12
#define KEY_SEEN	0xffff		/* SEEN_* */
#define KEY_TYPE_SHIFT	16		/* enum wire_type */
#define KEY_UNMAPPED	(1 << 18)	/* mapcount is negative */
#define KEY_SRC_PFN	(1 << 19)	/* the pfn of src_page is known */
#define KEY_DST_PFN	(1 << 20)
#define KEY_FLAGS_SHIFT	10		/* ARCH_BITS of page_flags */
#define KEY_SRC_AT_SHIFT 24		/* SEEN_CALL: enum key_page of src_va ... */
#define KEY_DST_AT_SHIFT 26		/* ... and of dst_va */
#define KEY_CALL_AT_SHIFT 28		/* ... SEEN_CALL_AT() */
#define KEY_EVENT_BITS	16
#define KEY_EVENT(kind, page, colour)	((kind) | (page) << 4 | (colour) << 6)

/* Which page an event of a copy is about: struct total_key.events */
enum key_page {
	KEY_UNKNOWN_PAGE,
	KEY_SOURCE_PAGE,
	KEY_DESTINATION_PAGE,
	KEY_OTHER_PAGE,		/* in the linear mapping of neither */
	KEY_USER_PAGE = KEY_OTHER_PAGE,	/* EVENT_FLUSH_USER: the user address of the copy */
};

#define ARCH_BITS	(7 << 11)	/* bits that can be PG_arch_1; the self-check tells which */

struct total {
	struct total_key key;
	__u64 ready;		/* 1: key and first are filled in */
	__u64 count;
	struct wire_copy first;
};

#define TOTALS		1024	/* places in the map "totals", a power of two */

#define FILTER_COMM	(1 << 0)	/* only tasks called config.comm */
#define FILTER_CGROUP	(1 << 1)	/* only tasks under the cgroup in the map "cgroup" */

/* Read-only configuration, set before load. */
struct config {
	__u32 self;		/* process id of brindle, never recorded */
	__u32 follow;		/* enum follow */
	__u32 filters;		/* FILTER_* */
	__u32 ring;		/* 1: BPF ring buffer; 0: perf buffer */
	__u32 cpus;		/* possible CPUs, for the scan at window begin */
	__u32 page_size;
	__u32 next_pid_off;	/* sched_switch: offset of next_pid in the event */
	__u32 newtask_pid_off;	/* task_newtask: offset of pid */
	__u32 newtask_flags_off; /* task_newtask: offset of clone_flags */
	__u32 exec_old_pid_off;	/* sched_process_exec: offset of old_pid */
	__u32 wake_every;	/* ring buffer: wake the consumer every n records, a power of two */
	__u32 ends;		/* 1: a copy is sent by ROLE_COPY_END; 0: at its beginning */
	__u32 huge_pages;	/* 1: this kernel can have huge pages */
	__u32 clears;		/* 1: flushes outside of copies are kept for ROLE_CLEAR */
	char comm[COMM_LEN];
	__u32 totals;		/* 1: copies and clears are counted in the kernel, not sent */
	__u32 colours;		/* for totals: number of colours, a power of two */
	__u32 page_shift;
	__u32 copy_sets_flag;	/* 1: PG_arch_1 of the source may be set by the copy */
	__u32 fork_flush;	/* 1: flushes of the cache in a fork are watched */
	/* set by the programs: where the kernel's struct pt_regs has register 0, bytes of each */
	__u32 registers, register_size;
	__u32 clears_end;	/* 1: a clear is sent by ROLE_CLEAR_CALL; 0: by ROLE_CLEAR */
};

WIRE_ASSERT(sizeof(struct config) == 104, "config is part of the border");

#endif
