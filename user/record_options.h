/* SPDX-License-Identifier: GPL-2.0-only */
/* What brindle record is asked to do. */
#ifndef BRINDLE_RECORD_OPTIONS_H
#define BRINDLE_RECORD_OPTIONS_H

#include <stdbool.h>
#include <linux/types.h>
#include "options.h"
#include "../bpf/brindle.h"

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

/* The table that options__parse fills a struct record_options by. */
extern const struct opt record_opts[];

/* record_options__open_cgroup - what --cgroup names, if any; 0 or an exit code, having said why */
int record_options__open_cgroup(struct record_options *o);

#endif
