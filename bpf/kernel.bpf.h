/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the kernel's structures. With BTF the fields are found by name (CO-RE); without BTF
 * they are at the offsets of the target's vmlinux.h. Callers need not know which.
 */
#ifndef BRINDLE_BPF_KERNEL_BPF_H
#define BRINDLE_BPF_KERNEL_BPF_H

#ifdef BRINDLE_CORE
#include <bpf/bpf_core_read.h>
#define kread(dst, src)	bpf_core_read(dst, sizeof(*(dst)), src)
#else
#define kread(dst, src)	bpf_probe_read_kernel(dst, sizeof(*(dst)), src)
#endif

/*
 * struct page that a write fault copies, 0 = none or unreadable. do_wp_page has none for the
 * zero page: there the new page is cleared, not copied.
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

/* sizeof(struct page), 0 = not known yet. */
static __always_inline __u64 page__bytes(void)
{
#ifdef BRINDLE_CORE
	return bpf_core_type_size(struct page);
#else
	return learned.page_bytes;
#endif
}

/* compound_head of a page: in a tail page, the head's address plus 1. 0 = unreadable. */
static __always_inline __u64 page__compound(const struct page *page)
{
	ulong_t compound = 0;

	return kread(&compound, &page->compound_head) ? 0 : compound;
}

/*
 * Is the page part of a huge page? The bit number of PG_head differs between kernels, so a head
 * is known by the next page, which is a tail of it.
 */
static __always_inline bool page__is_huge(const struct page *page)
{
	__u64 bytes;

	if (!cfg.huge_pages)
		return false;
	bytes = page__bytes();
	return (page__compound(page) & 1) ||
	       (bytes && page__compound((const void *)page + bytes) == (__u64)page + 1);
}

#ifdef BRINDLE_CORE
/* Page and address of a write fault, 0 = none or unreadable. One read if they are close. */
static __always_inline void vm_fault__read(const struct vm_fault *vmf, __u64 *page, __u64 *user)
{
	const __u32 first = bpf_core_field_offset(struct vm_fault, address);
	const __u32 at = bpf_core_field_offset(struct vm_fault, page) - first;
	__u64 words[8];

	if (at > sizeof(words) - sizeof(__u64)) {
		*page = vm_fault__page(vmf);
		*user = vm_fault__address(vmf);
		return;
	}
	*page = *user = 0;
	if (bpf_probe_read_kernel(words, sizeof(words), (const void *)vmf + first))
		return;
	*user = words[0];
	*page = *(__u64 *)((void *)words + at);
}

enum pageflags___us { PG_head___us };

/* Mask of PG_head in the page flags of this kernel. */
static __always_inline __u64 page_flags__head(void)
{
	/* CO-RE makes both of them constants when the program is loaded */
	return (__u64)bpf_core_enum_value_exists(enum pageflags___us, PG_head___us) <<
	       bpf_core_enum_value(enum pageflags___us, PG_head___us);
}

/* SEEN_SRC_KSM and SEEN_SRC_HUGE, as the kind of the source says. */
static __always_inline __u32 page_kind__seen(const struct page_kind *kind)
{
	const __u64 tail = kind->compound & 1, head = kind->flags & page_flags__head();
	__u32 seen = 0;

	/* include/linux/page-flags.h: bit 0 of mapping means anonymous, both bits KSM */
	if (!((kind->mapping & 2) | tail | head))
		return 0;	/* the usual case, with a single test */
	if ((kind->mapping & 3) == 3 && !tail)
		seen |= SEEN_SRC_KSM;
	if (cfg.huge_pages && (tail || head))
		seen |= SEEN_SRC_HUGE;
	return seen;
}

/* The fields are close together, so one read is enough; all are 0 where it is not. */
static __always_inline void page_kind__read(struct page_kind *kind, const struct page *page)
{
	const __u32 flags = bpf_core_field_offset(struct page, flags);
	const __u32 compound = bpf_core_field_offset(struct page, compound_head);
	const __u32 mapping = bpf_core_field_offset(struct page, mapping);
	__u64 head[4];

	if (flags > 24 || compound > 24 || mapping > 24 ||
	    bpf_probe_read_kernel(head, sizeof(head), page)) {
		__builtin_memset(kind, 0, sizeof(*kind));
		return;
	}
	kind->flags = *(__u64 *)((void *)head + flags);
	kind->compound = *(__u64 *)((void *)head + compound);
	kind->mapping = *(__u64 *)((void *)head + mapping);
}
#endif

/* The parts of a source's struct page that its excuses and the path depend on. */
struct page_head {
	__u64 flags;
	__s32 mapcount;		/* raw _mapcount, -1 = unmapped */
	bool ksm;		/* merged by KSM */
	bool anonymous;		/* of no file, and not merged */
};

/* Returns false when flags and mapcount cannot be known. */
static __always_inline bool page_head__read(struct page_head *head, const struct page *page)
{
#ifdef BRINDLE_CORE
	struct address_space *object = NULL;
	ulong_t flags = 0, compound = 0, mapping;
	int mapcount = 0;

	if (kread(&flags, &page->flags) || kread(&compound, &page->compound_head) ||
	    kread(&object, &page->mapping) || kread(&mapcount, &page->_mapcount.counter))
		return false;
	mapping = (ulong_t)object;
#else
	ulong_t flags, compound, mapping;
	struct page p;
	int mapcount;

	if (kread(&p, page))
		return false;
	flags = p.flags;
	compound = p.compound_head;
	mapping = p.mapping;
	mapcount = p._mapcount;
#endif
	/* the mappings of a tail page are counted in its head: better unknown than wrong */
	if (compound & 1)
		return false;
	/* include/linux/page-flags.h: bit 0 means anonymous, both bits KSM */
	head->ksm = (mapping & 3) == 3;
	head->anonymous = (mapping & 3) == 1;
	head->flags = flags;
	head->mapcount = mapcount;
	return true;
}

#endif
