// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "command/progress.h"
#include "recording/recording.h"

static __u64 progress_from;	/* when reading began, ms, CLOCK_MONOTONIC */
static __u64 progress_shown;	/* when the line was last shown; 0 = not yet */

static __u64 now_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000 + (__u64)t.tv_nsec / 1000000;
}

/* Shown after a second of work, and at most five times a second. */
static void show(const char *what, __u64 done, __u64 all)
{
	__u64 now = now_ms();

	if (now < progress_from + 1000 || now < progress_shown + 200 || !all)
		return;
	progress_shown = now;
	fprintf(stderr, "\rbrindle: %s: %llu %% of %llu MB ", what,
		(unsigned long long)(done * 100 / all), (unsigned long long)(all / 1000000));
}

void progress__begin(void)
{
	progress_from = now_ms();
	progress_shown = 0;
	if (isatty(STDERR_FILENO))
		recording__on_progress(show);
}

void progress__end(void)
{
	recording__on_progress(NULL);
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = 0;
}
