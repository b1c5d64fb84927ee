// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* ARMv8 data caches behave as physically indexed: they have no aliases and need no rules. */
const struct arch arch_arm64 = {
	.name = "arm64",
	.machines = { "aarch64" },
	.source = arch__mapped_source,
	.destination = ARCH_NEW_PAGE,
	.never_flushes = true,
};
