// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* ARMv7: the kernel treats its data caches as physically indexed (cachetype.h). */
const struct arch arch_armhf = {
	.name = "armhf",
	.machines = { "armv7l" },
	.excuse_source = arch__excuse_nothing,
	.excuse_destination = arch__excuse_nothing,
};
