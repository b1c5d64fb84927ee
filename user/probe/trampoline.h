/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fentry and fexit programs: the kernel calls them from a trampoline in the function itself,
 * without a breakpoint or an event. The function is set when the program is loaded, by BTF id.
 */
#ifndef BRINDLE_PROBE_TRAMPOLINE_H
#define BRINDLE_PROBE_TRAMPOLINE_H

#include "probe/btf.h"
#include "probe/plan.h"

struct bpf_program;
struct pending_link;

/* A program attached by its trampoline; all zero = not attached. */
struct trampoline {
	int prog_fd;		/* owned by the program; 0 = not attached */
	int link_fd;		/* owned by us; 0 = none yet */
	struct pending_link *pending;	/* a link being created, see trampoline__settle */
};

/*
 * trampoline__prepare - have libbpf load fentry and fexit programs with BTF ids that we supply
 *
 * Call it before the object is opened. A second call does nothing.
 */
void trampoline__prepare(void);

/*
 * trampoline__plan - set the plan whose programs are loaded next
 * @types: NULL = the kernel has no BTF
 *
 * Rejects candidates for functions without BTF. Both arguments must live until the programs are
 * loaded.
 */
void trampoline__plan(struct plan *p, const struct btf_subset *types);

/* trampoline__reject - reject every trampoline of the plan; returns whether there was one */
bool trampoline__reject(struct plan *p, const char *why);

/*
 * trampoline__attach - attach a loaded program to the function it was loaded for
 * @later: return at once and let a thread wait until it is done, see trampoline__settle
 *
 * When a kernel adds its first trampoline, it waits for a grace period of all tasks
 * (register_ftrace_direct_multi: synchronize_rcu_tasks), 10 to 200 ms. The program runs already
 * during that time, but no other trampoline can be added. Returns 0 or -errno.
 */
int trampoline__attach(struct trampoline *t, const struct bpf_program *prog, bool later);

/* trampoline__settle - wait for a pending link; 0, or -errno when the kernel refused it */
int trampoline__settle(struct trampoline *t);

/* trampoline__detach - stop the program, after settling; harmless if not attached */
void trampoline__detach(struct trampoline *t);

/* trampoline__recursions - times the kernel skipped the program while it ran on that CPU */
__u64 trampoline__recursions(const struct trampoline *t);

#endif
