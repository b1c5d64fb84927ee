// SPDX-License-Identifier: GPL-2.0-only
/*
 * dropcap [-u UID] [-d SYSCALL] [NAME...] -- CMD [ARG...]: run CMD without the capabilities
 * named, e.g. SYS_ADMIN, and with all others this process has. -u runs it as a user who is
 * not root but keeps them (as file capabilities would give them to it); -d denies it a
 * system call, as containers do.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS_MAX	64

/* The capabilities that tests drop; the last two are newer than some headers. */
static const struct {
	const char *name;
	int number;
} caps[] = {
	{ "DAC_OVERRIDE", CAP_DAC_OVERRIDE }, { "DAC_READ_SEARCH", CAP_DAC_READ_SEARCH },
	{ "KILL", CAP_KILL }, { "SYS_PTRACE", CAP_SYS_PTRACE },
	{ "SYS_ADMIN", CAP_SYS_ADMIN }, { "SYS_RESOURCE", CAP_SYS_RESOURCE },
	{ "SYSLOG", CAP_SYSLOG }, { "PERFMON", 38 }, { "BPF", 39 },
};

static int fail(const char *doing)
{
	fprintf(stderr, "dropcap: %s: %s\n", doing, strerror(errno));
	return 1;
}

/* Number of a capability, -1 = not in caps[]. */
static int number_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (!strcmp(caps[i].name, name))
			return caps[i].number;
	return -1;
}

/* Make all capabilities of the bounding set permitted, effective and inheritable. */
static int set_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	int cap;

	for (cap = 0; cap < CAPS_MAX && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap))
			data[cap / 32].permitted |= 1U << cap % 32;
	for (cap = 0; cap < 2; cap++)
		data[cap].effective = data[cap].inheritable = data[cap].permitted;
	return syscall(SYS_capset, &head, data);
}

/* Become a user who keeps the capabilities of root, also across exec. */
static int become(unsigned int uid)
{
	int cap;

	if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(uid, uid, uid) || set_caps())
		return -1;
	for (cap = 0; cap < CAPS_MAX && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return -1;
	return 0;
}

/* Make a system call fail with EPERM. Returns 0, or -1 with errno. */
static int deny(const char *name)
{
	const int number = !strcmp(name, "bpf") ? SYS_bpf :
			   !strcmp(name, "perf_event_open") ? SYS_perf_event_open : -1;
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	errno = EINVAL;
	return number < 0 ? -1 : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

int main(int argc, char **argv)
{
	const char *user = NULL;
	int i;

	for (i = 1; i + 1 < argc && argv[i][0] == '-' && argv[i][1] != '-'; i += 2) {
		if (!strcmp(argv[i], "-u"))
			user = argv[i + 1];
		else if (strcmp(argv[i], "-d") || deny(argv[i + 1]))
			return fail(argv[i + 1]);
	}
	for (; i < argc && strcmp(argv[i], "--"); i++) {
		if (number_of(argv[i]) < 0) {
			fprintf(stderr, "dropcap: no capability '%s' is known here\n", argv[i]);
			return 2;
		}
		if (prctl(PR_CAPBSET_DROP, number_of(argv[i])))
			return fail(argv[i]);
	}
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: dropcap [-u UID] [-d SYSCALL] [NAME...] -- CMD [ARG...]\n");
		return 2;
	}
	if (user ? become(strtoul(user, NULL, 10)) : set_caps())
		return fail("setting capabilities");
	execvp(argv[i + 1], argv + i + 1);
	return fail(argv[i + 1]);
}
