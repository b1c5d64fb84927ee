/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit codes and the one way errors reach the user. */
#ifndef BRINDLE_ERR_H
#define BRINDLE_ERR_H

/*
 * Exit codes. Where a function returns int "0 or an exit code", these are the
 * values, and the function has already said why on stderr.
 */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FAIL = 1,		/* failure at run time */
	EXIT_USAGE = 2,		/* wrong command line */
	EXIT_UNSUPPORTED = 3,	/* not possible on this kernel */
	EXIT_PERM = 4,		/* not permitted */
	EXIT_LOST = 5,		/* finished, but records were lost */
};

/*
 * err - print "brindle: <message>" on stderr, return code
 *
 * The message is one line: what was done, on what, why, and what to try.
 */
int err(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* warn - print "brindle: warning: <message>" on stderr */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* note - print "brindle: <message>" on stderr when -v was given (verbose > 0) */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * out__finish - were all words for stdout written?
 *
 * Returns 0, or EXIT_FAIL having said why; a reader that went away is not worth a message.
 */
int out__finish(void);

/* out__failed - EXIT_FAIL for a write to stdout that failed with error, having said why */
int out__failed(int error);

extern int verbose;

#endif
