/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In place of bpf/args.bpf.h, for a brindle that every kernel refuses: arguments are looked
 * for where the registers of a probe have ended. Only the tests of that build it.
 */
#ifndef BRINDLE_BPF_ARGS_BPF_H
#define BRINDLE_BPF_ARGS_BPF_H

#define BAD_REGISTER(ctx)	(*(volatile __u64 *)((char *)(ctx) + 4096))
#define ARG1(ctx)		BAD_REGISTER(ctx)
#define ARG2(ctx)		BAD_REGISTER(ctx)
#define ARG3(ctx)		BAD_REGISTER(ctx)
#define RETVAL(ctx)		BAD_REGISTER(ctx)
#define CALLER(ctx)		BAD_REGISTER(ctx)
/* a trampoline's arguments, the same; the helper's own declaration is not a call */
#define FUNC_ARG(ctx, n)	BAD_REGISTER(ctx)
#define bpf_get_func_arg(ctx, n, value)	(*(value) = BAD_REGISTER(ctx))

#endif
