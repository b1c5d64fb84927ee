/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a recording: from the self-check to the summary. */
#ifndef BRINDLE_RECORDER_RECORDER_H
#define BRINDLE_RECORDER_RECORDER_H

#include "recorder/machine.h"

#define RECORD_DIR	"brindle.rec"	/* the default */
#define PIDS_MAX	64

/* The command line of brindle record. A string that is NULL was not given. */
struct record_options {
	const char *dir, *comm, *cgroup, *span, *prefer;
	__u32 pid[PIDS_MAX];
	int pids;		/* number of them; 0 = no --pid */
	int cgroup_fd;		/* of the directory cgroup; 0 = no --cgroup */
	__u64 duration;		/* ns; 0 = until CMD ends or Ctrl-C */
	__u64 buffer;		/* bytes; 0 = the default */
	__u64 threads;		/* rows of the table of threads */
	bool totals;
	bool accept_hazards;
};

#define RECORD_DEFAULTS	{ .dir = RECORD_DIR, .threads = 8192 }

/*
 * recorder__block_signals - block the signals that ask us to stop, and SIGCHLD
 *
 * Returns a signalfd to read them from, or -1 having said why. SIGPIPE and SIGXFSZ are ignored
 * from now on: they become errors of write.
 */
int recorder__block_signals(void);

/*
 * recorder__record - record until CMD ends, the duration is over, or a signal asks to stop
 * @m: after machine__plan, with a complete plan; the self-check may change it
 * @judged_by: geometry for the verdicts in the summary
 * @signals: from recorder__block_signals
 * @argv: CMD, NULL-terminated; argv[0] is NULL when there is no CMD
 *
 * Returns the exit code for brindle record, having said why: CMD's own when tracing went well.
 * May be called only once.
 */
int recorder__record(struct machine *m, const struct geometry *judged_by,
		     const struct record_options *opts, int signals, char **argv);

#endif
