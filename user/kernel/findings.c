// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether tracing is possible is found out by trying (ask.c). Sysctls, files and the kernel's
 * log are read only to name the reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "base/err.h"
#include "kernel/ask.h"
#include "kernel/findings.h"
#include "kernel/kallsyms.h"

/* linux/capability.h; the last two are newer than some headers */
#define CAP_SYS_ADMIN_BIT	21
#define CAP_SYSLOG_BIT		34
#define CAP_PERFMON_BIT		38
#define CAP_BPF_BIT		39

/* include/linux/proc_ns.h */
#define PROC_PID_INIT_INO	0xeffffffcU
#define PROC_USER_INIT_INO	0xeffffffdU

#define KPROBES_SWITCH	"/sys/kernel/debug/kprobes/enabled"
#define FTRACE_SWITCH	"/proc/sys/kernel/ftrace_enabled"
#define KALLSYMS	"/proc/kallsyms"
#define AS_ROOT		"run as root, e.g. with sudo"

/* The findings so far, and the answers they were made from. */
struct examination {
	const struct kernel *kernel;
	bool all;		/* as in findings__collect */
	struct kallsyms symbols;
	int bpf;		/* ask__bpf() */
	char events[96];	/* path of kprobe_events, "" = tracefs is not mounted */
	int events_error;	/* errno of opening kprobe_events for writing, 0 = it works */
	bool locked;		/* lockdown keeps BPF programs from kernel memory */
	struct finding *list;
	int n;
};

static void add(struct examination *e, const char *name, int code, const char *advice,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void add(struct examination *e, const char *name, int code, const char *advice,
		const char *fmt, ...)
{
	struct finding *f = &e->list[e->n < FINDINGS_MAX ? e->n++ : FINDINGS_MAX - 1];
	va_list ap;

	*f = (struct finding){ .name = name, .code = code };
	va_start(ap, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
	snprintf(f->advice, sizeof(f->advice), "%s", advice);
}

/* Searches /proc/kallsyms, which is slow: to be called when nothing faster can tell. */
static bool has_function(struct examination *e, enum symbol symbol)
{
	if (!e->symbols.searched)
		kallsyms__read(&e->symbols, KALLSYMS, true);
	return e->symbols.has[symbol];
}

/* CONFIG_KPROBES: a kprobe_events that can be written proves it. */
static bool has_kprobes(struct examination *e)
{
	return (e->events[0] && !e->events_error) || has_function(e, SYMBOL_KPROBE);
}

/* CONFIG_BPF_EVENTS: a kprobe program that was loaded (ask__bpf) proves it. */
static bool has_bpf(struct examination *e)
{
	return e->bpf > 0 || has_function(e, SYMBOL_BPF);
}

static void examine_arch(struct examination *e)
{
	const struct kernel *k = e->kernel;
	int bits = sizeof(long) * 8;

	if (!k->arch)
		add(e, "architecture", EXIT_UNSUPPORTED,
		    "recordings of other machines can still be read with brindle report",
		    "machine %s: brindle has no rules for it", k->machine);
	else if (e->symbols.word_bits && e->symbols.word_bits != bits)
		add(e, "architecture", EXIT_UNSUPPORTED,
		    "use a brindle that was built for the kernel, not for the programs beside it",
		    "the kernel is of %d bits (machine %s), this brindle is of %d (%s)",
		    e->symbols.word_bits, k->machine, bits, BRINDLE_TARGET);
	else
		add(e, "architecture", EXIT_OK, "", "%s (machine %s)", k->arch->name, k->machine);
}

/* By opening it: access(2) checks the real user, and ignores capabilities unless that is root. */
static void try_events(struct examination *e)
{
	int fd;

	if (!e->kernel->tracefs[0])
		return;
	snprintf(e->events, sizeof(e->events), "%s/kprobe_events", e->kernel->tracefs);
	fd = open(e->events, O_WRONLY | O_APPEND | O_CLOEXEC);
	e->events_error = fd < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
}

/*
 * The lockdown level "integrity" takes nothing from a tracer. "confidentiality" takes
 * everything: the helpers that read kernel memory, and tracefs, whose files are not even
 * created when the lockdown is in effect at boot. Some kernels draw the line elsewhere, so a
 * program that can be loaded counts more than the level's name.
 */
static void examine_lockdown(struct examination *e)
{
	const char *who;
	char level[64];

	/* programs can read, whatever the level: save reading the kernel's log, which is long */
	if (!e->all && e->bpf > 0)
		return;
	ask__lockdown(level, sizeof(level), &who);
	if (e->bpf < 0)
		e->locked = !strcmp(level, "confidentiality");
	else	/* a missing helper is lockdown only if the kernel has it (5.5) and BPF at probes */
		e->locked = !e->bpf && has_function(e, SYMBOL_READ_KERNEL) && has_bpf(e);
	if (e->locked)
		add(e, "lockdown", EXIT_UNSUPPORTED, "boot with lockdown=integrity or none, "
		    "which is enough for tracing, or trace in a virtual machine",
		    "the kernel is locked down (%s%s): BPF programs may not read its memory",
		    level[0] ? level : "confidentiality, to judge by what it refuses",
		    level[0] ? who : "");
	else if (level[0])
		add(e, "lockdown", EXIT_OK, "", "locked down (%s%s), but not against tracing",
		    level, who);
	else if (e->bpf < 0)
		add(e, "lockdown", EXIT_OK, "", "cannot be known without more rights");
	else
		add(e, "lockdown", EXIT_OK, "", "none");
}

/* Kprobes that are built in can be switched off in two places; adds the finding if so. */
static bool kprobes_switched_off(struct examination *e)
{
	if (!ask__number(KPROBES_SWITCH)) {
		add(e, "kprobes", EXIT_UNSUPPORTED, "echo 1 >" KPROBES_SWITCH,
		    "kprobes are switched off (%s is 0)", KPROBES_SWITCH);
		return true;
	}
	if (!ask__number(FTRACE_SWITCH) && has_function(e, SYMBOL_KPROBE_FTRACE)) {
		add(e, "kprobes", EXIT_UNSUPPORTED, "sysctl kernel.ftrace_enabled=1",
		    "kprobes are switched off with ftrace (kernel.ftrace_enabled is 0)");
		return true;
	}
	return false;
}

static void examine_kprobes(struct examination *e)
{
	if (!e->symbols.listed)
		add(e, "kprobes", EXIT_OK, "", "cannot be known without symbols");
	else if (!has_kprobes(e))
		add(e, "kprobes", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_KPROBES=y and CONFIG_KPROBE_EVENTS=y",
		    "this kernel has no kprobes (no register_kprobe in /proc/kallsyms)");
	else if (!e->locked && e->events_error == ENOENT)
		add(e, "kprobes", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_KPROBE_EVENTS=y",
		    "this kernel has no kprobe events (no %s)", e->events);
	else if (!kprobes_switched_off(e))
		add(e, "kprobes", EXIT_OK, "", "in the kernel");
}

static void examine_bpf(struct examination *e)
{
	if (!e->symbols.listed)
		add(e, "bpf", EXIT_OK, "", "cannot be known without symbols");
	else if (!has_bpf(e))
		add(e, "bpf", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_BPF_SYSCALL=y and CONFIG_BPF_EVENTS=y",
		    "this kernel runs no BPF programs at probes (CONFIG_BPF_EVENTS)");
	else
		add(e, "bpf", EXIT_OK, "", "%s", access("/sys/kernel/btf/vmlinux", R_OK) ?
		    "programs at probes; no BTF (not needed)" : "programs at probes, BTF");
}

/* Is this namespace another one than the initial one, whose inode number is first? */
static bool in_namespace(const char *path, unsigned int first)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino != first;
}

/* CAP_BPF and CAP_PERFMON are enough for probes, but pagemap shows frames to CAP_SYS_ADMIN only. */
static bool lacks_capabilities(struct examination *e)
{
	if (ask__capable(CAP_SYS_ADMIN_BIT))
		return false;
	if (ask__capable(CAP_BPF_BIT) && ask__capable(CAP_PERFMON_BIT))
		add(e, "permission", EXIT_PERM, AS_ROOT " (CAP_BPF and CAP_PERFMON are not enough)",
		    "CAP_SYS_ADMIN is missing: /proc/self/pagemap hides the page frames that the "
		    "self-check needs");
	else
		add(e, "permission", EXIT_PERM, AS_ROOT, "CAP_SYS_ADMIN is missing");
	return true;
}

/* A process with the capabilities can still be refused, by a container or a security module. */
static bool is_refused(struct examination *e)
{
	const char *container = "run outside of the container, or give it the right: "
		"docker run --privileged --pid=host";
	bool programs = has_bpf(e);	/* otherwise privileges do not matter */
	int perf = ask__perf(), pagemap = ask__pagemap();

	if (in_namespace("/proc/self/ns/user", PROC_USER_INIT_INO))
		add(e, "permission", EXIT_PERM, "run as root of the host",
		    "root of a user namespace may not trace the kernel");
	else if (programs && e->bpf < 0)
		add(e, "permission", EXIT_PERM, container, "BPF programs are refused: %s",
		    strerror(-e->bpf));
	else if (programs && perf)
		add(e, "permission", EXIT_PERM, container, "perf events are refused: %s",
		    strerror(-perf));
	else if (pagemap && pagemap != -ENOENT)
		add(e, "permission", EXIT_PERM, AS_ROOT,
		    "page frames in /proc/self/pagemap are refused: %s", strerror(-pagemap));
	else
		return false;
	return true;
}

static void examine_permission(struct examination *e)
{
	int error = e->events_error;
	char advice[192];

	if (lacks_capabilities(e) || is_refused(e))
		return;
	/* a file that is missing, or locked down, is not a matter of privileges */
	if (!error || error == ENOENT || e->locked) {
		add(e, "permission", EXIT_OK, "", "sufficient");
		return;
	}
	snprintf(advice, sizeof(advice), "mount -o remount,bind,rw %s", e->kernel->tracefs);
	add(e, "permission", EXIT_PERM, error == EROFS ? advice : AS_ROOT,
	    "%s cannot be written: %s", e->events, strerror(error));
}

static void examine_pagemap(struct examination *e)
{
	if (access("/proc/self/pagemap", F_OK) && errno == ENOENT)
		add(e, "pagemap", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_PROC_PAGE_MONITOR=y",
		    "this kernel has no /proc/self/pagemap, which the self-check needs");
}

static void examine_hidden(struct examination *e)
{
	bool syslog = ask__capable(CAP_SYSLOG_BIT);

	if (ask__number("/proc/sys/kernel/kptr_restrict") >= 2)
		add(e, "symbols", EXIT_PERM, syslog ? "sysctl kernel.kptr_restrict=1" :
		    "sysctl kernel.kptr_restrict=1, and " AS_ROOT,
		    "the kernel hides the addresses of its functions (kernel.kptr_restrict is 2)");
	else if (!syslog)
		add(e, "symbols", EXIT_PERM, AS_ROOT,
		    "the kernel hides the addresses of its functions: CAP_SYSLOG is missing");
	else
		add(e, "symbols", EXIT_PERM, "run as root of the host, outside of containers",
		    "the kernel hides the addresses of its functions: all in /proc/kallsyms are 0");
}

static void examine_symbols(struct examination *e)
{
	const struct kallsyms *s = &e->symbols;

	if (s->error == EACCES || s->error == EPERM)
		add(e, "symbols", EXIT_PERM, AS_ROOT, "cannot read /proc/kallsyms: %s",
		    strerror(s->error));
	else if (s->error || !s->listed)
		add(e, "symbols", EXIT_UNSUPPORTED, "use a kernel built with CONFIG_KALLSYMS=y",
		    "/proc/kallsyms names no functions: %s",
		    s->error ? strerror(s->error) : "it is empty");
	else if (!s->addresses)
		examine_hidden(e);
	else
		add(e, "symbols", EXIT_OK, "", "with addresses");
}

static void examine_tracefs(struct examination *e)
{
	if (e->kernel->tracefs[0])
		add(e, "tracefs", EXIT_OK, "", "%s", e->kernel->tracefs);
	else if (ask__filesystem("tracefs"))
		add(e, "tracefs", EXIT_UNSUPPORTED, "mount -t tracefs tracefs /sys/kernel/tracing",
		    "not mounted, or not visible to this user");
	else
		add(e, "tracefs", EXIT_UNSUPPORTED, "use a kernel built with CONFIG_FTRACE=y and "
		    "CONFIG_KPROBE_EVENTS=y", "this kernel has no tracefs");
}

/* The number of possible CPUs, which sizes the per-CPU counters, comes from sysfs. */
static void examine_sysfs(struct examination *e)
{
	if (libbpf_num_possible_cpus() <= 0)
		add(e, "sysfs", EXIT_UNSUPPORTED, "mount -t sysfs sysfs /sys",
		    "/sys/devices/system/cpu/possible cannot be read: is /sys mounted?");
}

/* Debian's kernels for MIPS and ARMv6 have a BPF JIT, but leave it off. */
static void examine_jit(struct examination *e)
{
	if (!ask__number("/proc/sys/net/core/bpf_jit_enable"))
		add(e, "bpf", EXIT_OK, "sysctl net.core.bpf_jit_enable=1, before recording: "
		    "copies are slowed down less", "programs are interpreted, not compiled");
}

/* BPF programs see tasks by their ids in the initial PID namespace only. */
static void examine_namespace(struct examination *e)
{
	if (in_namespace("/proc/self/ns/pid", PROC_PID_INIT_INO))
		add(e, "namespace", EXIT_UNSUPPORTED, "run in the host's PID namespace, e.g. with "
		    "docker run --pid=host", "this is a PID namespace of a container");
}

static void examine_hazards(struct examination *e)
{
	const struct hazard *h;

	if (!e->kernel->arch)
		return;
	h = kernel__hazard(e->kernel);
	if (h)
		add(e, "hazard", EXIT_UNSUPPORTED, h->advice, "%s: %s", h->name, h->what);
	else
		add(e, "hazard", EXIT_OK, "", "none known that applies now");
}

int findings__collect(const struct kernel *k, bool all, struct finding findings[FINDINGS_MAX])
{
	struct examination e = { .kernel = k, .all = all, .list = findings };

	if (access("/proc/self/status", R_OK)) {
		examine_arch(&e);
		add(&e, "proc", EXIT_UNSUPPORTED, "mount -t proc proc /proc",
		    "/proc is not mounted: nothing can be known of this kernel");
		return e.n;
	}
	kallsyms__read(&e.symbols, KALLSYMS, false);
	e.bpf = ask__bpf();
	try_events(&e);
	examine_arch(&e);
	examine_lockdown(&e);
	examine_kprobes(&e);
	examine_bpf(&e);
	examine_permission(&e);
	examine_pagemap(&e);
	examine_symbols(&e);
	examine_tracefs(&e);
	examine_sysfs(&e);
	examine_jit(&e);
	examine_namespace(&e);
	examine_hazards(&e);
	return e.n;
}
