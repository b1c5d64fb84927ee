/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sites: instructions inside a kernel function at which a probe sees what a copy reads and
 * writes, found by reading the function's code. Pure: bytes in, places out. "Not found" is an
 * answer; a plan goes on without.
 */
#ifndef BRINDLE_SITE_SITE_H
#define BRINDLE_SITE_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define SITE_ARGUMENTS	2
#define SITE_NO_REGISTER 0xff
#define SITE_NOWHERE	0xffffffffU

/* A value, by registers as they are when the probe is hit: base + index + add. */
struct site_value {
	__u8 base;		/* SITE_NO_REGISTER: the value cannot be told */
	__u8 index;		/* SITE_NO_REGISTER: none */
	__s32 add;
};

/* A call of the function looked for. */
struct site {
	__u32 offset;		/* bytes from the function's beginning: where to probe */
	struct site_value argument[SITE_ARGUMENTS];
};

/* What reading code takes on an architecture; one file each. */
struct site_arch {
	const char *name;	/* struct arch.name */
	/*
	 * Is the instruction at code[at] a call of a function, or a jump to one in place of a
	 * return? Then of which, where can it be probed, and where are its arguments there? The
	 * offset stays SITE_NOWHERE when that cannot be told. code[0] is at address.
	 */
	bool (*call)(const __u32 *code, size_t words, size_t at, __u64 address, __u64 *target,
		     struct site *site);
	/*
	 * Is it a call of what a register points to, or a jump there in place of a return? Then
	 * *pointer is where in the kernel's memory that address was loaded from, 0 when it cannot
	 * be told.
	 */
	bool (*indirect)(const __u32 *code, size_t words, size_t at, __u64 address,
			 __u64 *pointer);
	bool (*operates_on_cache)(__u32 word);
	bool (*drops_lines)(__u32 word);	/* ... without writing them back */
	bool (*breakpoint)(__u32 word);	/* a kprobe's, in place of what the kernel has there */
	bool jumps_to_probes;		/* ... or a jump to where no function is */
	/*
	 * Does the instruction at code[at] drop the lines of a page without writing them back?
	 * Then where can it be probed, and which register has the page's address (argument 0)?
	 * NULL: no instruction does that for a page.
	 */
	bool (*discards)(const __u32 *code, size_t words, size_t at, struct site *site);
};

/* site_arch__by_name - NULL when code of this architecture cannot be read */
const struct site_arch *site_arch__by_name(const char *name);

/* site__usable - can it be probed there, and are the values of its first n arguments known? */
static inline bool site__usable(const struct site *s, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (s->argument[i].base == SITE_NO_REGISTER)
			return false;
	return s->offset != SITE_NOWHERE;
}

extern const struct site_arch site_mips, site_armv6;

#endif
