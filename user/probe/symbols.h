/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of the catalogue that this kernel has, as /proc/kallsyms lists them. */
#ifndef BRINDLE_PROBE_SYMBOLS_H
#define BRINDLE_PROBE_SYMBOLS_H

#include "probe/callers.h"
#include "probe/catalogue.h"

struct symbols {
	/* by index in the catalogue */
	__u8 present[CATALOGUE_MAX];	/* 1: there is a text symbol of this name */
	__u8 cloned[CATALOGUE_MAX];	/* 1: there is a clone, foo.constprop.0 or the like */
	struct callers callers;
};

/*
 * symbols__read - look the catalogue's functions up in a kallsyms file
 * @path: /proc/kallsyms, or a recorded one
 *
 * Tracepoints count as present; only attaching shows whether they are. Returns 0, or an exit
 * code, having said why.
 */
int symbols__read(struct symbols *s, const char *path);

#endif
