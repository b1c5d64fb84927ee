/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernel function called the copy names its path: a table of functions, and where
 * this kernel has them.
 */
#ifndef BRINDLE_PROBE_CALLERS_H
#define BRINDLE_PROBE_CALLERS_H

#include <stdbool.h>
#include "model/copy.h"

#define CALLERS_MAX	64

/* Code of a function from the table: start to end, end not included. */
struct caller {
	__u64 start, end;
	__u8 path;		/* enum copy_path of the copies called there */
};

struct callers {
	struct caller list[CALLERS_MAX];
	int n;
	bool has_wp;		/* one of them is of PATH_WP */
	/* who knows of an address that is in none of the list, and may add to it; NULL = nobody */
	enum copy_path (*ask)(void *ctx, __u64 address);
	void *ctx;
};

/*
 * callers__symbol - see the next text symbol of kallsyms, which lists them by address
 * @name: of the function; a compiler's clone (foo.part.0) counts as foo
 */
void callers__symbol(struct callers *callers, __u64 address, const char *name);

/*
 * callers__function - take down any one function: start to end, end not included
 *
 * Of no use to who has no path, but then known as such. Without room it is not.
 */
void callers__function(struct callers *callers, __u64 start, __u64 end, const char *name);

/*
 * callers__find - which function of the list contains a call that returns to address?
 *
 * Returns false when none does, else its path in *path.
 */
bool callers__find(const struct callers *callers, __u64 address, enum copy_path *path);

/*
 * callers__path - path of a copy called from address; PATH_UNKNOWN when nobody knows
 *
 * To be asked when all functions that made the self-check's copies are in the list.
 */
enum copy_path callers__path(const struct callers *callers, __u64 address);

#endif
