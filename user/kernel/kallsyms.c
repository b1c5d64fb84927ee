// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "kernel/kallsyms.h"

static const char *const names[SYMBOL_COUNT] = {
	[SYMBOL_KPROBE] = "register_kprobe",
	[SYMBOL_KPROBE_FTRACE] = "kprobe_ftrace_handler",
	[SYMBOL_BPF] = "trace_call_bpf",
	[SYMBOL_READ_KERNEL] = "bpf_probe_read_kernel",
};

/* "ffffffff81000000 T name", and "\t[module]" behind it */
static void read_line(struct kallsyms *k, const char *line)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF"), len;
	const char *name;
	int i;

	if (!digits || line[digits] != ' ' || !line[digits + 1] || line[digits + 2] != ' ')
		return;
	k->listed = true;
	k->word_bits = digits * 4;
	k->addresses |= strspn(line, "0") < digits;
	name = line + digits + 3;
	len = strcspn(name, " \t\n");
	for (i = 0; k->searched && i < SYMBOL_COUNT; i++)
		k->has[i] |= strlen(names[i]) == len && !strncmp(name, names[i], len);
}

/* Nothing more to be learned from the lines that follow. */
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
