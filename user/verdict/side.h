/* SPDX-License-Identifier: GPL-2.0-only */
/* One side of a copy, played on the symbolic cache. Private to this folder. */
#ifndef BRINDLE_VERDICT_SIDE_H
#define BRINDLE_VERDICT_SIDE_H

#include <stdbool.h>
#include "model/copy.h"
#include "model/frame.h"

#define COLOUR_UNKNOWN	(-1)

/* What there is to play, by the colours of one geometry. */
struct side_play {
	enum step_page page;	/* STEP_OF_SOURCE or STEP_OF_DESTINATION */
	struct frame_start start[FRAME_STARTS_MAX];
	int starts;		/* more than one: which of them holds is not known */
	__s32 user;		/* colour of the user address */
	__s32 kernel;		/* ... of the frame in the linear mapping, or COLOUR_UNKNOWN */
	__s32 access;		/* ... through which it is read or written, or COLOUR_UNKNOWN */
	__u16 step[STEPS_MAX];	/* with colours of this geometry */
	int steps;
	bool accessed;		/* its STEP_READ or STEP_WRITE is among them, in its place */
	/* flushes that would not have been seen: they may have been made at any time */
	bool kernel_unwatched, user_unwatched, all_unwatched;
	bool may_discard;	/* ... or lines dropped */
};

/* What can come of it: both, when it depends on what is not known. */
struct side_result {
	bool can_be_safe, can_be_at_risk;
};

/* side__play - play all that may have happened */
struct side_result side__play(const struct side_play *p);

#endif
