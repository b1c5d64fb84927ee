// SPDX-License-Identifier: GPL-2.0-only
/*
 * recycle: frames that the kernel has just written and given back become the destinations of
 * copies. Their old lines of the kernel's own mapping are dirty and may be written back over
 * the copy, if they are still there when it is written through another colour.
 */
#include "workload.h"

#define CACHE	(256 * 1024)	/* more than any first level has */

static void copy_into_recycled(unsigned char value)
{
	static unsigned char evict[CACHE];
	volatile unsigned char *page = mapped(MAP_PRIVATE, -1);
	int release, fd;
	pid_t child;

	for (size_t i = 0; i < PAGES; i++)
		memset((void *)(page + spread(i) * page_size), value, page_size);
	child = fork_child(&release);
	fd = new_file();
	for (size_t i = 0; i < PAGES; i++)
		write_page(fd, spread(i), ~value);
	close(fd);
	for (size_t i = 0; i < PAGES; i++)
		page[i * page_size] = value;
	memset(evict, value, sizeof(evict));
	for (size_t i = 0; i < PAGES; i++)
		check_page(page + i * page_size, value);
	end_child(child, release);
	munmap((void *)page, SIZE);
}

int main(int argc, char **argv)
{
	unsigned long rounds = rounds_wanted(argc, argv,
		"Copies pages into frames that the kernel has just written and freed.");

	for (unsigned long round = 1; round <= rounds; round++)
		copy_into_recycled(round);
	return result();
}
