/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a recording and judging its events: the work that report and compare share. */
#ifndef BRINDLE_STATS_ANALYSIS_H
#define BRINDLE_STATS_ANALYSIS_H

#include "recording/recording.h"
#include "stats/stats.h"

/* All pointers but dir belong to rec. */
struct analysis {
	const char *dir;	/* the caller's */
	struct recording *rec;
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct arch *arch;
	struct stats stats;	/* stats.geometry is the one that verdicts are made with */
	bool what_if;		/* that geometry is not the recorded machine's */
};

/* Called for each event with its verdict. Return 0, or an exit code, which ends the reading. */
struct analysis_calls {
	int (*copy)(struct analysis *a, const struct event *ev, const struct verdict *v);
	int (*clear)(struct analysis *a, const struct event *ev, const struct judgement *v);
};

/*
 * analysis__open - open and check the recording in dir, and choose the geometry to judge by
 * @span: the argument of --span; NULL = that of record --span, or else the machine's own span
 *
 * Returns 0 or an exit code, having said why: those of recording__open, EXIT_UNSUPPORTED for an
 * unknown architecture, EXIT_USAGE for an impossible span. Call analysis__free in any case.
 */
int analysis__open(struct analysis *a, const char *dir, const char *span);

/*
 * analysis__read - read all events; judge copies and clears and hand them to calls
 *
 * Events whose call is NULL are skipped. Returns 0 or an exit code, having said why.
 */
int analysis__read(struct analysis *a, const struct analysis_calls *calls);

/* analysis__count - as analysis__read, but count all events in a->stats and finish that */
int analysis__count(struct analysis *a);

/* analysis__free - close the recording and free the counts; harmless when open failed */
void analysis__free(struct analysis *a);

#endif
