/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Architectures: names, constants, hazards, and the rules that excuse a side. There is one file
 * per architecture; ARCHES lists them. All of it is plain data and pure functions, so that
 * recordings of any architecture can be reported on any machine.
 */
#ifndef BRINDLE_ARCH_ARCH_H
#define BRINDLE_ARCH_ARCH_H

#include <stdbool.h>
#include "model/copy.h"
#include "model/frame.h"
#include "model/geometry.h"
#include "model/judgement.h"

/* A condition under which probing can harm the traced machine. */
struct hazard {
	const char *name;
	const char *what;	/* what happens */
	const char *path;	/* file whose first word tells whether it is present */
	const char *safe;	/* the word that means no danger; any other, or no file, does */
	const char *advice;	/* what to do about it */
};

struct arch {
	const char *name;	/* as recordings spell it */
	const char *machines[8]; /* uname -m values, NULL-terminated */
	__u64 fixed_span;	/* bytes; 0 = ask the kernel */
	/* addresses of the fixed copy windows' pages of colour 0; 0 = none */
	__u64 source_window, destination_window;
	/*
	 * What the cache may hold of a copy's source before the copy, by its facts. Where a
	 * fact that decides is not known there are two starts, and *unknown says which fact.
	 * Returns how many there are.
	 */
	int (*source)(__u16 facts, struct frame_start start[FRAME_STARTS_MAX],
		      const char **unknown);
	struct frame_start destination;	/* ... and of a page that is about to be filled */
	/* PG_arch_1 says that the kernel's mapping has no lines to be flushed, not that it has */
	bool flag_is_clean;
	bool never_flushes;	/* the kernel has no flush that would do anything */
	const struct hazard *hazards;	/* ends with a NULL name; NULL = none known */
};

/* arch__by_name - the architecture with this name in recordings, NULL when unknown */
const struct arch *arch__by_name(const char *name);

/* arch__by_machine - the architecture of a uname -m value, NULL when unknown */
const struct arch *arch__by_machine(const char *machine);

/* arch__mapped_source - for struct arch.source where the facts do not matter: as if mapped */
int arch__mapped_source(__u16 facts, struct frame_start start[FRAME_STARTS_MAX],
			const char **unknown);

/*
 * arch__flagged_source - for struct arch.source where the kernel keeps a page's state in a flag
 *
 * A page that a process has mapped and that is not FACT_KERNEL_DIRTY has its newest bytes where
 * its users see them; of what the kernel read of it, clean lines may be left. All others have
 * them where the kernel has written them, and no user has lines.
 */
int arch__flagged_source(__u16 facts, struct frame_start start[FRAME_STARTS_MAX],
			 const char **unknown);

/*
 * A page just allocated: of its last life there may be lines in the kernel's colour, perhaps
 * dirty. Its last users' were flushed when it was unmapped.
 */
#define ARCH_NEW_PAGE	{ .user = MAY_BE_NONE, .kernel = MAY_BE_DEAD, .newest = NEWEST_FOR_NOBODY }

/* All architectures: each is the struct arch_NAME of a file of its own. */
#define ARCHES(x)	x(arm64) x(armhf) x(armv6) x(i386) x(mips) x(ppc64el) x(x86_64)

#define DECLARE_ARCH(name)	extern const struct arch arch_##name;
ARCHES(DECLARE_ARCH)
#undef DECLARE_ARCH

#endif
