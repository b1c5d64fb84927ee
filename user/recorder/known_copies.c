// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/err.h"
#include "recorder/known_copies.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PRESENT	(1ULL << 63)
#define PM_PFN		((1ULL << 55) - 1)
#define LIMIT_MS	20000		/* how long to wait for the child */
#define KPF_ARCH	38		/* include/linux/kernel-page-flags.h: PG_arch_1 */

static int fail(struct known *k, const char *doing)
{
	k->failed = errno ?: EIO;
	snprintf(k->doing, sizeof(k->doing), "%s", doing);
	return -1;
}

/*
 * Reads the pfns of n present pages, all at once: for a single page the kernel walks the page
 * tables as far as for hundreds.
 */
static int read_pfns(struct known *k, int pagemap, const void *area, int n, __u64 *pfn)
{
	const off_t off = (off_t)((unsigned long)area / getpagesize()) * sizeof(*pfn);
	const ssize_t size = n * sizeof(*pfn);
	int i;

	errno = 0;
	if (pread(pagemap, pfn, size, off) != size)
		return fail(k, "reading pfns from /proc/self/pagemap");
	for (i = 0; i < n; i++) {
		if (!(pfn[i] & PM_PRESENT))
			return fail(k, "reading pfns from /proc/self/pagemap");
		pfn[i] &= PM_PFN;
		if (pfn[i])
			continue;
		errno = EPERM;	/* the kernel hides pfns by giving 0, without an error */
		return fail(k, "reading pfns from /proc/self/pagemap");
	}
	return 0;
}

/* Called before the i-th page is written: its copy, or clear, adds a record to the buffer. */
static void pace(const struct known *k, int i)
{
	if (k->paced && i % 8 == 7)
		usleep(1000);
}

/* Writes a byte to every page of the area, which copies it; notes source and destination. */
static int copy_by_page(struct known *k, int pagemap, char *area, int n, enum known_source from)
{
	__u64 source[KNOWN_PAGES], destination[KNOWN_PAGES];
	size_t page = getpagesize();
	int i;

	for (i = 0; i < n; i++)
		source[i] = PFN_UNKNOWN;
	if (from != KNOWN_FRESH && read_pfns(k, pagemap, area, n, source))
		return -1;
	for (i = 0; i < n; i++) {
		pace(k, i);
		*(volatile char *)(area + i * page) = 2;
	}
	if (read_pfns(k, pagemap, area, n, destination))
		return -1;
	for (i = 0; i < n; i++) {
		/* no longer shared, since its sharer was swapped out: no copy was made */
		if (source[i] == destination[i])
			continue;
		k->page[k->n++] = (struct known_page){ (unsigned long)(area + i * page),
						       source[i], destination[i], from };
	}
	return 0;
}

/* Copies on the path "wp": a fork shares anonymous pages with a child. Makes a fork window, too. */
static int copy_anon(struct known *k, int pagemap)
{
	size_t page = getpagesize(), size = KNOWN_ANON_PAGES * page;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret, i;
	pid_t pid;

	if (area == MAP_FAILED)
		return fail(k, "mapping memory");
#ifdef MADV_NOHUGEPAGE
	madvise(area, size, MADV_NOHUGEPAGE);
#endif
	for (i = 0; i < KNOWN_ANON_PAGES; i++) {
		pace(k, i);
		area[i * page] = 1;
	}
	pid = fork();
	if (pid < 0)
		return fail(k, "forking");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (i = STDERR_FILENO + 1; i < 256; i++)
			close(i);	/* readers of these pipes see EOF when the parent exits */
		pause();
		_exit(0);
	}
	ret = copy_by_page(k, pagemap, area, KNOWN_ANON_PAGES, KNOWN_ANON);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ret;
}

/*
 * Copies of private file pages. A page that was written through the file and is mapped nowhere
 * is newest in the kernel's own mapping (PG_arch_1 is set if the architecture keeps it). A page
 * that was read through the mapping is mapped and clean.
 */
static int copy_file(struct known *k, int pagemap, enum known_source from)
{
	size_t page = getpagesize(), size = KNOWN_FILE_PAGES * page;
	int fd = memfd_create("brindle", MFD_CLOEXEC), i;
	char *area, fill[256];
	volatile char sink;

	if (fd < 0)
		return fail(k, "creating a memory file");
	memset(fill, 1, sizeof(fill));
	for (i = 0; i < (int)(size / sizeof(fill)); i++)
		if (write(fd, fill, sizeof(fill)) != sizeof(fill))
			return fail(k, "writing a memory file");
	area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (area == MAP_FAILED)
		return fail(k, "mapping a memory file");
	for (i = 0; from == KNOWN_FILE && i < KNOWN_FILE_PAGES; i++)
		sink = area[i * page];
	(void)sink;
	/* the file stays open, so that its pages exist until /proc/kpageflags has been read */
	return copy_by_page(k, pagemap, area, KNOWN_FILE_PAGES, from);
}

/*
 * A positive control for mapping and flush probes: reading and writing one's own memory through
 * /proc makes the kernel map and flush user pages outside of any copy (copy_from_user_page,
 * flush_anon_page).
 */
static void touch_controls(const struct known *k)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char byte;
	__u32 i;

	for (i = 0; fd >= 0 && i < k->n; i++) {
		off_t at = (off_t)k->page[i].user;

		if (pread(fd, &byte, 1, at) == 1 && pwrite(fd, &byte, 1, at) != 1)
			break;
	}
	if (fd >= 0)
		close(fd);
}

static void run_child(struct known *k, const char *comm)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (comm)
		prctl(PR_SET_NAME, comm);
	if (pagemap < 0) {
		fail(k, "opening /proc/self/pagemap");
		return;
	}
	if (copy_anon(k, pagemap) || copy_file(k, pagemap, KNOWN_FILE) ||
	    copy_file(k, pagemap, KNOWN_FRESH))
		return;
	touch_controls(k);
	k->done = 1;
}

static void child_main(struct known *k, const char *comm, int go, int ready)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(go, &byte, 1) == 1) {
		run_child(k, comm);
		byte = 1;
		if (write(ready, &byte, 1) == 1)
			while (read(go, &byte, 1) < 0 && errno == EINTR)
				;
	}
	_exit(0);
}

int known__start(struct known_child *child, const char *comm, bool paced)
{
	int go[2] = { -1, -1 }, ready[2] = { -1, -1 };

	memset(child, 0, sizeof(*child));
	child->known = mmap(NULL, sizeof(*child->known), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (child->known == MAP_FAILED || pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		return err(EXIT_FAIL, "self-check: preparing: %s", strerror(errno));
	child->known->paced = paced;
	child->pid = fork();
	if (!child->pid) {
		close(go[1]);
		close(ready[0]);
		child_main(child->known, comm, go[0], ready[1]);
	}
	close(go[0]);
	close(ready[1]);
	child->go = go[1];
	child->ready = ready[0];
	if (child->pid < 0)
		return err(EXIT_FAIL, "self-check: starting a process: %s", strerror(errno));
	return 0;
}

int known__run(struct known_child *child, void (*idle)(void *ctx), void *ctx)
{
	struct pollfd ready = { .fd = child->ready, .events = POLLIN };
	char byte = 1;
	int ms;

	if (write(child->go, &byte, 1) != 1)
		return err(EXIT_FAIL, "self-check: its process died");
	for (ms = 0; poll(&ready, 1, 1) <= 0; ms++) {
		if (ms > LIMIT_MS)
			return err(EXIT_FAIL, "self-check: its process has not ended in %d s; is "
				   "it stopped?", LIMIT_MS / 1000);
		idle(ctx);
	}
	if (read(child->ready, &byte, 1) != 1)
		return err(EXIT_FAIL, "self-check: its process died");
	if (child->known->done)
		return 0;
	return err(child->known->failed == EPERM || child->known->failed == EACCES ||
		   child->known->failed == EIO ? EXIT_PERM : EXIT_FAIL,
		   "self-check: %s: %s; it needs root (CAP_SYS_ADMIN) and /proc",
		   child->known->doing, strerror(child->known->failed));
}

void known__end(struct known_child *child)
{
	if (child->pid <= 0)
		return;
	close(child->go);
	close(child->ready);
	if (!child->known->done)
		kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	munmap(child->known, sizeof(*child->known));
	memset(child, 0, sizeof(*child));
}

int known__arch_flag(__u64 pfn)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	__u64 flags;
	int ret = -1;

	if (fd < 0)
		return -1;
	if (pread(fd, &flags, sizeof(flags), (off_t)(pfn * sizeof(flags))) == sizeof(flags))
		ret = flags >> KPF_ARCH & 1;
	close(fd);
	return ret;
}
