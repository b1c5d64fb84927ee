/* SPDX-License-Identifier: GPL-2.0-only */
/* The output formats of a report. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_OUTPUT_REPORT_H
#define BRINDLE_OUTPUT_REPORT_H

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
	const struct stats *stats;	/* after stats__finish; with the geometry judged by */
	bool what_if;			/* that is not the recorded machine's: --span was given */
	__u32 top;			/* processes to show: TOP_DEFAULT, TOP_ALL or a number */
};

/* An output format: each has one row in the table and one file. */
struct report_format {
	const char *name;	/* as --format= takes it */
	void (*write)(FILE *f, const struct report *r);
};

/* The table of formats, the default first; ends with a NULL name. */
extern const struct report_format report_formats[];

/* report__format - the format called name; NULL, having said which exist */
const struct report_format *report__format(const char *name);

/* report_FORMAT__write - write a report in this format */
void report_table__write(FILE *f, const struct report *r);
void report_json__write(FILE *f, const struct report *r);
void report_csv__write(FILE *f, const struct report *r);
void report_openmetrics__write(FILE *f, const struct report *r);

/*
 * report_json__copy - write one copy as a line of NDJSON
 * @g: what the verdict was made with; it gives the steps their colours
 */
void report_json__copy(FILE *f, const struct geometry *g, const struct event *ev,
		       const struct verdict *v);

/* report_json__clear - write one clear as a line of NDJSON, with members as for a copy */
void report_json__clear(FILE *f, const struct geometry *g, const struct event *ev,
			const struct judgement *v);

/* report__processes - number of processes to show; by_default is for TOP_DEFAULT */
__u32 report__processes(const struct report *r, __u32 by_default);

/*
 * report__time - format a time of the recording as "2025-01-31T12:34:56Z"
 * @ts: ns, CLOCK_MONOTONIC of the recorded machine
 * @text: 24 bytes
 */
void report__time(const struct recording_env *env, __u64 ts, char text[24]);

#endif
