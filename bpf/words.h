/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words that the kernel programs, the loader and recordings share: what a probe is for, what
 * made the kernel copy a page. What lies behind the recording includes nothing else of bpf/.
 */
#ifndef BRINDLE_WORDS_H
#define BRINDLE_WORDS_H

#define COMM_LEN	16	/* bytes of a task's name, the last one 0: TASK_COMM_LEN */

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

#endif
