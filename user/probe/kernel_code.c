// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "kernel/kallsyms.h"
#include "probe/calls.h"
#include "probe/kernel_code.h"
#include "probe/question.h"
#include "probe/symbols_bpf.h"

#define CHUNK	1024	/* bytes read at a time */

/* The value of the map "question": what is asked, and the answer. */
struct question {
	__u64 address;
	__u8 bytes[CHUNK];
};

/* return bpf_probe_read_kernel(q->bytes, CHUNK, q->address); */
static int load_reader(int map)
{
	const struct bpf_insn program[] = {
		AT(1, map, offsetof(struct question, bytes)),
		SET(2, CHUNK),
		AT(3, map, offsetof(struct question, address)),
		LOAD(3, 3),
		CALL(BPF_FUNC_probe_read_kernel),
		RETURN,
	};

	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "brindle_read", "GPL", program,
			     sizeof(program) / sizeof(program[0]), NULL);
}

/* At most CHUNK bytes. The program always reads CHUNK; kernel code is followed by other code. */
static bool read_chunk(const struct kernel_code *code, __u64 address, void *to, size_t size)
{
	struct question q = { .address = address };

	if (question__ask(code->question, code->reader, &q))
		return false;
	memcpy(to, q.bytes, size);
	return true;
}

static bool read_memory(const struct kernel_code *code, __u64 address, void *to, size_t size)
{
	size_t done, n;

	for (done = 0; done < size; done += n) {
		n = size - done < CHUNK ? size - done : CHUNK;
		if (!read_chunk(code, address + done, (char *)to + done, n))
			return false;
	}
	return true;
}

/* ---- functions, asked for one by one ---- */

static __u64 address_by_bpf(const struct kernel_code *code, const char *name)
{
	return symbols_bpf__address(code->lookup, name);
}

static bool function_by_bpf(const struct kernel_code *code, __u64 address, struct function *f)
{
	return symbols_bpf__function(code->lookup, address, &f->start, &f->end, f->name,
				     sizeof(f->name));
}

/* ---- the same from /proc/kallsyms, whose lines are sorted by address ---- */

static __u64 address_in_file(const struct kernel_code *code, const char *name)
{
	struct kallsyms_line l;
	__u64 address = 0;
	char line[512];
	FILE *f = fopen("/proc/kallsyms", "re");

	(void)code;
	while (!address && f && fgets(line, sizeof(line), f))
		if (kallsyms__parse(line, &l) && strchr("tTwW", l.type) && !strcmp(l.name, name))
			address = l.address;
	if (f)
		fclose(f);
	return address;
}

static bool function_in_file(const struct kernel_code *code, __u64 address, struct function *found)
{
	struct kallsyms_line l;
	char line[512];
	FILE *f = fopen("/proc/kallsyms", "re");

	(void)code;
	*found = (struct function){};
	while (!found->end && f && fgets(line, sizeof(line), f)) {
		if (!kallsyms__parse(line, &l) || !strchr("tTwW", l.type))
			continue;
		if (l.address > address) {
			found->end = l.address;
		} else if (l.address != found->start) {
			found->start = l.address;
			snprintf(found->name, sizeof(found->name), "%s", l.name);
		}
	}
	if (f)
		fclose(f);
	return found->start && found->end;
}

/* Events of recorders have in their names what a call is like (calls__event). */
static bool hidden_by_event(const struct kernel_code *code, const char *function, __u32 offset,
			    struct call *call)
{
	char path[128], line[256], event[80], place[96];
	bool found = false;
	unsigned int at;
	FILE *f;

	snprintf(path, sizeof(path), "%s/kprobe_events", code->tracefs);
	f = fopen(path, "re");
	while (!found && f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "p:%*[^/]/%79s %95[^+]+%i", event, place, (int *)&at) != 3)
			continue;
		found = at == offset && !strcmp(place, function) && calls__parse(event, call);
	}
	if (f)
		fclose(f);
	return found;
}

bool kernel_code__open(struct kernel_code *code, const struct symbols_bpf *lookup,
		       const char *tracefs)
{
	*code = (struct kernel_code){ .lookup = lookup, .read = read_memory, .reader = -1,
				       .hidden = hidden_by_event, .tracefs = tracefs };
	code->address = lookup ? address_by_bpf : address_in_file;
	code->function = lookup ? function_by_bpf : function_in_file;
	code->question = question__map(sizeof(struct question), NULL);
	if (code->question >= 0)
		code->reader = load_reader(code->question);
	if (code->reader >= 0)
		return true;
	kernel_code__close(code);
	return false;
}

void kernel_code__close(struct kernel_code *code)
{
	if (code->reader > 0)
		close(code->reader);
	if (code->question > 0)
		close(code->question);
	*code = (struct kernel_code){ .question = -1, .reader = -1 };
}
