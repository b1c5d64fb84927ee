/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arguments of a probed function. The target's vmlinux.h says which registers of the kernel's
 * own struct pt_regs hold them. A register is read with its own width: an o32 register read as 64
 * bits would be two registers. CALLER is the return address at a function's entry; it is 0 where
 * that is on the stack (x86).
 */
#ifndef BRINDLE_BPF_ARGS_BPF_H
#define BRINDLE_BPF_ARGS_BPF_H

#define ARG1(ctx)	((__u64)(ctx)->ARG1_REGISTER)
#define ARG2(ctx)	((__u64)(ctx)->ARG2_REGISTER)
#define ARG3(ctx)	((__u64)(ctx)->ARG3_REGISTER)
#define RETVAL(ctx)	((__u64)(ctx)->RETVAL_REGISTER)
#ifdef CALLER_REGISTER
#define CALLER(ctx)	((__u64)(ctx)->CALLER_REGISTER)
#else
#define CALLER(ctx)	0
#endif

/* Argument n, counted from 0, of a function with a trampoline, typed by the kernel's BTF. */
#define FUNC_ARG(ctx, n)	((ctx)[n])

#endif
