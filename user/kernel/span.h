/* SPDX-License-Identifier: GPL-2.0-only */
/* The span of this machine's data cache, asked of the running kernel. */
#ifndef BRINDLE_KERNEL_SPAN_H
#define BRINDLE_KERNEL_SPAN_H

#include "model/geometry.h"

/*
 * span__ask - ask the running kernel for its span
 *
 * Maps one file page with MAP_SHARED|MAP_FIXED a second time, at a distance that is halved each
 * time: the kernel's arch_get_unmapped_area refuses (EINVAL) a distance that is no multiple of
 * its SHMLBA or shm_align_mask. The smallest distance that it accepts is the span. Needs no
 * privilege. Fills in g and returns 0, or returns an exit code, having said why.
 */
int span__ask(struct geometry *g);

#endif
