// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* 64-bit POWER: the kernel treats its data caches as physically indexed (cacheflush.h). */
const struct arch arch_ppc64el = {
	.name = "ppc64el",
	.machines = { "ppc64le" },
	.source = arch__mapped_source,
	.destination = ARCH_NEW_PAGE,
	.never_flushes = true,
};
