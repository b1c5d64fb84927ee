/* SPDX-License-Identifier: GPL-2.0-only */
/* The output formats of a comparison. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_OUT_COMPARE_H
#define BRINDLE_OUT_COMPARE_H

#include <stdio.h>
#include "compare.h"

#define COMPARE_SCHEMA	"brindle.compare/1"

void out_compare_table__write(FILE *f, const struct comparison *c);
void out_compare_json__write(FILE *f, const struct comparison *c);

#endif
