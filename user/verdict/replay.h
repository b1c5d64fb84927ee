/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A symbolic data cache for one page frame: all states that its cache lines and memory can be
 * in, and what the operations of a copy make of them. Pure, and exact: what it says can be old
 * is old in some order of write-backs and evictions, what it does not is in none.
 *
 * The cache is virtually indexed, physically tagged and write-back, and keeps no aliases
 * coherent: a line is looked for in the colour of the address that is used, and memory is read
 * where that colour has none. Whatever is in it may be evicted, and written back if it is dirty,
 * at any time. All lines of a page are treated alike, so one line stands for the page.
 */
#ifndef BRINDLE_VERDICT_REPLAY_H
#define BRINDLE_VERDICT_REPLAY_H

#include <stdbool.h>
#include "model/frame.h"

/*
 * Colours that can matter for one frame: that of its user addresses, that of the kernel's
 * linear mapping, and that of one more mapping through which a copy is made.
 */
#define REPLAY_PLACES	3

/* A set of states: one bit for each combination of lines and memory. */
struct replay {
	__u64 states[4];
};

/* What one access, flush or the like does with the lines in the colour of its address. */
enum replay_op {
	REPLAY_READ,	/* filled from memory unless it is there */
	REPLAY_WRITE,	/* all of it overwritten: from now on this is what is newest */
	REPLAY_FLUSH,	/* written back if dirty, then dropped */
	REPLAY_CLEAN,	/* written back if dirty, and kept */
	REPLAY_DISCARD,	/* dropped, not written back */
	REPLAY_OPS
};

/* replay__start - all states that a start allows; user and kernel: the places of these colours */
void replay__start(struct replay *r, const struct frame_start *start, unsigned int user,
		   unsigned int kernel);

/*
 * replay__add - one more state the frame may be in, with all that evictions make of it
 * @memory_new: memory has the newest bytes
 */
void replay__add(struct replay *r, const enum line line[REPLAY_PLACES], bool memory_new);

/* replay__apply - do op through an address of this place, then let the cache evict what it likes */
void replay__apply(struct replay *r, enum replay_op op, unsigned int place);

/* Can one who reads through an address of this place, now, get the newest bytes, or old ones? */
bool replay__can_be_new(const struct replay *r, unsigned int place);
bool replay__can_be_old(const struct replay *r, unsigned int place);

#endif
