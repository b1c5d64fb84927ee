/* SPDX-License-Identifier: GPL-2.0-only */
/* ARMv6 kernels: the programs find all fields where any 32-bit ARM kernel has them. */
#include "../armhf/vmlinux.h"
