/* SPDX-License-Identifier: GPL-2.0-only */
/* The running machine as doctor and record see it: kernel, colours, plan. */
#ifndef BRINDLE_RECORDER_MACHINE_H
#define BRINDLE_RECORDER_MACHINE_H

#include "kernel/kernel.h"
#include "probe/kernel_code.h"
#include "probe/plan.h"
#include "probe/symbols_bpf.h"
#include "recorder/selfcheck.h"

struct machine {
	struct kernel kernel;	/* kernel__read; its arch is known */
	struct geometry geometry;
	struct symbols symbols;
	struct symbols_bpf lookup;
	struct kernel_code code;
	struct plan plan;
};

/*
 * machine__plan - find out the colours and choose a plan
 * @m: kernel__read has filled in m->kernel
 * @prefer: kernel function or mechanism to try first, NULL = catalogue order
 * @all: read all symbols, to tell for each missing candidate whether there is a clone of it
 *
 * Returns 0 or an exit code, having said why. The plan may lack a required role
 * (plan__complete): doctor shows that, record refuses it.
 */
int machine__plan(struct machine *m, const char *prefer, bool all);

/* Enough for a row per path, one for KSM at swap-in and one for clears. */
#define UNSEEN_MAX	(PATH_COUNT + 2)

/*
 * machine__unseen - rows of the plan for what this kernel does and brindle cannot see
 * @checked: result of the self-check, NULL = there was none
 *
 * Returns the number of rows filled in.
 */
int machine__unseen(const struct machine *m, const struct check_result *checked,
		    struct plan_row rows[UNSEEN_MAX]);

#endif
