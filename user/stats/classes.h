/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting copies by class (verdict.h). Copies are many and their classes few, so a class is
 * judged once, and what all its copies have in common goes to the statistics as one sum.
 */
#ifndef BRINDLE_CLASSES_H
#define BRINDLE_CLASSES_H

#include "stats/stats.h"

struct classes;

/* classes__new - to judge by arch and s->geometry and count into s; NULL when memory is short */
struct classes *classes__new(struct stats *s, const struct arch *arch, bool missed);

/* classes__copy - count one; 0, or EXIT_FAIL having said why. s has it all after classes__flush. */
int classes__copy(struct classes *c, const struct copy *copy, const char *comm);
void classes__flush(struct classes *c);
void classes__free(struct classes *c);

#endif
