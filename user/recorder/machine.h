/* SPDX-License-Identifier: GPL-2.0-only */
/* The running machine as doctor and record see it: kernel, colours, plan. */
#ifndef BRINDLE_MACHINE_H
#define BRINDLE_MACHINE_H

#include "kernel/kernel.h"
#include "probe/symbols_bpf.h"
#include "probe/plan.h"
#include "recorder/selfcheck.h"

struct machine {
	struct kernel kernel;	/* kernel__read; its arch is known */
	struct geometry geometry;
	struct symbols symbols;
	struct symbols_bpf lookup;
	struct plan plan;
};

/*
 * machine__plan - ask for the colours, choose a plan
 * @prefer: kernel function or mechanism to try first, NULL = catalogue order
 * @all: read all symbols, to tell of each candidate that is not there whether a clone is
 *
 * Returns 0 or an exit code, having said why. The plan may lack a role that is required
 * (plan__complete): doctor shows that, record refuses it.
 */
int machine__plan(struct machine *m, const char *prefer, bool all);

/* At most one row for each path but "unknown", one for KSM at swap-in, and two for clears. */
#define UNSEEN_MAX	(PATH_COUNT + 2)

/*
 * machine__unseen - rows of the plan for what this kernel does and brindle cannot see here
 * @checked: what the self-check found, NULL when there was none
 *
 * Returns their number.
 */
int machine__unseen(const struct machine *m, const struct check_result *checked,
		    struct plan_row rows[UNSEEN_MAX]);

#endif
