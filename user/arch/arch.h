/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What brindle must know of an architecture. One file per architecture beside
 * this header; arch.c is the list of them. Everything here is plain data and
 * pure functions: it serves recordings of that architecture on any machine.
 */
#ifndef BRINDLE_ARCH_ARCH_H
#define BRINDLE_ARCH_ARCH_H

#include <stdbool.h>
#include "model/copy.h"
#include "model/geometry.h"
#include "model/judgement.h"

/* A condition under which probing can harm the traced machine. */
struct hazard {
	const char *name;
	const char *what;	/* what happens */
	const char *path;	/* file that tells */
	const char *safe;	/* first word of the file that means no danger; all else does */
	const char *advice;	/* what to do about it */
};

struct arch {
	const char *name;	/* as recordings spell it */
	const char *machines[8]; /* uname -m values, NULL-terminated */
	__u64 fixed_span;	/* bytes; 0 = ask the kernel */
	/* fixed copy windows, at the page of colour 0; 0 = the architecture has none */
	__u64 source_window, destination_window;
	/*
	 * What excuses a side whose colour differs from the user address. Sets verdict and
	 * reason; never called for a side that is known to be congruent. Where the mapping's
	 * colour is not known, only an answer "flushed" or "excused" counts: it must hold
	 * whatever the colour. missed: probes were missed in this recording, so that what
	 * was not seen may still have happened. Of the copy there are the facts and each
	 * side's kind and evidence, and nothing else (verdict__class); of a clear, which is
	 * judged as the destination of a copy, there is no source either.
	 */
	void (*excuse_source)(const struct copy *c, bool missed, struct judgement *j);
	void (*excuse_destination)(const struct copy *c, bool missed, struct judgement *j);
	const struct hazard *hazards;	/* ends with a NULL name; NULL = none known */
};

/* arch__by_name - architecture called name in a recording, NULL when unknown */
const struct arch *arch__by_name(const char *name);

/* arch__by_machine - architecture for a uname -m value, NULL when unknown */
const struct arch *arch__by_machine(const char *machine);

/*
 * arch__excuse_nothing - excuse_* of a machine whose data cache has no aliases
 *
 * Colours differ there only when --span asks "what if it had": the kernel does nothing
 * about them, and nothing excuses a difference.
 */
void arch__excuse_nothing(const struct copy *c, bool missed, struct judgement *j);

extern const struct arch arch_arm64, arch_armhf, arch_armv6, arch_i386, arch_mips, arch_x86_64;

#endif
