/* SPDX-License-Identifier: GPL-2.0-only */
/* The self-check's judgement of a plan: known copies against the records of them. */
#ifndef BRINDLE_EXAMINE_H
#define BRINDLE_EXAMINE_H

#include "bpf/state.h"
#include "probe/plan.h"
#include "recorder/assemble.h"
#include "recorder/known_copies.h"

/*
 * Records of the checking process kept: its known copies and those of its stack and heap.
 */
#define SEEN_MAX	512

/* What is known about the checking process, and what the probes said. Input of examine. */
struct check_records {
	const struct known *known;
	struct wire_copy copy[SEEN_MAX];
	struct wire_copy clear[SEEN_MAX];
	int copies;
	int clears;
	int windows;
	int overflow;		/* records there was no room for */
};

/* Outcome of comparing the two. */
struct check_result {
	enum role culprit;	/* ROLE_COUNT when the plan passed */
	char why[96];
	bool dead;		/* the culprit's function fires in no copy: no program would */
	bool silent;		/* ... but elsewhere: it works, copies do not use it */
	bool sees_fresh;	/* copies on the path cow-fault are seen */
	struct calibration cal;
};

/*
 * selfcheck__examine - judge a plan by its records, and calibrate; pure but for kpageflags
 * @sum: counters of the session since it was opened
 */
void selfcheck__examine(const struct check_records *seen, const struct plan *p,
			const struct counters *sum, struct check_result *out);

#endif
