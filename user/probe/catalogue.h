/* SPDX-License-Identifier: GPL-2.0-only */
/* The catalogue: the kernel functions that can serve each role. */
#ifndef BRINDLE_PROBE_CATALOGUE_H
#define BRINDLE_PROBE_CATALOGUE_H

#include <stdbool.h>
#include "model/copy.h"

enum mechanism { BY_KPROBE, BY_KRETPROBE, BY_FENTRY, BY_FEXIT, BY_TRACEPOINT };

/* struct candidate.flags */
#define ONLY_ALIASING	(1 << 0)	/* only where the cache has aliases */
/*
 * Every mapping (or flush) in the kernel goes through this function. If it is seen at work
 * outside copies and never inside, that proves that copies do not use it.
 */
#define COMPLETE	(1 << 1)
#define WANTS_END	(1 << 2)	/* needs ROLE_COPY_END, or ROLE_FAULT_END, as well */
#define WANTS_FAULT	(1 << 3)	/* needs ROLE_FAULT for the user address */
#define NEVER_ALIASING	(1 << 4)	/* only where the cache has no aliases */
#define WANTS_MAPPING	(1 << 5)	/* needs ROLE_MAPPING for the kernel addresses */
#define WANTS_PAGE	(1 << 6)	/* needs ROLE_MAPPED_PAGE to tell the sides apart */
#define AT_SITES	(1 << 9)	/* attached inside functions, where calls.c finds places */
#define ONLY_ONE_CPU	(1 << 8)	/* only where there is no other CPU that could call it */
#define WANTS_CALLS	(1 << 7)	/* ROLE_COPY_CALL or ROLE_CLEAR_CALL adds to it */

struct candidate {
	enum role role;
	const char *arch;	/* struct arch.name, NULL = any */
	const char *function;	/* kernel function, or "category/event" of a tracepoint */
	enum mechanism by;
	const char *program;	/* in bpf/brindle.bpf.c */
	__u8 evidence;		/* enum evidence of the address it shows; 0 = shows none */
	__u8 kind;		/* enum mapping_kind of that address */
	__u16 flags;
	/* ROLE_COPY: why it sees only write faults on present pages; NULL = it sees every copy */
	const char *blind;
};

#define CATALOGUE_MAX	64	/* rows, with the one that ends it */

/* The rows; the last has a NULL function. Within a role the best comes first. */
extern const struct candidate catalogue[];

/* mechanism__name - the name in doctor, recordings and reports */
const char *mechanism__name(enum mechanism by);

/* mechanism__family - "kprobe", "fentry" or "tracepoint", as --prefer takes it */
const char *mechanism__family(enum mechanism by);

/* mechanism__is_trampoline - fentry and fexit: the function itself calls the program; needs BTF */
bool mechanism__is_trampoline(enum mechanism by);

#endif
