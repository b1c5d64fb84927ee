/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words shared by the kernel programs, the loader and recordings: the roles of probes and the
 * paths on which the kernel copies a page. Code behind the recording includes no other header
 * of bpf/.
 */
#ifndef BRINDLE_BPF_WORDS_H
#define BRINDLE_BPF_WORDS_H

#define COMM_LEN	16	/* bytes of a task's name, the last one 0: TASK_COMM_LEN */

/* The purpose of a probe. The catalogue has several rows per role, a plan at most one. */
enum role {
	ROLE_WINDOW_BEGIN,	/* A of a fork: caches flushed, copying of page tables begins */
	ROLE_WINDOW_END,	/* B of a fork: TLB flushed */
	ROLE_FORK_TLB,		/* TLB flush of a process: from here on the parent cannot write */
	ROLE_FORK_FLUSH,	/* cache flush of a process, perhaps after that */
	ROLE_FAULT,		/* write fault on a present page: gives the path and the address */
	ROLE_FAULT_END,		/* the fault returned: a later copy belongs to another fault */
	ROLE_COPY,		/* a copy begins */
	ROLE_COPY_END,		/* the copy ends: its record is sent */
	ROLE_COPY_CALL,		/* the calls that copy: both kernel addresses, and when it was */
	ROLE_MAPPED_PAGE,	/* page being mapped, where ROLE_MAPPING sees both sides */
	ROLE_MAPPING,		/* kernel mapping made for a side of the copy */
	ROLE_FLUSH,		/* data cache flush of a kernel address */
	ROLE_FLUSH_LOCAL,	/* ... the same, where it is called for this CPU alone */
	ROLE_FLUSH_USER,	/* ... of a user address */
	ROLE_FLUSH_ALL,		/* ... of the whole cache */
	ROLE_CLEAR,		/* a page was, or is being, cleared for a user address */
	ROLE_CLEAR_CALL,	/* the calls that clear a page */
	ROLE_CLEAR_PART,	/* a small page of a huge page is being cleared */
	ROLE_SWITCH,		/* thread switch: tells which threads ran inside a window */
	ROLE_NEWTASK,		/* a task was created: descendants are followed */
	ROLE_EXEC,		/* a thread execs: it becomes its process's first thread */
	ROLE_EXIT,		/* a task exits and is no longer followed */
	ROLE_COUNT
};

/* The kernel path that made a copy. Stored in recordings: never renumber. */
enum copy_path {
	PATH_UNKNOWN = 0,
	PATH_WP = 1,		/* write to a present, write-protected page (do_wp_page) */
	PATH_COW_FAULT = 2,	/* first touch of a private file page is a write (do_cow_fault) */
	PATH_FORK_PINNED = 3,	/* pinned page, copied inside fork (copy_present_page) */
	PATH_HUGETLB = 4,	/* huge page of hugetlbfs: one copy per small page */
	PATH_THP = 5,		/* write to a small page of a transparent huge page */
	PATH_KSM = 6,		/* write to, or swap-in of, a page merged by KSM */
	PATH_COLLAPSE = 7,	/* small pages into a new huge page: khugepaged, MADV_COLLAPSE */
	PATH_COUNT
};

#endif
