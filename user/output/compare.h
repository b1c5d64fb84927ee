/* SPDX-License-Identifier: GPL-2.0-only */
/* The output formats of a comparison. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_OUTPUT_COMPARE_H
#define BRINDLE_OUTPUT_COMPARE_H

#include <stdio.h>
#include "stats/compare.h"

#define COMPARE_SCHEMA	"brindle.compare/1"

/* An output format: each has one row in the table and one file. */
struct comparison_format {
	const char *name;	/* as --format= takes it */
	void (*write)(FILE *f, const struct comparison *c);
};

/* The table of formats, the default first; ends with a NULL name. */
extern const struct comparison_format comparison_formats[];

/* comparison__format - the format called name; NULL, having said which exist */
const struct comparison_format *comparison__format(const char *name);

/* compare_table__write, compare_json__write - write a comparison in this format */
void compare_table__write(FILE *f, const struct comparison *c);
void compare_json__write(FILE *f, const struct comparison *c);

#endif
