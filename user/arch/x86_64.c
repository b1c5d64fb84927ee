// SPDX-License-Identifier: GPL-2.0-only
#include "arch.h"

/*
 * The data cache has no aliases, so colours differ only when --span asks "what if it
 * had": the kernel does nothing about colours here, and nothing excuses a difference.
 */
static void excuse_nothing(const struct copy *c, bool missed, struct judgement *j)
{
	(void)c;
	(void)missed;
	j->verdict = SIDE_MISMATCH;
	j->reason = "colours differ";
}

static const struct hazard hazards[] = { { 0 } };

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.machines = { "x86_64" },
	.excuse_source = excuse_nothing,
	.excuse_destination = excuse_nothing,
	.hazards = hazards,
};
