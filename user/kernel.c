// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include <zlib.h>
#include "err.h"
#include "kernel.h"

/* linux/capability.h; CAP_PERFMON and CAP_BPF are newer than some headers */
#define CAP_SYS_ADMIN_BIT	21
#define CAP_PERFMON_BIT		38
#define CAP_BPF_BIT		39

#define PROC_PID_INIT_INO	0xeffffffcU	/* include/linux/proc_ns.h */
#define KLOG_READ_ALL	3	/* syslog(2): SYSLOG_ACTION_READ_ALL */

/* First word of a file, "" when it cannot be read. */
static void first_word(const char *path, char *word, size_t size)
{
	FILE *f = fopen(path, "re");
	char line[256];

	word[0] = 0;
	if (!f)
		return;
	if (fgets(line, sizeof(line), f)) {
		line[strcspn(line, " \t\n")] = 0;
		if (strlen(line) < size)
			strcpy(word, line);
	}
	fclose(f);
}

static void find_tracefs(char *path, size_t size)
{
	char line[512], where[64], type[32];
	FILE *f = fopen("/proc/self/mounts", "re");

	path[0] = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %63s %31s", where, type) != 2 || strcmp(type, "tracefs"))
			continue;
		snprintf(path, size, "%s", where);
		break;
	}
	if (f)
		fclose(f);
	/* debugfs mounts it only when somebody looks */
	if (!path[0] && !access("/sys/kernel/debug/tracing/events", R_OK))
		snprintf(path, size, "/sys/kernel/debug/tracing");
}

void kernel__read(struct kernel *k)
{
	struct utsname u;
	int cpus;

	memset(k, 0, sizeof(*k));
	uname(&u);
	snprintf(k->release, sizeof(k->release), "%.40s %.54s", u.release, u.version);
	snprintf(k->machine, sizeof(k->machine), "%s", u.machine);
	k->arch = arch__by_machine(u.machine);
	find_tracefs(k->tracefs, sizeof(k->tracefs));
	libbpf_set_print(NULL);		/* it has much to say where /sys is not mounted */
	cpus = libbpf_num_possible_cpus();
	k->cpus = cpus > 0 ? cpus : 1;
}

/* Value of a CONFIG_ option in /proc/config.gz: 'y', 'm', 'n' = unset, 0 = cannot tell. */
static char config_option(const char *name)
{
	char line[256], value = 'n';
	size_t len = strlen(name);
	gzFile f = gzopen("/proc/config.gz", "r");

	if (!f)
		return 0;
	while (gzgets(f, line, sizeof(line)))
		if (!strncmp(line, name, len) && line[len] == '=')
			value = line[len + 1];
	gzclose(f);
	return value;
}

static bool klog_says(const char *text)
{
	int size = klogctl(10, NULL, 0);	/* SYSLOG_ACTION_SIZE_BUFFER */
	char *log = size > 0 ? calloc(1, size + 1) : NULL;
	bool found = false;

	if (log && klogctl(KLOG_READ_ALL, log, size) > 0)
		found = strstr(log, text);
	free(log);
	return found;
}

/*
 * Lockdown level: "integrity" or "confidentiality", "" = not locked down or not known.
 * The file of the security module says it best; it is not there when securityfs is not
 * mounted, and the kernel's log and configuration still tell.
 */
static void lockdown_level(char *level, size_t size, const char **how)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128], *open, *close;

	level[0] = 0;
	*how = "/sys/kernel/security/lockdown";
	if (f) {
		if (fgets(line, sizeof(line), f) && (open = strchr(line, '[')) &&
		    (close = strchr(open, ']')) && strncmp(open, "[none]", 6)) {
			*close = 0;
			snprintf(level, size, "%s", open + 1);
		}
		fclose(f);
		return;
	}
	*how = "/proc/config.gz";
	if (config_option("CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY") == 'y')
		snprintf(level, size, "integrity");
	else if (config_option("CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY") == 'y')
		snprintf(level, size, "confidentiality");
	if (level[0])
		return;
	*how = "the kernel's log";
	if (klog_says("Kernel is locked down from"))
		snprintf(level, size, "level not known");
}

/* What kallsyms must list for tracing. Names are shown even where addresses are hidden. */
enum { SYMBOL_KPROBE, SYMBOL_BPF, SYMBOLS };

static const char *const needed_symbols[SYMBOLS] = {
	[SYMBOL_KPROBE] = "register_kprobe",
	[SYMBOL_BPF] = "trace_call_bpf",
};

static void find_symbols(bool found[SYMBOLS])
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	int i;

	memset(found, 0, SYMBOLS * sizeof(*found));
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %*c %255s", name) != 1)
			continue;
		for (i = 0; i < SYMBOLS; i++)
			found[i] |= !strcmp(name, needed_symbols[i]);
	}
	if (f)
		fclose(f);
}

static bool may_trace(void)
{
	unsigned long long caps = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (f)
		fclose(f);
	if (caps & (1ULL << CAP_SYS_ADMIN_BIT))
		return true;
	return (caps & (1ULL << CAP_PERFMON_BIT)) && (caps & (1ULL << CAP_BPF_BIT));
}

struct report {
	struct finding *list;
	int n;
};

static struct finding *add(struct report *r, const char *name, int code, const char *advice,
			   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static struct finding *add(struct report *r, const char *name, int code, const char *advice,
			   const char *fmt, ...)
{
	struct finding *f = &r->list[r->n < FINDINGS_MAX ? r->n++ : FINDINGS_MAX - 1];
	va_list ap;

	*f = (struct finding){ .name = name, .code = code };
	va_start(ap, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, ap);
	va_end(ap);
	snprintf(f->advice, sizeof(f->advice), "%s", advice);
	return f;
}

static void examine_arch(const struct kernel *k, struct report *r)
{
	if (k->arch)
		add(r, "architecture", EXIT_OK, "", "%s (machine %s)", k->arch->name, k->machine);
	else
		add(r, "architecture", EXIT_UNSUPPORTED,
		    "recordings of other machines can still be read with brindle report",
		    "machine %s: brindle has no rules for it", k->machine);
}

static void examine_lockdown(struct report *r)
{
	char level[32];
	const char *how;

	lockdown_level(level, sizeof(level), &how);
	if (!level[0])
		add(r, "lockdown", EXIT_OK, "", "none");
	else
		add(r, "lockdown", EXIT_UNSUPPORTED,
		    "boot without lockdown (no lockdown= parameter, or Secure Boot off), or trace "
		    "in a virtual machine",
		    "the kernel is locked down (%s, says %s): it refuses kernel probes", level,
		    how);
}

static void examine_kprobes(const struct kernel *k, bool has_kprobes, struct report *r)
{
	char path[96];

	if (!has_kprobes) {
		add(r, "kprobes", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_KPROBES=y and CONFIG_KPROBE_EVENTS=y",
		    "this kernel has no kprobes (no register_kprobe in /proc/kallsyms)");
		return;
	}
	snprintf(path, sizeof(path), "%s/kprobe_events", k->tracefs);
	if (k->tracefs[0] && access(path, F_OK) && errno == ENOENT)
		add(r, "kprobes", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_KPROBE_EVENTS=y",
		    "this kernel has no kprobe events (no %s)", path);
	else
		add(r, "kprobes", EXIT_OK, "", "in the kernel");
}

static void examine_permission(const struct kernel *k, struct report *r)
{
	char path[96];

	if (!may_trace()) {
		add(r, "permission", EXIT_PERM, "run as root, e.g. with sudo",
		    "CAP_SYS_ADMIN, or CAP_BPF and CAP_PERFMON, is missing");
		return;
	}
	snprintf(path, sizeof(path), "%s/kprobe_events", k->tracefs);
	if (k->tracefs[0] && access(path, W_OK) && errno != ENOENT)
		add(r, "permission", EXIT_PERM, "run as root, e.g. with sudo",
		    "%s is not writable: %s", path, strerror(errno));
	else
		add(r, "permission", EXIT_OK, "", "sufficient");
}

static void examine_tracefs(const struct kernel *k, struct report *r)
{
	if (k->tracefs[0])
		add(r, "tracefs", EXIT_OK, "", "%s", k->tracefs);
	else
		add(r, "tracefs", EXIT_UNSUPPORTED,
		    "mount -t tracefs tracefs /sys/kernel/tracing",
		    "not mounted, or not visible to this user");
}

static void examine_bpf(bool has_bpf, struct report *r)
{
	if (!has_bpf)
		add(r, "bpf", EXIT_UNSUPPORTED,
		    "use a kernel built with CONFIG_BPF_SYSCALL=y and CONFIG_BPF_EVENTS=y",
		    "this kernel runs no BPF programs at probes (CONFIG_BPF_EVENTS)");
	else
		add(r, "bpf", EXIT_OK, "", "%s", access("/sys/kernel/btf/vmlinux", R_OK) ?
		    "programs at probes; no BTF (not needed)" : "programs at probes, BTF");
}

/* The kernel's probes know tasks by their ids in the first PID namespace only. */
static void examine_namespace(struct report *r)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) || st.st_ino == PROC_PID_INIT_INO)
		return;
	add(r, "namespace", EXIT_UNSUPPORTED, "run in the host's PID namespace, e.g. with "
	    "docker run --pid=host", "this is a PID namespace of a container");
}

static void examine_hazards(const struct kernel *k, struct report *r)
{
	const struct hazard *h;

	if (!k->arch)
		return;
	h = kernel__has_hazard(k);
	if (h)
		add(r, "hazard", EXIT_UNSUPPORTED, h->advice, "%s: %s", h->name, h->what);
	else
		add(r, "hazard", EXIT_OK, "", "none known that applies now");
}

int kernel__examine(const struct kernel *k, struct finding findings[FINDINGS_MAX])
{
	struct report r = { .list = findings };
	bool found[SYMBOLS];

	find_symbols(found);
	examine_arch(k, &r);
	examine_lockdown(&r);
	examine_kprobes(k, found[SYMBOL_KPROBE], &r);
	examine_bpf(found[SYMBOL_BPF], &r);
	examine_permission(k, &r);
	examine_tracefs(k, &r);
	examine_namespace(&r);
	examine_hazards(k, &r);
	return r.n;
}

const struct hazard *kernel__has_hazard(const struct kernel *k)
{
	const struct hazard *h;
	char word[32];

	for (h = k->arch ? k->arch->hazards : NULL; h && h->name; h++) {
		first_word(h->path, word, sizeof(word));
		if (strcmp(word, h->safe))
			return h;
	}
	return NULL;
}

#define TRANSPARENT	"/sys/kernel/mm/transparent_hugepage"
#define HUGETLB		"/sys/kernel/mm/hugepages"

bool kernel__has_huge_pages(void)
{
	return !access(TRANSPARENT, F_OK) || !access(HUGETLB, F_OK);
}

bool kernel__has_path(enum copy_path path)
{
	switch (path) {
	case PATH_THP:
	case PATH_COLLAPSE:
		return !access(TRANSPARENT, F_OK);
	case PATH_HUGETLB:
		return !access(HUGETLB, F_OK);
	case PATH_KSM:
		return !access("/sys/kernel/mm/ksm", F_OK);
	default:
		return true;
	}
}

int kernel__event_field(const struct kernel *k, const char *event, const char *field,
			__u32 *offset)
{
	char path[160], line[256], *at, *end;
	int ret = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "%s/events/%s/format", k->tracefs, event);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	/* a line is "<tab>field:pid_t next_pid;<tab>offset:56;<tab>size:4;<tab>signed:1;" */
	while (ret && fgets(line, sizeof(line), f)) {
		at = strstr(line, "offset:");
		end = strchr(line, ';');
		if (!at || !end || end > at || !strstr(line, "field:"))
			continue;
		*end = 0;
		end = strrchr(line, ' ');
		if (!end || strcmp(end + 1, field))
			continue;
		*offset = strtoul(at + strlen("offset:"), NULL, 10);
		ret = 0;
	}
	fclose(f);
	return ret;
}
