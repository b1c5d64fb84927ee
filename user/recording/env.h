/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording says of its own completeness: what was watched, what is missing. */
#ifndef BRINDLE_ENV_H
#define BRINDLE_ENV_H

#include "recording/recording.h"

/* totals__incomplete - is something missing of what happened? Then numbers are lower bounds. */
static inline bool totals__incomplete(const struct recording_totals *t)
{
	return t->lost || t->missed || t->cut_bytes || t->absent || !t->complete;
}

/*
 * env__watched - did the plan watch this role?
 *
 * What was not watched is shown as "not watched", never as 0.
 */
bool env__watched(const struct recording_env *env, const char *role);

/* env__unseen - why the plan does not watch this role, "" when it does not say */
const char *env__unseen(const struct recording_env *env, const char *role);

#endif
