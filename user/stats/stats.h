/* SPDX-License-Identifier: GPL-2.0-only */
/* The counts of a report, over all copies, windows and clears of a recording. */
#ifndef BRINDLE_STATS_STATS_H
#define BRINDLE_STATS_STATS_H

#include "recording/recording.h"
#include "verdict/verdict.h"

#define REASONS_MAX	32	/* more than there are rules that give one */
#define BASES_MAX	32	/* the same, with those of congruent sides */

struct tally {
	__u64 copies, at_risk, unknown;
};

/* tally__safe - number of copies that are neither at risk nor unknown */
static inline __u64 tally__safe(const struct tally *t)
{
	return t->copies - t->at_risk - t->unknown;
}

struct reason_count {
	enum side_verdict verdict;
	const char *reason;
	__u64 count;
};

/* What of a side's mapping its safety rests on, besides the colour. */
struct mapped {
	__u8 kind;		/* enum mapping_kind */
	bool derived;		/* nobody saw it, nor the order of what happened */
};

/* Sides that are safe for the same reason. */
struct basis {
	enum side_verdict verdict;
	__u8 kind;		/* of the mapping of congruent sides, else MAPPING_UNKNOWN */
	const char *reason;
	__u64 count;
	__u64 derived;		/* how many of them have a mapping that was derived */
};

struct side_stats {
	__u64 verdict[SIDE_COUNT];
	struct reason_count reasons[REASONS_MAX];	/* of sides with a reason, most first */
	__u32 reason_rows;
	struct basis bases[BASES_MAX];	/* of sides that are safe, most first */
	__u32 basis_rows;
	__u64 derived;		/* sum over all bases */
	/* colours x colours counts: row = user colour, column = mapping colour */
	__u64 *matrix;
	__u64 uncoloured;	/* copies whose mapping colour is not known: not in the matrix */
};

struct process_stats {
	__u32 pid;
	char comm[COMM_LEN + 1];	/* the last name seen: a child starts with its parent's */
	const char *interned;		/* the string that comm was copied from; private */
	struct tally tally;
};

struct stats {
	struct geometry geometry;
	struct tally total;
	struct side_stats source, destination;
	struct tally path[PATH_COUNT];
	struct tally *colour;		/* by colour of the user address */
	struct process_stats *processes;	/* after stats__finish: most at risk first */
	__u32 process_rows;
	__u32 process_room;
	__u32 *index;			/* hash of pid to row + 1; private */
	__u32 index_size;
	__u64 windows, exposed;
	__u64 clears;
	struct side_stats cleared;	/* of clears, whose only side is the destination */
	bool timed;			/* the two below are valid; private */
	__u64 first_ts, last_ts;	/* of any event, ns, CLOCK_MONOTONIC */
};

/* stats__any - was any event counted? Only then first_ts and last_ts are valid. */
static inline bool stats__any(const struct stats *s)
{
	return s->total.copies || s->windows || s->clears;
}

/* stats__init - start counting, by colours of g; 0, or EXIT_FAIL having said why */
int stats__init(struct stats *s, const struct geometry *g);

/* stats__window - count a fork window */
void stats__window(struct stats *s, const struct window *w);

/* stats__clears - count n clears like c; they are in no total, path or process of copies */
void stats__clears(struct stats *s, const struct clear *c, const struct judgement *j, __u64 n);

/* stats__copies - count n copies like c that belong to no process (record --totals) */
void stats__copies(struct stats *s, const struct copy *c, const struct verdict *v, __u64 n);

/*
 * stats__own - count the time and process of one copy; the caller leaves the rest to stats__shared
 * @comm: interned: equal pointers mean equal names (struct event); NULL = not known
 *
 * Returns 0, or EXIT_FAIL having said why.
 */
int stats__own(struct stats *s, const struct copy *c, enum copy_verdict verdict, const char *comm);

/* stats__mapped - what of a side's mapping matters here; facts: of its copy or clear */
static inline struct mapped stats__mapped(const struct side *side, __u16 facts)
{
	return (struct mapped){ side->kind,
				side->evidence == EVIDENCE_DERIVED && !(facts & FACT_STEPS) };
}

/*
 * stats__shared - count n copies of one class (verdict.h) and path, all but time and process
 * @mapped: of the source and of the destination
 */
void stats__shared(struct stats *s, unsigned int path, __u32 user_colour,
		   const struct mapped mapped[2], const struct verdict *v, __u64 n);

/* stats__finish - sort processes, reasons and bases; nothing may be counted afterwards */
void stats__finish(struct stats *s);

/* stats__free - free the counts and zero *s */
void stats__free(struct stats *s);

/* stats__reason - number of copies whose side had this verdict for this reason */
__u64 stats__reason(const struct side_stats *s, enum side_verdict verdict, const char *reason);

#endif
