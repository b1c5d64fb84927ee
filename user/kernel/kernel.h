/* SPDX-License-Identifier: GPL-2.0-only */
/* Questions to the running kernel: what it is, what it offers, what it forbids. */
#ifndef BRINDLE_KERNEL_KERNEL_H
#define BRINDLE_KERNEL_KERNEL_H

#include "arch/arch.h"

struct kernel {
	char release[96];	/* uname -r and -v */
	char machine[65];	/* uname -m */
	const struct arch *arch; /* NULL when brindle knows none for the machine */
	char tracefs[64];	/* where it is mounted, "" = nowhere */
	__u32 cpus;		/* possible CPUs */
};

/* kernel__read - fill in what can be known without privilege */
void kernel__read(struct kernel *k);

/* kernel__hazard - the hazard of this machine that is present now, NULL = none */
const struct hazard *kernel__hazard(const struct kernel *k);

/* kernel__has_huge_pages - transparent ones or those of hugetlbfs */
bool kernel__has_huge_pages(void);

/* kernel__has_path - has this kernel what makes copies on this path? */
bool kernel__has_path(enum copy_path path);

/*
 * kernel__event_field - offset of a field in a tracepoint's record
 * @event: "sched/sched_switch"
 *
 * From the event's format file, bytes. Returns 0 or -errno.
 */
int kernel__event_field(const struct kernel *k, const char *event, const char *field,
			__u32 *offset);

#endif
