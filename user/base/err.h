/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit codes, and the only functions that print errors for the user. */
#ifndef BRINDLE_BASE_ERR_H
#define BRINDLE_BASE_ERR_H

/*
 * Exit codes. A function that returns "0 or an exit code" returns one of these, and has
 * already said why on stderr.
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
 * out__finish - flush stdout and tell whether everything was written
 *
 * Returns 0, or EXIT_FAIL having said why. EPIPE is not worth a message: the reader (a
 * pager, head) has what it wanted.
 */
int out__finish(void);

/* out__failed - say that a write to stdout failed with this errno (silent for EPIPE); EXIT_FAIL */
int out__failed(int error);

/* verbose - how often -v was given */
extern int verbose;

#endif
