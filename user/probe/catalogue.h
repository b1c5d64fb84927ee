/* SPDX-License-Identifier: GPL-2.0-only */
/* Which kernel functions can serve a role, best first: a table of data. */
#ifndef BRINDLE_PROBE_CATALOGUE_H
#define BRINDLE_PROBE_CATALOGUE_H

#include <stdbool.h>
#include "model/copy.h"

enum mechanism { BY_KPROBE, BY_KRETPROBE, BY_FENTRY, BY_FEXIT, BY_TRACEPOINT };

/* struct candidate.flags */
#define ONLY_ALIASING	(1 << 0)	/* of use only where the cache has aliases */
/*
 * Every mapping (or flush) in the kernel goes through this function: when it is seen at work
 * outside copies and never inside, copies do not use it.
 */
#define COMPLETE	(1 << 1)
/* Needs ROLE_COPY_END, which sends the record, or ROLE_FAULT_END, as well. */
#define WANTS_END	(1 << 2)
#define WANTS_FAULT	(1 << 3)	/* without ROLE_FAULT there is no user address */
#define NEVER_ALIASING	(1 << 4)	/* of use only where it has none */
#define WANTS_MAPPING	(1 << 5)	/* without ROLE_MAPPING there are no addresses */
#define WANTS_PAGE	(1 << 6)	/* ROLE_MAPPED_PAGE tells the sides' mappings apart */

struct candidate {
	enum role role;
	const char *arch;	/* struct arch.name, NULL = any */
	const char *function;	/* kernel function, or "category/event" of a tracepoint */
	enum mechanism by;
	const char *program;	/* in bpf/brindle.bpf.c */
	__u8 evidence;		/* enum evidence of what it shows; 0 = of no address */
	__u8 kind;		/* enum mapping_kind of the address it shows */
	__u8 flags;
	/* ROLE_COPY: why it sees only write faults on present pages; NULL = sees all */
	const char *blind;
};

#define CATALOGUE_MAX	64	/* rows; its end included */

/* The catalogue; ends with a NULL function. Within a role, best first. */
extern const struct candidate catalogue[];

const char *mechanism__name(enum mechanism by);

/* mechanism__family - "kprobe", "fentry" or "tracepoint": what --prefer can ask for */
const char *mechanism__family(enum mechanism by);

/* mechanism__is_trampoline - is the program called by the function itself (BTF needed)? */
bool mechanism__is_trampoline(enum mechanism by);

#endif
