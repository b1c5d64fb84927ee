/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the kernel programs that the loader sets before loading, or reads and writes while
 * they run. Fixed-width types only, as in wire.h.
 */
#ifndef BRINDLE_STATE_H
#define BRINDLE_STATE_H

#include "wire.h"

#define CPUS_MAX	256	/* CPUs looked at when a window begins */

/* Whom the programs record: struct config.follow */
enum follow {
	FOLLOW_ALL,		/* every task */
	FOLLOW_PROCESS,		/* tasks in the map "tasks", and threads they create */
	FOLLOW_TREE,		/* ... and processes they create */
};

/* Value of the map "tasks": the process; with this, one followed since after its birth */
#define TASK_ADOPTED	(1U << 31)

/* Per-CPU counters, one struct per CPU in the map "counters". */
struct counters {
	__u64 seq;		/* records attempted on this CPU */
	__u64 lost;		/* records the buffer had no room for */
	__u64 missed;		/* copies or windows that began but could not be put together */
	__u64 hits[ROLE_COUNT];	/* times a role's program ran, for tasks followed or not */
	__u64 idle_mappings;	/* ROLE_MAPPING hits outside a copy: the positive control */
	__u64 idle_flushes;	/* ROLE_FLUSH hits outside a copy */
	__u64 begun, ended;	/* copies whose end is seen: what differs is under way */
};

/* What kind of page a source is: with the caller it names the path. Raw words of struct page. */
struct page_kind {
	__u64 flags;
	__u64 compound;		/* compound_head: with bit 0, a tail page */
	__u64 mapping;		/* bit 0: anonymous, with bit 1: merged by KSM */
};

/* What a thread is about. Kept till it exits: one look-up serves most of its copies. */
struct thread {
	__u32 tid;		/* in a slot: whose it is, 0 = nobody's */
	__u32 pid;
	__u64 user;		/* write fault the thread is in: page it is about, 0 = none */
	__u64 vmf;		/* ... struct vm_fault, of use while it lasts */
	struct page_kind source; /* ... what its page is, read when it began */
	char comm[COMM_LEN];	/* as last sent */
	__u32 comm_sent;	/* 1: ... and the loader keeps it, by slot */
	__u32 spilled;		/* 1: kept in the map "threads" */
	__u64 copying;		/* 1: rec is a copy */
	__u64 mapping_page;	/* page that is being mapped right now */
	__u64 copied;		/* destination of the last copy: not cleared, but filled */
	struct wire_copy rec;	/* the copy being made; else flushes, mapping before a clear */
};

#define SLOTS	1024		/* a power of two */

struct slot {
	struct thread thread;
	__u64 spilled;		/* threads of this slot that are kept in the map "threads" */
} __attribute__((aligned(256)));

/* What the self-check measured: the programs run while it does. */
struct learned {
	__u64 page_bytes;	/* sizeof(struct page), 0 = not known yet */
	__u64 page_base;	/* struct page of pfn 0 */
	__u64 linear_base;	/* linear address of pfn 0 */
	__u32 linear_known;	/* 1: there is such a line */
	__u32 checked;		/* 1: the self-check is over */
	__u64 page_log2;	/* page_bytes is 1 << page_log2; 0 = no power of two */
};

/*
 * What a verdict and a path follow from. Copies, and clears, that agree in it are judged
 * alike: one of them is kept, and how many there were.
 */
struct total_key {
	__u64 caller;
	__u64 colours;		/* of KEY_COLOUR_BITS each, see bpf/totals.bpf.h */
	__u64 facts;		/* SEEN_*, KEY_* */
};

#define KEY_COLOUR_BITS	12
#define KEY_SEEN	0xffff		/* SEEN_* */
#define KEY_TYPE_SHIFT	16		/* enum wire_type */
#define KEY_UNMAPPED	(1ULL << 32)	/* mapcount is negative */
#define KEY_FLUSH_DST	(1ULL << 33)	/* flush_va is of the destination */
#define KEY_FLUSH2_DST	(1ULL << 34)
#define KEY_SRC_PFN	(1ULL << 35)	/* src_page has a pfn */
#define KEY_DST_PFN	(1ULL << 36)
#define KEY_FLAGS_SHIFT	40		/* of page_flags, the bits that may be PG_arch_1 */

#define ARCH_BITS	(7 << 11)	/* where PG_arch_1 may be, see the self-check */

struct total {
	struct total_key key;
	__u64 ready;		/* 1: key and first are filled in */
	__u64 count;
	struct wire_copy first;
};

#define TOTALS		1024	/* found without hashing; a power of two */

#define FILTER_COMM	(1 << 0)	/* only tasks called config.comm */
#define FILTER_CGROUP	(1 << 1)	/* only tasks under the cgroup in the map "cgroup" */

/* Read-only configuration, set before load. */
struct config {
	__u32 self;		/* our own process, never recorded */
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
	__u32 huge_pages;	/* 1: this kernel has some */
	__u32 clears;		/* 1: flushes outside of copies are kept for ROLE_CLEAR */
	char comm[COMM_LEN];
	__u32 totals;		/* 1: copies and clears are counted in the kernel, not sent */
	__u32 colours;		/* ... by so many, a power of two */
	__u32 page_shift;
	__u32 pad;
};

WIRE_ASSERT(sizeof(struct config) == 88, "config is part of the border");

#endif
