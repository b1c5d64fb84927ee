/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Comparing two recordings of one workload, before and after a change of the kernel: is it
 * fixed? Statistics, totals and env blocks go in; joined rows, findings and a verdict come
 * out. Pure: prints nothing, allocates nothing.
 */
#ifndef BRINDLE_STATS_COMPARE_H
#define BRINDLE_STATS_COMPARE_H

#include "recording/recording.h"
#include "stats/stats.h"

/*
 * Probability that a confidence limit is wrong: every limit is one-sided and holds with 95 %
 * (binomial.h). A verdict rests on two of them, "at least" before and "at most" after; both
 * hold at once with 90 % or more.
 */
#define COMPARE_ALPHA		0.05
/*
 * "An order of magnitude", a tenth, in three rules. A fix must be shown to have a rate below a
 * tenth of the rate before. Paths and colours that are no longer exercised may have held at
 * most a tenth of what was at risk. A rate that is higher by less than a tenth is not called
 * worse, because the limits assume independent copies, which the copies of one run are not.
 */
#define COMPARE_PART		10

/* The rate to be shown where none was at risk before: 299 copies without one at risk show it. */
#define COMPARE_GOOD_RATE	0.01

enum compare_verdict {
	COMPARE_FIXED,		/* at risk before, none after, and enough evidence */
	COMPARE_STILL_GOOD,	/* none at risk before or after, and enough evidence for both */
	COMPARE_NOT_FIXED,	/* at risk after */
	COMPARE_WORSE,		/* at risk after, at a rate shown to be higher than before */
	COMPARE_CANNOT_TELL,	/* the findings say why */
	COMPARE_VERDICTS
};

/* A reason against a verdict, or something worth a note. */
enum compare_code {
	FOUND_MACHINE,		/* architecture, word size, page size or span differ */
	FOUND_GEOMETRY,		/* judged by different spans */
	FOUND_NO_ALIASES,	/* one colour: nothing can be at risk, whatever the kernel does */
	FOUND_NO_COPIES,
	FOUND_MISSING,		/* records lost, missed, cut off; recorder did not finish */
	FOUND_UNKNOWN,		/* copies or clears that could not be judged */
	FOUND_DERIVED,		/* sides that are safe by mappings which nobody saw */
	FOUND_TOO_FEW,		/* not enough copies for the rate that is to be shown */
	FOUND_NOT_EXERCISED,	/* paths or colours of before have no copies after */
	FOUND_PLAN,		/* the plan after sees less than the plan before */
	FOUND_WORKLOAD,		/* command, filter, number of CPUs, windows differ */
	FOUND_SAME,		/* both are the same recording */
	FOUND_RATE,		/* a change of rates that the verdict does not tell */
	FOUND_COUNT
};

struct compare_finding {
	enum compare_code code;
	bool decides;		/* it is a reason for "cannot tell"; else a note */
	char text[256];
};

#define COMPARE_FINDINGS_MAX	32

/* One of the two recordings. */
struct compare_input {
	const char *dir;
	const struct recording_env *env;
	const struct recording_totals *totals;
	const struct stats *stats;	/* after stats__finish; with the geometry judged by */
};

/* The user's demands on the evidence. */
struct compare_demands {
	double max_rate;	/* the rate after must be shown to be at most this; 0 = default */
	__u64 min_copies;	/* this many copies are needed; 0 = as many as the rate takes */
	bool accept_differences; /* compare different machines and geometries */
};

/* A number of copies (or clears), and limits of the rate at risk among them. */
struct compare_counts {
	bool watched;		/* false: nothing is known, and all numbers but upper are 0 */
	__u64 copies, at_risk, unknown;
	/*
	 * One-sided 95 % limits of the rate. Unknown copies count as safe in lower and as at
	 * risk in upper; so do missing records in the row of all copies.
	 */
	double lower, upper;
};

/* ROW_COPIES is all copies, ROW_CLEARS all clears. */
enum compare_kind { ROW_COPIES, ROW_PATH, ROW_SIDE, ROW_COLOUR, ROW_CLEARS, ROW_KINDS };

struct compare_row {
	enum compare_kind kind;
	__u32 index;		/* enum copy_path; 0 source, 1 destination; user colour */
	struct compare_counts before, after;
	/*
	 * Verdict on this row alone. Unlike for the whole, a significantly lower rate is enough
	 * evidence of a fix here.
	 */
	enum compare_verdict verdict;
};

#define ROWS_MAX	(1 + PATH_COUNT + 2 + COLOURS_MAX + 1)

/* Some 120 KiB: not for the stack. */
struct comparison {
	struct compare_input before, after;
	struct compare_demands demands;
	struct compare_row rows[ROWS_MAX];	/* by kind, then index; rows[0] is all copies */
	__u32 row_count;
	__u64 needed;		/* number of copies after, none at risk, that is enough evidence */
	double allowed;		/* the upper limit of the rate that this many copies show */
	__u64 needed_good;	/* as needed, where none was at risk before */
	struct compare_finding findings[COMPARE_FINDINGS_MAX];
	__u32 finding_count;
	enum compare_verdict verdict;
};

/*
 * compare__judge - join two recordings and fill in the verdict
 * @c: the caller has set before, after and demands; all else is filled in
 * @same: both are the same recording
 *
 * Both must have the same architecture, word size, page size, span of the machine, and span
 * judged by. The kernel may differ, which is the point, and with it the functions and
 * mechanisms of the plan: a fix may bring the architecture's own copy_user_highpage(), or the
 * coherent mapping and the flush in copies that an unfixed kernel lacks. Sides that a plan does
 * not see are unknown, and count as such.
 */
void compare__judge(struct comparison *c, bool same);

/* compare__row - the row of this kind and index, NULL when there is none */
const struct compare_row *compare__row(const struct comparison *c, enum compare_kind kind,
				       __u32 index);

/*
 * compare__verdict_name - "fixed", "still good", "not fixed", "worse", "cannot tell"
 *
 * A static string, as that of compare__code_name; "?" for a value out of range.
 */
const char *compare__verdict_name(unsigned int verdict);

/* compare__exit - the exit status for a verdict: 0 good, 1 not good, 2 cannot tell */
int compare__exit(enum compare_verdict verdict);

/* compare__code_name - a finding's code as it is in JSON */
const char *compare__code_name(unsigned int code);

/* ---- private to compare*.c ---- */

/* compare__join - fill in the rows, with limits and verdicts, and the numbers of copies needed */
void compare__join(struct comparison *c);

/* compare__good - are none at risk or unknown, and are they enough to call the kernel good? */
bool compare__good(const struct comparison *c, const struct compare_counts *n);

#endif
