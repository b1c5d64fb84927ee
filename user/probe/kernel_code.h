/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel's code: where functions are, and what is in memory. */
#ifndef BRINDLE_PROBE_KERNEL_CODE_H
#define BRINDLE_PROBE_KERNEL_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct symbols_bpf;
struct call;

struct function {
	__u64 start, end;	/* end not included */
	char name[64];
};

/* How to ask for it; tests have a table instead. */
struct kernel_code {
	/* address of a function, 0 = there is none */
	__u64 (*address)(const struct kernel_code *code, const char *name);
	/* the function that address is in; false: none */
	bool (*function)(const struct kernel_code *code, __u64 address, struct function *f);
	/* copies size bytes of kernel memory; false: it cannot be read */
	bool (*read)(const struct kernel_code *code, __u64 address, void *to, size_t size);
	/*
	 * the call that another recorder's probe has hidden at an offset of a function, as it has
	 * found it before; false: it is somebody else's probe. NULL: there are none
	 */
	bool (*hidden)(const struct kernel_code *code, const char *function, __u32 offset,
		       struct call *call);
	const char *tracefs;
	const struct symbols_bpf *lookup;	/* NULL: functions come from /proc/kallsyms */
	int question, reader;	/* descriptors of the map and the program that read */
};

/*
 * kernel_code__open - get ready to read the running kernel
 * @lookup: open, and to live as long as code; NULL = read /proc/kallsyms
 * @tracefs: where that is mounted; lives as long as code
 *
 * Returns false, with nothing to be closed, when this kernel lets no BPF program read its memory
 * on demand (before Linux 5.10).
 */
bool kernel_code__open(struct kernel_code *code, const struct symbols_bpf *lookup,
		       const char *tracefs);

/* kernel_code__close - harmless when it is not open */
void kernel_code__close(struct kernel_code *code);

#endif
