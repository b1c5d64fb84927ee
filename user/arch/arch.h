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
	 * Judge a side whose colour differs from the user address's, or is not known: set
	 * verdict and reason. Not called for a side known to be congruent. Where the colour
	 * is not known, only SIDE_FLUSHED and SIDE_EXCUSED are used, so these must hold for
	 * any colour. missed: probes were missed in this recording, so an event that was not
	 * seen may still have happened. Only c->facts and each side's kind and evidence are
	 * filled in (verdict__class). A clear is judged as the destination of a copy that has
	 * no source.
	 */
	void (*excuse_source)(const struct copy *c, bool missed, struct judgement *j);
	void (*excuse_destination)(const struct copy *c, bool missed, struct judgement *j);
	const struct hazard *hazards;	/* the last has a NULL name; NULL = none known */
};

/* arch__by_name - the architecture with this name in recordings, NULL when unknown */
const struct arch *arch__by_name(const char *name);

/* arch__by_machine - the architecture of a uname -m value, NULL when unknown */
const struct arch *arch__by_machine(const char *machine);

/*
 * arch__excuse_nothing - excuse_source and excuse_destination without any rule: a mismatch
 *
 * For machines whose data cache has no aliases. There colours differ only if --span asks "what
 * if the cache had this span"; the kernel does nothing about them, so nothing excuses them.
 */
void arch__excuse_nothing(const struct copy *c, bool missed, struct judgement *j);

/* All architectures: each is the struct arch_NAME of a file of its own. */
#define ARCHES(x)	x(arm64) x(armhf) x(armv6) x(i386) x(mips) x(ppc64el) x(x86_64)

#define DECLARE_ARCH(name)	extern const struct arch arch_##name;
ARCHES(DECLARE_ARCH)
#undef DECLARE_ARCH

#endif
