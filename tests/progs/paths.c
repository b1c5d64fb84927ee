// SPDX-License-Identifier: GPL-2.0-only
/*
 * paths: makes a known set of page copies on one chosen path through the kernel.
 *
 * In the region of a path the kernel makes one copy of each page and no other, or none at all.
 * /proc/PID/pagemap gives the list of source and destination frames, in the format of cowpages,
 * to be compared with what a tracer saw (tests/match). Only the frames count: a page that the
 * kernel did not copy is not listed, or is an error if the path must copy every page.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include "command.h"
#include "settings.h"

#define KSM_SECONDS	60
#define PUSH_BYTES	(8 << 20)

/* do_wp_page on the zero page: a new page is cleared. */
static void zero(void)
{
	map_region(MAP_PRIVATE, -1);
	read_all(region);
	frames_of_region(before);
	if (flagged(before, pages, KPF_IS_ZERO_PAGE) != pages)
		die(EXIT_NO_SUCH_PATH, "reading untouched memory does not map the zero page here");
	write_all();
	frames_of_region(after);
	if (flagged(after, pages, KPF_IS_ZERO_PAGE))
		die(EXIT_FAILED, "written pages are still the zero page");
}

/* do_anonymous_page: a page never touched before is cleared. */
static void clears(void)
{
	map_region(MAP_PRIVATE, -1);
	write_all();
	frames_of_region(after);
}

static int make_file(void)
{
	int fd = memfd_create("paths", MFD_CLOEXEC);
	char *page = map(page_size, MAP_PRIVATE, -1);

	if (fd < 0)
		die(errno == ENOSYS ? EXIT_NO_SUCH_PATH : EXIT_FAILED,
		    "cannot create a memory file: %s", strerror(errno));
	for (size_t i = 0; i < pages; i++) {
		memset(page, (int)i, page_size);
		if (write(fd, page, page_size) != (ssize_t)page_size)
			die(EXIT_FAILED, "cannot write a memory file: %s; try fewer --pages",
			    strerror(errno));
	}
	munmap(page, page_size);
	return fd;
}

/*
 * do_cow_fault. No process maps the sources at that time; they are in the page cache, and a
 * later mapping of the file shows their frames.
 *
 * Just before, a write fault at the address of the first page copies nothing (it is the zero
 * page): a tracer must not take what it noted there for part of this copy.
 */
static void cow_fault(void)
{
	int fd = make_file();
	uintptr_t view;

	map_region(MAP_PRIVATE, -1);
	(void)*at(region, 0);
	*at(region, 0) = 1;
	map_region(MAP_PRIVATE | MAP_FIXED, fd);
	write_all();
	frames_of_region(after);
	view = (uintptr_t)map(region_size(), MAP_SHARED, fd);
	read_all(view);
	read_pfns(getpid(), view, before, pages);
}

/* wp_page_copy of a page cache page. */
static void file_wp(void)
{
	map_region(MAP_PRIVATE, make_file());
	read_all(region);
	frames_of_region(before);
	write_all();
	frames_of_region(after);
}

/* Pin the region's pages for I/O. */
static void pin_region(void)
{
	struct iovec whole = { (void *)region, region_size() };
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		die(EXIT_NO_SUCH_PATH, "no io_uring here to pin pages with: %s", strerror(errno));
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &whole, 1))
		die(EXIT_FAILED, "cannot pin %zu pages: %s; try fewer --pages or a higher "
		    "ulimit -l", pages, strerror(errno));
}

/*
 * copy_present_page: fork gives the child copies of pages that are pinned for I/O, since the
 * I/O must go on in the parent's pages. So the destinations are the child's pages, but the
 * copies are made by the parent.
 *
 * The first page is the zero page until it is pinned: just before the fork, its write fault
 * copies nothing. A tracer must not take what it noted there for part of the copy in fork. (The
 * frames are also read before pinning, so that reading them later makes no new write fault.)
 */
static void fork_pinned(void)
{
	uint64_t *still = map_frames();
	int release;
	pid_t child;

	map_region(MAP_PRIVATE, -1);
	write_all();
	madvise((void *)region, page_size, MADV_DONTNEED);
	(void)*at(region, 0);
	frames_of_region(before);
	pin_region();
	frames_of_region(before);
	child = fork_child(&release);
	read_pfns(child, region, after, pages);
	end_child(child, release);
	if (!memcmp(before, after, pages * sizeof(*before)))
		die(EXIT_NO_SUCH_PATH, "this kernel shares pinned pages at fork (before 5.10)");
	frames_of_region(still);
	if (memcmp(before, still, pages * sizeof(*before)))
		die(EXIT_FAILED, "pinned pages of the parent have other frames after fork");
}

/* A shared mapping is never copied on write. */
static void shared_anon(void)
{
	int release;
	pid_t child;

	map_region(MAP_SHARED, -1);
	read_all(region);
	write_all();
	frames_of_region(before);
	child = fork_child(&release);
	write_all();
	frames_of_region(after);
	end_child(child, release);
}

/* do_wp_page on pages that are no longer shared: they are made writable again. */
static void reuse(void)
{
	int release;
	pid_t child;

	map_region(MAP_PRIVATE, -1);
	write_all();
	child = fork_child(&release);
	frames_of_region(before);
	end_child(child, release);
	write_all();
	frames_of_region(after);
}

/* ---- ksm ---- */

static void ksm_start(void)
{
	static const struct {
		const char *path, *value;	/* to merge fast */
	} ksm[] = {
		{ "/sys/kernel/mm/ksm/pages_to_scan", "1000" },
		{ "/sys/kernel/mm/ksm/sleep_millisecs", "10" },
		{ "/sys/kernel/mm/ksm/run", "1" },
	};

	for (size_t i = 0; i < sizeof(ksm) / sizeof(ksm[0]); i++)
		if (change_setting(ksm[i].path, ksm[i].value))
			die(errno == EACCES ? EXIT_PERMISSION : EXIT_NO_SUCH_PATH,
			    "cannot set %s: %s", ksm[i].path, strerror(errno));
}

/*
 * Have KSM merge n pages from start on, wait until it has, and stop it: pages stay merged then,
 * but no more are.
 */
static void ksm_merge(uintptr_t start, uint64_t *pfns, size_t n)
{
	size_t merged = 0;

	if (madvise((void *)start, n * page_size, MADV_MERGEABLE))
		die(EXIT_NO_SUCH_PATH, "no KSM here to merge pages with: %s", strerror(errno));
	ksm_start();
	for (int tries = KSM_SECONDS * 10; tries && merged != n; tries--) {
		usleep(100000);
		read_pfns(getpid(), start, pfns, n);
		merged = flagged_mapped(pfns, n, KPF_IS_KSM, 2, UINT64_MAX);
	}
	if (merged != n)
		die(EXIT_FAILED, "KSM merged %zu of %zu pages in %d s; try --pages 256", merged,
		    n, KSM_SECONDS);
	write_setting("/sys/kernel/mm/ksm/run", "0");
}

/* wp_page_copy of merged pages. */
static void ksm_pages(void)
{
	map_region(MAP_PRIVATE, -1);
	for (size_t i = 0; i < pages; i++)
		memset((void *)at(region, i), 0x5a, page_size);
	ksm_merge(region, before, pages);
	frames_of_region(before);
	write_all();
	frames_of_region(after);
}

/* Count those of n pages from start on that are in swap and no longer in their old frames. */
static size_t gone(uintptr_t start, const uint64_t *frames, uint64_t *words, size_t n)
{
	size_t found = 0;

	read_pagemap(getpid(), start, words, n);
	for (size_t i = 0; i < n; i++)
		found += words[i] & PM_SWAP ? 1 : 0;
	return found == n ? n - flagged_mapped(frames, n, KPF_IS_SWAPCACHE, 0, 0) : 0;
}

/* Pages that can be used if half of the swap is filled; exits if there is no swap. */
static size_t memory_and_swap(void)
{
	struct sysinfo info;

	if (sysinfo(&info))
		die(EXIT_FAILED, "cannot ask for free memory: %s", strerror(errno));
	if (!info.freeswap)
		die(EXIT_NO_SUCH_PATH, "no swap here to bring merged pages back from");
	return ((uint64_t)info.freeram + info.freeswap / 2) * info.mem_unit / page_size;
}

/*
 * Use more memory than there is, until three in four of n pages from start on are swapped out;
 * some may be held, or read ahead again. clear_refs makes them look unused: the kernel would
 * keep merged pages, which have several addresses, as long as one seems to be in use.
 */
static void push_out(uintptr_t start, const uint64_t *frames, size_t n)
{
	size_t step = PUSH_BYTES / page_size, max = memory_and_swap(), wanted = 0;
	uint64_t *words = map(n * sizeof(*words), MAP_PRIVATE, -1);
	uintptr_t filler = (uintptr_t)map(max * page_size, MAP_PRIVATE | MAP_NORESERVE, -1);

	if (write_setting("/proc/self/clear_refs", "1"))
		die(EXIT_UNSUPPORTED, "cannot write /proc/self/clear_refs: %s", strerror(errno));
	while (gone(start, frames, words, n) < n - n / 4) {
		if (wanted + step > max)
			die(EXIT_FAILED, "%zu of %zu merged pages were gone when swap was half full",
			    gone(start, frames, words, n), n);
		for (size_t end = wanted + step; wanted < end; wanted++)
			*(volatile uint32_t *)at(filler, wanted) = wanted;
	}
	munmap((void *)filler, max * page_size);
}

/*
 * ksm_might_need_to_copy. Two pages that KSM merged go to swap as one page. The first to be
 * swapped in becomes an anonymous page of its address, which cannot serve two addresses, so the
 * second one gets a copy of it. Hence the region has a twin in front of it, which is touched
 * first. A page that never left memory is still merged and is not copied.
 */
static void ksm_swap(void)
{
	uint64_t *frames = map(2 * pages * sizeof(*frames), MAP_PRIVATE, -1);
	uintptr_t twin;

	memory_and_swap();
	twin = (uintptr_t)map(2 * region_size(), MAP_PRIVATE, -1);
	region = twin + region_size();
	for (size_t i = 0; i < 2 * pages; i++) {
		memset((void *)at(twin, i), 0x5a, page_size);
		*(volatile uint32_t *)at(twin, i) = i % pages;
	}
	ksm_merge(twin, frames, 2 * pages);
	push_out(twin, frames, 2 * pages);
	read_all(twin);
	read_pfns(getpid(), twin, before, pages);
	read_all(region);
	frames_of_region(after);
	if (!memcmp(before, after, pages * sizeof(*before)))
		die(EXIT_FAILED, "no page was copied: all are still merged");
	if (memcmp((void *)twin, (void *)region, region_size()))
		die(EXIT_FAILED, "pages came back from swap with other contents");
}

static const struct path paths[] = {
	{ "zero", "anonymous pages read, then written: cleared, no copy", zero, CLEARS_ALL },
	{ "clears", "anonymous pages written at once: cleared, no copy", clears, CLEARS_ALL },
	{ "cow-fault", "private file pages whose first touch is a write", cow_fault, COPIES_ALL },
	{ "file-wp", "private file pages read, then written", file_wp, COPIES_ALL },
	{ "fork-pinned", "pages pinned by io_uring, copied for the child by fork itself",
	  fork_pinned, COPIES_ALL },
	{ "shared-anon", "pages of a shared mapping, after a fork: no copy", shared_anon,
	  COPIES_CHANGED },
	{ "reuse", "pages shared with a child that has exited: no copy", reuse, COPIES_CHANGED },
	{ "ksm", "pages merged by KSM, then written", ksm_pages, COPIES_ALL },
	{ "ksm-swap", "pages merged by KSM, then swapped, then read", ksm_swap, COPIES_CHANGED },
	{ }
};

int main(int argc, char **argv)
{
	static const struct program program = {
		.does = "Have the kernel copy every page of a region once, on one path, and list "
			"the frames.",
		.pages = "pages of the region",
		.default_pages = 256,
		.max_pages = 1 << 17,
		.paths = paths,
		.notes =
"The copies of fork-pinned are made by this process; their destinations are pages\n"
"of its child, at the same addresses. ksm changes /sys/kernel/mm/ksm and restores it.\n"
"ksm-swap needs swap, and takes all memory until its pages are there.\n",
	};

	return run(argc, argv, &program);
}
