// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/kallsyms.h"

static const char *const names[SYMBOL_COUNT] = {
	[SYMBOL_KPROBE] = "register_kprobe",
	[SYMBOL_KPROBE_FTRACE] = "kprobe_ftrace_handler",
	[SYMBOL_BPF] = "trace_call_bpf",
	[SYMBOL_READ_KERNEL] = "bpf_probe_read_kernel",
};

bool kallsyms__parse(char *line, struct kallsyms_line *out)
{
	out->digits = (int)strspn(line, "0123456789abcdefABCDEF");
	line += out->digits;
	if (!out->digits || line[0] != ' ' || !line[1] || line[2] != ' ')
		return false;
	out->address = strtoull(line - out->digits, NULL, 16);
	out->type = line[1];
	out->name = line + 3;
	out->name[strcspn(out->name, " \t\n")] = 0;
	return true;
}

static void read_line(struct kallsyms *k, char *line)
{
	struct kallsyms_line l;
	int i;

	if (!kallsyms__parse(line, &l))
		return;
	k->listed = true;
	k->word_bits = l.digits * 4;
	k->addresses |= l.address != 0;
	for (i = 0; k->searched && i < SYMBOL_COUNT; i++)
		k->has[i] |= !strcmp(l.name, names[i]);
}

/* Can the lines that follow tell nothing new? */
static bool complete(const struct kallsyms *k)
{
	int i;

	for (i = 0; k->searched && i < SYMBOL_COUNT; i++)
		if (!k->has[i])
			return false;
	return k->addresses;
}

void kallsyms__read(struct kallsyms *k, const char *path, bool search)
{
	FILE *f = fopen(path, "re");
	char line[512], buffer[1 << 14];

	memset(k, 0, sizeof(*k));
	k->searched = search;
	if (!f) {
		k->error = errno;
		return;
	}
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	while (!complete(k) && fgets(line, sizeof(line), f))
		read_line(k, line);
	if (ferror(f))
		k->error = errno ?: EIO;
	fclose(f);
}
