/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of the attach plan in words, without the probes behind it. */
#ifndef BRINDLE_PLAN_ROW_H
#define BRINDLE_PLAN_ROW_H

/* Roles that a report asks for by name. */
#define ROLE_NAME_WINDOW_END	"window-end"
#define ROLE_NAME_COPY		"copy"
#define ROLE_NAME_MAPPING	"mapping"
#define ROLE_NAME_FLUSH		"flush"
#define ROLE_NAME_CLEAR		"clear"
#define ROLE_NAME_SWITCH	"switch"

#define PLAN_MAX		32	/* roles, and what is not seen */

/* One line of the attach plan, as doctor, recordings and reports show it. */
struct plan_row {
	char role[24];
	char function[64];
	char mechanism[16];	/* kprobe, kretprobe, tracepoint, none */
	char evidence[16];	/* observed, derived, "-" */
	char reason[112];	/* why what it names cannot be seen, in words; "" for most */
};

#endif
