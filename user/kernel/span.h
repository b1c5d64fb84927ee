/* SPDX-License-Identifier: GPL-2.0-only */
/* The span of this machine's data cache, as the running kernel gives it. */
#ifndef BRINDLE_KERNEL_SPAN_H
#define BRINDLE_KERNEL_SPAN_H

#include "model/geometry.h"

/*
 * span__ask - ask the running kernel for its span
 *
 * MAP_SHARED|MAP_FIXED mappings of one file page at growing steps: the kernel's
 * arch_get_unmapped_area refuses (EINVAL) a step smaller than its SHMLBA or
 * shm_align_mask. The smallest step accepted from then on is the span. Needs no
 * privilege. Returns 0 or an exit code.
 */
int span__ask(struct geometry *g);

#endif
