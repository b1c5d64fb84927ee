/* SPDX-License-Identifier: GPL-2.0-only */
/* Properties of a kernel that /proc/kallsyms shows; probe/symbols.h looks up single functions. */
#ifndef BRINDLE_KERNEL_KALLSYMS_H
#define BRINDLE_KERNEL_KALLSYMS_H

#include <stdbool.h>
#include <linux/types.h>

/* Functions whose presence tells how a kernel was built. */
enum symbol {
	SYMBOL_KPROBE,		/* CONFIG_KPROBES */
	SYMBOL_KPROBE_FTRACE,	/* CONFIG_KPROBES_ON_FTRACE: probes of entries go through ftrace */
	SYMBOL_BPF,		/* CONFIG_BPF_EVENTS: programs at probes */
	SYMBOL_READ_KERNEL,	/* the helper that reads kernel memory (Linux 5.5) */
	SYMBOL_COUNT
};

/* One line: "ffffffff81000000 T name", in a module followed by "\t[module]". */
struct kallsyms_line {
	__u64 address;
	int digits;		/* of the address */
	char type;		/* as nm(1) has it: t and w, or capitals, are functions */
	char *name;		/* points into the line */
};

/* kallsyms__parse - split a line, writing a NUL behind the name; false: not a line of kallsyms */
bool kallsyms__parse(char *line, struct kallsyms_line *out);

struct kallsyms {
	int error;		/* errno of opening or reading the file, 0 = none */
	bool listed;		/* at least one symbol is listed */
	bool addresses;		/* at least one address is not 0: they are not hidden from us */
	int word_bits;		/* the kernel's, by the digits of an address; 0 = not known */
	bool searched;		/* has[] is filled in */
	bool has[SYMBOL_COUNT];
};

/*
 * kallsyms__read - fill in *k from a file
 * @path: /proc/kallsyms; tests have others
 * @search: also fill in has[]; slow, since the kernel prints some 100,000 lines for it
 *
 * A file that cannot be read is no failure: see k->error.
 */
void kallsyms__read(struct kallsyms *k, const char *path, bool search);

#endif
