// SPDX-License-Identifier: GPL-2.0-only
/*
 * outside: has the kernel change the page frames of a region in ways that are not copies for
 * a user address.
 *
 * A tracer that takes every copying of a page for a copy on write would see these, too. It must
 * find nothing in the region: the list has no record.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include "command.h"
#include "settings.h"

#define UPROBE_TYPE	"/sys/bus/event_source/devices/uprobe/type"
#define COMPACT		"/proc/sys/vm/compact_memory"
#define UPROBES_MAX	32	/* planting one takes the kernel some 40 ms */
#define MIGRATE_TRIES	5

/* ---- uprobe ---- */

/* An instruction that does nothing, for a probe to be planted on. */
static const unsigned char nop[4] = {
#if defined(__x86_64__) || defined(__i386__)
	0x90, 0x90, 0x90, 0x90
#elif defined(__aarch64__)
	0x1f, 0x20, 0x03, 0xd5
#elif defined(__arm__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	0x00, 0x00, 0xa0, 0xe1
#else
	0	/* MIPS; other architectures will refuse it */
#endif
};

/* A file of code that is never run. */
static int make_code(void)
{
	int fd = memfd_create("outside", MFD_CLOEXEC);
	unsigned char *page = map(page_size, MAP_PRIVATE, -1);

	if (fd < 0)
		die(errno == ENOSYS ? EXIT_NO_SUCH_PATH : EXIT_FAILED,
		    "cannot create a memory file: %s", strerror(errno));
	for (size_t i = 0; i < page_size; i++)
		page[i] = nop[i % sizeof(nop)];
	for (size_t i = 0; i < pages; i++)
		if (write(fd, page, page_size) != (ssize_t)page_size)
			die(EXIT_FAILED, "cannot write a memory file: %s; try fewer --pages",
			    strerror(errno));
	munmap(page, page_size);
	return fd;
}

static void map_code(int fd)
{
	void *p = mmap(NULL, region_size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		die(EXIT_FAILED, "cannot map code: %s", strerror(errno));
	region = (uintptr_t)p;
	read_all(region);
}

static int uprobe_type(void)
{
	char text[24];

	if (read_setting(UPROBE_TYPE, text, sizeof(text)))
		die(EXIT_NO_SUCH_PATH, "no uprobes here: " UPROBE_TYPE ": %s", strerror(errno));
	return strtol(text, NULL, 10);
}

/* Plant a uprobe on a page of the file, in this process only; it is gone when we end. */
static void probe_page(int type, const char *file, size_t page)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = type,
		.config1 = (uintptr_t)file,
		.config2 = page * page_size,
	};

	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) >= 0)
		return;
	if (errno == EACCES || errno == EPERM)
		die(EXIT_PERMISSION, "cannot plant a uprobe: %s; try as root", strerror(errno));
	die(EXIT_NO_SUCH_PATH, "cannot plant a uprobe: %s", strerror(errno));
}

/* Number of pages with another frame than before. */
static size_t changed(void)
{
	size_t n = 0;

	for (size_t i = 0; i < pages; i++)
		n += before[i] != after[i];
	return n;
}

/*
 * uprobe_write_opcode: to plant a breakpoint in private file pages, the kernel replaces them by
 * copies made with copy_highpage, for no user address. (Linux 6.18 has an ordinary write fault
 * make them: that is the path wp, and this list is wrong there.)
 */
static void uprobe(void)
{
	int type = uprobe_type(), fd;
	char file[64];

	if (pages > UPROBES_MAX)
		set_pages(UPROBES_MAX);
	fd = make_code();
	map_code(fd);
	frames_of_region(before);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < pages; i++)
		probe_page(type, file, i);
	frames_of_region(after);
	if (changed() != pages)
		die(EXIT_FAILED, "%zu of %zu pages have another frame with a uprobe in them",
		    changed(), pages);
}

/* ---- userfaultfd ---- */

static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		die(errno == EPERM ? EXIT_PERMISSION : EXIT_NO_SUCH_PATH,
		    "no userfaultfd here: %s", strerror(errno));
	if (ioctl(fd, UFFDIO_API, &api))
		die(EXIT_NO_SUCH_PATH, "no userfaultfd of this kind here: %s", strerror(errno));
	return fd;
}

static void register_uffd(int fd)
{
	struct uffdio_register reg = {
		.range = { .start = region, .len = region_size() },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (ioctl(fd, UFFDIO_REGISTER, &reg))
		die(EXIT_FAILED, "cannot register with userfaultfd: %s", strerror(errno));
	if (!(reg.ioctls & 1ULL << _UFFDIO_COPY))
		die(EXIT_NO_SUCH_PATH, "this userfaultfd cannot copy");
}

static void fill_by_uffd(int fd, uintptr_t from)
{
	size_t done = 0;

	while (done < region_size()) {
		struct uffdio_copy copy = {
			.dst = region + done,
			.src = from + done,
			.len = region_size() - done,
		};

		if (ioctl(fd, UFFDIO_COPY, &copy) && errno != EAGAIN)
			die(EXIT_FAILED, "cannot fill pages by userfaultfd: %s", strerror(errno));
		if (copy.copy > 0)
			done += copy.copy;
	}
}

/* mcopy_atomic_pte: new pages are filled from user memory, so there is no source page. */
static void uffd(void)
{
	int fd = open_uffd();
	uintptr_t from;

	map_region(MAP_PRIVATE, -1);
	write_all();
	from = region;
	map_region(MAP_PRIVATE, -1);
	register_uffd(fd);
	fill_by_uffd(fd, from);
	frames_of_region(after);
	if (memcmp((void *)from, (void *)region, region_size()))
		die(EXIT_FAILED, "userfaultfd filled the pages with something else");
	close(fd);
}

/* ---- migration ---- */

/* Half of the free memory, in pages; exits if that is less than two regions. */
static size_t half_of_memory(void)
{
	struct sysinfo info;
	size_t n;

	if (sysinfo(&info))
		die(EXIT_FAILED, "cannot ask for free memory: %s", strerror(errno));
	n = (uint64_t)info.freeram * info.mem_unit / page_size / 2;
	if (n < 2 * pages)
		die(EXIT_FAILED, "too little free memory for %zu pages; try fewer --pages", pages);
	return n;
}

/* Place the region's pages far apart, with free memory between them: compaction moves them. */
static void scatter(void)
{
	size_t n = half_of_memory(), step = n / pages;
	uintptr_t filler = (uintptr_t)map(n * page_size, MAP_PRIVATE, -1);

	map_region(MAP_PRIVATE, -1);
	for (size_t i = 0; i < n; i++) {
		*at(filler, i) = 1;
		if (i % step == 0 && i / step < pages)
			*at(region, i / step) = 1;
	}
	munmap((void *)filler, n * page_size);
	write_all();
}

/*
 * folio_migrate_copy: compaction moves a page to another frame at the same address, with
 * copy_highpage, for no user address. Writing to COMPACT makes this process do it.
 */
static void migrate(void)
{
	for (int tries = 0; tries < MIGRATE_TRIES; tries++) {
		scatter();
		frames_of_region(before);
		if (write_setting(COMPACT, "1"))
			die(errno == EACCES ? EXIT_PERMISSION : EXIT_NO_SUCH_PATH,
			    "cannot have memory compacted: " COMPACT ": %s", strerror(errno));
		frames_of_region(after);
		if (changed()) {
			fprintf(stderr, "outside: %zu of %zu pages moved\n", changed(), pages);
			return;
		}
		munmap((void *)region, region_size());
	}
	die(EXIT_NO_SUCH_PATH, "compaction moved no page in %d tries", MIGRATE_TRIES);
}

static const struct path paths[] = {
	{ "uprobe", "file pages replaced to plant breakpoints in them", uprobe, COPIES_NONE },
	{ "uffd", "pages filled from user memory by userfaultfd", uffd, COPIES_NONE },
	{ "migrate", "pages moved when memory is compacted", migrate, COPIES_NONE },
	{ }
};

int main(int argc, char **argv)
{
	static const struct program program = {
		.does = "Have the kernel change the frames of a region's pages by what is no copy at "
			"a user\naddress.",
		.pages = "pages of the region",
		.default_pages = 256,
		.max_pages = 1 << 17,
		.paths = paths,
		.notes =
"uprobe takes 32 pages at most. migrate says on stderr how many of the pages moved; one\n"
"is enough.\n",
	};

	return run(argc, argv, &program);
}
