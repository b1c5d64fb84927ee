/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BRINDLE_FORMATS_H
#define BRINDLE_FORMATS_H

#include "kernel.h"

/*
 * formats__read - where the fields of the scheduler's tracepoints are on this kernel
 *
 * Returns 0 or an exit code, having said why.
 */
int formats__read(const struct kernel *k, struct config *cfg);

#endif
