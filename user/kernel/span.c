// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/err.h"
#include "kernel/span.h"

/* No data cache has a larger way; PA-RISC's constant is as large. */
#define SPAN_MAX	(4UL << 20)

/* Opens an unlinked file of one page; -1 with errno. Kernels before 3.17 have no memfd. */
static int one_page_file(size_t page)
{
	int fd = memfd_create("brindle", MFD_CLOEXEC);

	if (fd < 0) {
		char name[] = "/tmp/brindle.XXXXXX";

		fd = mkstemp(name);
		if (fd >= 0)
			unlink(name);
	}
	if (fd >= 0 && ftruncate(fd, (off_t)page)) {
		int saved = errno;

		close(fd);
		errno = saved;
		fd = -1;
	}
	return fd;
}

/* Does the kernel map the file's first page at this address? Replaces what is there. */
static bool accepts(char *address, size_t page, int fd)
{
	void *p = mmap(address, page, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);

	return p == (void *)address;
}

/*
 * The smallest step that is accepted together with all larger ones; 0 with errno when not even
 * the largest is. All addresses are in the area that the caller reserved at base.
 */
static size_t smallest_step(char *base, size_t page, size_t largest, int fd)
{
	size_t step, smallest = 0;

	/* Control: an address whose colour is 0 for every span must be accepted. */
	if (!accepts(base, page, fd))
		return 0;
	for (step = largest; step >= page; step /= 2) {
		if (!accepts(base + step, page, fd)) {
			if (errno != EINVAL)
				return 0;
			break;
		}
		smallest = step;
	}
	return smallest;
}

int span__ask(struct geometry *g)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t largest = page * COLOURS_MAX < SPAN_MAX ? page * COLOURS_MAX : SPAN_MAX;
	const size_t reserved = 2 * largest + page;
	char *area = MAP_FAILED, *base;
	int ret = EXIT_FAIL, fd;
	size_t span;

	fd = one_page_file(page);
	if (fd < 0) {
		err(ret, "asking for cache colours: making a file of one page: %s: mount a "
		    "writable /tmp, or give --span", strerror(errno));
		goto cleanup;
	}
	area = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED) {
		err(ret, "asking for cache colours: reserving %zu bytes of addresses: %s: raise "
		    "the limit on them (ulimit -v), or give --span", reserved, strerror(errno));
		goto cleanup;
	}
	base = area + (-(uintptr_t)area & (largest - 1));
	span = smallest_step(base, page, largest, fd);
	if (!span) {
		err(ret, "asking for cache colours: mapping a page twice: %s: give --span",
		    strerror(errno));
		goto cleanup;
	}
	g->span = span;
	g->page_size = (__u32)page;
	snprintf(g->source, sizeof(g->source), "mmap");
	ret = EXIT_OK;

cleanup:
	if (area != MAP_FAILED)
		munmap(area, reserved);
	if (fd >= 0)
		close(fd);
	return ret;
}
