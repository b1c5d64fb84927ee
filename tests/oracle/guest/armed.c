// SPDX-License-Identifier: GPL-2.0-only
/*
 * armed CMD [ARG...]: run CMD while the oracle (a QEMU plugin: see tests/oracle/README.md)
 * watches, and pass on its exit status.
 *
 * It tells the oracle the geometry of the data cache, as this kernel reports it; the addresses of
 * the kernel's functions; and the ids of a thread, so that the oracle can find them in its
 * task_struct. It does so with instructions that change nothing on a CPU: without the oracle
 * this just runs CMD.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../hints.h"

/*
 * The jump makes the hint begin a block of translated code, because only there does the plugin
 * see current registers.
 */
#if defined(__mips__)
#define HINT(what, a, b) do {							\
	const unsigned long hint_a = (unsigned long)(a), hint_b = (unsigned long)(b); \
	register unsigned long a0 asm("$4") = hint_a;				\
	register unsigned long a1 asm("$5") = hint_b;				\
	asm volatile(".set push; .set noreorder; b 1f; nop; 1: .word %2; b 2f; nop; 2: .set pop" \
		     : : "r"(a0), "r"(a1), "i"(HINT_MIPS_##what) : "memory");	\
} while (0)
#elif defined(__arm__)
#define HINT(what, a, b) do {							\
	const unsigned long hint_a = (unsigned long)(a), hint_b = (unsigned long)(b); \
	register unsigned long r0 asm("r0") = hint_a;				\
	register unsigned long r1 asm("r1") = hint_b;				\
	asm volatile("b 1f; 1: .word %c2; b 2f; 2:"				\
		     : : "r"(r0), "r"(r1), "i"(HINT_ARM_##what) : "memory");	\
} while (0)
#else /* the oracle has no model for this architecture */
#define HINT(what, a, b)	do { (void)(a); (void)(b); } while (0)
#endif

static char text[HINT_TEXT_MAX] __attribute__((aligned(HINT_TEXT_MAX)));
static size_t text_len;

static void send_text(void)
{
	text[HINT_TEXT_MAX - 1] = 0; /* a write, so that the page is surely mapped */
	HINT(TEXT, text, text_len);
	text_len = 0;
}

static void add_line(const char *line)
{
	const size_t len = strlen(line);

	if (len >= HINT_TEXT_MAX)
		return;
	if (text_len + len >= HINT_TEXT_MAX)
		send_text();
	memcpy(text + text_len, line, len);
	text_len += len;
}

static void add_number(const char *name, long number)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %ld\n", name, number);
	add_line(line);
}

/*
 * arch/mips/mm/c-r4k.c logs a data cache with aliases as "Primary data cache 32kB, 4-way, VIPT,
 * cache aliases, linesize 32 bytes".
 */
static void mips_geometry(const char *log)
{
	const char *at = strstr(log, "Primary data cache ");
	long size, ways, line;
	char ways_text[16];

	if (!at || sscanf(at, "Primary data cache %ldkB, %15[^,]", &size, ways_text) != 2)
		return;
	at = strstr(at, "linesize ");
	if (!at || sscanf(at, "linesize %ld", &line) != 1)
		return;
	ways = strcmp(ways_text, "direct mapped") ? atol(ways_text) : 1;
	if (ways <= 0)
		return;
	add_number("ways", ways);
	add_number("line", line);
	at = strstr(log, "Primary data cache ");
	if (!memmem(at, strcspn(at, "\n"), "no aliases", 10))
		add_number("span", size * 1024 / ways);
}

/*
 * Linux treats every ARMv6 cache with aliases as one of four colours (SHMLBA), the most
 * that the architecture allows for pages of 4 KiB.
 */
static void arm_geometry(const char *log)
{
	if (!strstr(log, "VIPT aliasing data cache"))
		return;
	add_number("ways", 1);
	add_number("line", 32);
	add_number("span", 4L * 4096);
}

static void tell_geometry(void)
{
	const int size = klogctl(10, NULL, 0); /* SYSLOG_ACTION_SIZE_BUFFER */
	char *log = calloc(1, size > 0 ? (size_t)size + 1 : 1);

	if (!log)
		return;
	add_number("page", sysconf(_SC_PAGESIZE));
	if (size > 0 && klogctl(3, log, size) > 0) { /* SYSLOG_ACTION_READ_ALL */
		mips_geometry(log);
		arm_geometry(log);
	}
	free(log);
}

static void tell_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[1024];

	while (f && fgets(line, sizeof(line), f))
		if (strchr("tTwW", line[strcspn(line, " ") + 1]) && !strchr(line, '['))
			add_line(line);
	if (f)
		fclose(f);
}

static void *tell_task(void *unused)
{
	usleep(1000); /* be switched to, for the oracle knows a thread only then */
	HINT(TASK, syscall(SYS_gettid), getpid());
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int status = 0;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "usage: armed CMD [ARG...]\n");
		return 2;
	}
	tell_geometry();
	tell_symbols();
	send_text();
	HINT(ARM, 0, 0);
	if (!pthread_create(&thread, NULL, tell_task, NULL))
		pthread_join(thread, NULL);
	child = fork();
	if (!child) {
		execvp(argv[1], argv + 1);
		status = errno;
		fprintf(stderr, "armed: %s: %s\n", argv[1], strerror(status));
		_exit(status == ENOENT ? 127 : 126);
	}
	/* Ctrl-C is meant for CMD: wait for its end */
	signal(SIGINT, SIG_IGN);
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("armed: fork");
		status = 125 << 8;
	}
	HINT(DISARM, 0, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
