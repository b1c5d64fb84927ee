// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "base/json.h"
#include "base/utf8.h"

void json__begin(struct json *j, FILE *f, bool pretty)
{
	memset(j, 0, sizeof(*j));
	j->f = f;
	j->pretty = pretty;
}

/* All output is unlocked: locking the FILE for each comma would be most of the work. */
static void put(struct json *j, const char *text, size_t length)
{
	fwrite_unlocked(text, 1, length, j->f);
}

static void put_char(struct json *j, char c)
{
	putc_unlocked(c, j->f);
}

static void quoted(struct json *j, const char *s)
{
	static const char digits[] = "0123456789abcdef";
	const char *plain = s;	/* start of the bytes that need no escape and are not written yet */
	size_t length;

	put_char(j, '"');
	for (; *s; s += length) {
		unsigned char c = (unsigned char)*s;
		char escape[6] = "\\u00";

		length = utf8__length(s);
		if (length && c >= 0x20 && c != 0x7f && c != '"' && c != '\\')
			continue;
		put(j, plain, (size_t)(s - plain));
		if (!length) {
			put(j, "\\ufffd", 6);
			length = 1;
		} else if (c == '"' || c == '\\') {
			put_char(j, '\\');
			put_char(j, *s);
		} else {
			escape[4] = digits[c >> 4];
			escape[5] = digits[c & 15];
			put(j, escape, 6);
		}
		plain = s + length;
	}
	put(j, plain, (size_t)(s - plain));
	put_char(j, '"');
}

static void newline(struct json *j)
{
	unsigned int i;

	put_char(j, '\n');
	for (i = 0; i < j->depth; i++)
		put(j, "  ", 2);
}

/* Writes all that precedes a value: comma, line break, key. */
static void member(struct json *j, const char *key)
{
	if (j->depth) {
		bool *filled = &j->filled[j->depth - 1];

		if (*filled)
			put_char(j, ',');
		if (j->pretty && !j->row)
			newline(j);
		else if (j->pretty && *filled)
			put_char(j, ' ');
		*filled = true;
	}
	if (!key)
		return;
	quoted(j, key);
	put_char(j, ':');
	if (j->pretty)
		put_char(j, ' ');
}

static void container(struct json *j, const char *key, char open, char close, bool row)
{
	member(j, key);
	put_char(j, open);
	if (j->depth == JSON_DEPTH_MAX)
		__builtin_trap();	/* a mistake in the caller's code, not in its data */
	j->filled[j->depth] = false;
	j->close[j->depth++] = close;
	if (row && !j->row)
		j->row = j->depth;
}

void json__object(struct json *j, const char *key)
{
	container(j, key, '{', '}', false);
}

void json__array(struct json *j, const char *key)
{
	container(j, key, '[', ']', false);
}

void json__row_object(struct json *j, const char *key)
{
	container(j, key, '{', '}', true);
}

void json__row_array(struct json *j, const char *key)
{
	container(j, key, '[', ']', true);
}

void json__end(struct json *j)
{
	bool in_row = j->row;

	if (j->row == j->depth)
		j->row = 0;
	j->depth--;
	if (j->pretty && !in_row && j->filled[j->depth])
		newline(j);
	put_char(j, j->close[j->depth]);
}

void json__finish(struct json *j)
{
	while (j->depth)
		json__end(j);
	put_char(j, '\n');
}

static void decimal(struct json *j, __u64 value)
{
	char text[20], *p = text + sizeof(text);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(j, p, (size_t)(text + sizeof(text) - p));
}

void json__u64(struct json *j, const char *key, __u64 value)
{
	member(j, key);
	decimal(j, value);
}

void json__number(struct json *j, const char *key, double value)
{
	char text[32];
	int length;

	if (!(value - value == 0)) {
		json__null(j, key);
		return;
	}
	length = snprintf(text, sizeof(text), "%.12g", value);
	member(j, key);
	put(j, text, (size_t)length);
}

void json__bool(struct json *j, const char *key, bool value)
{
	member(j, key);
	put(j, value ? "true" : "false", value ? 4 : 5);
}

void json__null(struct json *j, const char *key)
{
	member(j, key);
	put(j, "null", 4);
}

void json__hex(struct json *j, const char *key, __u64 value)
{
	char text[16], *p = text + sizeof(text);

	member(j, key);
	do {
		*--p = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	put(j, "\"0x", 3);
	put(j, p, (size_t)(text + sizeof(text) - p));
	put_char(j, '"');
}

void json__string(struct json *j, const char *key, const char *value)
{
	if (!value) {
		json__null(j, key);
		return;
	}
	member(j, key);
	quoted(j, value);
}
