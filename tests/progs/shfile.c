// SPDX-License-Identifier: GPL-2.0-only
/*
 * shfile: pages of a file are written through a shared mapping and copied from a private one,
 * again and again. No fork is near that could have flushed anything. Every round maps and
 * unmaps, which flushes the whole cache on some machines; manymaps does not.
 */
#include "workload.h"

int main(int argc, char **argv)
{
	unsigned long rounds = rounds_wanted(argc, argv,
		"Copies pages of a file that were just written through a shared mapping.");
	const int fd = new_file();
	volatile unsigned char *shared = mapped(MAP_SHARED, fd);

	for (size_t i = 0; i < PAGES; i++)
		shared[spread(i) * page_size] = 0;
	for (unsigned long round = 1; round <= rounds; round++) {
		volatile unsigned char *page = mapped(MAP_PRIVATE, fd);

		memset((void *)shared, round, SIZE);
		for (size_t i = 0; i < PAGES; i++) {
			(void)page[i * page_size];	/* present before it is written */
			page[i * page_size] = round;
		}
		for (size_t i = 0; i < PAGES; i++)
			check_page(page + i * page_size, round);
		munmap((void *)page, SIZE);
	}
	return result();
}
