/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions to the running kernel. Each one tries on a small scale what tracing does later, so
 * its answer is right whichever sysctl, security module or container decides. Nothing of it
 * remains after we exit. Nothing is printed.
 */
#ifndef BRINDLE_KERNEL_ASK_H
#define BRINDLE_KERNEL_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* ask__capable - is capability number cap effective? False also when /proc does not say. */
bool ask__capable(int cap);

/* ask__bpf - can BPF programs read kernel memory? 1 yes, 0 no, -errno: none can be loaded */
int ask__bpf(void);

/* ask__perf - can we open perf events on a CPU? Returns 0 or -errno. The event stays open. */
int ask__perf(void);

/* ask__pagemap - does /proc/self/pagemap show page frames? 0 yes, -EPERM hidden, or -errno */
int ask__pagemap(void);

/* ask__number - the decimal number at the beginning of a file; -1 when there is none */
long ask__number(const char *path);

/* ask__filesystem - does /proc/filesystems list this type, mounted or not? */
bool ask__filesystem(const char *name);

/*
 * ask__lockdown - the level of the kernel's lockdown, as far as anything says it
 * @level: "" when there is none, or nothing says so
 * @who: set to a static string that names the source, to print after the level: ", says FILE"
 *
 * The kernel's log tells that there is a lockdown but not its level: then level is a phrase
 * that says so, and *who is "".
 */
void ask__lockdown(char *level, size_t size, const char **who);

#endif
