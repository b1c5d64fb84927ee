/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU time and memory of the tool that is measured and of all it starts: a control group. */
#ifndef BENCH_CONSUMER_H
#define BENCH_CONSUMER_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct consumer {
	char dir[256];		/* directory of the group; "" = no tool */
};

/* Open a file of the group. Returns NULL with errno when that fails, or without a tool. */
static FILE *consumer__open(const struct consumer *c, const char *name, const char *mode)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/%s", c->dir, name);
	return c->dir[0] ? fopen(path, mode) : NULL;
}

/* Create the group below parent. Returns false with errno on failure. */
static bool consumer__create(struct consumer *c, const char *parent)
{
	snprintf(c->dir, sizeof(c->dir), "%s/cowbench.%d", parent, (int)getpid());
	return !mkdir(c->dir, 0755) || errno == EEXIST;
}

/* Move a process into the group, and with it all that it will start. */
static bool consumer__add(const struct consumer *c, pid_t pid)
{
	FILE *f = consumer__open(c, "cgroup.procs", "we");
	bool ok = f && fprintf(f, "%d\n", (int)pid) > 0;

	return f && !fclose(f) && ok;
}

/* CPU time of the group so far in ns, with processes that have ended; 0 when unreadable. */
static int64_t consumer__cpu(const struct consumer *c)
{
	FILE *f = consumer__open(c, "cpu.stat", "re");
	long long usec = 0;

	if (f && fscanf(f, "usage_usec %lld", &usec) != 1)
		usec = 0;
	if (f)
		fclose(f);
	return usec * 1000;
}

/* Add the memory of one process to *kib, and to *buffers if it is shared with the kernel. */
static void consumer__memory_of(int pid, unsigned long *kib, unsigned long *buffers)
{
	char path[64], line[512];
	unsigned long n, from;
	bool buffer = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Pss: %lu", &n) == 1) {
			*kib += n;
			*buffers += buffer ? n : 0;
		} else if (sscanf(line, "%lx-%*x ", &from) == 1 && strchr(line, '-')) {
			buffer = strstr(line, "anon_inode:");
		}
	}
	if (f)
		fclose(f);
}

/*
 * Resident memory in KiB, and the part of it that is buffers shared with the kernel. It is the
 * Pss, so that a page mapped twice (as by the BPF ring buffer), or by two processes, counts once.
 */
static void consumer__memory(const struct consumer *c, unsigned long *kib, unsigned long *buffers)
{
	FILE *f = consumer__open(c, "cgroup.procs", "re");
	int pid;

	*kib = *buffers = 0;
	while (f && fscanf(f, "%d", &pid) == 1)
		consumer__memory_of(pid, kib, buffers);
	if (f)
		fclose(f);
}

/* Remove the group, which has no processes any more. */
static void consumer__remove(const struct consumer *c)
{
	if (c->dir[0])
		rmdir(c->dir);
}

#endif
