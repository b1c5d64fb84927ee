/* SPDX-License-Identifier: GPL-2.0-only */
/* A small streaming JSON writer (RFC 8259). */
#ifndef BRINDLE_JSON_H
#define BRINDLE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

#define JSON_DEPTH_MAX	16

/*
 * One document. With pretty, containers opened by json__object/json__array spread over
 * lines and those opened by json__row stay on one. Write errors stay in f (ferror).
 */
struct json {
	FILE *f;
	bool pretty;
	unsigned int depth;
	unsigned int row;		/* depth at which a row began, 0 = none */
	bool filled[JSON_DEPTH_MAX];	/* the container has a member already */
	char close[JSON_DEPTH_MAX];
};

void json__begin(struct json *j, FILE *f, bool pretty);

/* Every value takes its key, NULL inside an array or at the top. */
void json__object(struct json *j, const char *key);
void json__array(struct json *j, const char *key);
void json__row_object(struct json *j, const char *key);
void json__row_array(struct json *j, const char *key);
void json__end(struct json *j);		/* closes the innermost container */
void json__finish(struct json *j);	/* closes all and ends the line */

void json__u64(struct json *j, const char *key, __u64 value);
/* json__number - with twelve digits, alike on all machines; null when it is not finite */
void json__number(struct json *j, const char *key, double value);
void json__bool(struct json *j, const char *key, bool value);
void json__null(struct json *j, const char *key);
/* json__hex - number as a string "0x...": addresses do not fit a JSON reader's double */
void json__hex(struct json *j, const char *key, __u64 value);
/* json__string - any bytes; what is not UTF-8 becomes U+FFFD, NULL becomes null */
void json__string(struct json *j, const char *key, const char *value);

#endif
