// SPDX-License-Identifier: GPL-2.0-only
/*
 * emptyprobes: measures the floor of a tool's cost. Attaches BPF programs that do nothing
 * ("r0 = 0; exit") to kernel functions, in the way of libbpf, and waits for SIGINT. No tool can
 * cost less than the same probes with empty programs.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define KPROBE	"/sys/bus/event_source/devices/kprobe/"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

static const struct bpf_insn nothing[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int load(enum bpf_prog_type type, const struct bpf_prog_load_opts *opts)
{
	return bpf_prog_load(type, "empty", "GPL", nothing, 2, opts);
}

static int attach_trampoline(const char *function, enum bpf_attach_type type)
{
	struct bpf_prog_load_opts opts = { .sz = sizeof(opts), .expected_attach_type = type };
	int fd, id = libbpf_find_vmlinux_btf_id(function, type);

	if (id < 0)
		return id;
	opts.attach_btf_id = id;
	fd = load(BPF_PROG_TYPE_TRACING, &opts);
	return fd < 0 ? fd : bpf_raw_tracepoint_open(NULL, fd);
}

static int kprobe_type(void)
{
	FILE *f = fopen(KPROBE "type", "re");
	int type = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &type) != 1)
		type = -1;
	fclose(f);
	return type;
}

/* @function: perhaps with "+offset" of an instruction in it */
static int attach_kprobe(const char *function, bool at_return)
{
	char name[128];
	char *plus;
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.config = at_return,		/* as KPROBE "format/retprobe" says */
		.config1 = (uintptr_t)name,
	};
	const int type = kprobe_type();
	int event, prog;

	if (type < 0)
		return -EOPNOTSUPP;
	snprintf(name, sizeof(name), "%s", function);
	plus = strchr(name, '+');
	if (plus) {
		*plus = 0;
		attr.config2 = strtoul(plus + 1, NULL, 0);
	}
	attr.type = type;
	prog = load(BPF_PROG_TYPE_KPROBE, NULL);
	if (prog < 0)
		return prog;
	event = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return event;
}

/* Attach to KIND:FUNCTION. Returns a descriptor or -errno; exits on bad usage. */
static int attach(const char *arg)
{
	const char *function = strchr(arg, ':');
	const size_t len = function ? (size_t)(function++ - arg) : 0;

	if (len == 6 && !strncmp(arg, "fentry", len))
		return attach_trampoline(function, BPF_TRACE_FENTRY);
	if (len == 5 && !strncmp(arg, "fexit", len))
		return attach_trampoline(function, BPF_TRACE_FEXIT);
	if (len == 6 && !strncmp(arg, "kprobe", len))
		return attach_kprobe(function, false);
	if (len == 9 && !strncmp(arg, "kretprobe", len))
		return attach_kprobe(function, true);
	fprintf(stderr, "emptyprobes: '%s': want kprobe:, kretprobe:, fentry: or fexit: and a function\n",
		arg);
	exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
	sigset_t set;
	int i, ret, sig;

	if (argc < 2) {
		fputs("usage: emptyprobes KIND:FUNCTION[+OFFSET]...\n", stderr);
		return EXIT_USAGE;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 1; i < argc; i++) {
		ret = attach(argv[i]);
		if (ret < 0) {
			fprintf(stderr, "emptyprobes: cannot attach to %s: %s\n", argv[i],
				strerror(-ret));
			return EXIT_FAILED;
		}
	}
	fprintf(stderr, "emptyprobes: ready\n");
	sigwait(&set, &sig);
	return EXIT_OK;
}
