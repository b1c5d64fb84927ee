/* SPDX-License-Identifier: GPL-2.0-only */
/* The running machine as doctor and record see it: kernel, colours, plan. */
#ifndef BRINDLE_MACHINE_H
#define BRINDLE_MACHINE_H

#include "kernel.h"
#include "plan.h"

struct machine {
	struct kernel kernel;	/* kernel__read; its arch is known */
	struct geometry geometry;
	struct symbols symbols;
	struct plan plan;
};

/*
 * machine__plan - ask for the colours, choose a plan
 * @prefer: kernel function to try first for its role, NULL = catalogue order
 *
 * Returns 0 or an exit code, having said why. The plan may lack a role that is required
 * (plan__complete): doctor shows that, record refuses it.
 */
int machine__plan(struct machine *m, const char *prefer);

#endif
