// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <zlib.h>
#include "kernel/ask.h"

#define PM_PFN		((1ULL << 55) - 1)	/* Documentation/admin-guide/mm/pagemap.rst */
/* syslog(2): SYSLOG_ACTION_* */
#define KLOG_READ_ALL	3
#define KLOG_SIZE	10

bool ask__capable(int cap)
{
	unsigned long long caps = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if (f)
		fclose(f);
	return caps >> cap & 1;
}

/*
 * libbpf_probe_bpf_helper() does not serve: it reports a helper as present when its program was
 * refused for another reason, such as missing privileges.
 */
int ask__bpf(void)
{
	/* bpf_probe_read_kernel(fp - 8, 8, NULL); return 0; */
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "brindle_ask", "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);

	if (fd >= 0) {
		close(fd);
		return 1;
	}
	/* lockdown hides the helper: to the verifier it is an unknown function */
	return fd == -EINVAL ? 0 : fd;
}

int ask__perf(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};

	/* left open until we exit: to close one, kernels wait for a grace period */
	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC) < 0 ? -errno :
		0;
}

int ask__pagemap(void)
{
	volatile char here = 1;		/* on a page that is present */
	off_t at = (off_t)((unsigned long)&here / getpagesize()) * sizeof(__u64);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), ret = 0;
	__u64 entry = 0;

	if (fd < 0)
		return -errno;
	if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
		ret = -(errno ?: EIO);
	else if (!(entry & PM_PFN))
		ret = -EPERM;
	close(fd);
	return ret;
}

long ask__number(const char *path)
{
	FILE *f = fopen(path, "re");
	long number = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &number) != 1)
		number = -1;
	fclose(f);
	return number;
}

bool ask__filesystem(const char *name)
{
	FILE *f = fopen("/proc/filesystems", "re");
	char line[128], *last;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		last = strrchr(line, '\t');	/* "nodev\ttracefs" */
		found = last && !strcmp(last + 1, name);
	}
	if (f)
		fclose(f);
	return found;
}

/* Value of a CONFIG_ option in /proc/config.gz: 'y', 'm', 'n' = unset, 0 = no such file. */
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
	int size = klogctl(KLOG_SIZE, NULL, 0);
	char *log = size > 0 ? calloc(1, size + 1) : NULL;
	bool found = false;

	if (log && klogctl(KLOG_READ_ALL, log, size) > 0)
		found = strstr(log, text);
	free(log);
	return found;
}

/* The level in brackets of "none [integrity] confidentiality"; "none" leaves level as it is. */
static void level_in_brackets(const char *line, char *level, size_t size)
{
	const char *open = strchr(line, '['), *close = open ? strchr(open, ']') : NULL;

	if (close && strncmp(open, "[none]", 6))
		snprintf(level, size, "%.*s", (int)(close - open - 1), open + 1);
}

void ask__lockdown(char *level, size_t size, const char **who)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128];

	level[0] = 0;
	*who = ", says /sys/kernel/security/lockdown";
	if (f) {
		if (fgets(line, sizeof(line), f))
			level_in_brackets(line, level, size);
		fclose(f);
		return;
	}
	/* no such file where securityfs is not mounted */
	*who = ", says /proc/config.gz";
	if (config_option("CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY") == 'y')
		snprintf(level, size, "integrity");
	else if (config_option("CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY") == 'y')
		snprintf(level, size, "confidentiality");
	if (level[0])
		return;
	*who = "";
	if (klog_says("Kernel is locked down from"))
		snprintf(level, size, "the kernel's log does not say to which level");
}
