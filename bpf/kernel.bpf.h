/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the kernel's structures, one function per thing read. With BTF the
 * fields are found by name (CO-RE), without it they stand where the target's
 * vmlinux.h says; no caller knows which.
 */
#ifndef BRINDLE_KERNEL_BPF_H
#define BRINDLE_KERNEL_BPF_H

#ifdef BRINDLE_CORE
#include <bpf/bpf_core_read.h>
#define kread(dst, src)	bpf_core_read(dst, sizeof(*(dst)), src)
#else
#define kread(dst, src)	bpf_probe_read_kernel(dst, sizeof(*(dst)), src)
#endif

/*
 * struct page a write fault copies, 0 = none: do_wp_page finds none for the zero page,
 * which is cleared and not copied.
 */
static __always_inline __u64 vm_fault__page(const struct vm_fault *vmf)
{
	ulong_t page = 0;

	return kread(&page, &vmf->page) ? 0 : page;
}

/* User address of a write fault, 0 = unreadable. */
static __always_inline __u64 vm_fault__address(const struct vm_fault *vmf)
{
	ulong_t address = 0;

	return kread(&address, &vmf->address) ? 0 : address;
}

/* What the excuses of a source need of its struct page. */
struct page_head {
	__u64 flags;
	__s32 mapcount;		/* raw _mapcount, -1 = unmapped */
	__u8 known;
	__u8 file;		/* page cache, not anonymous */
};

static __always_inline void page_head__read(struct page_head *head, const struct page *page)
{
#ifdef BRINDLE_CORE
	struct address_space *mapping = NULL;
	ulong_t flags = 0, compound = 0;
	int mapcount = 0;

	if (kread(&flags, &page->flags) || kread(&compound, &page->compound_head) ||
	    kread(&mapping, &page->mapping) || kread(&mapcount, &page->_mapcount.counter))
		return;
	head->file = mapping && !((__u64)mapping & 1);
#else
	struct page p = {};
	ulong_t flags, compound;
	int mapcount;

	if (kread(&p, page))
		return;
	flags = p.flags;
	compound = p.compound_head;
	mapcount = p._mapcount;
	head->file = p.mapping && !(p.mapping & 1);
#endif
	/* a tail page counts its mappings in the head page: better unknown than wrong */
	if (compound & 1)
		return;
	head->flags = flags;
	head->mapcount = mapcount;
	head->known = 1;
}

#endif
