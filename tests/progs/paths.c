// SPDX-License-Identifier: GPL-2.0-only
/*
 * paths: makes a known set of page copies on one chosen path through the kernel.
 *
 * Each path has a region of its own, and is brought to make one copy of each of its
 * pages and no other, or none at all. What /proc/PID/pagemap says of the pages gives
 * the list of source and destination frames, in the format of cowpages, to be compared
 * with what a tracer saw (tests/match). The frames decide: a page that the kernel did
 * not copy is not listed, or is an error where the path must copy.
 *
 * One copy on the path wp is always made outside of the region, before: by it a reader
 * who finds nothing in the region knows that the tracer was at work.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common.h"

#define PM_PRESENT	(1ULL << 63)
#define PM_PFN_MASK	((1ULL << 55) - 1)
#define KPF_KSM		21	/* linux/kernel-page-flags.h */
#define KPF_ZERO_PAGE	24
#define KSM_SECONDS	60

enum { EXIT_NO_SUCH_PATH = 77 };	/* brindle, which passes on our status, has no such code */

/* Which pages of the region go on the list. */
enum copies {
	COPIES_ALL,		/* every one; a frame that did not change is an error */
	COPIES_CHANGED,		/* those with another frame than before */
	COPIES_NONE,		/* none: the frames changed, but not by copying */
};

static struct {
	unsigned long pages;
	const char *out;
} opt = { .pages = 256 };

static size_t page_size;
static uintptr_t region;
static uint64_t *before, *after;	/* frame of each page */

/* ---- the region ---- */

static size_t region_size(void)
{
	return opt.pages * page_size;
}

static volatile unsigned char *at(uintptr_t start, size_t page)
{
	return (volatile unsigned char *)(start + page * page_size);
}

/* fd -1: anonymous memory */
static void *map(size_t size, int flags, int fd)
{
	void *p = mmap(flags & MAP_FIXED ? (void *)region : NULL, size, PROT_READ | PROT_WRITE,
		       flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (p == MAP_FAILED)
		die(EXIT_FAILED, "cannot map %zu bytes: %s; try fewer --pages", size,
		    strerror(errno));
	/* A huge page is copied as one. A kernel without THP refuses; that is fine. */
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static void map_region(int flags, int fd)
{
	region = (uintptr_t)map(region_size(), flags, fd);
}

static void read_all(uintptr_t start)
{
	for (size_t i = 0; i < opt.pages; i++)
		(void)*at(start, i);
}

/* One byte in each page, which has a content of its own then: KSM cannot merge it. */
static void write_all(void)
{
	for (size_t i = 0; i < opt.pages; i++) {
		*(volatile uint32_t *)at(region, i) = i + 1;
		at(region, i)[sizeof(uint32_t) + i * 37 % (page_size - sizeof(uint32_t))]++;
	}
}

/* ---- what the kernel says of its pages ---- */

static int open_proc(const char *path, const char *option)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		die(EXIT_PERMISSION, "cannot open %s: %s; try as root", path, strerror(errno));
	die(EXIT_UNSUPPORTED, "cannot open %s: %s; the kernel needs %s", path, strerror(errno),
	    option);
}

/* One 64-bit word per page, in the CPU's byte order, on 32 bits too. */
static void read_words(int fd, const char *path, uint64_t *words, size_t n, uint64_t index)
{
	size_t size = n * sizeof(*words), done = 0;

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

/* The frames of a process's pages from start on. */
static void read_pfns(pid_t pid, uintptr_t start, uint64_t *pfns)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open_proc(path, "CONFIG_PROC_PAGE_MONITOR");
	read_words(fd, path, pfns, opt.pages, start / page_size);
	close(fd);
	for (size_t i = 0; i < opt.pages; i++) {
		if (!(pfns[i] & PM_PRESENT))
			die(EXIT_FAILED, "page %#lx is not in memory (swapped?); try fewer --pages",
			    (unsigned long)at(start, i));
		pfns[i] &= PM_PFN_MASK;
		if (!pfns[i])
			die(EXIT_PERMISSION, "%s hides page frame numbers; try as root "
			    "(CAP_SYS_ADMIN)", path);
	}
}

/* How many of the frames have this flag. */
static size_t flagged(const uint64_t *pfns, int flag)
{
	static const char path[] = "/proc/kpageflags";
	int fd = open_proc(path, "CONFIG_PROC_PAGE_MONITOR");
	uint64_t flags;
	size_t n = 0;

	for (size_t i = 0; i < opt.pages; i++) {
		read_words(fd, path, &flags, 1, pfns[i]);
		n += flags >> flag & 1;
	}
	close(fd);
	return n;
}

/* ---- a child that waits, and so shares or keeps its pages ---- */

static void copy_outside(void)
{
	volatile char *page = map(page_size, MAP_PRIVATE, -1);
	int release;
	pid_t child;

	*page = 1;
	child = fork_child(&release);
	*page = 2;
	end_child(child, release);
}

/* ---- the paths ---- */

/* do_wp_page on the zero page: a new page is cleared. */
static void zero(void)
{
	map_region(MAP_PRIVATE, -1);
	read_all(region);
	read_pfns(getpid(), region, before);
	if (flagged(before, KPF_ZERO_PAGE) != opt.pages)
		die(EXIT_NO_SUCH_PATH, "reading untouched memory does not map the zero page here");
	write_all();
	read_pfns(getpid(), region, after);
	if (flagged(after, KPF_ZERO_PAGE))
		die(EXIT_FAILED, "written pages are still the zero page");
}

static int make_file(void)
{
	int fd = memfd_create("paths", MFD_CLOEXEC);
	char *page = map(page_size, MAP_PRIVATE, -1);

	if (fd < 0)
		die(errno == ENOSYS ? EXIT_NO_SUCH_PATH : EXIT_FAILED,
		    "cannot create a memory file: %s", strerror(errno));
	for (size_t i = 0; i < opt.pages; i++) {
		memset(page, (int)i, page_size);
		if (write(fd, page, page_size) != (ssize_t)page_size)
			die(EXIT_FAILED, "cannot write a memory file: %s; try fewer --pages",
			    strerror(errno));
	}
	munmap(page, page_size);
	return fd;
}

/*
 * do_cow_fault. No process maps the sources then; they stay in the page cache, and a
 * mapping of the file made later shows which they were.
 *
 * The address of the first page has seen a write fault that copied nothing (the zero
 * page's) just before: what a tracer kept of that is not about this copy.
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
	read_pfns(getpid(), region, after);
	view = (uintptr_t)map(region_size(), MAP_SHARED, fd);
	read_all(view);
	read_pfns(getpid(), view, before);
}

/* wp_page_copy of a page cache page. */
static void file_wp(void)
{
	map_region(MAP_PRIVATE, make_file());
	read_all(region);
	read_pfns(getpid(), region, before);
	write_all();
	read_pfns(getpid(), region, after);
}

static void pin_region(void)
{
	struct iovec whole = { (void *)region, region_size() };
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		die(EXIT_NO_SUCH_PATH, "no io_uring here to pin pages with: %s", strerror(errno));
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &whole, 1))
		die(EXIT_FAILED, "cannot pin %lu pages: %s; try fewer --pages or a higher "
		    "ulimit -l", opt.pages, strerror(errno));
}

/*
 * copy_present_page: fork gives the child copies of pages that are pinned for I/O, which
 * has to go on in the parent's own. So the destinations are the child's pages, and it is
 * the parent that copies.
 *
 * The first page is the zero page until it is pinned: it has seen a write fault that
 * copied nothing just before the fork. What a tracer kept of that is not about the copy
 * in fork. (Frames are read before, too, so that nothing is new about it later.)
 */
static void fork_pinned(void)
{
	uint64_t *still = map(opt.pages * sizeof(*still), MAP_PRIVATE, -1);
	int release;
	pid_t child;

	map_region(MAP_PRIVATE, -1);
	write_all();
	madvise((void *)region, page_size, MADV_DONTNEED);
	(void)*at(region, 0);
	read_pfns(getpid(), region, before);
	pin_region();
	read_pfns(getpid(), region, before);
	child = fork_child(&release);
	read_pfns(child, region, after);
	end_child(child, release);
	if (!memcmp(before, after, opt.pages * sizeof(*before)))
		die(EXIT_NO_SUCH_PATH, "this kernel shares pinned pages at fork (before 5.10)");
	read_pfns(getpid(), region, still);
	if (memcmp(before, still, opt.pages * sizeof(*before)))
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
	read_pfns(getpid(), region, before);
	child = fork_child(&release);
	write_all();
	read_pfns(getpid(), region, after);
	end_child(child, release);
}

/* do_wp_page on pages whose sharer has gone: they are made writable again. */
static void reuse(void)
{
	int release;
	pid_t child;

	map_region(MAP_PRIVATE, -1);
	write_all();
	child = fork_child(&release);
	read_pfns(getpid(), region, before);
	end_child(child, release);
	write_all();
	read_pfns(getpid(), region, after);
}

/* ---- ksm ---- */

static struct {
	const char *name;
	const char *value;	/* to merge fast */
	char old[24];
} ksm[] = {
	{ "pages_to_scan", "1000", "" },
	{ "sleep_millisecs", "10", "" },
	{ "run", "1", "" },
};

/* Write a value (or read it, into old). Returns 0, or -1 and errno. */
static int ksm_file(const char *name, const char *value, char *old, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", name);
	fd = open(path, (value ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = value ? write(fd, value, strlen(value)) : read(fd, old, size - 1);
	close(fd);
	if (n > 0 && !value)
		old[n] = '\0';
	return n > 0 ? 0 : -1;
}

static void ksm_restore(void)
{
	for (size_t i = 0; i < sizeof(ksm) / sizeof(ksm[0]); i++)
		if (ksm[i].old[0])
			ksm_file(ksm[i].name, ksm[i].old, NULL, 0);
}

static void ksm_start(void)
{
	atexit(ksm_restore);
	for (size_t i = 0; i < sizeof(ksm) / sizeof(ksm[0]); i++)
		if (ksm_file(ksm[i].name, NULL, ksm[i].old, sizeof(ksm[i].old)) ||
		    ksm_file(ksm[i].name, ksm[i].value, NULL, 0))
			die(errno == EACCES ? EXIT_PERMISSION : EXIT_NO_SUCH_PATH,
			    "cannot set /sys/kernel/mm/ksm/%s: %s", ksm[i].name, strerror(errno));
}

/* wp_page_copy of merged pages. They stay merged when KSM stops, but no more are. */
static void ksm_pages(void)
{
	size_t merged = 0;

	map_region(MAP_PRIVATE, -1);
	for (size_t i = 0; i < opt.pages; i++)
		memset((void *)at(region, i), 0x5a, page_size);
	if (madvise((void *)region, region_size(), MADV_MERGEABLE))
		die(EXIT_NO_SUCH_PATH, "no KSM here to merge pages with: %s", strerror(errno));
	ksm_start();
	for (int tries = KSM_SECONDS * 10; tries && merged != opt.pages; tries--) {
		usleep(100000);
		read_pfns(getpid(), region, before);
		merged = flagged(before, KPF_KSM);
	}
	if (merged != opt.pages)
		die(EXIT_FAILED, "KSM merged %zu of %lu pages in %d s; try --pages 256", merged,
		    opt.pages, KSM_SECONDS);
	ksm_file("run", "0", NULL, 0);
	read_pfns(getpid(), region, before);
	write_all();
	read_pfns(getpid(), region, after);
}

static const struct path {
	const char *name;
	void (*make)(void);
	enum copies copies;
} paths[] = {
	{ "zero", zero, COPIES_NONE },
	{ "cow-fault", cow_fault, COPIES_ALL },
	{ "file-wp", file_wp, COPIES_ALL },
	{ "fork-pinned", fork_pinned, COPIES_ALL },
	{ "shared-anon", shared_anon, COPIES_CHANGED },
	{ "reuse", reuse, COPIES_CHANGED },
	{ "ksm", ksm_pages, COPIES_ALL },
	{ NULL, NULL, COPIES_NONE },
};

/* ---- the list ---- */

static bool is_copied(enum copies copies, size_t page)
{
	if (copies == COPIES_ALL && before[page] == after[page])
		die(EXIT_FAILED, "page %#lx was not copied: its frame is still %#" PRIx64,
		    (unsigned long)at(region, page), before[page]);
	return copies != COPIES_NONE && before[page] != after[page];
}

static void write_list(enum copies copies)
{
	FILE *list = opt.out ? fopen(opt.out, "w") : stdout;
	size_t n = 0;

	if (!list)
		die(EXIT_FAILED, "cannot write %s: %s", opt.out, strerror(errno));
	for (size_t i = 0; i < opt.pages; i++)
		n += is_copied(copies, i);
	fprintf(list, "# pid %d\n# page_size %zu\n# region %#lx %#lx\n# records %zu\n",
		(int)getpid(), page_size, (unsigned long)region,
		(unsigned long)at(region, opt.pages), n);
	for (size_t i = 0; i < opt.pages; i++)
		if (is_copied(copies, i))
			fprintf(list, "%#lx %#" PRIx64 " %#" PRIx64 "\n",
				(unsigned long)at(region, i), before[i], after[i]);
	if (fflush(list) || ferror(list) || (list != stdout && fclose(list)))
		die(EXIT_FAILED, "cannot write %s: %s; is the disk full?",
		    opt.out ? opt.out : "the list", strerror(errno));
}

/* ---- the command line ---- */

static void usage(FILE *to)
{
	fputs(
"Usage: paths [OPTIONS] PATH\n"
"Have the kernel copy every page of a region once, on one path, and list the frames.\n"
"\n"
"  zero          anonymous pages read, then written: cleared, no copy\n"
"  cow-fault     private file pages whose first touch is a write\n"
"  file-wp       private file pages read, then written\n"
"  fork-pinned   pages pinned by io_uring, copied for the child by fork itself\n"
"  shared-anon   pages of a shared mapping, after a fork: no copy\n"
"  reuse         pages shared with a child that has exited: no copy\n"
"  ksm           pages merged by KSM, then written\n"
"\n"
"  --pages N     pages of the region (default 256)\n"
"  --out FILE    where to write the list (default: standard output)\n"
"  -h, --help    this text\n"
"\n"
"The list is that of cowpages without rounds: '# pid N', '# page_size N',\n"
"'# region START END', '# records N', then lines 'address source_pfn\n"
"destination_pfn', one for each page that was copied.\n"
"The copies of fork-pinned are made by this process; their destinations are pages\n"
"of its child, at the same addresses. One copy on the path wp is made outside of\n"
"the region and not listed. ksm changes /sys/kernel/mm/ksm and restores it.\n"
"\n"
"Exit: 0 done, 1 failed, 2 usage, 3 no /proc/PID/pagemap or /proc/kpageflags here,\n"
"4 no permission, 77 this kernel has no such path (why is printed).\n", to);
}

static const struct path *parse(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "pages", required_argument, NULL, 'p' },
		{ "out", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const struct path *path;
	int c;

	while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
		switch (c) {
		case 'p': opt.pages = number("pages", optarg, 1, 1 << 17); break;
		case 'o': opt.out = optarg; break;
		case 'h': usage(stdout); exit(EXIT_OK);
		default: usage(stderr); exit(EXIT_USAGE);
		}
	}
	if (optind + 1 != argc)
		die(EXIT_USAGE, "want one PATH; see --help");
	for (path = paths; path->name; path++)
		if (!strcmp(path->name, argv[optind]))
			return path;
	die(EXIT_USAGE, "no path '%s'; see --help", argv[optind]);
}

int main(int argc, char **argv)
{
	const struct path *path;

	page_size = sysconf(_SC_PAGESIZE);
	path = parse(argc, argv);
	before = map(opt.pages * sizeof(*before), MAP_PRIVATE, -1);
	after = map(opt.pages * sizeof(*after), MAP_PRIVATE, -1);
	copy_outside();
	path->make();
	write_list(path->copies);
	return EXIT_OK;
}
