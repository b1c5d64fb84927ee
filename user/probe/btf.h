/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's BTF that the programs need.
 *
 * libbpf would load all 5 MB of BTF and search it again for every type that a program reads,
 * which would take longer than the rest of start-up. So it gets a small file with just the
 * types that the programs know as well.
 */
#ifndef BRINDLE_PROBE_BTF_H
#define BRINDLE_PROBE_BTF_H

#include <bpf/btf.h>

#define BTF_FILE	"/sys/kernel/btf/vmlinux"

struct btf_subset;

/*
 * btf_subset__read - find the types and functions that the programs need in a BTF file
 * @path: BTF_FILE; tests have others
 * @programs: the BTF of the programs, which must live as long as the result
 *
 * Looks for the structures, unions and enums of the programs, and for the catalogue's functions
 * that can have a trampoline. Returns NULL with errno set when the file cannot be read or has a
 * kind of type that we do not know; free with btf_subset__free.
 */
struct btf_subset *btf_subset__read(const char *path, const struct btf *programs);

/* btf_subset__function - BTF id of a function of the catalogue, 0 = none */
__u32 btf_subset__function(const struct btf_subset *t, const char *name);

/*
 * btf_subset__write - write the types that were found, and those they consist of, as BTF
 *
 * A type that is only pointed at is left out: the pointer is to void. Returns 0 or -errno.
 */
int btf_subset__write(const struct btf_subset *t, int fd);

/* btf_subset__free - free t; keeps errno, NULL does nothing */
void btf_subset__free(struct btf_subset *t);

#endif
