/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a verdict: on one side of a copy, and on the copy. */
#ifndef BRINDLE_JUDGEMENT_H
#define BRINDLE_JUDGEMENT_H

#include <linux/types.h>

/* Verdict on one side of a copy, and on the copy. */
enum side_verdict { SIDE_CONGRUENT, SIDE_FLUSHED, SIDE_EXCUSED, SIDE_MISMATCH, SIDE_UNKNOWN,
		    SIDE_COUNT };
enum copy_verdict { COPY_SAFE, COPY_AT_RISK, COPY_UNKNOWN, COPY_COUNT };

struct judgement {
	enum side_verdict verdict;
	const char *reason;	/* static string; "" for a plain congruent side */
	__s32 colour;		/* colour of the kernel mapping, -1 = unknown */
};

/* Names as the design and the output spell them; "?" for a value out of range. */
const char *side_verdict__name(unsigned int v);
const char *copy_verdict__name(unsigned int v);

#endif
