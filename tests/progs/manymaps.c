// SPDX-License-Identifier: GPL-2.0-only
/*
 * manymaps: pages of a file have many private mappings, and each copy is made after the file
 * was written through a shared one. Nothing is mapped, unmapped or forked in between: what one
 * copy left in cache lines of the kernel's own mapping is there when the next one reads.
 */
#include "workload.h"

int main(int argc, char **argv)
{
	unsigned long mappings = rounds_wanted(argc, argv,
		"Copies the same pages of a file from ROUNDS private mappings.");
	volatile unsigned char **page = calloc(mappings, sizeof(*page));
	const int fd = new_file();
	volatile unsigned char *shared = mapped(MAP_SHARED, fd);

	if (!page)
		die(EXIT_FAILED, "no memory for %lu mappings", mappings);
	for (size_t i = 0; i < PAGES; i++)
		shared[spread(i) * page_size] = 0;
	for (unsigned long n = 0; n < mappings; n++) {
		page[n] = mapped(MAP_PRIVATE, fd);
		for (size_t i = 0; i < PAGES; i++)
			(void)page[n][i * page_size];	/* present before it is written */
	}
	for (unsigned long n = 0; n < mappings; n++)
		for (size_t i = 0; i < PAGES; i++) {
			memset((void *)(shared + i * page_size), n + 1, page_size);
			page[n][i * page_size] = n + 1;
			check_page(page[n] + i * page_size, n + 1);
		}
	return result();
}
