// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.machines = { "x86_64" },
	.source = arch__mapped_source,
	.destination = ARCH_NEW_PAGE,
	.never_flushes = true,
};
