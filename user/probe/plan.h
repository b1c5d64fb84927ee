/* SPDX-License-Identifier: GPL-2.0-only */
/* The planner: catalogue x this kernel's symbols -> one candidate per role. Pure. */
#ifndef BRINDLE_PROBE_PLAN_H
#define BRINDLE_PROBE_PLAN_H

#include "arch/arch.h"
#include "probe/catalogue.h"
#include "probe/symbols.h"
#include "model/plan_row.h"

#define REJECTED_MAX	64

struct plan {
	const struct arch *arch;
	const struct symbols *symbols;
	bool aliases;
	__u64 span;		/* bytes, of the machine */
	const char *prefer;	/* function or mechanism to try first, NULL = catalogue order */
	const struct candidate *pick[ROLE_COUNT];
	struct {
		const struct candidate *row;
		char why[96];
	} rejected[REJECTED_MAX];
	int rejections;
};

/* plan__choose - pick the best candidate of every role; arch, symbols ... are set */
void plan__choose(struct plan *p);

/*
 * plan__reject - a candidate failed (to attach, or in the self-check): pick the next
 *
 * Returns 0, or -1 when the role has no candidate left.
 */
int plan__reject(struct plan *p, enum role role, const char *why);

/* plan__restore - pick a candidate again that was rejected: no other did better */
void plan__restore(struct plan *p, const struct candidate *row);

/* plan__complete - every required role has a candidate; else the missing role in *missing */
bool plan__complete(const struct plan *p, enum role *missing);

/*
 * plan__unseen - why the plan cannot see copies on a path, NULL when it can
 * @path: enum copy_path
 */
const char *plan__unseen(const struct plan *p, enum copy_path path);

/*
 * plan__rows - the plan, without what it cannot see, as doctor, recordings and reports show it
 *
 * Returns their number.
 */
int plan__rows(const struct plan *p, struct plan_row rows[PLAN_MAX]);

#endif
