/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that copy or clear a page, inside the functions of the kernel that do so. copy_page and
 * clear_page themselves cannot be probed, and a mapping made nearby does not tell what is read
 * and written, nor when. The functions are found by reading the kernel's code. Pure, but for
 * what struct kernel_code asks the kernel.
 */
#ifndef BRINDLE_PROBE_CALLS_H
#define BRINDLE_PROBE_CALLS_H

#include "bpf/state.h"
#include "probe/kernel_code.h"
#include "site/site.h"

enum call_kind {
	CALL_COPIES,		/* or clears */
	CALL_DISCARDS,		/* it drops the cache lines of its first argument instead */
};

struct call {
	char within[64];	/* function */
	struct site site;	/* where to probe, and where the arguments are */
	enum call_kind kind;
};

struct calls {
	struct call call[CALLS_MAX];
	int n;
	/*
	 * What the code that was read, and all that it calls, does to the cache, is done by
	 * functions with a probe. Else unwatched says what does it without.
	 */
	bool watched;
	__u32 reached;		/* ... and these are the roles of the probes (bits) */
	char unwatched[96];
	bool discards;		/* ... and something that may drop lines has none */
	bool yields;		/* ... calls a function that lets other threads run */
	bool probed;		/* somebody's probe hides an instruction of the code */
};

/*
 * calls__find - find the calls that a role is for
 * @watcher: the role whose probe sees what the kernel function of this name does to the cache, or
 *	ROLE_COUNT
 * @why: set when there are none: a few words for people, size bytes
 *
 * Returns false when the calls cannot be found, or not all of them can be probed: copies would
 * be made unseen.
 */
bool calls__find(const struct kernel_code *code, const char *arch, enum role role,
		 enum role (*watcher)(void *ctx, const char *function), void *ctx,
		 struct calls *calls, char *why, size_t size);

/*
 * calls__event - the part of an event's name that says what a call is like, for other recorders:
 *	they cannot read the code where a probe is
 * calls__parse - the same from the whole name of an event, "brindle_PID_ID_..."; false: no call
 */
void calls__event(const struct call *call, char *name, size_t size);
bool calls__parse(const char *event, struct call *call);

/* calls__place - where a call is probed: "function+0x1c", size bytes */
void calls__place(const struct call *call, char *place, size_t size);

#endif
