/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings: the conditions that tracing on this machine depends on, one finding for each. */
#ifndef BRINDLE_KERNEL_FINDINGS_H
#define BRINDLE_KERNEL_FINDINGS_H

#include "kernel/kernel.h"

/* One condition that doctor checks. */
struct finding {
	const char *name;
	int code;		/* EXIT_OK: fulfilled; else the exit code of record */
	char what[192];
	char advice[192];	/* what the user can do; "" = nothing */
};

#define FINDINGS_MAX	16

/*
 * findings__collect - check everything that decides whether tracing is possible here
 * @all: also report every condition that is fulfilled; otherwise slow checks may be skipped
 *
 * The findings are in the order in which a user should fix them; their strings need not be
 * freed. Returns their number. Attaches no probe, prints nothing.
 */
int findings__collect(const struct kernel *k, bool all, struct finding findings[FINDINGS_MAX]);

#endif
