// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

/* ARMv8 data caches behave as physically indexed: they have no aliases and need no rules. */
const struct arch arch_arm64 = {
	.name = "arm64",
	.machines = { "aarch64" },
	.excuse_source = arch__excuse_nothing,
	.excuse_destination = arch__excuse_nothing,
};
