/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What crosses the border between the kernel programs and the loader. Both
 * sides include this file, and only fixed-width types may appear in it: the
 * BPF machine is 64-bit, the loader may be a 32-bit program (o32 MIPS, ARM).
 */
#ifndef BRINDLE_H
#define BRINDLE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define COMM_LEN	16
#define CPUS_MAX	256	/* CPUs looked at when a window begins */

/* Whom the programs record: struct config.follow */
enum follow {
	FOLLOW_ALL,		/* every task */
	FOLLOW_PROCESS,		/* tasks in the map "tasks", and threads they create */
	FOLLOW_TREE,		/* ... and processes they create */
};

/* Value of the map "tasks": the process; with this, one followed since after its birth */
#define TASK_ADOPTED	(1U << 31)

/* What a probe is for. The catalogue has rows per role, the plan one per role. */
enum role {
	ROLE_WINDOW_BEGIN,	/* A of a fork: caches flushed, copying of page tables begins */
	ROLE_WINDOW_END,	/* B of a fork: TLB flushed */
	ROLE_FAULT,		/* write fault on a present page: names the path and the address */
	ROLE_FAULT_END,		/* ... is over: what is copied later is not its */
	ROLE_COPY,		/* a copy begins */
	ROLE_COPY_END,		/* ... and ends: the record is sent */
	ROLE_MAPPED_PAGE,	/* which page is being mapped, where a mapping serves both sides */
	ROLE_MAPPING,		/* kernel mapping made for a side of the copy */
	ROLE_FLUSH,		/* data cache flush of a kernel address (the destination's) */
	ROLE_CLEAR,		/* a page was, or is being, cleared for a user address */
	ROLE_CLEAR_PART,	/* ... a small page of a huge page */
	ROLE_SWITCH,		/* thread switch: who ran inside a window */
	ROLE_NEWTASK,		/* a task was created: descendants are followed */
	ROLE_EXEC,		/* a thread execs: it becomes its process's first thread */
	ROLE_EXIT,		/* a task exits: it is followed no more */
	ROLE_COUNT
};

/* What made the kernel copy the page. Stored in recordings: never renumber. */
enum copy_path {
	PATH_UNKNOWN = 0,
	PATH_WP = 1,		/* write to a present, write-protected page (do_wp_page) */
	PATH_COW_FAULT = 2,	/* first touch of a private file page is a write (do_cow_fault) */
	PATH_FORK_PINNED = 3,	/* pinned page, copied inside fork (copy_present_page) */
	PATH_HUGETLB = 4,	/* huge page of hugetlbfs: one copy per small page */
	PATH_THP = 5,		/* write to a small page of a transparent huge page */
	PATH_KSM = 6,		/* write to, or swap-in of, a page merged by KSM */
	PATH_COLLAPSE = 7,	/* into a new huge page, by khugepaged or MADV_COLLAPSE */
	PATH_COUNT
};

enum wire_type { WIRE_COPY = 1, WIRE_WINDOW = 2, WIRE_CLEAR = 3, WIRE_EXACT = 4 };

/* struct wire_copy.seen: which probes contributed to the record */
#define SEEN_SRC_PAGE	(1 << 0)	/* src_page is a struct page address */
#define SEEN_DST_PAGE	(1 << 1)
#define SEEN_SRC_VA	(1 << 2)	/* src_va: mapping the source was read through */
#define SEEN_DST_VA	(1 << 3)
#define SEEN_FLUSH	(1 << 4)	/* flush_va: a flush inside this copy */
#define SEEN_FLAGS	(1 << 5)	/* page_flags, mapcount: read at entry of the copy */
#define SEEN_FLUSH_MORE	(1 << 6)	/* flush_va2: the last of several flushes */
#define SEEN_SRC_MORE	(1 << 7)	/* several mappings: which is the source's is not known */
#define SEEN_FLUSH_MANY	(1 << 8)	/* more than two: only two of them are kept */
#define SEEN_FAULT	(1 << 9)	/* made by the write fault that a probe announced */
#define SEEN_SRC_KSM	(1 << 10)	/* the source was merged by KSM */
#define SEEN_SRC_HUGE	(1 << 11)	/* ... is part of a huge page */
#define SEEN_AT_ENTRY	(1 << 12)	/* a clear sent before it is made: its flush is not seen */

/* Head of every record. seq counts per CPU from 0; check is wire__sum of the record. */
struct wire_head {
	__u16 type;		/* enum wire_type */
	__u16 size;		/* bytes, head included, multiple of 8 */
	__u32 check;
	__u32 cpu;
	__u32 exact;		/* SEEN_* of a wire_exact; of a wire_copy 1: those lack its comm */
	__u64 seq;
	__u64 ts;		/* ns, CLOCK_MONOTONIC */
};

/* One copy, complete, sent at its end; or a clear, of which source fields are unused. */
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
	__u64 flush_va;
	__u64 flush_va2;
	__u64 page_flags;	/* first word of the source's struct page */
	__u64 caller;		/* where in the kernel it was called from, 0 = not seen */
	__s32 mapcount;		/* raw _mapcount of the source: -1 = unmapped */
	__u32 seen;		/* SEEN_* */
};

/*
 * A copy of which both addresses were seen, and all else is in the last struct wire_copy of
 * the same thread: its name.
 */
struct wire_exact {
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
	__u32 exposed;		/* another thread of the process ran inside */
	__u32 pad;
};

#define WIRE_MAX	sizeof(struct wire_copy)

#ifdef __cplusplus
#define WIRE_ASSERT static_assert
#else
#define WIRE_ASSERT _Static_assert
#endif
WIRE_ASSERT(sizeof(struct wire_head) == 32, "wire_head is part of the border");
WIRE_ASSERT(sizeof(struct wire_copy) == 136, "wire_copy is part of the border");
WIRE_ASSERT(sizeof(struct wire_exact) == 64, "wire_exact is part of the border");
WIRE_ASSERT(sizeof(struct wire_window) == 72, "wire_window is part of the border");

/*
 * wire__sum - checksum of a record, whatever its head.check is
 * @rec: record, 8-byte aligned; @size: bytes, a compile-time constant in BPF
 *
 * Catches the torn and stale words of an incoherent shared mapping, not malice.
 */
static inline __attribute__((always_inline)) __u32 wire__sum(const void *rec, __u32 size)
{
	typedef __u64 __attribute__((may_alias)) any_word;
	const struct wire_head *head = (const struct wire_head *)rec;
	const any_word *word = (const any_word *)rec;
	const __u64 odd = 0x9e3779b97f4a7c15ULL;
	__u64 sum = ((__u64)head->type << 16 | head->size) + odd;
	__u32 i;

#ifdef __bpf__
#pragma unroll
#else
#pragma GCC unroll 16
#endif
	for (i = 1; i < size / 8; i++)
		sum = (sum ^ word[i]) * odd;	/* the high half depends on every bit */
	return (__u32)(sum >> 32);
}

#ifndef __bpf__
/* wire__whole - what a short record stands for, but for the name, which it does not have */
static inline struct wire_copy wire__whole(const struct wire_exact *rec)
{
	struct wire_copy whole = {
		.head = rec->head,
		.pid = rec->pid,
		.tid = rec->tid,
		.user = rec->user,
		.src_va = rec->src_va,
		.dst_va = rec->dst_va,
		.seen = rec->head.exact,
	};

	whole.head.type = WIRE_COPY;
	whole.head.size = sizeof(whole);
	return whole;
}
#endif

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

#endif /* BRINDLE_H */
