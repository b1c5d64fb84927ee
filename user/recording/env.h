/* SPDX-License-Identifier: GPL-2.0-only */
/* How complete a recording is: which roles were watched, and whether anything is missing. */
#ifndef BRINDLE_RECORDING_ENV_H
#define BRINDLE_RECORDING_ENV_H

#include "recording/recording.h"

/* totals__incomplete - is anything missing? Then all counts are lower bounds. */
static inline bool totals__incomplete(const struct recording_totals *t)
{
	return t->lost || t->missed || t->cut_bytes || t->absent || !t->complete;
}

/*
 * env__watched - did the plan watch this role (ROLE_NAME_* or a path's name)?
 *
 * A number that was not watched is shown as "not watched" or null, never as 0.
 */
bool env__watched(const struct recording_env *env, const char *role);

/* env__unseen - why the plan does not watch this role or path; "" when it does, or does not say */
const char *env__unseen(const struct recording_env *env, const char *role);

#endif
