// SPDX-License-Identifier: GPL-2.0-only
/*
 * cowcost: measures a copy-on-write fault, a first touch and a fork(), in
 * nanoseconds. Under "scripts/lab run --icount" the guest's clock counts
 * instructions, so there it prints instructions, the same number each time.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGES	2048
#define ROUNDS	9

static size_t page_size;

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t median(int64_t *list)
{
	qsort(list, ROUNDS, sizeof(*list), by_size);
	return list[ROUNDS / 2];
}

/* Nanoseconds that a write to a page takes, on average over the region. */
static int64_t touch(volatile char *region)
{
	const int64_t start = now();
	size_t i;

	for (i = 0; i < PAGES; i++)
		region[i * page_size]++;
	return (now() - start) / PAGES;
}

int main(void)
{
	int64_t first[ROUNDS], again[ROUNDS], copy[ROUNDS], forks[ROUNDS];
	int i;

	page_size = sysconf(_SC_PAGESIZE);
	for (i = 0; i < ROUNDS; i++) {
		volatile char *region = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		int64_t start;
		pid_t child;

		if (region == MAP_FAILED)
			die("mmap");
		first[i] = touch(region);
		again[i] = touch(region);
		start = now();
		child = fork();
		if (child < 0)
			die("fork");
		if (!child) {
			pause();
			_exit(0);
		}
		forks[i] = now() - start;
		copy[i] = touch(region);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		munmap((void *)region, PAGES * page_size);
	}
	printf("cow-fault %lld first-touch %lld no-fault %lld fork %lld\n", (long long)median(copy),
	       (long long)median(first), (long long)median(again), (long long)median(forks));
	return 0;
}
