/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel types that the programs read on 64-bit POWER; Debian's 6.1 has no BTF there. */
#ifndef BRINDLE_VMLINUX_H
#define BRINDLE_VMLINUX_H

typedef __u64 ulong_t;

/* arch/powerpc/include/asm/ptrace.h: its head, which is user_pt_regs */
struct pt_regs {
	ulong_t gpr[32];
	ulong_t nip, msr, orig_gpr3, ctr, link, xer, ccr, softe, trap, dar, dsisr, result;
};

#define ARG1_REGISTER	gpr[3]
#define ARG2_REGISTER	gpr[4]
#define ARG3_REGISTER	gpr[5]
#define RETVAL_REGISTER	gpr[3]
#define CALLER_REGISTER	link

#include "../mm.nobtf.h"

#endif
