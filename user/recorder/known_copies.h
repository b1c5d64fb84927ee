/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies whose addresses and page frames are known from /proc/self/pagemap: a
 * child process makes them, the self-check demands exactly their records.
 */
#ifndef BRINDLE_KNOWN_COPIES_H
#define BRINDLE_KNOWN_COPIES_H

#include <stdbool.h>
#include <sys/types.h>
#include "model/copy.h"

enum known_source {
	KNOWN_ANON,	/* anonymous page mapped by two processes */
	KNOWN_FILE,	/* private file page that was read before: mapped, clean */
	KNOWN_FRESH,	/* private file page never mapped: unmapped, maybe kernel-dirty */
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

/* Shared with the child. */
struct known {
	__u32 n;
	__u32 done;
	bool slowly;		/* with pauses, in which records are taken from the buffer */
	int failed;		/* errno, with what was being done */
	char doing[64];
	struct known_page page[KNOWN_PAGES];
};

struct known_child {
	pid_t pid;
	int go;			/* a byte written here starts it; closing it ends it */
	int ready;		/* becomes readable when it is done */
	struct known *known;
};

/*
 * known__start - make the child; it waits for known__run
 * @comm: name it takes, to pass a --comm filter; NULL = none
 * @slowly: the buffer may be too small for all its records at once
 *
 * Returns 0 or an exit code, having said why.
 */
int known__start(struct known_child *child, const char *comm, bool slowly);

/*
 * known__run - let it make its copies, wait until they are made
 * @idle: called about every millisecond meanwhile
 *
 * Returns 0 or an exit code, having said why.
 */
int known__run(struct known_child *child, void (*idle)(void *ctx), void *ctx);

/* known__end - let it exit, reap it, forget its list; harmless when never started */
void known__end(struct known_child *child);

/* known__is_arch_dirty - KPF_ARCH of a page in /proc/kpageflags: 1, 0, or -1 unreadable */
int known__is_arch_dirty(__u64 pfn);

#endif
