/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel settings in /proc and /sys, whose old values are restored at exit. */
#ifndef PROGS_SETTINGS_H
#define PROGS_SETTINGS_H

#include <fcntl.h>
#include <signal.h>
#include "common.h"

static struct setting {
	const char *path;
	char old[64];
} settings[8];
static size_t n_settings;

/* Read and write a setting. Both return 0, or -1 with errno. */
static inline int read_setting(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, value, size - 1);
	close(fd);
	if (n <= 0)
		return -1;
	value[n] = '\0';
	return 0;
}

static inline int write_setting(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, value, strlen(value));
	close(fd);
	return n > 0 ? 0 : -1;
}

static inline void restore_settings(void)
{
	for (size_t i = n_settings; i > 0; i--)
		write_setting(settings[i - 1].path, settings[i - 1].old);
}

/* Signal handler: calls only open, write, close, signal and raise, which is safe. */
static inline void restore_and_die(int sig)
{
	restore_settings();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* A child of fork_child inherits the handlers. That does no harm, since it ends with us. */
static inline void restore_at_end(void)
{
	static const int deadly[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM };

	atexit(restore_settings);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (signal(deadly[i], restore_and_die) == SIG_IGN)
			signal(deadly[i], SIG_IGN);
}

/* Reduce "always [madvise] never" to the word in brackets, which can be written back. */
static inline void keep_choice(char *value)
{
	char *from = strchr(value, '['), *to = from ? strchr(from, ']') : NULL;

	if (!to)
		return;
	*to = '\0';
	memmove(value, from + 1, to - from);
}

/*
 * Change a setting until we end, except by SIGKILL. A setting may be changed only once. Returns
 * 0, or -1 with errno.
 */
static inline int change_setting(const char *path, const char *value)
{
	struct setting *s = &settings[n_settings];

	if (n_settings == sizeof(settings) / sizeof(settings[0]))
		die(EXIT_FAILED, "more settings than can be restored");
	if (read_setting(path, s->old, sizeof(s->old)))
		return -1;
	keep_choice(s->old);
	s->path = path;
	if (!n_settings++)
		restore_at_end();
	return write_setting(path, value);
}

#endif
