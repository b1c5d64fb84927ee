/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting: every program counts its runs, and what could not be recorded. */
#ifndef BRINDLE_COUNTERS_BPF_H
#define BRINDLE_COUNTERS_BPF_H

/*
 * What is rare is called, so that nothing has to be saved for it; not where the kernel's
 * compiler knows no calls from program to program (32-bit MIPS and ARM).
 */
#ifdef BRINDLE_CORE
#define SLOW_PATH	__noinline
#else
#define SLOW_PATH	__always_inline
#endif

/*
 * One more. fentry programs can be preempted, on kernels that preempt, by another on the
 * same CPU; where they are, atomics are.
 */
static __always_inline void counter__add(__u64 *counter)
{
#ifdef BRINDLE_CORE
	__sync_fetch_and_add(counter, 1);
#else
	(*counter)++;
#endif
}

static __always_inline struct counters *counters__here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

static __always_inline struct counters *count(enum role role)
{
	struct counters *n = counters__here();

	if (n)
		counter__add(&n->hits[role]);
	return n;
}

#endif
