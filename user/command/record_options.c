// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/err.h"
#include "command/record_options.h"
#include "kernel/ask.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"

static int set_dir(void *cfg, const char *value)
{
	((struct record_options *)cfg)->dir = value;
	return *value ? 0 : err(EXIT_USAGE, "--output: the name of a directory is empty");
}

static int set_pid(void *cfg, const char *value)
{
	struct record_options *o = cfg;
	__u64 pid;

	if (o->pids == PIDS_MAX)
		return err(EXIT_USAGE, "--pid: at most %d processes", PIDS_MAX);
	if (options__u64("--pid", value, 1, 1 << 30, &pid))
		return EXIT_USAGE;
	o->pid[o->pids++] = pid;
	return 0;
}

static int set_comm(void *cfg, const char *value)
{
	((struct record_options *)cfg)->comm = value;
	if (*value && strlen(value) < COMM_LEN)
		return 0;
	return err(EXIT_USAGE, "--comm: '%s': a command name in the kernel has 1 to %d characters",
		   value, COMM_LEN - 1);
}

static int set_cgroup(void *cfg, const char *value)
{
	((struct record_options *)cfg)->cgroup = value;
	return *value ? 0 : err(EXIT_USAGE, "--cgroup: the name of a cgroup is empty");
}

static int set_totals(void *cfg, const char *value)
{
	(void)value;
	((struct record_options *)cfg)->totals = true;
	return 0;
}

static int set_duration(void *cfg, const char *value)
{
	return options__seconds("--duration", value, &((struct record_options *)cfg)->duration);
}

static int set_span(void *cfg, const char *value)
{
	((struct record_options *)cfg)->span = value;
	return 0;
}

static int set_buffer(void *cfg, const char *value)
{
	struct record_options *o = cfg;
	__u64 page = getpagesize();

	if (options__bytes("--buffer", value, &o->buffer))
		return EXIT_USAGE;
	if (o->buffer >= page && o->buffer <= 1 << 30 && !(o->buffer & (o->buffer - 1)))
		return 0;
	return err(EXIT_USAGE, "--buffer: '%s' is not a power of two from %llu bytes to 1G", value,
		   (unsigned long long)page);
}

static int set_threads(void *cfg, const char *value)
{
	struct record_options *o = cfg;

	return options__u64("--threads", value, 1, 1 << 20, &o->threads);
}

static int set_prefer(void *cfg, const char *value)
{
	((struct record_options *)cfg)->prefer = value;
	return 0;
}

static int set_hazards(void *cfg, const char *value)
{
	(void)value;
	((struct record_options *)cfg)->accept_hazards = true;
	return 0;
}

const struct opt record_opts[] = {
	{ 'o', "output", "DIR", "recording to write (default " RECORD_DIR ")", set_dir },
	{ 'p', "pid", "PID", "only this process and its threads; may be repeated", set_pid },
	{ 0, "comm", "NAME", "only tasks of exactly this command name", set_comm },
	{ 0, "cgroup", "PATH", "only tasks in this cgroup (v2) or below it: a directory, or its\n"
	  "name under " CGROUP_ROOT, set_cgroup },
	{ 'd', "duration", "TIME", "stop after 10, 1.5s, 250ms, 2m ...", set_duration },
	{ 0, "totals", NULL, "count in the kernel instead of keeping every copy: costs less, and\n"
	  "the recording has totals, paths and colours, no copies or processes", set_totals },
	{ 0, "span", "BYTES", "colours as if the cache had this span (8192, 16K ...)", set_span },
	{ 0, "buffer", "BYTES", "buffer between kernel and recorder, a power of two; per CPU\n"
	  "where the cache aliases (default 1M there, else 4M)", set_buffer },
	{ 0, "threads", "N", "room for this many threads that copy pages, from their first copy\n"
	  "to their exit (default 8192)", set_threads },
	{ 0, "prefer", "NAME", "try this kernel function, or mechanism (kprobe ...), first",
	  set_prefer },
	{ 0, "accept-hazards", NULL, "trace although it is known to endanger this machine",
	  set_hazards },
	{}
};

int record_options__open_cgroup(struct record_options *o)
{
	char below[4096];
	struct statfs fs;
	int fd;

	if (!o->cgroup)
		return 0;
	if (!ask__filesystem("cgroup2"))
		return err(EXIT_UNSUPPORTED, "--cgroup: this kernel has no cgroup2 file system; "
			   "filter by --pid or --comm");
	fd = open(o->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(below, sizeof(below), CGROUP_ROOT "/%s", o->cgroup);
		fd = open(below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err(EXIT_FAIL, "--cgroup: '%s', here or under " CGROUP_ROOT ": %s",
			   o->cgroup, strerror(errno));
	if (fstatfs(fd, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC) {
		close(fd);
		return err(EXIT_UNSUPPORTED, "--cgroup: '%s' is no cgroup of version 2; mount "
			   "them with: mount -t cgroup2 none DIR", o->cgroup);
	}
	o->cgroup_fd = fd;
	return 0;
}
