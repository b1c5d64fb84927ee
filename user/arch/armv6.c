// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/*
 * v6_copy_user_highpage_aliasing (arch/arm/mm/copypage-v6.c) copies through two fixed
 * windows, at the page of the user's colour in each (arch/arm/mm/mm.h, 5.4 to 6.18): both
 * sides are congruent by construction, and nothing else has to excuse a difference.
 */
const struct arch arch_armv6 = {
	.name = "armv6",
	.machines = { "armv6l" },
	.source_window = 0xffff8000,
	.destination_window = 0xffffc000,
	.excuse_source = arch__excuse_nothing,
	.excuse_destination = arch__excuse_nothing,
};
