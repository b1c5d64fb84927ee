/* SPDX-License-Identifier: GPL-2.0-only */
/* The output formats of a comparison. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_OUT_COMPARE_H
#define BRINDLE_OUT_COMPARE_H

#include <stdio.h>
#include "stats/compare.h"

#define COMPARE_SCHEMA	"brindle.compare/1"

/* A format of the comparison: one row and one file each. */
struct comparison_format {
	const char *name;	/* as --format= takes it */
	void (*write)(FILE *f, const struct comparison *c);
};

/* The formats, the default one first; ends with a NULL name. */
extern const struct comparison_format comparison_formats[];

/* comparison__format - the format called name; NULL having said which there are */
const struct comparison_format *comparison__format(const char *name);

void compare_table__write(FILE *f, const struct comparison *c);
void compare_json__write(FILE *f, const struct comparison *c);

#endif
