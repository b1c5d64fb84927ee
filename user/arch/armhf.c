// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* ARMv7: the kernel treats its data caches as physically indexed (cachetype.h). */
const struct arch arch_armhf = {
	.name = "armhf",
	.machines = { "armv7l" },
	.source = arch__mapped_source,
	.destination = ARCH_NEW_PAGE,
	.never_flushes = true,
};
