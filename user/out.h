/* SPDX-License-Identifier: GPL-2.0-only */
/* The output formats of a report. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_OUT_H
#define BRINDLE_OUT_H

#include <stdio.h>
#include "recording.h"
#include "stats.h"

#define REPORT_SCHEMA	"brindle.report/1"
#define CLEAR_ROLE	"clear"	/* role in the plan of what watches clears */
#define TOP_DEFAULT	~0U	/* ten in the table, all elsewhere */
#define TOP_ALL		0U

struct report {
	const char *dir;
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct stats *stats;	/* finished; its geometry is the one judged by */
	bool what_if;			/* --span: not the geometry of the recorded machine */
	__u32 top;			/* processes shown: TOP_DEFAULT, TOP_ALL or a number */
};

void out_table__write(FILE *f, const struct report *r);
void out_json__write(FILE *f, const struct report *r);
void out_csv__write(FILE *f, const struct report *r);

/* out_json__copy - one copy as a line of NDJSON */
void out_json__copy(FILE *f, const struct event *ev, const struct verdict *v);

/* out_json__clear - one clear as a line of NDJSON, in the words of out_json__copy */
void out_json__clear(FILE *f, const struct event *ev, const struct judgement *v);

/* report__lost - is something missing of what happened? Then numbers are lower bounds. */
static inline bool report__lost(const struct recording_totals *t)
{
	return t->lost || t->missed || t->cut_bytes || t->absent || !t->complete;
}

/*
 * report__watched - did the plan watch this role?
 *
 * What was not watched is shown as "not watched", never as 0.
 */
bool report__watched(const struct recording_env *env, const char *role);

/* report__unseen - why the plan does not watch this role, "" when it does not say */
const char *report__unseen(const struct recording_env *env, const char *role);

/* report__processes - how many processes to show; by_default when the user did not say */
__u32 report__processes(const struct report *r, __u32 by_default);

/*
 * report__time - CLOCK_MONOTONIC of the recording as "2025-01-31T12:34:56Z"
 * @text: 24 bytes
 */
void report__time(const struct recording_env *env, __u64 ts, char text[24]);

#endif
