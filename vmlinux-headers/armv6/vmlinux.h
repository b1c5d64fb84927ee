/* SPDX-License-Identifier: GPL-2.0-only */
/* ARMv6 kernels: what is read stands where it does in any 32-bit ARM kernel. */
#include "../armhf/vmlinux.h"
