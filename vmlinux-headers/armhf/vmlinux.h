/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types that the programs read on 32-bit ARM; these kernels have no BTF. */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u32 ulong_t;

/* arch/arm/include/asm/ptrace.h */
struct pt_regs {
	ulong_t uregs[18];
};

#define ARG1_REGISTER	uregs[0]
#define ARG2_REGISTER	uregs[1]
#define ARG3_REGISTER	uregs[2]
#define RETVAL_REGISTER	uregs[0]
#define CALLER_REGISTER	uregs[14]

/* all of them, by number: the arguments of a call in the middle of a function */
#define REGISTER_TYPE		"u32"
#define REGISTER_OFFSET(i)	__builtin_offsetof(struct pt_regs, uregs[i])

#include "../mm.nobtf.h"

#endif
