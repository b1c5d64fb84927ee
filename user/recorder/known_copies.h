/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies whose addresses and page frames are known from /proc/self/pagemap. A child process
 * makes them, and the self-check demands exactly the records of them.
 */
#ifndef BRINDLE_RECORDER_KNOWN_COPIES_H
#define BRINDLE_RECORDER_KNOWN_COPIES_H

#include <stdbool.h>
#include <sys/types.h>
#include "model/copy.h"

enum known_source {
	KNOWN_ANON,	/* anonymous page mapped by two processes */
	KNOWN_FILE,	/* private file page that was read before: mapped, clean */
	KNOWN_FRESH,	/* private file page that was never mapped; may be kernel-dirty */
	KNOWN_SOURCES
};

#define KNOWN_ANON_PAGES	48
#define KNOWN_FILE_PAGES	8
#define KNOWN_PAGES		(KNOWN_ANON_PAGES + 2 * KNOWN_FILE_PAGES)

struct known_page {
	__u64 user;		/* address in the child */
	__u64 source;		/* pfn; PFN_UNKNOWN for KNOWN_FRESH, which no process maps */
	__u64 destination;	/* pfn */
	__u32 from;		/* enum known_source */
};

/* Memory shared with the child, which fills it in. */
struct known {
	__u32 n;		/* rows of page */
	__u32 done;		/* 1 = all went well */
	bool paced;		/* make pauses, in which records can be taken from the buffer */
	int failed;		/* errno of the step that failed */
	char doing[64];		/* that step, in words */
	struct known_page page[KNOWN_PAGES];
};

struct known_child {
	pid_t pid;
	int go;			/* a byte written here starts the child; closing it ends it */
	int ready;		/* becomes readable when the child is done */
	struct known *known;
};

/*
 * known__start - fork the child, which waits for known__run
 * @comm: name for the child to take, to pass a --comm filter; NULL = keep its name
 * @paced: the buffer may be too small for all its records at once
 *
 * Returns 0 or an exit code, having said why.
 */
int known__start(struct known_child *child, const char *comm, bool paced);

/*
 * known__run - let the child make its copies, and wait until they are made
 * @idle: called about every millisecond meanwhile
 *
 * Returns 0 or an exit code, having said why.
 */
int known__run(struct known_child *child, void (*idle)(void *ctx), void *ctx);

/* known__end - let the child exit, reap it, unmap child->known; harmless when never started */
void known__end(struct known_child *child);

/* known__arch_flag - KPF_ARCH of a page in /proc/kpageflags: 1 or 0; -1 = it cannot be read */
int known__arch_flag(__u64 pfn);

#endif
