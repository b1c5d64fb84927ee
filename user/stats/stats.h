/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report counts, over all copies, windows and clears of a recording. */
#ifndef BRINDLE_STATS_H
#define BRINDLE_STATS_H

#include "recording/recording.h"
#include "verdict/verdict.h"

#define REASONS_MAX	32

struct tally {
	__u64 copies, at_risk, unknown;
};

static inline __u64 tally__safe(const struct tally *t)
{
	return t->copies - t->at_risk - t->unknown;
}

struct reason_count {
	enum side_verdict verdict;
	const char *reason;
	__u64 count;
};

struct side_stats {
	__u64 verdict[SIDE_COUNT];
	struct reason_count reasons[REASONS_MAX];	/* of sides with a reason, most first */
	__u32 reason_rows;
	/* colours x colours counts: row = user colour, column = mapping colour */
	__u64 *matrix;
	__u64 uncoloured;	/* copies whose mapping colour is not known: in no column */
};

struct process_stats {
	__u32 pid;
	char comm[COMM_LEN + 1];	/* the last seen: a child has its parent's first */
	const char *given;		/* where that stood; private */
	struct tally tally;
};

struct stats {
	struct geometry geometry;
	struct tally total;
	struct side_stats source, destination;
	struct tally path[PATH_COUNT];
	struct tally *colour;		/* by colour of the user address */
	struct process_stats *processes;	/* after stats__finish: at risk first */
	__u32 process_rows;
	__u32 process_room;
	__u32 *index;			/* hash of pid to row + 1; private */
	__u32 index_size;
	__u64 windows, exposed;
	__u64 clears;
	struct side_stats cleared;	/* their only side */
	bool timed;			/* the two below are times; private */
	__u64 first_ts, last_ts;	/* of any event, ns, CLOCK_MONOTONIC */
};

/* stats__any - is there an event at all? Only then first_ts and last_ts are times. */
static inline bool stats__any(const struct stats *s)
{
	return s->total.copies || s->windows || s->clears;
}

/* stats__init - start counting; 0, or EXIT_FAIL having said why */
int stats__init(struct stats *s, const struct geometry *g);

/* stats__window - count a fork window */
void stats__window(struct stats *s, const struct window *w);

/* stats__clears - count n clears alike; they are in no total, path or process of copies */
void stats__clears(struct stats *s, const struct clear *c, const struct judgement *j, __u64 n);

/* stats__copies - count n copies of no process (record --totals) */
void stats__copies(struct stats *s, const struct copy *c, const struct verdict *v, __u64 n);

/*
 * stats__own - count of one copy what is its own: its time and its process
 * @comm: interned (struct event): equal pointers mean equal names; NULL = not known
 *
 * Returns 0, or EXIT_FAIL having said why. stats__shared is to count the rest.
 */
int stats__own(struct stats *s, const struct copy *c, enum copy_verdict verdict, const char *comm);

/* stats__shared - count of n copies what those of one class (verdict.h) have in common */
void stats__shared(struct stats *s, unsigned int path, __u32 user_colour,
		   const struct verdict *v, __u64 n);

/* stats__finish - sort what is shown in order; nothing is counted afterwards */
void stats__finish(struct stats *s);
void stats__free(struct stats *s);

/* stats__reason - how often a side had this verdict for this reason */
__u64 stats__reason(const struct side_stats *s, enum side_verdict verdict, const char *reason);

#endif
