/* SPDX-License-Identifier: GPL-2.0-only */
/* What a data cache may hold of a page frame before a copy begins. */
#ifndef BRINDLE_MODEL_FRAME_H
#define BRINDLE_MODEL_FRAME_H

#include <linux/types.h>

/* The cache lines of a frame in one colour. */
enum line { LINE_NONE, LINE_CLEAN_NEW, LINE_CLEAN_OLD, LINE_DIRTY_NEW, LINE_DIRTY_OLD, LINE_COUNT };

/* Sets of them, as frame_start has them. */
#define MAY_BE(line)	(1U << (line))
#define MAY_BE_NONE	MAY_BE(LINE_NONE)
#define MAY_BE_CLEAN	(MAY_BE_NONE | MAY_BE(LINE_CLEAN_NEW))
#define MAY_BE_NEWEST	(MAY_BE_CLEAN | MAY_BE(LINE_DIRTY_NEW))
#define MAY_BE_BEHIND	(MAY_BE_CLEAN | MAY_BE(LINE_CLEAN_OLD))
#define MAY_BE_DEAD	(MAY_BE_NONE | MAY_BE(LINE_CLEAN_OLD) | MAY_BE(LINE_DIRTY_OLD))

/* Who is sure to read the newest bytes of the frame when the copy begins. */
enum newest { NEWEST_FOR_NOBODY, NEWEST_FOR_USER, NEWEST_FOR_KERNEL };

/*
 * All states that an architecture's rules allow a frame to be in: lines in the colour of its
 * user addresses and in that of the kernel's linear mapping, none in any other colour.
 */
struct frame_start {
	__u8 user, kernel;	/* MAY_BE_* */
	__u8 newest;		/* enum newest */
	const char *excuse;	/* why a source may be read in the kernel's colour, "" = may not */
};

#define FRAME_STARTS_MAX	2

#endif
