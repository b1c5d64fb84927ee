/* SPDX-License-Identifier: GPL-2.0-only */
/* Catches what the code under test says on stderr. */
#ifndef QUIET_H
#define QUIET_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char quiet_text[8192];
static int quiet_file = -1, quiet_stderr = -1;

static inline void quiet__begin(void)
{
	char name[] = "/tmp/brindle-test.XXXXXX";

	fflush(stderr);
	if (quiet_file < 0) {
		quiet_file = mkstemp(name);
		quiet_stderr = dup(STDERR_FILENO);
		unlink(name);
	}
	if (quiet_file < 0 || quiet_stderr < 0 || ftruncate(quiet_file, 0)) {
		perror("quiet__begin");
		exit(1);
	}
	lseek(quiet_file, 0, SEEK_SET);
	dup2(quiet_file, STDERR_FILENO);
}

static inline void quiet__end(void)
{
	ssize_t n;

	fflush(stderr);
	dup2(quiet_stderr, STDERR_FILENO);
	n = pread(quiet_file, quiet_text, sizeof(quiet_text) - 1, 0);
	quiet_text[n > 0 ? n : 0] = '\0';
}

static inline int quiet_lines(void)
{
	const char *p;
	int n = 0;

	for (p = quiet_text; *p; p++)
		n += *p == '\n';
	return n;
}

#endif
