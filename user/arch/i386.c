// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* Physically indexed data caches; kmap slots are chosen without regard to colour. */
const struct arch arch_i386 = {
	.name = "i386",
	.machines = { "i686", "i586", "i486", "i386" },
	.source = arch__mapped_source,
	.destination = ARCH_NEW_PAGE,
	.never_flushes = true,
};
