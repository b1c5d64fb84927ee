// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "base/err.h"
#include "probe/attach.h"

#define GROUP		"brindle"
/*
 * Return probes that can be pending at once. The kernel's default is the number of CPUs if it
 * is built without preemption; but one thread's copy can be preempted by another's.
 */
#define RETURNS_MAX	128

/* Write one line to kprobe_events. Returns 0 or -errno. */
static int kprobe_events(const struct kernel *k, const char *line)
{
	char path[96];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/kprobe_events", k->tracefs);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, line, strlen(line)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Id of an event "group/name" in tracefs, or -errno. */
static int event_id(const struct kernel *k, const char *event)
{
	char path[192], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/events/%s/id", k->tracefs, event);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(text, sizeof(text), f))
		text[0] = 0;
	fclose(f);
	return text[0] ? atoi(text) : -EINVAL;
}

static void remove_event(const struct kernel *k, const char *event)
{
	char line[128];
	int ret;

	snprintf(line, sizeof(line), "-:%s/%s\n", GROUP, event);
	ret = kprobe_events(k, line);
	if (ret)
		note("removing the probe event %s: %s", event, strerror(-ret));
}

/* A BPF program at a trace event: one perf event serves every CPU. */
static int attach_event(struct attachment *a, int id, struct bpf_program *prog)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = id,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	a->link = bpf_program__attach_perf_event(prog, fd);
	if (a->link)
		return 0;
	ret = -errno;
	close(fd);
	return ret;
}

static int attach_kprobe(struct attachment *a, const struct kernel *k, bool at_return,
			 const char *place, int id, const char *what, struct bpf_program *prog)
{
	char line[256], type[16], event[96];
	int ret;

	if (at_return)
		snprintf(type, sizeof(type), "r%d", RETURNS_MAX);
	else
		snprintf(type, sizeof(type), "p");
	/* kprobe_profile shows names without the group, so the name itself has our pid */
	snprintf(a->event, sizeof(a->event), "brindle_%d_%d%s%s", (int)getpid(), id,
		 *what ? "_" : "", what);
	snprintf(line, sizeof(line), "%s:%s/%s %s\n", type, GROUP, a->event, place);
	ret = kprobe_events(k, line);
	if (ret) {
		a->event[0] = 0;
		return ret;
	}
	snprintf(event, sizeof(event), "%s/%s", GROUP, a->event);
	ret = event_id(k, event);
	if (ret >= 0)
		ret = attach_event(a, ret, prog);
	if (ret)
		attach__drop(a, k);
	return ret;
}

int attach__program(struct attachment *a, const struct kernel *k, const struct candidate *row,
		    const char *place, int id, const char *what, struct bpf_program *prog,
		    bool later)
{
	int ret;

	memset(a, 0, sizeof(*a));
	if (mechanism__is_trampoline(row->by))
		return trampoline__attach(&a->trampoline, prog, later);
	if (row->by != BY_TRACEPOINT)
		return attach_kprobe(a, k, row->by == BY_KRETPROBE, place, id, what, prog);
	ret = event_id(k, row->function);
	return ret < 0 ? ret : attach_event(a, ret, prog);
}

void attach__detach(struct attachment *a)
{
	trampoline__detach(&a->trampoline);
	bpf_link__destroy(a->link);
	a->link = NULL;
}

void attach__drop(struct attachment *a, const struct kernel *k)
{
	attach__detach(a);
	if (a->event[0])
		remove_event(k, a->event);
	memset(a, 0, sizeof(*a));
}

void attach__clean(const struct kernel *k)
{
	char path[96], line[256], event[96];
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "%s/kprobe_events", k->tracefs);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		/* "p:brindle/brindle_123_4 function", "r128:brindle/..." */
		if (sscanf(line, "%*[^:]:" GROUP "/%95s", event) != 1 ||
		    sscanf(event, "brindle_%d_", &pid) != 1)
			continue;
		if (kill(pid, 0) && errno == ESRCH)
			remove_event(k, event);
	}
	if (f)
		fclose(f);
}

__u64 attach__profile(const struct attachment *list, int n, const struct kernel *k, __u64 *hits)
{
	unsigned long long hit, missed;
	char path[96], line[256], name[96];
	__u64 sum = 0;
	FILE *f;
	int i;

	for (i = 0; i < n; i++)
		sum += trampoline__recursions(&list[i].trampoline);
	memset(hits, 0, n * sizeof(*hits));
	snprintf(path, sizeof(path), "%s/kprobe_profile", k->tracefs);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %95s %llu %llu", name, &hit, &missed) != 3)
			continue;
		for (i = 0; i < n; i++) {
			if (!list[i].event[0] || strcmp(name, list[i].event))
				continue;
			hits[i] += hit;
			sum += missed;
		}
	}
	if (f)
		fclose(f);
	return sum;
}
