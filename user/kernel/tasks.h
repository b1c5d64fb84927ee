/* SPDX-License-Identifier: GPL-2.0-only */
/* Which tasks there are: threads of a process, or of all, from /proc. */
#ifndef BRINDLE_KERNEL_TASKS_H
#define BRINDLE_KERNEL_TASKS_H

#include <linux/types.h>

/* Returns 1 for a thread that was new, 0 for one that is known, or -errno, which ends it all. */
typedef int (*tasks_fn)(void *ctx, __u32 tid, __u32 pid);

/*
 * tasks__each - call fn for every thread
 * @pid: of the process this thread belongs to; 0: of every process
 *
 * A process is gone through again until it has no new thread: one that is not yet known may
 * create others meanwhile. 0, -ESRCH or -ENOENT when pid is gone, or what fn returned.
 */
int tasks__each(__u32 pid, tasks_fn fn, void *ctx);

#endif
