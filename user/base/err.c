// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"

int verbose;

static int stdout_error;	/* errno of a write to stdout that failed in say() */

static void say(const char *prefix, const char *fmt, va_list ap)
{
	if (fflush(stdout))
		stdout_error = errno;
	fprintf(stderr, "brindle: %s", prefix);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int err(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return code;
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void note(const char *fmt, ...)
{
	va_list ap;

	if (verbose <= 0)
		return;
	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

int out__failed(int error)
{
	error = error ?: EIO;
	if (error == EPIPE)
		return EXIT_FAIL;
	return err(EXIT_FAIL, "writing to standard output: %s%s", strerror(error),
		   error == ENOSPC ? ": free some space" : "");
}

int out__finish(void)
{
	if (!ferror(stdout) && !fflush(stdout))
		return EXIT_OK;
	return out__failed(stdout_error ?: errno);
}
