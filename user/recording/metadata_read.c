// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads what brindle needs from a recording's metadata: uuid and byte order from the trace
 * block, and the env block. The layout of events is not read from the text but follows from
 * the schema number.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "base/err.h"
#include "recording/format.h"

enum token { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_PUNCT, TOKEN_BROKEN };

struct lexer {
	const char *at, *end;
	enum token token;
	char punct;
	char text[1024];	/* word or string, cut to fit */
};

#define SEEN_SCHEMA	(1 << 0)
#define SEEN_ARCH	(1 << 1)
#define SEEN_PAGE_SIZE	(1 << 2)
#define SEEN_SPAN	(1 << 3)
#define SEEN_UUID	(1 << 4)
#define SEEN_ORDER	(1 << 5)

static const char *const seen_names[] = {
	"schema", "arch", "page_size", "span", "uuid", "byte_order",
};

/* The keys of the env block and where they go. */
static const struct key {
	const char *name;
	size_t offset, size;
	bool number;
	unsigned int seen;
} keys[] = {
#define NUMBER(name, field, bit) \
	{ name, offsetof(struct meta, field), sizeof(((struct meta *)0)->field), true, bit }
#define STRING(name, field, bit) \
	{ name, offsetof(struct meta, field), sizeof(((struct meta *)0)->field), false, bit }
	STRING("tracer_name", tracer, 0),
	NUMBER("schema", env.schema, SEEN_SCHEMA),
	STRING("version", env.version, 0),
	STRING("kernel", env.kernel, 0),
	STRING("arch", env.arch, SEEN_ARCH),
	NUMBER("word_bits", env.word_bits, 0),
	NUMBER("page_size", env.geometry.page_size, SEEN_PAGE_SIZE),
	NUMBER("cpus", env.cpus, 0),
	NUMBER("span", env.geometry.span, SEEN_SPAN),
	STRING("geometry_source", env.geometry.source, 0),
	NUMBER("what_if_span", env.what_if_span, 0),
	NUMBER("totals_span", env.totals_span, 0),
	STRING("command", env.command, 0),
	STRING("filter", env.filter, 0),
	NUMBER("recorder_pid", env.recorder_pid, 0),
	NUMBER("start_ns", env.start_ns, 0),
#undef NUMBER
#undef STRING
};

/* Skips blanks and comments; false if a comment has no end. */
static bool skip_blanks(struct lexer *l)
{
	while (l->at < l->end) {
		if (isspace((unsigned char)*l->at)) {
			l->at++;
		} else if (l->end - l->at >= 2 && !memcmp(l->at, "//", 2)) {
			while (l->at < l->end && *l->at != '\n')
				l->at++;
		} else if (l->end - l->at >= 2 && !memcmp(l->at, "/*", 2)) {
			for (l->at += 2; ; l->at++) {
				if (l->end - l->at < 2)
					return false;
				if (!memcmp(l->at, "*/", 2))
					break;
			}
			l->at += 2;
		} else {
			break;
		}
	}
	return true;
}

/* Reads the escape sequence after a backslash: one character, or up to three octal digits. */
static char unescape(struct lexer *l)
{
	char c = *l->at++;

	if (c >= '0' && c <= '7') {
		unsigned int value = (unsigned int)(c - '0'), digits;

		for (digits = 1; digits < 3 && l->at < l->end && *l->at >= '0' && *l->at <= '7';
		     digits++)
			value = value * 8 + (unsigned int)(*l->at++ - '0');
		return (char)value;
	}
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default:
		return c;
	}
}

static enum token lex_string(struct lexer *l)
{
	size_t used = 0;

	for (l->at++; l->at < l->end && *l->at != '"';) {
		char c = *l->at++;

		if (c == '\\' && l->at < l->end)
			c = unescape(l);
		if (used < sizeof(l->text) - 1)
			l->text[used++] = c;
	}
	l->text[used] = '\0';
	if (l->at >= l->end)
		return TOKEN_BROKEN;
	l->at++;
	return TOKEN_STRING;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '+';
}

static enum token next(struct lexer *l)
{
	size_t used = 0;

	if (!skip_blanks(l))
		return l->token = TOKEN_BROKEN;
	if (l->at >= l->end)
		return l->token = TOKEN_END;
	if (*l->at == '"')
		return l->token = lex_string(l);
	if (!in_word(*l->at)) {
		l->punct = *l->at++;
		return l->token = TOKEN_PUNCT;
	}
	while (l->at < l->end && in_word(*l->at)) {
		if (used < sizeof(l->text) - 1)
			l->text[used++] = *l->at;
		l->at++;
	}
	l->text[used] = '\0';
	return l->token = TOKEN_WORD;
}

static bool is_punct(const struct lexer *l, char c)
{
	return l->token == TOKEN_PUNCT && l->punct == c;
}

static const char *number(const char *text, __u64 max, __u64 *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno || *end || !isdigit((unsigned char)*text) || *value > max ?
	       "a number in the env block is out of range" : NULL;
}

/* Parses a row of the plan: four words, then perhaps a reason. */
static void plan_row(struct recording_env *env, const char *text)
{
	struct plan_row *p;
	int rest = 0;

	if (env->plan_rows >= PLAN_MAX)
		return;
	p = &env->plan[env->plan_rows];
	if (sscanf(text, "%23s %63s %15s %15s %n", p->role, p->function, p->mechanism,
		   p->evidence, &rest) != 4)
		return;
	snprintf(p->reason, sizeof(p->reason), "%s", text + rest);
	env->plan_rows++;
}

/* One "key = value;" of the env block; unknown keys are a later brindle's. */
static const char *env_entry(struct meta *m, const char *name, const char *value, bool string)
{
	const char *why = NULL;
	size_t i;

	if (!strncmp(name, "plan_", 5) && string)
		plan_row(&m->env, value);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && !why; i++) {
		char *field = (char *)m + keys[i].offset;
		__u64 n;

		if (strcmp(name, keys[i].name))
			continue;
		if (keys[i].number == string)
			return "an env value is of the wrong type";
		m->seen |= keys[i].seen;
		if (!keys[i].number) {
			snprintf(field, keys[i].size, "%s", value);
		} else if (keys[i].size == sizeof(__u64)) {
			why = number(value, ~0ULL, &n);
			memcpy(field, &n, sizeof(n));
		} else {
			__u32 n32;

			why = number(value, ~0U, &n);
			n32 = (__u32)n;
			memcpy(field, &n32, sizeof(n32));
		}
	}
	return why;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *trace_entry(struct meta *m, const char *name, const char *value, bool string)
{
	unsigned int digits = 0;

	if (!strcmp(name, "byte_order")) {
		m->big_endian = !strcmp(value, "be") || !strcmp(value, "network");
		if (!m->big_endian && strcmp(value, "le"))
			return "the byte order is neither le nor be";
		m->seen |= SEEN_ORDER;
	} else if (!strcmp(name, "uuid") && string) {
		memset(m->uuid, 0, UUID_LEN);
		for (; *value; value++) {
			int digit = hex_digit(*value);

			if (*value == '-')
				continue;
			if (digit < 0 || digits == 2 * UUID_LEN)
				return "the uuid is not one";
			m->uuid[digits / 2] |= (__u8)(digits % 2 ? digit : digit << 4);
			digits++;
		}
		if (digits != 2 * UUID_LEN)
			return "the uuid is not one";
		m->seen |= SEEN_UUID;
	}
	return NULL;
}

typedef const char *(*entry_fn)(struct meta *m, const char *name, const char *value, bool string);

/* Reads a block after its '{'. Calls fn, unless NULL, for each entry "name = value". */
static const char *scan_block(struct lexer *l, struct meta *m, entry_fn fn)
{
	const char *why = NULL;
	unsigned int depth = 1;
	char name[64] = "";
	bool named = false;	/* the last two tokens were: name = */

	while (depth) {
		enum token token = next(l);

		if (token == TOKEN_END || token == TOKEN_BROKEN)
			return "the text ends in the middle";
		if (named && fn && (token == TOKEN_WORD || token == TOKEN_STRING)) {
			const char *bad = fn(m, name, l->text, token == TOKEN_STRING);

			why = why ? why : bad;
		}
		named = is_punct(l, '=') && depth == 1 && name[0];
		if (is_punct(l, '{'))
			depth++;
		else if (is_punct(l, '}'))
			depth--;
		if (token == TOKEN_WORD && strlen(l->text) < sizeof(name))
			strcpy(name, l->text);
		else if (!named)
			name[0] = '\0';
	}
	return why;
}

/* Without a checksum a changed digit in the span would go unnoticed, and falsify every number. */
static bool crc_holds(const char *text, size_t len)
{
	char line[META_CRC_LEN + 1];

	if (len < META_CRC_LEN)
		return false;
	len -= META_CRC_LEN;
	snprintf(line, sizeof(line), META_CRC_FORMAT,
		 (unsigned int)crc32(0, (const Bytef *)text, (uInt)len));
	return !memcmp(text + len, line, META_CRC_LEN);
}

const char *meta__scan(const char *text, size_t len, struct meta *m)
{
	struct lexer *l = &(struct lexer){ .at = text, .end = text + len };
	const char *why = NULL;
	entry_fn fn = NULL;

	memset(m, 0, sizeof(*m));
	if (len < 10 || memcmp(text, "/* CTF 1.8", 10))
		return "it does not begin with \"/* CTF 1.8\"";
	while (next(l) != TOKEN_END) {
		const char *bad = NULL;

		if (l->token == TOKEN_BROKEN)
			bad = "the text ends in the middle";
		else if (is_punct(l, '{'))
			bad = scan_block(l, m, fn);
		why = why ? why : bad;
		if (l->token == TOKEN_BROKEN || l->token == TOKEN_END)
			break;
		fn = NULL;
		if (l->token == TOKEN_WORD && !strcmp(l->text, "env"))
			fn = env_entry;
		else if (l->token == TOKEN_WORD && !strcmp(l->text, "trace"))
			fn = trace_entry;
	}
	if (!why && !crc_holds(text, len))
		why = "its checksum is missing or wrong";
	return why;
}

int meta__read(int dirfd, struct meta *m, const char **why)
{
	char *text = NULL, *more;
	ssize_t n = 0;
	size_t used = 0, room = 0;
	int fd, ret = 0;

	*why = NULL;
	memset(m, 0, sizeof(*m));
	fd = openat(dirfd, METADATA, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while (used < METADATA_MAX) {
		if (used == room) {
			room = room ? 2 * room : METADATA_MAX / 64;
			more = realloc(text, room);
			if (!more) {
				ret = -ENOMEM;
				goto cleanup;
			}
			text = more;
		}
		n = read(fd, text + used, room - used);
		if (n <= 0 && !(n < 0 && errno == EINTR))
			break;
		used += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		ret = -errno;
	else if (used == METADATA_MAX)
		ret = -EFBIG;
	else
		*why = meta__scan(text, used, m);

cleanup:
	free(text);
	close(fd);
	return ret;
}

static const char *implausible(const struct meta *m)
{
	const struct recording_env *env = &m->env;
	__u64 page = env->geometry.page_size, span = env->geometry.span;
	size_t i;

	for (i = 0; i < sizeof(seen_names) / sizeof(seen_names[0]); i++)
		if (!(m->seen & (1U << i)))
			return seen_names[i];
	if (!env->schema)
		return "schema";
	if (page < 512 || page > (1 << 22) || (page & (page - 1)))
		return "page_size";
	if (span < page || (span & (span - 1)) || span / page > COLOURS_MAX)
		return "span";
	if (env->word_bits != 32 && env->word_bits != 64)
		return "word_bits";
	return NULL;
}

int meta__check(const struct meta *m, const char *why, const char *dir)
{
	const char *bad;

	if (!m->tracer[0] && why)
		return err(EXIT_FAIL, "reading %s/%s: not a recording: %s", dir, METADATA, why);
	if (strcmp(m->tracer, TRACER))
		return err(EXIT_FAIL, "reading %s: a trace, but not made by brindle; babeltrace2 "
			   "may read it", dir);
	if (m->env.schema > RECORDING_SCHEMA)
		return err(EXIT_UNSUPPORTED, "reading %s: schema %u, made by a newer brindle; "
			   "this one knows %d: update brindle", dir, m->env.schema,
			   RECORDING_SCHEMA);
	if (why)
		return err(EXIT_FAIL, "reading %s/%s: damaged: %s", dir, METADATA, why);
	bad = implausible(m);
	if (bad)
		return err(EXIT_FAIL, "reading %s/%s: damaged: %s is missing or impossible", dir,
			   METADATA, bad);
	return EXIT_OK;
}
