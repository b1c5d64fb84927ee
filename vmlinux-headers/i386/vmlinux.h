/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types that the programs read on i386; these kernels have no BTF. */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u32 ulong_t;

/* arch/x86/include/asm/ptrace.h, 32-bit */
struct pt_regs {
	ulong_t bx, cx, dx, si, di, bp, ax;
	ulong_t ds, es, fs, gs, orig_ax, ip, cs, flags, sp, ss;
};

/* the kernel is built with -mregparm=3 */
#define ARG1_REGISTER	ax
#define ARG2_REGISTER	dx
#define ARG3_REGISTER	cx
#define RETVAL_REGISTER	ax

#include "../mm.nobtf.h"

#endif
