/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The self-check: a plan must deliver exactly the records of copies brindle made
 * itself, or it is replaced. It also measures what the kernel does not tell
 * (struct calibration).
 */
#ifndef BRINDLE_SELFCHECK_H
#define BRINDLE_SELFCHECK_H

#include "assemble.h"
#include "known.h"
#include "session.h"

/*
 * Records of the checking process kept: its known copies and those of its stack and heap.
 */
#define SEEN_MAX	512

/* What is known about the checking process, and what the probes said. Input of examine. */
struct evidence_set {
	const struct known *known;
	struct wire_copy copy[SEEN_MAX];
	struct wire_copy clear[SEEN_MAX];
	int copies;
	int clears;
	int windows;
	int overflow;		/* records there was no room for */
};

/* Outcome of comparing the two. */
struct finding_set {
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
void selfcheck__examine(const struct evidence_set *seen, const struct plan *p,
			const struct counters *sum, struct finding_set *out);

/*
 * A session that passed: from selfcheck__open on, fn gets the records of others only.
 */
struct selfcheck {
	struct session *session;
	struct finding_set result;
	struct evidence_set seen;
	__u32 pid;		/* of the checking process, 0 = check is over */
	transport_fn fn;
	void *ctx;
};

/*
 * selfcheck__open - open a session with the best plan that passes
 *
 * Returns 0 or an exit code, having said what cannot be seen and why.
 */
int selfcheck__open(struct selfcheck *sc, const struct kernel *k, struct plan *p,
		    const struct session_opts *opts, transport_fn fn, void *ctx);

#endif
