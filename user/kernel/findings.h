/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in the way of tracing on this machine, one finding for each point. */
#ifndef BRINDLE_KERNEL_FINDINGS_H
#define BRINDLE_KERNEL_FINDINGS_H

#include "kernel/kernel.h"

/* One thing doctor looks at. code is EXIT_OK when it is as it should be. */
struct finding {
	const char *name;
	int code;		/* exit code it leads to */
	char what[192];
	char advice[192];	/* "" when there is nothing to do */
};

#define FINDINGS_MAX	16

/*
 * findings__collect - everything that decides whether tracing is possible here
 *
 * @all: also what is as it should be; else some of that may be left out
 *
 * In the order a user should mend it. Returns the number of findings; attaches nothing.
 */
int findings__collect(const struct kernel *k, bool all, struct finding findings[FINDINGS_MAX]);

#endif
