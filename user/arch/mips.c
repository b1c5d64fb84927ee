// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/*
 * copy_user_highpage (arch/mips/mm/init.c, 5.4 to 6.18) reads the source through
 * kmap_coherent, at an address of the user's colour, when it is mapped by a process and
 * not PG_dcache_dirty (PG_arch_1); else through the plain kernel mapping. flush_dcache_page
 * (arch/mips/mm/cache.c) sets the flag only while no process has the page mapped, and
 * __update_cache clears it, and flushes, when one maps it. The destination is written through
 * the plain kernel mapping, and flushed there when its colour differs; clear_user_page
 * (arch/mips/include/asm/page.h) does the same.
 */

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
	.source = arch__flagged_source,
	.destination = ARCH_NEW_PAGE,
	.hazards = hazards,
};
