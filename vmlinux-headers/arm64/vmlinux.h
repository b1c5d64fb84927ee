/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types that the programs read on arm64; pt_regs is the context of a kprobe program. */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u64 ulong_t;

/* arch/arm64/include/asm/ptrace.h: its head, which is user_pt_regs */
struct pt_regs {
	ulong_t regs[31], sp, pc, pstate;
};

#define ARG1_REGISTER	regs[0]
#define ARG2_REGISTER	regs[1]
#define ARG3_REGISTER	regs[2]
#define RETVAL_REGISTER	regs[0]
#define CALLER_REGISTER	regs[30]

#include "../mm.core.h"

#endif
