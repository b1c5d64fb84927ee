/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that make known copies share. */
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

/* The number of an option, from min to max. */
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
 * fork_child - a child that waits, and so keeps our pages shared
 *
 * With pages of its own the kernel would hand them back instead of copying. It ends with
 * end_child, or with us.
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
		/* The end of the pipe is the end of the parent, too. */
		close(pipefd[1]);
		while (read(pipefd[0], &c, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	close(pipefd[0]);
	*release = pipefd[1];
	return pid;
}

static inline void end_child(pid_t pid, int release)
{
	int status;

	/* Gone before its time, it may have left pages to this process alone. */
	if (waitpid(pid, &status, WNOHANG))
		die(EXIT_FAILED, "the child is gone before its time; was it killed?");
	close(release);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

#endif
