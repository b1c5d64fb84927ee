/* SPDX-License-Identifier: GPL-2.0-only */
/* Helpers of the programs that make known copies. */
#ifndef PROGS_COMMON_H
#define PROGS_COMMON_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNSUPPORTED, EXIT_PERMISSION };

__attribute__((format(printf, 2, 3), noreturn))
static void die(int code, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(code);
}

/* Parse the number that an option takes; exit if it is not from min to max. */
static unsigned long number(const char *name, const char *text, unsigned long min,
			    unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || n < min || n > max)
		die(EXIT_USAGE, "--%s '%s': want a number from %lu to %lu; see --help", name, text,
		    min, max);
	return n;
}

/*
 * fork_child - fork a child that only waits, so that our pages stay shared
 * @release: set to a descriptor for end_child
 *
 * If the pages were no longer shared, the kernel would make them writable instead of copying
 * them. The child exits at end_child, or when we do.
 */
static inline pid_t fork_child(int *release)
{
	int pipefd[2];
	pid_t pid;
	char c;

	if (pipe(pipefd))
		die(EXIT_FAILED, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die(EXIT_FAILED, "cannot fork: %s; try fewer --pages or a higher ulimit -u",
		    strerror(errno));
	if (!pid) {
		/* The pipe is also closed when the parent dies. */
		close(pipefd[1]);
		while (read(pipefd[0], &c, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	close(pipefd[0]);
	*release = pipefd[1];
	return pid;
}

/* end_child - let the child of fork_child exit, and wait until it has */
static inline void end_child(pid_t pid, int release)
{
	int status;

	/* If it died early, some pages may not have been shared when they were written. */
	if (waitpid(pid, &status, WNOHANG))
		die(EXIT_FAILED, "the child is gone before its time; was it killed?");
	close(release);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

#endif
