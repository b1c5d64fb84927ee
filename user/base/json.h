/* SPDX-License-Identifier: GPL-2.0-only */
/* A small streaming JSON writer (RFC 8259). */
#ifndef BRINDLE_BASE_JSON_H
#define BRINDLE_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

#define JSON_DEPTH_MAX	16

/*
 * One document. With pretty, containers opened by json__object and json__array are spread
 * over lines, those opened by json__row_object and json__row_array stay on one. Write errors
 * stay in f (ferror).
 */
struct json {
	FILE *f;
	bool pretty;
	unsigned int depth;
	unsigned int row;		/* depth at which a row began, 0 = none */
	bool filled[JSON_DEPTH_MAX];	/* the container has a member already */
	char close[JSON_DEPTH_MAX];
};

/* json__begin - start a document on f, which stays the caller's */
void json__begin(struct json *j, FILE *f, bool pretty);

/*
 * json__object, json__array, json__row_object, json__row_array - open a container
 *
 * Every value takes its key: NULL inside an array and at the top level. More than
 * JSON_DEPTH_MAX open containers are a bug of the caller, and end the program.
 */
void json__object(struct json *j, const char *key);
void json__array(struct json *j, const char *key);
void json__row_object(struct json *j, const char *key);
void json__row_array(struct json *j, const char *key);
/* json__end - close the innermost container */
void json__end(struct json *j);

/* json__finish - close all containers and end the line */
void json__finish(struct json *j);

/* json__u64, json__bool, json__null - a value of this type */
void json__u64(struct json *j, const char *key, __u64 value);
void json__bool(struct json *j, const char *key, bool value);
void json__null(struct json *j, const char *key);

/* json__number - a number with twelve digits, the same on all machines; null if not finite */
void json__number(struct json *j, const char *key, double value);

/* json__hex - number as a string "0x...": addresses do not fit a JSON reader's double */
void json__hex(struct json *j, const char *key, __u64 value);

/* json__string - any bytes; those that are not UTF-8 become U+FFFD, NULL becomes null */
void json__string(struct json *j, const char *key, const char *value);

#endif
