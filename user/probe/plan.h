/* SPDX-License-Identifier: GPL-2.0-only */
/* The plan: one candidate of the catalogue per role, of those that this kernel has. Pure. */
#ifndef BRINDLE_PROBE_PLAN_H
#define BRINDLE_PROBE_PLAN_H

#include "arch/arch.h"
#include "model/plan_row.h"
#include "probe/calls.h"
#include "probe/catalogue.h"
#include "probe/symbols.h"

#define REJECTED_MAX	64

struct plan {
	const struct arch *arch;
	const struct symbols *symbols;
	bool aliases;		/* the machine's data cache has aliases */
	__u64 span;		/* of the machine, bytes */
	__u32 cpus;		/* possible CPUs */
	const struct kernel_code *code; /* where calls are looked for, NULL = nowhere */
	const char *prefer;	/* function or mechanism to try first, NULL = catalogue order */
	const struct candidate *pick[ROLE_COUNT];	/* NULL = none */
	struct {
		const struct candidate *row;
		char why[96];
	} rejected[REJECTED_MAX];
	int rejections;
	struct calls copy_calls, clear_calls; /* see plan__calls */
	bool waited;		/* for somebody's probes to leave the code that is read */
};

/* plan__choose - pick the best candidate of every role; all fields above pick are set */
void plan__choose(struct plan *p);

/*
 * plan__reject - drop the pick of a role, which failed to attach or in the self-check
 * @why: for doctor; copied, cut to the size of rejected[].why
 *
 * Picks the next candidate, and picks anew for the roles that depend on it. Returns 0, or -1
 * when the role has no candidate left.
 */
int plan__reject(struct plan *p, enum role role, const char *why);

/* plan__restore - pick a rejected candidate again, because no other did better */
void plan__restore(struct plan *p, const struct candidate *row);

/*
 * plan__drop_unreached - drop the probes of flushes that no copy can make, as p->copy_calls says
 *
 * The kernel makes them elsewhere, and each would cost.
 */
void plan__drop_unreached(struct plan *p);

/*
 * plan__calls - where the pick for a role is attached inside functions (AT_SITES); NULL = it is
 *	attached to its function, or there is none
 */
const struct calls *plan__calls(const struct plan *p, enum role role);
/* plan__set_calls - ... and here they are; a copy is kept */
void plan__set_calls(struct plan *p, enum role role, const struct calls *calls);

/* plan__copies_run_through - is it known that no copy calls what lets other threads run? */
bool plan__copies_run_through(const struct plan *p);

/* plan__complete - does every required role have a candidate? If not, *missing is the first. */
bool plan__complete(const struct plan *p, enum role *missing);

/*
 * plan__unseen - why the plan cannot see copies on this path: a static string for people
 *
 * Returns NULL when it can see them.
 */
const char *plan__unseen(const struct plan *p, enum copy_path path);

/*
 * plan__rows - the picks, as doctor, recordings and reports show them
 *
 * A pick that is attached to calls has a row for each of them, once they have been found. Returns
 * the number of rows.
 */
int plan__rows(const struct plan *p, struct plan_row rows[PLAN_MAX]);

#endif
