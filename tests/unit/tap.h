/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks in the Test Anything Protocol: "ok N - name" lines, the plan at the end. A
 * program returns tap__done(): 0 only when there were checks and all of them passed.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failures;

static inline bool tap__ok(bool pass, const char *file, int line, const char *what,
			   const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (!pass) {
		tap_failures++;
		printf("# %s:%d: %s\n", file, line, what);
	}
	fflush(stdout);
	return pass;
}

static inline bool tap__is(unsigned long long got, unsigned long long want, const char *file,
			   int line, const char *what, const char *name)
{
	bool pass = tap__ok(got == want, file, line, what, "%s", name);

	if (!pass)
		printf("#   got %llu (0x%llx), want %llu (0x%llx)\n", got, got, want, want);
	return pass;
}

static inline bool tap__same(const char *got, const char *want, const char *file, int line,
			     const char *what, const char *name)
{
	bool pass = tap__ok(got && want && !strcmp(got, want), file, line, what, "%s", name);

	if (!pass)
		printf("#   got  \"%s\"\n#   want \"%s\"\n", got ? got : "(null)",
		       want ? want : "(null)");
	return pass;
}

/* The name is printf-like in ok() only. */
#define ok(cond, ...)		tap__ok(cond, __FILE__, __LINE__, #cond, __VA_ARGS__)
#define is(got, want, name)	tap__is((unsigned long long)(got), (unsigned long long)(want), \
					__FILE__, __LINE__, #got " is " #want, name)
#define is_str(got, want, name)	tap__same(got, want, __FILE__, __LINE__, #got, name)
#define skip(why, ...)		(tap__ok(true, __FILE__, __LINE__, "", __VA_ARGS__), \
				 printf("# skipped: %s\n", why))

static inline int tap__done(void)
{
	printf("1..%d\n", tap_count);
	if (tap_failures)
		printf("# %d of %d failed\n", tap_failures, tap_count);
	return tap_count && !tap_failures ? 0 : 1;
}

#endif
