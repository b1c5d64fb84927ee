/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types that the programs read on x86_64; pt_regs is the context of a kprobe program. */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u64 ulong_t;

/* arch/x86/include/asm/ptrace.h */
struct pt_regs {
	ulong_t r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	ulong_t orig_ax, ip, cs, flags, sp, ss;
};

#define ARG1_REGISTER	di
#define ARG2_REGISTER	si
#define ARG3_REGISTER	dx
#define RETVAL_REGISTER	ax

#include "../mm.core.h"

#endif
