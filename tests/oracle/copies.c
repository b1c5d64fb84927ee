// SPDX-License-Identifier: GPL-2.0-only
/*
 * From copy_user_highpage(to, from, user address) to the reads of copy_page(to, from). A
 * thread can be put aside between the two, never inside copy_page: there the kernel's
 * mapping of the page keeps it on the CPU.
 */
#include <string.h>
#include "oracle.h"

#define WAITING_MAX	256

static struct {
	uint64_t task, user;	/* task 0: free */
} waiting[WAITING_MAX];

static struct copy copy;
static bool copying;
static const struct arch *arch;
static uint32_t page;	/* bytes */
static uint64_t strays;

void copies__start(const struct arch *of, uint32_t page_size)
{
	arch = of;
	page = page_size;
}

void copies__enter(uint64_t task, uint64_t user)
{
	size_t i, free = WAITING_MAX;

	for (i = 0; i < WAITING_MAX; i++) {
		if (waiting[i].task == task) {
			strays += waiting[i].user != user; /* else: one calls the other */
			break;
		}
		if (!waiting[i].task && free == WAITING_MAX)
			free = i;
	}
	if (i == WAITING_MAX)
		i = free;
	if (i == WAITING_MAX) {
		strays++;
		return;
	}
	waiting[i].task = task;
	waiting[i].user = user;
}

void copies__begin(uint64_t task, struct task who, uint64_t to, uint64_t from)
{
	size_t i;

	copies__end();
	for (i = 0; i < WAITING_MAX && waiting[i].task != task; i++)
		;
	if (i == WAITING_MAX) /* some other copy of a page */
		return;
	waiting[i].task = 0;
	memset(&copy, 0, sizeof(copy));
	copy.task = who;
	copy.user = waiting[i].user;
	copy.src_va = from;
	copy.dst_va = to;
	copy.src_ram = copy.dst_ram = PAGE_NONE;
	copying = true;
}

static bool in_page(uint64_t va, uint64_t first)
{
	return va - first < page;
}

static void add_writer(const struct stale *stale)
{
	unsigned int i;

	copy.stale += stale->bytes;
	for (i = 0; i < copy.nwriters; i++)
		if (copy.writers[i].writer.pc == stale->writer.pc)
			break;
	if (i == WRITERS_MAX)
		return;
	if (i == copy.nwriters)
		copy.writers[copy.nwriters++].writer = stale->writer;
	copy.writers[i].bytes += stale->bytes;
}

bool copies__load(const struct access *access, const struct stale *stale)
{
	if (!copying || copy.loaded >= page || !in_page(access->va, copy.src_va))
		return false;
	if (copy.src_ram == PAGE_NONE)
		copy.src_ram = access->phys & ~(uint64_t)(page - 1);
	copy.loaded += access->size;
	if (stale->bytes)
		add_writer(stale);
	return true;
}

void copies__store(const struct access *access)
{
	if (copying && copy.dst_ram == PAGE_NONE && in_page(access->va, copy.dst_va))
		copy.dst_ram = access->phys & ~(uint64_t)(page - 1);
}

void copies__end(void)
{
	if (!copying)
		return;
	copying = false;
	if (copy.loaded)
		output__copy(arch, &copy, page);
	else
		strays++;
}

uint64_t copies__strays(void)
{
	return strays;
}
