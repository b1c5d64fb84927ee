/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernel function called the copy names its path: a table of functions, and where
 * this kernel has them.
 */
#ifndef BRINDLE_CALLERS_H
#define BRINDLE_CALLERS_H

#include <stdbool.h>
#include "copy.h"

#define CALLERS_MAX	64

/* Code of a function from the table: start to end, end not included. */
struct caller {
	__u64 start, end;
	__u8 path;		/* enum copy_path of the copies called there */
};

struct callers {
	struct caller list[CALLERS_MAX];
	int n;
};

/*
 * callers__symbol - see the next text symbol of kallsyms, which lists them by address
 * @name: of the function; a compiler's clone (foo.part.0) counts as foo
 */
void callers__symbol(struct callers *callers, __u64 address, const char *name);

/* callers__done - all symbols were seen */
void callers__done(struct callers *callers);

/* callers__path - path of a copy called from address; PATH_UNKNOWN when nobody knows */
enum copy_path callers__path(const struct callers *callers, __u64 address);

#endif
