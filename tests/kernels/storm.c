// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm: checks that a kernel copies pages correctly under load.
 *
 * A process fills a region and forks; parent and child write different halves of
 * it at the same time, so that every page is copied by one of them, and each
 * compares every word with what was written there. At the same time one thread
 * writes files and maps them privately (copies of page cache pages, some of them
 * just written by the kernel), another reads and writes the memory of a stopped
 * process (ptrace: the kernel maps its pages at the user's colour, as a copy
 * does), and a timer's signal comes every 2 ms and writes to the stack.
 *
 * Every wrong word is counted, and the first ten are printed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_OK, EXIT_CORRUPT, EXIT_USAGE, EXIT_CANNOT };

#define FILE_PAGES	16
#define PREY_PAGES	32

static size_t page_size, words, pages;
static atomic_bool over;
static atomic_ulong signals, files, peeks;
/* number of wrong words; shared with the children */
static atomic_ulong *corrupt;

__attribute__((format(printf, 1, 2), noreturn))
static void die(const char *fmt, ...)
{
	va_list ap;

	fputs("storm: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	exit(EXIT_CANNOT);
}

static void wrong(const char *where, const volatile void *at, uint32_t want, uint32_t have)
{
	if (atomic_fetch_add(corrupt, 1) < 10)
		fprintf(stderr, "storm: %s: %p: 0x%08x, not 0x%08x\n", where,
			(const void *)at, have, want);
}

/* The value of word w of page p after it was written for the n-th time. */
static uint32_t value(uint32_t p, uint32_t w, uint32_t n)
{
	return (p * 2654435761u) ^ (w * 40503u) ^ (n * 2246822519u);
}

static void fill(volatile uint32_t *page, uint32_t p, uint32_t n)
{
	size_t w;

	for (w = 0; w < words; w++)
		page[w] = value(p, w, n);
}

static void check(const char *where, const volatile uint32_t *page, uint32_t p, uint32_t n)
{
	size_t w;

	for (w = 0; w < words; w++) {
		const uint32_t have = page[w], want = value(p, w, n);

		if (have != want)
			wrong(where, page + w, want, have);
	}
}

static void *map(size_t count, int flags, int fd)
{
	void *p = mmap(NULL, count * page_size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		die("mmap of %zu pages", count);
	return p;
}

/* Thread: write each page of a file by pwrite(), then have it copied by a private mapping. */
static void *work_files(void *unused)
{
	uint32_t *buffer = malloc(page_size);
	uint32_t round, p;

	(void)unused;
	if (!buffer)
		die("malloc");
	for (round = 0; !atomic_load(&over); round++) {
		const int fd = memfd_create("storm", 0);
		volatile uint32_t *view;

		if (fd < 0 || ftruncate(fd, FILE_PAGES * page_size) < 0)
			die("memfd_create");
		view = map(FILE_PAGES, MAP_PRIVATE, fd);
		for (p = 0; p < FILE_PAGES; p++) {
			fill(buffer, p, round);
			if (pwrite(fd, buffer, page_size, p * page_size) != (ssize_t)page_size)
				die("pwrite");
			/* in every other round the page is mapped before it is written */
			if (round % 2)
				check("file", view + p * words, p, round);
			view[p * words] = value(p, 0, round);
			check("private file page", view + p * words, p, round);
			fill(view + p * words, p, ~round);
			if (pread(fd, buffer, page_size, p * page_size) != (ssize_t)page_size)
				die("pread");
			check("file after the private write", buffer, p, round);
			check("private page after the read", view + p * words, p, ~round);
			atomic_fetch_add(&files, 1);
		}
		munmap((void *)view, FILE_PAGES * page_size);
		close(fd);
	}
	free(buffer);
	return NULL;
}

/* Fork a process for hunt(): it rewrites every other page, shares the rest with us, and stops. */
static pid_t start_prey(volatile uint32_t *prey)
{
	const pid_t pid = fork();
	uint32_t p;
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		for (p = 0; p < PREY_PAGES; p += 2)
			fill(prey + p * words, p, 1);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(EXIT_CANNOT);
		raise(SIGSTOP);
		_exit(EXIT_OK);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid of the process to look at");
	return pid;
}

/* In each page of that process read a word, write another one, read that and restore the word. */
static void hunt(pid_t pid, volatile uint32_t *prey, uint32_t round)
{
	uint32_t p;

	for (p = 0; p < PREY_PAGES; p++) {
		const size_t w = (p * 7 + round) % (words - 1) & ~1u;
		volatile uint32_t *at = prey + p * words + w;
		const uint32_t n = p % 2 ? 0 : 1, want = value(p, w, n);
		unsigned long have;

		errno = 0;
		have = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
		if (errno)
			die("PTRACE_PEEKDATA");
		if ((uint32_t)have != want)
			wrong("peek", at, want, have);
		if (ptrace(PTRACE_POKEDATA, pid, at, (void *)~have) < 0)
			die("PTRACE_POKEDATA");
		if ((uint32_t)ptrace(PTRACE_PEEKDATA, pid, at, NULL) != (uint32_t)~have)
			wrong("peek after poke", at, ~want, have);
		if (ptrace(PTRACE_POKEDATA, pid, at, (void *)have) < 0)
			die("PTRACE_POKEDATA");
		/* our own page must not have changed */
		if (*at != value(p, w, 0))
			wrong("own page after poke", at, value(p, w, 0), *at);
		atomic_fetch_add(&peeks, 1);
	}
}

static void *work_ptrace(void *unused)
{
	volatile uint32_t *prey = map(PREY_PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint32_t p, round;

	(void)unused;
	while (!atomic_load(&over)) {
		pid_t pid;

		for (p = 0; p < PREY_PAGES; p++)
			fill(prey + p * words, p, 0);
		pid = start_prey(prey);
		for (round = 0; round < 20 && !atomic_load(&over); round++)
			hunt(pid, prey, round);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

/* Signal handler: writes to the stack and checks it. */
static void on_alarm(int sig)
{
	volatile uint32_t frame[64];
	size_t i;

	(void)sig;
	for (i = 0; i < 64; i++)
		frame[i] = value(i, i, 3);
	for (i = 0; i < 64; i++)
		if (frame[i] != value(i, i, 3))
			atomic_fetch_add(corrupt, 1);
	atomic_fetch_add(&signals, 1);
}

/* Write every other page, from first on, for the n-th time. */
static void write_half(volatile uint32_t *region, size_t first, uint32_t n)
{
	size_t p;

	for (p = first; p < pages; p += 2)
		fill(region + p * words, p, n);
}

/* Check every other page, from first on, which was written for the n-th time. */
static void check_half(const char *who, volatile uint32_t *region, size_t first, uint32_t n)
{
	size_t p;

	for (p = first; p < pages; p += 2)
		check(who, region + p * words, p, n);
}

static void one_fork(volatile uint32_t *region, uint32_t n)
{
	const pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		/* the child writes odd pages, while the parent writes even ones of its own */
		write_half(region, 1, ~n);
		check_half("child, not written", region, 0, n);
		check_half("child, written", region, 1, ~n);
		_exit(EXIT_OK);
	}
	write_half(region, 0, n + 1);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "storm: a child ended with status 0x%x\n", status);
		atomic_fetch_add(corrupt, 1);
	}
	check_half("parent, written", region, 0, n + 1);
	check_half("parent, not written", region, 1, n);
	write_half(region, 1, n + 1);
}

static void usage(FILE *to)
{
	fputs("usage: storm [FORKS [MIB]]\n\n"
	      "Forks (200 times) and writes a region (of 8 MiB) in parent and child, beside file I/O,\n"
	      "ptrace and signals, and checks every word that was written. Exit status: 0 all were\n"
	      "right, 1 one was not, 2 usage, 3 could not be done.\n", to);
}

int main(int argc, char **argv)
{
	const unsigned long forks = argc > 1 ? strtoul(argv[1], NULL, 0) : 200;
	const unsigned long mib = argc > 2 ? strtoul(argv[2], NULL, 0) : 8;
	const struct itimerval each = { { 0, 2000 }, { 0, 2000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	void *(*const work[])(void *) = { work_files, work_ptrace };
	pthread_t thread[2];
	volatile uint32_t *region;
	sigset_t alarms;
	unsigned long n;
	size_t i;

	if (argc > 3 || !forks || !mib || mib > 256) {
		usage(argc > 1 && !strcmp(argv[1], "--help") ? stdout : stderr);
		return argc > 1 && !strcmp(argv[1], "--help") ? EXIT_OK : EXIT_USAGE;
	}
	page_size = sysconf(_SC_PAGESIZE);
	words = page_size / sizeof(uint32_t);
	pages = (mib << 20) / page_size;
	corrupt = map(1, MAP_SHARED | MAP_ANONYMOUS, -1);
	region = map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* only the main thread gets the signals: calls of the others must not be interrupted */
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	for (i = 0; i < 2; i++)
		if ((errno = pthread_create(&thread[i], NULL, work[i], NULL)))
			die("pthread_create");
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &each, NULL) < 0)
		die("setitimer");
	write_half(region, 0, 1);
	write_half(region, 1, 1);
	for (n = 1; n <= forks; n++)
		one_fork(region, n);
	setitimer(ITIMER_REAL, &never, NULL);
	atomic_store(&over, true);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	printf("storm: %lu forks of %lu MiB, %lu signals, %lu file pages, %lu peeks: %lu words corrupt\n",
	       forks, mib, atomic_load(&signals), atomic_load(&files), atomic_load(&peeks),
	       atomic_load(corrupt));
	return atomic_load(corrupt) ? EXIT_CORRUPT : EXIT_OK;
}
