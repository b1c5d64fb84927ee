/* SPDX-License-Identifier: GPL-2.0-only */
/* Attaching programs to kernel functions through tracefs, with the kernel's miss counts. */
#ifndef BRINDLE_PROBE_ATTACH_H
#define BRINDLE_PROBE_ATTACH_H

#include <bpf/libbpf.h>
#include "probe/catalogue.h"
#include "kernel/kernel.h"
#include "probe/trampoline.h"

/* One program attached to one function; all zero = not attached. */
struct attachment {
	struct bpf_link *link;
	struct trampoline trampoline;
	char event[48];		/* kprobe event in tracefs, "" for what is none */
};

/*
 * attach__program - attach prog as the candidate says
 * @later: see trampoline__attach
 *
 * A kprobe gets an event of our own in tracefs rather than one of the perf kprobe PMU: only
 * events have their misses counted (kprobe_profile). Returns 0 or -errno, prints nothing.
 */
int attach__program(struct attachment *a, const struct kernel *k, const struct candidate *row,
		    struct bpf_program *prog, bool later);

/* attach__drop - detach and remove the event; harmless on what is not attached */
void attach__drop(struct attachment *a, const struct kernel *k);

/* attach__clean - remove events left behind by recorders that were killed */
void attach__clean(const struct kernel *k);

/* attach__detach - the program runs no more; the event stays, for attach__profile */
void attach__detach(struct attachment *a);

/*
 * attach__profile - what the kernel counted for our kprobe events
 * @hits: of each attachment, times the probe was hit, whether or not the program could run
 *
 * Returns the times the kernel could not even handle a hit (nmissed, recursion_misses), all
 * together. A tracepoint is not counted: 0.
 */
__u64 attach__profile(const struct attachment *list, int n, const struct kernel *k, __u64 *hits);

#endif
