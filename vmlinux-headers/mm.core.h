/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types that the programs read on kernels with BTF. Fields are found by name when the object
 * is loaded (CO-RE), so their order and gaps here mean nothing.
 */
#ifndef BRINDLE_VMLINUX_HEADERS_MM_CORE_H
#define BRINDLE_VMLINUX_HEADERS_MM_CORE_H

struct address_space;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct page {
	ulong_t flags;
	ulong_t compound_head;		/* bit 0: a tail page */
	struct address_space *mapping;	/* bit 0: anonymous */
	atomic_t _mapcount;
};

struct vm_fault {
	ulong_t address;
	struct page *page;	/* NULL: the zero page, or no struct page at all */
};

/* include/linux/sched.h */
struct task_struct {
	char comm[16];
};

#pragma clang attribute pop

#endif
