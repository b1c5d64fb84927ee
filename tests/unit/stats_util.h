/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting one copy, as the tests of statistics want it. */
#ifndef BRINDLE_STATS_UTIL_H
#define BRINDLE_STATS_UTIL_H

#include "stats/stats.h"

static inline void count_copy(struct stats *s, const struct copy *c, const struct verdict *v,
			      const char *comm)
{
	const struct mapped mapped[2] = { stats__mapped(&c->source, c->facts),
					  stats__mapped(&c->destination, c->facts) };

	stats__shared(s, c->path, geometry__colour(&s->geometry, c->user), mapped, v, 1);
	stats__own(s, c, v->copy, comm);
}

#endif
