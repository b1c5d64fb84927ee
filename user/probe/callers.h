/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel function that called a copy tells its path: a table of functions, and their
 * addresses in this kernel.
 */
#ifndef BRINDLE_PROBE_CALLERS_H
#define BRINDLE_PROBE_CALLERS_H

#include <stdbool.h>
#include "model/copy.h"

#define CALLERS_MAX	64

/* Code of one function. */
struct caller {
	__u64 start, end;	/* end not included; 0 = not known yet */
	__u8 path;		/* enum copy_path of the copies called there */
};

struct callers {
	struct caller list[CALLERS_MAX];
	int n;
	bool has_wp;		/* one of them is of PATH_WP */
	/* fallback for an address outside the list; may add to the list. NULL = none */
	enum copy_path (*ask)(void *ctx, __u64 address);
	void *ctx;
};

/*
 * callers__symbol - take in a text symbol; to be called for each one, in the order of addresses
 * @name: of the function; a compiler's clone (foo.part.0) counts as foo
 *
 * It ends the function before it, and is added to the list if it is in the table and there is
 * room.
 */
void callers__symbol(struct callers *callers, __u64 address, const char *name);

/*
 * callers__function - add a function to the list; end is not included
 *
 * A function that is not in the table gets PATH_UNKNOWN, so that it is not looked up again.
 * Ignored when the list is full (CALLERS_MAX).
 */
void callers__function(struct callers *callers, __u64 start, __u64 end, const char *name);

/*
 * callers__find - find the function in the list whose call returns to address
 *
 * Returns true with its path in *path, false when there is none.
 */
bool callers__find(const struct callers *callers, __u64 address, enum copy_path *path);

/*
 * callers__path - path of a copy whose call returns to address; PATH_UNKNOWN = cannot be told
 *
 * Right only when the functions that made the self-check's copies are in the list (has_wp).
 */
enum copy_path callers__path(const struct callers *callers, __u64 address);

#endif
