/* SPDX-License-Identifier: GPL-2.0-only */
/* A tool under measurement and all it starts: a control group. Its CPU time, its memory. */
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
	char dir[256];		/* of the group; empty: no tool */
};

/* A file of the group, NULL when there is none. */
static FILE *consumer__open(const struct consumer *c, const char *name, const char *mode)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/%s", c->dir, name);
	return c->dir[0] ? fopen(path, mode) : NULL;
}

static bool consumer__create(struct consumer *c, const char *parent)
{
	snprintf(c->dir, sizeof(c->dir), "%s/cowbench.%d", parent, (int)getpid());
	return !mkdir(c->dir, 0755) || errno == EEXIST;
}

/* Take in a process, and what it will start. */
static bool consumer__add(const struct consumer *c, pid_t pid)
{
	FILE *f = consumer__open(c, "cgroup.procs", "we");
	bool ok = f && fprintf(f, "%d\n", (int)pid) > 0;

	return f && !fclose(f) && ok;
}

/* Nanoseconds of CPU the group has used, those that have ended included. */
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
 * Resident KiB, and how much of it is buffers shared with the kernel. Pss: a page that is
 * mapped twice (the BPF ring buffer is) or by two processes counts once.
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

static void consumer__remove(const struct consumer *c)
{
	if (c->dir[0])
		rmdir(c->dir);
}

#endif
