/* SPDX-License-Identifier: GPL-2.0-only */
/* Judging a plan for the self-check: known copies are held against the records of them. */
#ifndef BRINDLE_RECORDER_EXAMINE_H
#define BRINDLE_RECORDER_EXAMINE_H

#include "bpf/state.h"
#include "probe/plan.h"
#include "recorder/assemble.h"
#include "recorder/known_copies.h"

/* Records kept of the checking process: of its known copies, and of its stack and heap. */
#define SEEN_MAX	512

/* The known copies of the checking process, and all records of that process. */
struct check_records {
	const struct known *known;
	struct wire_copy copy[SEEN_MAX];
	struct wire_copy clear[SEEN_MAX];
	int copies;
	int clears;
	int windows;
	int flushed;		/* windows at whose end the cache was flushed */
	int overflow;		/* number of copies there was no room for */
};

/* The outcome of holding the two against each other. */
struct check_result {
	enum role culprit;	/* ROLE_COUNT when the plan passed */
	char why[96];		/* what is wrong with it, in words */
	bool dead;		/* its function fires in no copy, whatever program is on it */
	bool silent;		/* ... but does outside: the probe works, copies do not call it */
	int calls_seen, calls_wanted; /* known copies that a call was seen in, and all of them */
	bool fork_flushes;	/* forks flush the cache when nobody can write any more */
	bool mapping_not_needed; /* verdicts need no probe on the mappings made for copies */
	bool sees_fresh;	/* all known copies on the path cow-fault were seen */
	struct calibration cal;
};

/*
 * selfcheck__examine - judge a plan by its records, and calibrate
 * @sum: counters of the session since it was opened
 *
 * Fills in all of *out; out->cal.callers points into the plan's symbols. Pure, but for reading
 * /proc/kpageflags.
 */
void selfcheck__examine(const struct check_records *seen, const struct plan *p,
			const struct counters *sum, struct check_result *out);

#endif
