// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "probe/verifier_log.h"

#define LOG_BEGIN	"-- BEGIN PROG LOAD LOG --\n"
#define LOG_END		"-- END PROG LOAD LOG --"

/* A part of the log; no NUL ends it. */
struct piece {
	const char *at;
	int len;
};

static bool begins(const struct piece *p, const char *with)
{
	return p->len >= (int)strlen(with) && !strncmp(p->at, with, strlen(with));
}

/*
 * An instruction has a number, and its opcode in brackets: "12: (79) r1 = *(u64 *)(r9 +0)".
 * libbpf writes "3: <invalid CO-RE relocation>" for one that it could not relocate.
 */
static bool is_instruction(const struct piece *p)
{
	int digits = strspn(p->at, "0123456789");

	return digits && digits + 3 < p->len && (!strncmp(p->at + digits, ": (", 3) ||
						 !strncmp(p->at + digits, ": <", 3));
}

/* Is the line part of the trace: a source line, a state, a jump, figures at the end? */
static bool is_trace(const struct piece *p)
{
	static const char *const words[] = {
		";", "from ", "processed ", "verification time ", "stack depth ", "func#",
		"caller:", "callee:", "returning from callee:", "to caller at ", "frame",
		"propagating ", "last_idx ", "regs=", "parent ", "mark_precise:",
		"old state:", "cur state:",
	};
	int digits = strspn(p->at, "0123456789");
	unsigned int i;

	/* "12: R1=ctx(off=0,imm=0) R10=fp0" */
	if (!p->len || (digits && digits < p->len && p->at[digits] == ':'))
		return true;
	/* "R1_w=inv0 R10=fp0" is a state, "R1 invalid mem access" a reason */
	if (p->at[0] == 'R' && p->len > 2) {
		digits = strspn(p->at + 1, "0123456789");
		return digits && (p->at[1 + digits] == '=' || p->at[1 + digits] == '_');
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins(p, words[i]))
			return true;
	return false;
}

/* Get the next line of the log, without blanks at its ends; false = there is none. */
static bool next_line(const char **log, struct piece *p)
{
	if (!**log)
		return false;
	p->at = *log + strspn(*log, " \t\r");
	p->len = strcspn(p->at, "\n");
	*log = p->at + p->len + (p->at[p->len] == '\n');
	while (p->len && strchr(" \t\r", p->at[p->len - 1]))
		p->len--;
	return true;
}

/* Cut off the state that the kernel appends to an instruction: "0: (b7) r0 = 0    ; R0_w=0" */
static void cut_state(struct piece *p)
{
	const char *end = memmem(p->at, p->len, " ; ", 3);

	if (!end)
		return;
	p->len = end - p->at;
	while (p->len && p->at[p->len - 1] == ' ')
		p->len--;
}

void verifier_log__reason(const char *log, char *out, size_t size)
{
	struct piece line, last = {}, reason = {}, before = {}, insn = {};
	bool adjacent = false;	/* the previous line was taken for a reason, too */

	while (next_line(&log, &line)) {
		if (line.len)
			last = line;
		if (is_instruction(&line)) {
			insn = line;
			adjacent = false;
		} else if (!is_trace(&line)) {
			before = adjacent ? reason : (struct piece){};
			reason = line;
			adjacent = true;
		} else if (line.len && !begins(&line, "processed ")) {
			adjacent = false;
		}
	}
	/* a line before the first instruction cannot be the reason why it stopped at a later one */
	if (!reason.at || (insn.at && reason.at < insn.at)) {
		snprintf(out, size, "%s%.*s", last.len ? "the log was cut off at " : "", last.len,
			 last.at ?: "");
		return;
	}
	if (insn.at)
		cut_state(&insn);
	snprintf(out, size, "%.*s%s%.*s%s%.*s", before.len, before.at ?: "", before.len ? ": " : "",
		 reason.len, reason.at, insn.len ? ", at " : "", insn.len, insn.at ?: "");
}

/* The name in "libbpf: prog 'copy_by_page': ..." */
static void read_program(struct refusal *r, const char *warning)
{
	const char *name = strstr(warning, "prog '"), *end;

	if (!name)
		return;
	name += strlen("prog '");
	end = strchr(name, '\'');
	if (end)
		snprintf(r->program, sizeof(r->program), "%.*s", (int)(end - name), name);
}

static void read_log(struct refusal *r, const char *log)
{
	const char *end = strstr(log, LOG_END);
	char *text = strndup(log, end ? (size_t)(end - log) : strlen(log));

	if (text)
		verifier_log__reason(text, r->reason, sizeof(r->reason));
	free(text);
}

void verifier_log__add(struct refusal *r, const char *warning)
{
	const char *log = strstr(warning, LOG_BEGIN), *text = warning;

	if (log) {
		read_program(r, warning);
		read_log(r, log + strlen(LOG_BEGIN));
		return;
	}
	if (strstr(warning, "BPF program load failed"))
		read_program(r, warning);
	/* the first failure is the cause; later ones follow from it */
	if (strstr(r->said, "failed"))
		return;
	if (!strncmp(text, "libbpf: ", strlen("libbpf: ")))
		text += strlen("libbpf: ");
	snprintf(r->said, sizeof(r->said), "%.*s", (int)strcspn(text, "\n"), text);
}
