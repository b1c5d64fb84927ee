// SPDX-License-Identifier: GPL-2.0-only
#include "model/judgement.h"

const char *side_verdict__name(unsigned int v)
{
	static const char *const names[SIDE_COUNT] = {
		[SIDE_CONGRUENT] = "congruent",
		[SIDE_FLUSHED] = "flushed",
		[SIDE_EXCUSED] = "excused",
		[SIDE_MISMATCH] = "mismatch",
		[SIDE_UNKNOWN] = "unknown",
	};

	return v < SIDE_COUNT ? names[v] : "?";
}

const char *copy_verdict__name(unsigned int v)
{
	static const char *const names[COPY_COUNT] = {
		[COPY_SAFE] = "safe",
		[COPY_AT_RISK] = "at-risk",
		[COPY_UNKNOWN] = "unknown",
	};

	return v < COPY_COUNT ? names[v] : "?";
}
