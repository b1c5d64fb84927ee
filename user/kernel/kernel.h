/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel: its release, its architecture, and what it was built with. */
#ifndef BRINDLE_KERNEL_KERNEL_H
#define BRINDLE_KERNEL_KERNEL_H

#include "arch/arch.h"

struct kernel {
	char release[96];	/* uname -r and -v */
	char machine[65];	/* uname -m */
	const struct arch *arch; /* NULL: brindle does not know the machine */
	char tracefs[64];	/* mount point, "" = not mounted */
	__u32 cpus;		/* possible CPUs, 1 when not known */
};

/* kernel__read - fill in *k; needs no privilege, cannot fail. Silences libbpf. */
void kernel__read(struct kernel *k);

/* kernel__hazard - the first known hazard of this machine that is present now, NULL = none */
const struct hazard *kernel__hazard(const struct kernel *k);

/* kernel__has_huge_pages - is the kernel built with transparent huge pages or hugetlbfs? */
bool kernel__has_huge_pages(void);

/*
 * kernel__is_preemptible - can a thread lose the CPU anywhere in the kernel? uname -v says so of
 * every kernel that is built to allow that (init/Makefile), also if it is switched off later
 */
bool kernel__is_preemptible(const struct kernel *k);

/* kernel__has_path - is the kernel built with the feature that makes copies on this path? */
bool kernel__has_path(enum copy_path path);

/*
 * kernel__event_field - offset of a field in a tracepoint's record, from its format file
 * @event: such as "sched/sched_switch"
 * @offset: in bytes
 *
 * Returns 0, or -errno, prints nothing; -ENOENT also when the event has no such field.
 */
int kernel__event_field(const struct kernel *k, const char *event, const char *field,
			__u32 *offset);

#endif
