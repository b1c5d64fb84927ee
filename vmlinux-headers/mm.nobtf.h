/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types that the programs read on kernels without BTF. Every field is an unsigned long or
 * fits into one, so this header serves both word sizes; BPF is 64-bit, so the kernel's unsigned
 * long is spelled ulong_t. Offsets can change between kernels: the self-check proves them on the
 * machine itself.
 */
#ifndef BRINDLE_VMLINUX_HEADERS_MM_NOBTF_H
#define BRINDLE_VMLINUX_HEADERS_MM_NOBTF_H

/* include/linux/mm_types.h: head of struct page, 5.4 to 6.18 */
struct page {
	ulong_t flags;
	ulong_t compound_head;	/* bit 0: a tail page */
	ulong_t unread0;
	ulong_t mapping;	/* bit 0: anonymous */
	ulong_t unread1[2];
	__s32 _mapcount;
};

/* include/linux/mm.h: head of struct vm_fault, 5.15 to 6.18; page: without PAE */
struct vm_fault {
	ulong_t unread0[3];
	ulong_t address;
	ulong_t unread1[6];
	ulong_t page;		/* 0: the zero page, or no struct page at all */
};

#endif
