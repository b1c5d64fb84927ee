/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording that is read and judged: what report and compare share. */
#ifndef BRINDLE_ANALYSIS_H
#define BRINDLE_ANALYSIS_H

#include "recording/recording.h"
#include "stats/stats.h"

struct analysis {
	const char *dir;
	struct recording *rec;
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct arch *arch;
	struct stats stats;	/* its geometry is the one judged by */
	bool what_if;		/* ... and not that of the machine */
};

/* Called for each event with its verdict. Return 0, or an exit code, which ends the reading. */
struct analysis_calls {
	int (*copy)(struct analysis *j, const struct event *ev, const struct verdict *v);
	int (*clear)(struct analysis *j, const struct event *ev, const struct judgement *v);
};

/*
 * analysis__open - open and check the recording in dir, and choose the geometry to judge by
 * @span: what --span asks for, NULL = what it asked for when recording, or the machine's
 *
 * Returns 0, or an exit code as recording__open gives them, having said why: also
 * EXIT_UNSUPPORTED for an unknown architecture, EXIT_USAGE for an impossible span. In any
 * case analysis__free is to be called.
 */
int analysis__open(struct analysis *j, const char *dir, const char *span);

/*
 * analysis__read - read and judge all events
 *
 * A call that is NULL is not made, and what it is for not judged. Returns 0 or an exit code,
 * having said why.
 */
int analysis__read(struct analysis *j, const struct analysis_calls *calls);

/* analysis__count - read and judge all events and count them in j->stats; 0 or an exit code */
int analysis__count(struct analysis *j);

void analysis__free(struct analysis *j);

#endif
