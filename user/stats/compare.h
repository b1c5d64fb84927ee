/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two recordings of one workload, before and after a kernel was changed: is it fixed?
 * Pure: statistics, totals and env blocks in, joined rows, findings and a verdict out.
 */
#ifndef BRINDLE_COMPARE_H
#define BRINDLE_COMPARE_H

#include "recording/recording.h"
#include "stats/stats.h"

/*
 * Probability of a confidence limit that is wrong: every limit is one-sided and holds with
 * 95 % (binomial.h). A verdict rests on two of them, "at least" before and "at most" after,
 * so that both hold with at least 90 %.
 */
#define COMPARE_ALPHA		0.05
/*
 * "An order of magnitude", wherever one is asked for: after a fix the rate must be shown to
 * be below this part of the rate before; paths and colours that are not exercised any more
 * may have held at most this part; a rate that is higher by less is not called worse, since
 * copies of one run are not independent of each other, and the limits take them to be.
 */
#define COMPARE_PART		10
/* With no rate before to compare with: 299 copies, none of them at risk, show it. */
#define COMPARE_GOOD_RATE	0.01

enum compare_verdict {
	COMPARE_FIXED,		/* at risk before, none after, and enough evidence */
	COMPARE_STILL_GOOD,	/* none at risk, before or after, and enough evidence of both */
	COMPARE_NOT_FIXED,	/* at risk after */
	COMPARE_WORSE,		/* at risk after, and at a higher rate than before */
	COMPARE_CANNOT_TELL,	/* the findings say why */
	COMPARE_VERDICTS
};

/* What stands in the way of a verdict, or is worth a note. */
enum compare_code {
	FOUND_MACHINE,		/* architecture, word size, page size or span differ */
	FOUND_GEOMETRY,		/* judged by different spans */
	FOUND_NO_ALIASES,	/* one colour: nothing can be at risk, whatever the kernel does */
	FOUND_NO_COPIES,
	FOUND_MISSING,		/* records lost, missed, cut off; recorder did not finish */
	FOUND_UNKNOWN,		/* copies or clears that could not be judged */
	FOUND_TOO_FEW,		/* copies, for the rate that is to be shown */
	FOUND_NOT_EXERCISED,	/* what was at risk before has no copies after */
	FOUND_PLAN,		/* what was watched before is not watched after */
	FOUND_WORKLOAD,		/* command, filter, number of CPUs, windows differ */
	FOUND_SAME,		/* both are the same recording */
	FOUND_RATE,		/* how rates moved, where the verdict does not say */
	FOUND_COUNT
};

struct compare_finding {
	enum compare_code code;
	bool decides;		/* a reason for "cannot tell"; else a note */
	char text[256];
};

#define COMPARE_FINDINGS_MAX	32

/* One of the two recordings. */
struct compare_input {
	const char *dir;
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct stats *stats;	/* finished; its geometry is the one judged by */
};

/* What the user demands. */
struct compare_demands {
	double max_rate;	/* the rate after must be shown to be at most this; 0 = default */
	__u64 min_copies;	/* that many copies are needed; 0 = as many as the rate asks for */
	bool accept_differences; /* compare different machines and geometries */
};

/* A number of copies (or clears), and how large the rate at risk can be. */
struct compare_counts {
	bool watched;		/* else nothing is known, and all is 0 */
	__u64 copies, at_risk, unknown;
	/*
	 * One-sided 95 % limits of the rate. What could not be judged counts as safe in lower
	 * and as at risk in upper; in the row of all copies, so do records that are missing.
	 */
	double lower, upper;
};

enum compare_kind { ROW_COPIES, ROW_PATH, ROW_SIDE, ROW_COLOUR, ROW_CLEARS, ROW_KINDS };

struct compare_row {
	enum compare_kind kind;
	__u32 index;		/* enum copy_path; 0 source, 1 destination; user colour */
	struct compare_counts before, after;
	/*
	 * Of this row alone. Enough evidence of a fix is, other than for all copies, a rate
	 * that is significantly lower.
	 */
	enum compare_verdict verdict;
};

#define ROWS_MAX	(1 + PATH_COUNT + 2 + COLOURS_MAX + 1)

struct comparison {
	struct compare_input before, after;
	struct compare_demands demands;
	struct compare_row rows[ROWS_MAX];	/* by kind, then index; copies and clears exist */
	__u32 row_count;
	__u64 needed;		/* copies after, none at risk, that are enough evidence */
	double allowed;		/* the rate that so many show to be the largest possible */
	__u64 needed_good;	/* the same where none was at risk before */
	struct compare_finding findings[COMPARE_FINDINGS_MAX];
	__u32 finding_count;
	enum compare_verdict verdict;
};

/*
 * compare__judge - join two recordings and say whether it is fixed
 * @same: both are the same recording
 *
 * c->before, c->after and c->demands are set, all else is filled in.
 *
 * What has to be the same in both: architecture, word size, page size, the machine's span,
 * and the span judged by. What may differ: the kernel, which is the point; the functions and
 * mechanisms of the plan, since a fix may well bring a copy_user_highpage() of the
 * architecture's own, and the coherent mapping and the flush in copies, which an unfixed
 * kernel lacks. What a plan does not see shows as unknown, and that is what counts.
 */
void compare__judge(struct comparison *c, bool same);

/* compare__row - the row of this kind and index, NULL when there is none */
const struct compare_row *compare__row(const struct comparison *c, enum compare_kind kind,
				       __u32 index);

/* compare__verdict_name - "fixed", "still good", "not fixed", "worse", "cannot tell" */
const char *compare__verdict_name(unsigned int verdict);

/* compare__exit - the exit status that tells a verdict: 0 good, 1 not, 2 cannot tell */
int compare__exit(enum compare_verdict verdict);

/* compare__code_name - a finding's code as JSON has it */
const char *compare__code_name(unsigned int code);

/* ---- private to compare*.c ---- */

/* compare__join - fill in the rows, their limits and, but for soundness, their verdicts */
void compare__join(struct comparison *c);

/* compare__good - none of them at risk or unknown, and enough to call the kernel good? */
bool compare__good(const struct comparison *c, const struct compare_counts *n);

/* compare__at_risk - worse or not fixed, of a row with something at risk after */
enum compare_verdict compare__at_risk(const struct comparison *c, const struct compare_row *r);

#endif
