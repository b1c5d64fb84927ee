/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types that the programs read on 64-bit MIPS (n64); these kernels have no BTF. */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u64 ulong_t;

/* arch/mips/include/asm/ptrace.h: no pad words as in o32; the tail differs from uapi */
struct pt_regs {
	ulong_t regs[32];
	ulong_t cp0_status, hi, lo, cp0_badvaddr, cp0_cause, cp0_epc;
};

/* a0, a1, a2; v0; ra */
#define ARG1_REGISTER	regs[4]
#define ARG2_REGISTER	regs[5]
#define ARG3_REGISTER	regs[6]
#define RETVAL_REGISTER	regs[2]
#define CALLER_REGISTER	regs[31]

/* all of them, by number: the arguments of a call in the middle of a function */
#define REGISTER_TYPE		"u64"
#define REGISTER_OFFSET(i)	__builtin_offsetof(struct pt_regs, regs[i])

#include "../mm.nobtf.h"

#endif
