/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers that hold a probed function's arguments, per architecture, in the kernel's own
 * struct pt_regs (vmlinux-headers/). A register is read with its own width: an o32 register
 * read as 64 bits would be two registers. CALLER is the return address at a function's entry;
 * it is 0 on x86, which has it on the stack, and where no program needs it.
 */
#ifndef BRINDLE_BPF_ARGS_BPF_H
#define BRINDLE_BPF_ARGS_BPF_H

#if defined(BRINDLE_TARGET_mips) || defined(BRINDLE_TARGET_mips64)
/* a0..a3 = $4..$7, v0 = $2, the same in o32 and n64 */
#define ARG1(ctx)	((__u64)(ctx)->regs[4])
#define ARG2(ctx)	((__u64)(ctx)->regs[5])
#define ARG3(ctx)	((__u64)(ctx)->regs[6])
#define RETVAL(ctx)	((__u64)(ctx)->regs[2])
#define CALLER(ctx)	((__u64)(ctx)->regs[31])
#elif defined(BRINDLE_TARGET_arm64)
#define ARG1(ctx)	((ctx)->regs[0])
#define ARG2(ctx)	((ctx)->regs[1])
#define ARG3(ctx)	((ctx)->regs[2])
#define RETVAL(ctx)	((ctx)->regs[0])
#define CALLER(ctx)	((ctx)->regs[30])
#elif defined(BRINDLE_TARGET_armhf) || defined(BRINDLE_TARGET_armv6)
#define ARG1(ctx)	((__u64)(ctx)->uregs[0])
#define ARG2(ctx)	((__u64)(ctx)->uregs[1])
#define ARG3(ctx)	((__u64)(ctx)->uregs[2])
#define RETVAL(ctx)	((__u64)(ctx)->uregs[0])
#define CALLER(ctx)	((__u64)(ctx)->uregs[14])
#elif defined(BRINDLE_TARGET_i386)
/* the kernel is built with -mregparm=3 */
#define ARG1(ctx)	((__u64)(ctx)->ax)
#define ARG2(ctx)	((__u64)(ctx)->dx)
#define ARG3(ctx)	((__u64)(ctx)->cx)
#define RETVAL(ctx)	((__u64)(ctx)->ax)
#define CALLER(ctx)	0
#elif defined(BRINDLE_TARGET_x86_64)
#define ARG1(ctx)	((ctx)->di)
#define ARG2(ctx)	((ctx)->si)
#define ARG3(ctx)	((ctx)->dx)
#define RETVAL(ctx)	((ctx)->ax)
#define CALLER(ctx)	0
#else
#error "no argument registers for this target"
#endif

/* Argument n, counted from 0, of a function with a trampoline, typed by the kernel's BTF. */
#define FUNC_ARG(ctx, n)	((ctx)[n])

#endif
