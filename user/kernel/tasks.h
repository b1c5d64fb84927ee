/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads of one process, or of all processes, from /proc. */
#ifndef BRINDLE_KERNEL_TASKS_H
#define BRINDLE_KERNEL_TASKS_H

#include <linux/types.h>

/* Returns 1 for a thread that was new, 0 for a known one, or -errno, which ends tasks__each. */
typedef int (*tasks_fn)(void *ctx, __u32 tid, __u32 pid);

/*
 * tasks__each - call fn for every thread
 * @pid: only the process that this thread belongs to; 0: every process
 *
 * A process is searched again until it has no new thread, because a thread that is not yet
 * known may create others meanwhile. Returns 0, or -errno: that of fn, or -ESRCH or -ENOENT
 * when pid is gone. With pid 0 a process that is gone is skipped.
 */
int tasks__each(__u32 pid, tasks_fn fn, void *ctx);

#endif
