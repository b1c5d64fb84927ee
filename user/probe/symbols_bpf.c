// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "probe/question.h"
#include "probe/symbols_bpf.h"

#define FORMAT	"%pS"	/* "wp_page_copy+0x40/0x700", a module's "name+0x40/0x80 [module]" */

/* The value of the map "question": what is asked, and the answer. */
struct question {
	char name[64];
	__u64 address;
	char text[192];
};

static int load(const struct bpf_insn *program, size_t n)
{
	const struct bpf_prog_load_opts opts = {
		.sz = sizeof(opts),
		.prog_flags = BPF_F_SLEEPABLE,
	};

	return bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "brindle_lookup", "GPL", program, n, &opts);
}

/* return bpf_kallsyms_lookup_name(q->name, sizeof(q->name), 0, &q->address); */
static int load_by_name(int map)
{
	const struct bpf_insn program[] = {
		AT(1, map, offsetof(struct question, name)),
		SET(2, sizeof(((struct question *)0)->name)),
		SET(3, 0),
		AT(4, map, offsetof(struct question, address)),
		CALL(BPF_FUNC_kallsyms_lookup_name),
		RETURN,
	};

	return load(program, sizeof(program) / sizeof(program[0]));
}

/* return bpf_snprintf(q->text, sizeof(q->text), FORMAT, &q->address, 8); */
static int load_by_address(int map, int format)
{
	const struct bpf_insn program[] = {
		AT(1, map, offsetof(struct question, text)),
		SET(2, sizeof(((struct question *)0)->text)),
		AT(3, format, 0),
		AT(4, map, offsetof(struct question, address)),
		SET(5, sizeof(__u64)),
		CALL(BPF_FUNC_snprintf),
		RETURN,
	};

	return load(program, sizeof(program) / sizeof(program[0]));
}

/* Ask one question, as question__ask. */
static int ask(const struct symbols_bpf *sb, int program, struct question *q)
{
	return question__ask(sb->question, program, q);
}

__u64 symbols_bpf__address(const struct symbols_bpf *sb, const char *name)
{
	struct question q = {};

	snprintf(q.name, sizeof(q.name), "%s", name);
	return ask(sb, sb->by_name, &q) ? 0 : q.address;
}

static void close_all(struct symbols_bpf *sb)
{
	const int fds[] = { sb->question, sb->format, sb->by_name, sb->by_address };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	sb->question = sb->format = sb->by_name = sb->by_address = -1;
}

bool symbols_bpf__open(struct symbols_bpf *sb)
{
	memset(sb, 0, sizeof(*sb));
	sb->by_name = sb->by_address = -1;
	sb->question = question__map(sizeof(struct question), NULL);
	sb->format = question__map(sizeof(FORMAT), FORMAT);
	if (sb->question >= 0 && sb->format >= 0) {
		sb->by_name = load_by_name(sb->question);
		sb->by_address = load_by_address(sb->question, sb->format);
	}
	if (sb->by_name >= 0 && sb->by_address >= 0)
		return true;
	close_all(sb);
	return false;
}

bool symbols_bpf__function(const struct symbols_bpf *sb, __u64 address, __u64 *start, __u64 *end,
			   char *name, size_t size)
{
	struct question q = { .address = address };
	unsigned long long offset, bytes;
	char *plus;

	if (ask(sb, sb->by_address, &q) < 0)
		return false;
	q.text[sizeof(q.text) - 1] = 0;
	plus = strchr(q.text, '+');
	if (!plus || sscanf(plus, "+%llx/%llx", &offset, &bytes) != 2 || strchr(plus, '['))
		return false;
	*plus = 0;
	*start = address - offset;
	*end = address - offset + bytes;
	snprintf(name, size, "%s", q.text);
	return true;
}

/*
 * Add the function that contains the call returning to address. If the call never returns,
 * address can be the end of that function, hence the - 1. An address that is in no function is
 * added, too, so that it is not asked for again.
 */
static void add_caller(struct symbols_bpf *sb, __u64 address)
{
	__u64 start, end;
	char name[64];

	if (symbols_bpf__function(sb, address - 1, &start, &end, name, sizeof(name)))
		callers__function(sb->callers, start, end, name);
	else
		callers__function(sb->callers, address - 1, address, "");
}

static enum copy_path path_at(void *ctx, __u64 address)
{
	enum copy_path path = PATH_UNKNOWN;
	struct symbols_bpf *sb = ctx;

	if (address)
		add_caller(sb, address);
	callers__find(sb->callers, address, &path);
	return path;
}

bool symbols_bpf__read(struct symbols_bpf *sb, struct symbols *s)
{
	const __u64 start = symbols_bpf__address(sb, "_stext");
	const __u64 end = symbols_bpf__address(sb, "_etext");
	__u64 address;
	int i;

	memset(s, 0, sizeof(*s));
	if (!start || end <= start)
		return false;
	for (i = 0; catalogue[i].function; i++) {
		if (catalogue[i].by == BY_TRACEPOINT) {
			s->present[i] = 1;
			continue;
		}
		address = symbols_bpf__address(sb, catalogue[i].function);
		/* a symbol of data, or of a module, does not count */
		s->present[i] = address >= start && address < end;
	}
	s->callers.ask = path_at;
	s->callers.ctx = sb;
	sb->callers = &s->callers;
	return true;
}
