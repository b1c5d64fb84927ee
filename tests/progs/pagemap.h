/* SPDX-License-Identifier: GPL-2.0-only */
/* Page frames, and their flags: /proc/PID/pagemap and /proc/kpage{flags,count}. */
#ifndef PROGS_PAGEMAP_H
#define PROGS_PAGEMAP_H

#include <fcntl.h>
#include <stdint.h>
#include "common.h"

#define PM_PRESENT	(1ULL << 63)
#define PM_SWAP		(1ULL << 62)
#define PM_PFN_MASK	((1ULL << 55) - 1)

/* from linux/kernel-page-flags.h, which some header packages lack */
enum {
	KPF_IS_SWAPCACHE = 13,
	KPF_IS_HUGE = 17,
	KPF_IS_KSM = 21,	/* 6.12: any anonymous page */
	KPF_IS_THP = 22,
	KPF_IS_ZERO_PAGE = 24,
};

static size_t page_size;

/* Open a file that needs a kernel built with option; exit with the reason on failure. */
static inline int open_proc(const char *path, const char *option)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		die(EXIT_PERMISSION, "cannot open %s: %s; try as root", path, strerror(errno));
	die(EXIT_UNSUPPORTED, "cannot open %s: %s; the kernel needs %s", path, strerror(errno),
	    option);
}

/*
 * Read n words, of index on. The files have one 64-bit word per page, in the CPU's byte order,
 * on 32-bit kernels, too.
 *
 * words is written here first, so that the kernel does not fault on it. A fault inside the
 * kernel while khugepaged holds our mappings is fatal to Debian's MIPS64 kernel 6.12, whose
 * exception table is lost when it is relocated (nokaslr).
 */
static inline void read_words(int fd, const char *path, uint64_t *words, size_t n, uint64_t index)
{
	size_t size = n * sizeof(*words), done = 0;

	memset(words, 0, size);
	while (done < size) {
		ssize_t got = pread(fd, (char *)words + done, size - done,
				    (off_t)(index * sizeof(*words) + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			die(EXIT_FAILED, "cannot read %s: %s", path,
			    got ? strerror(errno) : "end of file");
		done += got;
	}
}

static inline void read_pagemap(pid_t pid, uintptr_t start, uint64_t *words, size_t n)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open_proc(path, "CONFIG_PROC_PAGE_MONITOR");
	read_words(fd, path, words, n, start / page_size);
	close(fd);
}

/* Read the frames of n pages of a process, from start on; exit if one is not in memory. */
static inline void read_pfns(pid_t pid, uintptr_t start, uint64_t *pfns, size_t n)
{
	read_pagemap(pid, start, pfns, n);
	for (size_t i = 0; i < n; i++) {
		if (!(pfns[i] & PM_PRESENT))
			die(EXIT_FAILED, "page %#lx is not in memory (swapped?); try fewer --pages",
			    (unsigned long)(start + i * page_size));
		pfns[i] &= PM_PFN_MASK;
		if (!pfns[i])
			die(EXIT_PERMISSION, "/proc/%d/pagemap hides page frame numbers; "
			    "try as root (CAP_SYS_ADMIN)", (int)pid);
	}
}

/* Read the word of each of n frames from /proc/kpageflags or /proc/kpagecount. */
static inline void read_frames(const char *path, const uint64_t *pfns, uint64_t *words, size_t n)
{
	int fd = open_proc(path, "CONFIG_PROC_PAGE_MONITOR");

	for (size_t i = 0; i < n; i++)
		read_words(fd, path, &words[i], 1, pfns[i]);
	close(fd);
}

/* Count those of n frames that have this flag and are mapped min to max times. */
static inline size_t flagged_mapped(const uint64_t *pfns, size_t n, int flag, uint64_t min,
				    uint64_t max)
{
	uint64_t *words = malloc(2 * n * sizeof(*words));
	size_t found = 0;

	if (!words)
		die(EXIT_FAILED, "out of memory; try fewer --pages");
	read_frames("/proc/kpageflags", pfns, words, n);
	read_frames("/proc/kpagecount", pfns, words + n, n);
	for (size_t i = 0; i < n; i++)
		found += words[i] >> flag & 1 && words[n + i] >= min && words[n + i] <= max;
	free(words);
	return found;
}

static inline size_t flagged(const uint64_t *pfns, size_t n, int flag)
{
	return flagged_mapped(pfns, n, flag, 0, UINT64_MAX);
}

#endif
