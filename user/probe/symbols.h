/* SPDX-License-Identifier: GPL-2.0-only */
/* Which functions of the catalogue this kernel has. */
#ifndef BRINDLE_PROBE_SYMBOLS_H
#define BRINDLE_PROBE_SYMBOLS_H

#include "probe/callers.h"
#include "probe/catalogue.h"

/* Which of the catalogue's functions this kernel has. */
struct symbols {
	__u8 present[CATALOGUE_MAX];	/* by index in the catalogue: it is a text symbol */
	__u8 cloned[CATALOGUE_MAX];	/* only foo.constprop.0 and the like */
	struct callers callers;
};

/*
 * symbols__read - look the catalogue's functions up in a kallsyms file
 * @path: /proc/kallsyms, or a recorded one
 *
 * Tracepoints count as present here; attaching tells. Returns 0 or an exit code.
 */
int symbols__read(struct symbols *s, const char *path);

#endif
