/* SPDX-License-Identifier: GPL-2.0-only */
/* Attaching programs to kernel functions and tracepoints, and the kernel's counts of misses. */
#ifndef BRINDLE_PROBE_ATTACH_H
#define BRINDLE_PROBE_ATTACH_H

#include <bpf/libbpf.h>
#include "kernel/kernel.h"
#include "probe/catalogue.h"
#include "probe/trampoline.h"

/* One program attached to one function; all zero = not attached. */
struct attachment {
	struct bpf_link *link;
	struct trampoline trampoline;
	char event[80];		/* its kprobe event in tracefs, "" = it has none */
};

/*
 * attach__program - attach prog to the function of row, by its mechanism
 * @place: for a kprobe: the function, or "function+offset" of an instruction in it
 * @id: for a kprobe: tells its event from the others of this process
 * @what: for a kprobe: the end of its event's name, "" = nothing
 * @later: see trampoline__attach
 *
 * A kprobe gets an event of its own in tracefs rather than one of the perf kprobe PMU, because
 * the kernel counts misses only for the former (kprobe_profile). Returns 0, or -errno with *a
 * not attached; prints nothing.
 */
int attach__program(struct attachment *a, const struct kernel *k, const struct candidate *row,
		    const char *place, int id, const char *what, struct bpf_program *prog,
		    bool later);

/* attach__drop - detach and remove the event; harmless if not attached */
void attach__drop(struct attachment *a, const struct kernel *k);

/* attach__clean - remove the events of recorders that were killed */
void attach__clean(const struct kernel *k);

/* attach__detach - stop the program; the event stays for attach__profile. Harmless twice. */
void attach__detach(struct attachment *a);

/*
 * attach__profile - read the kernel's counts for n attachments
 * @hits: n counters; times each probe was hit, whether its program ran or not. Only kprobes have
 *	them: 0 for the others
 *
 * Returns the sum of hits that the kernel could not handle: nmissed of kprobes and
 * recursion_misses of trampolines.
 */
__u64 attach__profile(const struct attachment *list, int n, const struct kernel *k, __u64 *hits);

#endif
