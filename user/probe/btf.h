/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel says of its own types and functions (BTF), as far as the programs need it.
 *
 * libbpf would take down all 5 MB of it and search it again for every type that a program
 * reads, which takes longer than all else at start-up. So it gets a small file with just
 * the types that the programs know, too.
 */
#ifndef BRINDLE_PROBE_BTF_H
#define BRINDLE_PROBE_BTF_H

#include <bpf/btf.h>

#define BTF_FILE	"/sys/kernel/btf/vmlinux"

struct btf_subset;

/*
 * btf_subset__read - read path, which is BTF_FILE but in tests
 * @programs: the BTF of our programs: their structures, unions and enums are looked for
 *
 * And all of the catalogue's functions that trampolines can be for. Returns NULL when it is
 * not there or not of a kind we know, with errno set.
 */
struct btf_subset *btf_subset__read(const char *path, const struct btf *programs);

/* btf_subset__function - BTF id of a function of the catalogue, 0 = there is none */
__u32 btf_subset__function(const struct btf_subset *t, const char *name);

/*
 * btf_subset__write - what was looked for, with all it is made of, as a BTF file
 *
 * What is only pointed at is left out. Returns 0 or -errno.
 */
int btf_subset__write(const struct btf_subset *t, int fd);

void btf_subset__free(struct btf_subset *t);

#endif
