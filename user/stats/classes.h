/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting copies by class (verdict.h). There are many copies and few classes, so a class is
 * judged once, and its copies are added to the statistics as one number.
 */
#ifndef BRINDLE_STATS_CLASSES_H
#define BRINDLE_STATS_CLASSES_H

#include "stats/stats.h"

struct classes;

/*
 * classes__new - prepare to judge by arch and s->geometry and to count in s
 * @missed: as for verdict__judge
 *
 * s must outlive it; classes__free frees it. NULL: out of memory, and nothing is said.
 */
struct classes *classes__new(struct stats *s, const struct arch *arch, bool missed);

/*
 * classes__copy - count one copy
 * @comm: as for stats__own
 *
 * Time and process are counted at once, all else by classes__flush. Returns 0, or EXIT_FAIL
 * having said why.
 */
int classes__copy(struct classes *c, const struct copy *copy, const char *comm);

/* classes__flush - add what was counted by class to the statistics */
void classes__flush(struct classes *c);

/* classes__free - free it, without a flush */
void classes__free(struct classes *c);

#endif
