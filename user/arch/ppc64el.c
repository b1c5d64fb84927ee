// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* 64-bit POWER: the kernel treats its data caches as physically indexed (cacheflush.h). */
const struct arch arch_ppc64el = {
	.name = "ppc64el",
	.machines = { "ppc64le" },
	.excuse_source = arch__excuse_nothing,
	.excuse_destination = arch__excuse_nothing,
};
