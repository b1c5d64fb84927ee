/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions to the running kernel, each by doing in small what tracing does in large: what
 * it answers is true whatever module, sysctl or container stands behind. Nothing is left when
 * we exit.
 */
#ifndef BRINDLE_KERNEL_ASK_H
#define BRINDLE_KERNEL_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* ask__capable - is capability number cap effective? False also when /proc does not say. */
bool ask__capable(int cap);

/* ask__bpf - may a program read the kernel's memory? 1 yes, 0 no, -errno no program may be */
int ask__bpf(void);

/* ask__perf - may we open events on a CPU? 0 or -errno */
int ask__perf(void);

/* ask__pagemap - are the page frames in /proc/self/pagemap? 0, -EPERM hidden, or -errno */
int ask__pagemap(void);

/* ask__number - the number at the beginning of a file, -1 = there is none */
long ask__number(const char *path);

/* ask__filesystem - does this kernel have the filesystem? */
bool ask__filesystem(const char *name);

/*
 * ask__lockdown - what is said of the lockdown: its level, and who says so (", says FILE")
 *
 * level is "" when nobody says anything. The kernel's log says that there is a lockdown, but
 * not which.
 */
void ask__lockdown(char *level, size_t size, const char **who);

#endif
