// SPDX-License-Identifier: GPL-2.0-only
/*
 * unread: as shfile, but the private mapping is never read before it is written. When the copy
 * is made no page is present at its address, and flush_cache_page() of some kernels then takes
 * it that there is nothing to flush, although the shared mapping has written to the page.
 */
#include "workload.h"

int main(int argc, char **argv)
{
	unsigned long mappings = rounds_wanted(argc, argv,
		"Copies pages of a file that were written through a shared mapping, unseen.");
	volatile unsigned char **page = calloc(mappings, sizeof(*page));
	const int fd = new_file();
	volatile unsigned char *shared = mapped(MAP_SHARED, fd);

	if (!page)
		die(EXIT_FAILED, "no memory for %lu mappings", mappings);
	for (size_t i = 0; i < PAGES; i++)
		shared[spread(i) * page_size] = 0;
	for (unsigned long n = 0; n < mappings; n++)
		page[n] = mapped(MAP_PRIVATE, fd);
	for (unsigned long n = 0; n < mappings; n++)
		for (size_t i = 0; i < PAGES; i++) {
			memset((void *)(shared + i * page_size), n + 1, page_size);
			page[n][i * page_size] = n + 1;
			check_page(page[n] + i * page_size, n + 1);
		}
	return result();
}
