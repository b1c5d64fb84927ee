/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The self-check: a plan must deliver exactly the records of copies that brindle made itself,
 * or it is replaced. It also measures what the kernel does not tell (struct calibration).
 */
#ifndef BRINDLE_RECORDER_SELFCHECK_H
#define BRINDLE_RECORDER_SELFCHECK_H

#include "probe/session.h"
#include "recorder/examine.h"

/* A self-check, and the session that has passed it. */
struct selfcheck {
	struct session *session;
	struct check_result result;	/* of the last check */
	struct check_records seen;
	__u32 pid;		/* of the checking process, 0 = the check is over */
	transport_fn fn;	/* gets all records when the check is over */
	void *ctx;
};

/*
 * selfcheck__open - open a session with the best plan that passes
 * @p: where to begin; changed to the plan that passed
 * @fn: called for each record after the check
 *
 * Returns 0 with sc->session open, to be closed by the caller, or an exit code, having said what
 * cannot be seen and why.
 */
int selfcheck__open(struct selfcheck *sc, const struct kernel *k, struct plan *p,
		    const struct session_opts *opts, transport_fn fn, void *ctx);

#endif
