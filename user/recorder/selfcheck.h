/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The self-check: a plan must deliver exactly the records of copies brindle made
 * itself, or it is replaced. It also measures what the kernel does not tell
 * (struct calibration).
 */
#ifndef BRINDLE_SELFCHECK_H
#define BRINDLE_SELFCHECK_H

#include "probe/session.h"
#include "recorder/examine.h"

/*
 * A session that passed: from selfcheck__open on, fn gets the records of others only.
 */
struct selfcheck {
	struct session *session;
	struct check_result result;
	struct check_records seen;
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
