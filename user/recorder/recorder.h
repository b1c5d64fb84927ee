/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a recording: from the self-check to the summary. */
#ifndef BRINDLE_RECORDER_H
#define BRINDLE_RECORDER_H

#include "recorder/machine.h"

/* What brindle record is asked to do. */
#define RECORD_DIR	"brindle.rec"
#define PIDS_MAX	64

struct record_options {
	const char *dir, *comm, *cgroup, *span, *prefer;
	__u32 pid[PIDS_MAX];
	int pids;
	int cgroup_fd;		/* 0 = no --cgroup */
	__u64 duration;		/* ns, 0 = until CMD ends or Ctrl-C */
	__u64 buffer, threads;
	bool totals;
	bool accept_hazards;
};

#define RECORD_DEFAULTS	{ .dir = RECORD_DIR, .threads = 8192 }

/*
 * recorder__block_signals - from now on signals that ask us to stop are read from a descriptor
 *
 * Returns the signalfd, or -1 having said why.
 */
int recorder__block_signals(void);

/*
 * recorder__record - record until CMD ends, the duration is over, or a signal asks to stop
 * @m: machine__plan was called, and its plan is complete; the self-check may change the plan
 * @judged_by: geometry of the verdicts in the summary
 * @signals: of recorder__block_signals
 * @argv: CMD, NULL-terminated; its first word is NULL when there is none
 *
 * Returns the exit code of the command: CMD's own when tracing went well.
 */
int recorder__record(struct machine *m, const struct geometry *judged_by,
		     const struct record_options *opts, int signals, char **argv);

#endif
