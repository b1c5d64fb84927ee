// SPDX-License-Identifier: GPL-2.0-only
/*
 * fresh: the kernel writes the pages of a file, and the first access of any user is a write to
 * a private mapping of it. The newest bytes are in cache lines of the kernel's own mapping, and
 * a copy through the user's colour does not see them.
 */
#include "workload.h"

int main(int argc, char **argv)
{
	unsigned long rounds = rounds_wanted(argc, argv,
		"Copies pages of a file that the kernel has just written.");

	for (unsigned long round = 1; round <= rounds; round++) {
		const int fd = new_file();
		volatile unsigned char *page;

		for (size_t i = 0; i < PAGES; i++)
			write_page(fd, spread(i), round);
		page = mapped(MAP_PRIVATE, fd);
		for (size_t i = 0; i < PAGES; i++)
			page[i * page_size] = round;
		for (size_t i = 0; i < PAGES; i++)
			check_page(page + i * page_size, round);
		munmap((void *)page, SIZE);
		close(fd);
	}
	return result();
}
