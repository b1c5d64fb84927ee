/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel programs of a plan: opened, configured and loaded. */
#ifndef BRINDLE_PROBE_PROGRAMS_H
#define BRINDLE_PROBE_PROGRAMS_H

#include "bpf/state.h"
#include "kernel/kernel.h"
#include "probe/btf.h"
#include "probe/plan.h"

/* What a session is asked to do. */
struct session_opts {
	__u32 follow;		/* enum follow */
	const char *comm;	/* only tasks of this name; NULL = any */
	__u64 buffer;		/* bytes of buffer, per CPU where the cache aliases */
	__u32 threads;		/* kept from their first copy to their exit */
	bool totals;		/* count copies and clears in the kernel, send none */
	__u32 colours;		/* ... by so many */
	int cgroup;		/* only tasks under the cgroup of this descriptor; 0 = any */
};

struct brindle_bpf;
struct bpf_program;

struct programs {
	struct brindle_bpf *skel;	/* NULL: not open */
	struct btf_subset *types;	/* while loading: what the programs know; NULL: no BTF */
	int types_fd;			/* the same as a file for libbpf; 0: none */
};

/*
 * programs__load - open the BPF object, configure it by plan and opts, load it
 * @p: zeroed, or closed by programs__close
 *
 * Candidates whose trampoline the kernel cannot serve are rejected in plan. Returns 0, an exit
 * code having said why, or -EAGAIN when plan now names other programs: close and load again.
 * programs__close is to be called in every case.
 */
int programs__load(struct programs *p, const struct kernel *k, struct plan *plan,
		   const struct session_opts *opts);

/* programs__pick - the program of the plan's pick for role; NULL when the role has none */
struct bpf_program *programs__pick(const struct programs *p, const struct plan *plan, enum role role);

/* programs__close - unload; harmless when nothing is open */
void programs__close(struct programs *p);

#endif
