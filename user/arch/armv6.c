// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/*
 * v6_copy_user_highpage_aliasing (arch/arm/mm/copypage-v6.c) copies through two fixed
 * windows, at the page of the user's colour in each (arch/arm/mm/mm.h, 5.4 to 6.18). Before
 * that it flushes a source that is not PG_dcache_clean (PG_arch_1), and discards the lines that
 * the kernel's own mapping of the destination has.
 */
/*
 * Here the flag alone tells: __sync_icache_dcache (arch/arm/mm/flush.c) flushes a page that is not
 * PG_dcache_clean when a process maps it, and sets the flag, which flush_dcache_page clears only
 * while no process has the page mapped.
 */
static int source(__u16 facts, struct frame_start start[FRAME_STARTS_MAX], const char **unknown)
{
	return arch__flagged_source(facts | FACT_MAPPED_KNOWN | FACT_MAPPED, start, unknown);
}

const struct arch arch_armv6 = {
	.name = "armv6",
	.machines = { "armv6l" },
	.source_window = 0xffff8000,
	.destination_window = 0xffffc000,
	.source = source,
	.flag_is_clean = true,
	.destination = ARCH_NEW_PAGE,
};
