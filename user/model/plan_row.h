/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of the attach plan in words, without the probes behind it. */
#ifndef BRINDLE_MODEL_PLAN_ROW_H
#define BRINDLE_MODEL_PLAN_ROW_H

/* Names of the roles that reports look up. */
#define ROLE_NAME_WINDOW_END	"window-end"
#define ROLE_NAME_COPY		"copy"
#define ROLE_NAME_COPY_CALL	"copy-call"
#define ROLE_NAME_MAPPING	"mapping"
#define ROLE_NAME_FLUSH		"flush"
#define ROLE_NAME_CLEAR		"clear"
#define ROLE_NAME_SWITCH	"switch"

#define PLAN_MAX		48	/* rows: for each role, call and thing that is not seen */

/* The columns that doctor, recordings and reports show. */
struct plan_row {
	char role[24];
	char function[80];
	char mechanism[16];	/* kprobe, kretprobe, fentry, fexit, tracepoint, none */
	char evidence[16];	/* observed, derived, unknown, "-" */
	char reason[112];	/* with mechanism "none": why this cannot be seen; else "" */
};

#endif
