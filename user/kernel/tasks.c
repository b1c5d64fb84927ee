// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernel/tasks.h"

/* The process a thread belongs to, 0 when there is no such thread. */
static __u32 process_of(__u32 tid)
{
	char path[64], line[256];
	unsigned int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %u", &pid) == 1)
			break;
	if (f)
		fclose(f);
	return pid;
}

/* Returns the number of threads that were new, or -errno. */
static int scan_threads(__u32 pid, tasks_fn fn, void *ctx)
{
	int fresh = 0, ret = 0;
	char path[64];
	struct dirent *e;
	__u32 tid;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (ret >= 0 && (e = readdir(dir))) {
		tid = atoi(e->d_name);
		ret = tid ? fn(ctx, tid, pid) : 0;
		fresh += ret > 0;
	}
	closedir(dir);
	return ret < 0 ? ret : fresh;
}

static int each_thread(__u32 tid, tasks_fn fn, void *ctx)
{
	__u32 pid = process_of(tid);
	int ret;

	if (!pid)
		return -ESRCH;
	do
		ret = scan_threads(pid, fn, ctx);
	while (ret > 0);
	return ret;
}

int tasks__each(__u32 pid, tasks_fn fn, void *ctx)
{
	struct dirent *e;
	DIR *dir;
	int ret = 0;

	if (pid)
		return each_thread(pid, fn, ctx);
	dir = opendir("/proc");
	if (!dir)
		return -errno;
	while (!ret && (e = readdir(dir))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		ret = each_thread(atoi(e->d_name), fn, ctx);
		if (ret == -ENOENT || ret == -ESRCH)	/* gone meanwhile */
			ret = 0;
	}
	closedir(dir);
	return ret;
}
