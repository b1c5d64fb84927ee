// SPDX-License-Identifier: GPL-2.0-only
#include "oracle.h"
#include "qemu.h"

#define ATTRS		4096

static const struct arch *arch;
static uint32_t page_size, line_size;
static uint64_t root;		/* page table in use; 0 = not seen yet */
static uint64_t ram_delta;	/* QEMU's physical addresses minus true ones */
static bool ram_delta_known;

/* Remembers whether pages are cached, so that page tables are read once per mapping. */
static struct {
	uint64_t page, root, ram;
	bool cached;
} attrs[ATTRS];

void address__start(const struct arch *of, const struct geometry *geometry)
{
	arch = of;
	page_size = geometry->page;
	line_size = geometry->line;
}

void address__root(uint64_t of)
{
	root = of;
}

static uint64_t page_of(uint64_t va)
{
	return va & ~(uint64_t)(page_size - 1);
}

/* Is va, which now maps this offset of RAM, mapped as cached? */
static bool cached_at(uint64_t va, uint64_t ram)
{
	const uint64_t page = page_of(va);
	const size_t slot = ((page / page_size) ^ (root >> 12)) % ATTRS;

	if (attrs[slot].page != page || attrs[slot].root != root ||
	    attrs[slot].ram != page_of(ram)) {
		attrs[slot].page = page;
		attrs[slot].root = root;
		attrs[slot].ram = page_of(ram);
		/* if the tables disagree, the kernel wrote the TLB itself: with cached mappings */
		if (arch->ram(arch->walk(root, va, &attrs[slot].cached)) != ram)
			attrs[slot].cached = true;
	}
	return attrs[slot].cached;
}

/*
 * QEMU 7.2 gives offsets among all of its memory blocks in place of physical addresses. The first
 * address whose physical address is known by other means tells the difference.
 */
static uint64_t ram_of(const struct qemu_plugin_hwaddr *hw, uint64_t va)
{
	const uint64_t phys = qemu_plugin_hwaddr_phys_addr(hw);

	if (!ram_delta_known && PLUGIN_API == 1) {
		const uint64_t real = guest__tlb(va);

		ram_delta = real == PAGE_NONE ? 0 : arch->ram(phys) - arch->ram(real);
		ram_delta_known = real != PAGE_NONE;
	}
	return arch->ram(phys - ram_delta);
}

bool address__locate(struct access *a, uint32_t info)
{
	const enum segment segment = arch->segment(a->va, &a->phys);
	struct qemu_plugin_hwaddr *hw;

	if (segment != SEGMENT_MAPPED) {
		a->phys = arch->ram(a->phys);
		a->cached = segment == SEGMENT_CACHED;
		return true;
	}
	hw = qemu_plugin_get_hwaddr(info, a->va);
	if (!hw || qemu_plugin_hwaddr_is_io(hw))
		return false;
	a->phys = ram_of(hw, a->va);
	if (a->va < arch->user_end)
		arch->learn(root, a->va, a->phys);
	a->cached = cached_at(a->va, a->phys);
	return true;
}

uint64_t address__resolve(uint64_t va)
{
	static uint64_t last_va, last_root, last;
	bool cached;
	uint64_t phys;

	if (arch->segment(va, &phys) != SEGMENT_MAPPED)
		return arch->ram(phys);
	if (last && va == last_va + line_size && root == last_root &&
	    page_of(va) == page_of(last_va)) {
		last_va = va;
		return last += line_size;
	}
	phys = guest__tlb(va);
	if (phys == PAGE_NONE)
		phys = arch->walk(root, va, &cached);
	last = phys == PAGE_NONE ? 0 : arch->ram(phys);
	last_va = va;
	last_root = root;
	return phys == PAGE_NONE ? phys : last;
}
