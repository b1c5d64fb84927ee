/* SPDX-License-Identifier: GPL-2.0-only */
/* The output formats of a report. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_OUT_H
#define BRINDLE_OUT_H

#include <stdio.h>
#include "recording/recording.h"
#include "stats/stats.h"

#define REPORT_SCHEMA	"brindle.report/1"
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

/* A format of the report: one row and one file each. */
struct report_format {
	const char *name;	/* as --format= takes it */
	void (*write)(FILE *f, const struct report *r);
};

/* The formats, the default one first; ends with a NULL name. */
extern const struct report_format report_formats[];

/* report__format - the format called name; NULL having said which there are */
const struct report_format *report__format(const char *name);

void report_table__write(FILE *f, const struct report *r);
void report_json__write(FILE *f, const struct report *r);
void report_csv__write(FILE *f, const struct report *r);

/* report_json__copy - one copy as a line of NDJSON */
void report_json__copy(FILE *f, const struct event *ev, const struct verdict *v);

/* report_json__clear - one clear as a line of NDJSON, in the words of report_json__copy */
void report_json__clear(FILE *f, const struct event *ev, const struct judgement *v);

/* report__processes - how many processes to show; by_default when the user did not say */
__u32 report__processes(const struct report *r, __u32 by_default);

/*
 * report__time - CLOCK_MONOTONIC of the recording as "2025-01-31T12:34:56Z"
 * @text: 24 bytes
 */
void report__time(const struct recording_env *env, __u64 ts, char text[24]);

#endif
