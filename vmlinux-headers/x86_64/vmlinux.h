/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel types for x86_64, only what is read. These kernels have BTF: fields
 * are found by name when the object is loaded (CO-RE), so order and gaps here
 * mean nothing, except in pt_regs, which is the programs' own context.
 */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u64 ulong_t;

/* arch/x86/include/asm/ptrace.h */
struct pt_regs {
	ulong_t r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	ulong_t orig_ax, ip, cs, flags, sp, ss;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct address_space;

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

#pragma clang attribute pop

#endif
