// SPDX-License-Identifier: GPL-2.0-only
/* manyfaults N - take N page faults and few more, as a workload for other tracers */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES	4096UL

int main(int argc, char **argv)
{
	const unsigned long n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *region;
	unsigned long i;

	if (!n) {
		fputs("usage: manyfaults N\n", stderr);
		return 2;
	}
	region = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (region == MAP_FAILED || madvise((void *)region, PAGES * page, MADV_NOHUGEPAGE)) {
		perror("manyfaults");
		return 1;
	}
	for (i = 0; i < n; i++) {
		if (i && i % PAGES == 0)
			madvise((void *)region, PAGES * page, MADV_DONTNEED);
		region[i % PAGES * page] = 1;
	}
	return 0;
}
