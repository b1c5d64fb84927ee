// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/*
 * copy_user_highpage (arch/mips/mm/init.c, 5.4 to 6.18) reads the source through
 * kmap_coherent, at an address of the user's colour, when it is mapped by a process and
 * not PG_dcache_dirty (PG_arch_1); else through the plain kernel mapping. Both exceptions
 * are harmless: a page that no process maps has no lines in the cache at a user address, and
 * the newest data of a PG_dcache_dirty page is in the kernel mapping by definition.
 */
static void excuse_source(const struct copy *c, bool missed, struct judgement *j)
{
	const bool observed = c->source.evidence == EVIDENCE_OBSERVED;

	if (c->source.kind == MAPPING_COHERENT) {
		/* happens if a cache way has more pages than the kernel has fixmap colours */
		j->verdict = SIDE_MISMATCH;
		j->reason = "coherent mapping of another colour";
	} else if ((c->facts & FACT_MAPPED_KNOWN) && !(c->facts & FACT_MAPPED)) {
		j->verdict = SIDE_EXCUSED;
		j->reason = "unmapped";
	} else if ((c->facts & FACT_DIRTY_KNOWN) && (c->facts & FACT_KERNEL_DIRTY)) {
		j->verdict = SIDE_EXCUSED;
		j->reason = "kernel-dirty";
	} else if (!(c->facts & FACT_MAPPED_KNOWN)) {
		j->verdict = SIDE_UNKNOWN;
		j->reason = "mapped state not known";
	} else if (!(c->facts & FACT_DIRTY_KNOWN)) {
		j->verdict = SIDE_UNKNOWN;
		j->reason = "dirty state not known";
	} else if (!observed && !(c->facts & FACT_MAPPING_WATCHED)) {
		j->verdict = SIDE_UNKNOWN;
		j->reason = "mapping not watched";
	} else if (!observed && missed) {
		j->verdict = SIDE_UNKNOWN;
		j->reason = "probes missed";
	} else {
		j->verdict = SIDE_MISMATCH;
		j->reason = "plain mapping of a mapped, clean page";
	}
}

/*
 * The destination is always written through the plain kernel mapping; when its colour
 * differs, flush_data_cache_page() follows before copy_user_highpage returns. So another
 * colour is by design, and only a missing flush is a fault. A clear is made in the same way:
 * clear_user_page (arch/mips/include/asm/page.h) flushes, too.
 */
static void excuse_destination(const struct copy *c, bool missed, struct judgement *j)
{
	if (c->facts & FACT_FLUSHED_DST) {
		j->verdict = SIDE_FLUSHED;
		j->reason = "flushed afterwards";
	} else if (!(c->facts & FACT_FLUSH_WATCHED)) {
		j->verdict = SIDE_UNKNOWN;
		j->reason = "flush not watched";
	} else if (missed) {
		j->verdict = SIDE_UNKNOWN;
		j->reason = "probes missed";
	} else {
		j->verdict = SIDE_MISMATCH;
		j->reason = "not flushed";
	}
}

/*
 * A kprobe is a break instruction, and MIPS handles it with interrupts on (genex.S,
 * BUILD_HANDLER bp bp sti). A timer interrupt inside the handler may run RCU callbacks
 * in softirq; delayed_put_task_struct -> kprobe_flush_task -> kprobe_busy_end sets
 * current_kprobe to NULL, so nobody handles the break that ends the single step and the
 * kernel dies of "Break instruction in kernel code". A single kprobe is enough, and any
 * exiting task can trigger it; seen on 6.1, the code is the same in 5.16 to 6.18. With RCU
 * callbacks in kthreads it cannot happen, since the handler has preemption off. A kernel
 * without the parameter has the tiny RCU of single-CPU kernels, which uses softirq only.
 */
static const struct hazard hazards[] = {
	{
		.name = "mips-kprobe-rcu",
		.what = "any kprobe can crash this kernel while tasks exit: RCU callbacks in "
			"softirq clear the state of a probe in progress",
		.path = "/sys/module/rcutree/parameters/use_softirq",
		.safe = "N",
		.advice = "boot with rcutree.use_softirq=0 on the kernel command line (a kernel "
			  "built without SMP and preemption has no such choice)",
	},
	{ 0 }
};

const struct arch arch_mips = {
	.name = "mips",
	.machines = { "mips", "mips64" },
	.excuse_source = excuse_source,
	.excuse_destination = excuse_destination,
	.hazards = hazards,
};
