// SPDX-License-Identifier: GPL-2.0-only
#include "arch/arch.h"

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.machines = { "x86_64" },
	.excuse_source = arch__excuse_nothing,
	.excuse_destination = arch__excuse_nothing,
};
