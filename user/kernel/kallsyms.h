/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc/kallsyms says of a kernel as a whole; the plan looks up single functions. */
#ifndef BRINDLE_KERNEL_KALLSYMS_H
#define BRINDLE_KERNEL_KALLSYMS_H

#include <stdbool.h>
#include <linux/types.h>

/* Functions that tell what a kernel was built with. */
enum symbol {
	SYMBOL_KPROBE,		/* CONFIG_KPROBES */
	SYMBOL_KPROBE_FTRACE,	/* CONFIG_KPROBES_ON_FTRACE: probes of entries go through ftrace */
	SYMBOL_BPF,		/* CONFIG_BPF_EVENTS: programs at probes */
	SYMBOL_READ_KERNEL,	/* programs may ask for the kernel's memory (Linux 5.5) */
	SYMBOL_COUNT
};

/* One line: "ffffffff81000000 T name", and "\t[module]" behind it. */
struct kallsyms_line {
	__u64 address;
	int digits;		/* of the address */
	char type;		/* as nm(1) has it: t and w, or capitals, are functions */
	char *name;		/* inside the line, ended with a NUL */
};

/* kallsyms__parse - take a line apart, and end the name in it; false when it is none */
bool kallsyms__parse(char *line, struct kallsyms_line *out);

struct kallsyms {
	int error;		/* errno of opening the file, 0 = it was read */
	bool listed;		/* it names something */
	bool addresses;		/* at least one is not zero: they are not hidden from us */
	int word_bits;		/* of the kernel, by the width of an address; 0 = not known */
	bool searched;		/* has[] is filled in */
	bool has[SYMBOL_COUNT];
};

/*
 * kallsyms__read - read path, which is /proc/kallsyms but in tests
 * @search: also look for the functions: a kernel has 100,000 lines to print for that
 */
void kallsyms__read(struct kallsyms *k, const char *path, bool search);

#endif
