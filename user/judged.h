/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording that is read and judged: what report and compare share. */
#ifndef BRINDLE_JUDGED_H
#define BRINDLE_JUDGED_H

#include "recording.h"
#include "stats.h"

struct judged {
	const char *dir;
	struct recording *rec;
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct arch *arch;
	struct stats stats;	/* its geometry is the one judged by */
	bool what_if;		/* ... and not that of the machine */
};

/* Called for each event with its verdict. Return 0, or an exit code, which ends the reading. */
struct judged_calls {
	int (*copy)(struct judged *j, const struct event *ev, const struct verdict *v);
	int (*clear)(struct judged *j, const struct event *ev, const struct judgement *v);
};

/*
 * judged__open - open and check the recording in dir, and choose the geometry to judge by
 * @span: what --span asks for, NULL = what it asked for when recording, or the machine's
 *
 * Returns 0, or an exit code as recording__open gives them, having said why: also
 * EXIT_UNSUPPORTED for an unknown architecture, EXIT_USAGE for an impossible span. In any
 * case judged__free is to be called.
 */
int judged__open(struct judged *j, const char *dir, const char *span);

/*
 * judged__read - read and judge all events
 *
 * A call that is NULL is not made, and what it is for not judged. Returns 0 or an exit code,
 * having said why.
 */
int judged__read(struct judged *j, const struct judged_calls *calls);

/* judged__count - read and judge all events and count them in j->stats; 0 or an exit code */
int judged__count(struct judged *j);

void judged__free(struct judged *j);

#endif
