/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters: every program counts its runs, and what could not be recorded. */
#ifndef BRINDLE_BPF_COUNTERS_BPF_H
#define BRINDLE_BPF_COUNTERS_BPF_H

/*
 * Rare code is in functions of its own, so that the fast path saves no registers for it. It is
 * inlined where the kernel's JIT cannot call one BPF function from another (32-bit MIPS, ARM).
 */
#ifdef BRINDLE_CORE
#define SLOW_PATH	__noinline
#else
#define SLOW_PATH	__always_inline
#endif

/*
 * Only CO-RE objects have fentry programs, which a preemptible kernel can preempt for another
 * one on the same CPU. They need the atomic.
 */
static __always_inline void counter__add(__u64 *counter)
{
#ifdef BRINDLE_CORE
	__sync_fetch_and_add(counter, 1);
#else
	(*counter)++;
#endif
}

static __always_inline struct counters *counters__this_cpu(void)
{
	__u32 zero = 0;

	if (cfg.cpus == 1)
		return &only_counters;
	return bpf_map_lookup_elem(&counters, &zero);
}

/* Count a run of a role's program. Returns this CPU's counters; the verifier wants NULL checked. */
static __always_inline struct counters *count(enum role role)
{
	struct counters *n = counters__this_cpu();

	if (n)
		counter__add(&n->hits[role]);
	return n;
}

#endif
