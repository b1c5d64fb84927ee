// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "recording/env.h"

bool env__watched(const struct recording_env *env, const char *role)
{
	__u32 i;

	for (i = 0; i < env->plan_rows; i++)
		if (!strcmp(env->plan[i].role, role) && strcmp(env->plan[i].mechanism, "none") &&
		    strcmp(env->plan[i].mechanism, "-"))
			return true;
	return false;
}

const char *env__unseen(const struct recording_env *env, const char *role)
{
	__u32 i;

	for (i = 0; i < env->plan_rows; i++)
		if (!strcmp(env->plan[i].role, role) && env->plan[i].reason[0])
			return env->plan[i].reason;
	return "";
}
