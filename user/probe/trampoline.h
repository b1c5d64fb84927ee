/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fentry and fexit programs, which the kernel calls from a trampoline of the function itself:
 * no breakpoint, no event. The kernel has to be told at load, by BTF id, for which function a
 * program is.
 */
#ifndef BRINDLE_PROBE_TRAMPOLINE_H
#define BRINDLE_PROBE_TRAMPOLINE_H

#include "probe/btf.h"
#include "probe/plan.h"

struct bpf_program;
struct pending_link;

/* A program attached by its trampoline; all zero = not attached. */
struct trampoline {
	int prog_fd;		/* the program owns it; 0 = not attached */
	int link_fd;		/* ours; 0 = none yet */
	struct pending_link *pending;	/* a link being made by a thread, see trampoline__settle */
};

/* trampoline__prepare - tell libbpf, before it opens an object, that we know the BTF ids */
void trampoline__prepare(void);

/*
 * trampoline__plan - programs that are loaded from now on are for the functions of this plan
 * @types: NULL = the kernel has no BTF
 *
 * Candidates of which the kernel has no BTF are rejected. Both arguments must live until the
 * programs are loaded.
 */
void trampoline__plan(struct plan *p, const struct btf_subset *types);

/* trampoline__reject - reject all trampolines; returns whether the plan had any */
bool trampoline__reject(struct plan *p, const char *why);

/*
 * trampoline__attach - attach a loaded program to the function it was loaded for
 * @later: return at once and let a thread wait for the end, see trampoline__settle
 *
 * While a kernel has no trampoline yet, adding the first makes it wait for a grace period of
 * all its tasks (register_ftrace_direct_multi: synchronize_rcu_tasks), 10 to 200 ms, in which
 * the probe is there already. The next trampoline cannot be added before that is over.
 * Returns 0 or -errno.
 */
int trampoline__attach(struct trampoline *t, const struct bpf_program *prog, bool later);

/* trampoline__settle - wait for a link under way; 0, or -errno when it was refused */
int trampoline__settle(struct trampoline *t);

/* trampoline__detach - the program runs no more; harmless on what is not attached */
void trampoline__detach(struct trampoline *t);

/* trampoline__recursions - times the kernel skipped the program: it already ran on that CPU */
__u64 trampoline__recursions(const struct trampoline *t);

#endif
