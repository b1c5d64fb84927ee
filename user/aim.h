/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs of trampolines: the kernel wants to know when it loads one for which function
 * it is, by the function's BTF id.
 */
#ifndef BRINDLE_AIM_H
#define BRINDLE_AIM_H

#include "plan.h"
#include "types.h"

/* aim__prepare - tell libbpf, before it opens an object, that we know the ids */
void aim__prepare(void);

/*
 * aim__plan - the trampolines' programs of this plan are loaded for its functions from now on
 * @types: NULL = there is no BTF
 *
 * Where the kernel has no BTF of one, the plan's next candidate is taken.
 */
void aim__plan(struct plan *p, const struct types *types);

/* aim__reject - reject all trampolines; returns whether there was one: another plan to try */
bool aim__reject(struct plan *p, const char *why);

#endif
