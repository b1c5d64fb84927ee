/* SPDX-License-Identifier: GPL-2.0-only */
/* Verdicts as values and as words. */
#ifndef BRINDLE_MODEL_JUDGEMENT_H
#define BRINDLE_MODEL_JUDGEMENT_H

#include <linux/types.h>

/* Verdict on one side of a copy, and on a whole copy (or clear). */
enum side_verdict { SIDE_CONGRUENT, SIDE_FLUSHED, SIDE_EXCUSED, SIDE_MISMATCH, SIDE_UNKNOWN,
		    SIDE_COUNT };
enum copy_verdict { COPY_SAFE, COPY_AT_RISK, COPY_UNKNOWN, COPY_COUNT };

/* The verdict on one side, and why. */
struct judgement {
	enum side_verdict verdict;
	const char *reason;	/* static string; "" for a plain congruent side */
	__s32 colour;		/* colour of the kernel mapping, -1 = unknown */
};

/*
 * side_verdict__name, copy_verdict__name - the word for a value of enum side_verdict, enum
 * copy_verdict, as output and documentation spell it
 *
 * A static string; "?" for a value out of range.
 */
const char *side_verdict__name(unsigned int v);
const char *copy_verdict__name(unsigned int v);

#endif
