/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs of a plan: opening, configuring and loading them. */
#ifndef BRINDLE_PROBE_PROGRAMS_H
#define BRINDLE_PROBE_PROGRAMS_H

#include "bpf/state.h"
#include "kernel/kernel.h"
#include "probe/btf.h"
#include "probe/plan.h"

/* The options of a session, and of its programs. */
struct session_opts {
	__u32 follow;		/* enum follow */
	const char *comm;	/* only tasks of this name; NULL = any */
	__u64 buffer;		/* bytes of buffer: of each CPU where the cache aliases */
	__u32 threads;		/* threads whose state can be kept at the same time */
	bool totals;		/* count copies and clears in the kernel, send none */
	__u32 colours;		/* for totals: number of colours, a power of two */
	int cgroup;		/* only tasks under the cgroup with this descriptor; 0 = any */
};

struct brindle_bpf;
struct bpf_program;

struct programs {
	struct brindle_bpf *skel;	/* NULL: not open */
	struct btf_subset *types;	/* the kernel's BTF, while loading; NULL: none */
	int types_fd;			/* types as a file for libbpf, while loading; 0: none */
	bool alone;			/* while a copy is made, no other thread can run */
};

/*
 * programs__load - open the BPF object, configure it by plan and opts, load it
 * @p: zeroed, or closed by programs__close
 *
 * Rejects candidates in plan for whose trampoline there is no BTF. Returns 0; an exit code,
 * having said why; or -EAGAIN when plan names other programs now: close and load again. The
 * caller must call programs__close in each case.
 */
int programs__load(struct programs *p, const struct kernel *k, struct plan *plan,
		   const struct session_opts *opts);

/* programs__pick - the program of the plan's pick for role, NULL = none. p owns it. */
struct bpf_program *programs__pick(const struct programs *p, const struct plan *plan,
				   enum role role);

/* programs__call - the program for place i of a role (plan__calls). p owns it. */
struct bpf_program *programs__call(const struct programs *p, const struct plan *plan,
				   enum role role, int i);

/* programs__close - unload the programs; harmless when nothing is open */
void programs__close(struct programs *p);

#endif
