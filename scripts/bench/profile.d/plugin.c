// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU 7.2: how often each translated block ran. At the end a line for each:
 * its address, its instructions, how often. A block that an exception ends early counts as
 * a whole one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../../tests/oracle/qemu.h"

#define BUCKETS_SHIFT	20

enum { QEMU_PLUGIN_INLINE_ADD_U64 };

extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr,
						     uint64_t imm);

QEMU_EXPORT int qemu_plugin_version = 1;

struct block {
	struct block *next;
	uint64_t address, insns, runs;
};

static struct block *blocks[1 << BUCKETS_SHIFT];
static char *out;

/* A block may be translated many times: it stays the same one. */
static struct block *block_at(uint64_t address, uint64_t insns)
{
	struct block *b, **bucket;

	bucket = &blocks[(address * 0x9e3779b97f4a7c15ULL + insns) >> (64 - BUCKETS_SHIFT)];
	for (b = *bucket; b; b = b->next)
		if (b->address == address && b->insns == insns)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	*b = (struct block){ .next = *bucket, .address = address, .insns = insns };
	*bucket = b;
	return b;
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = block_at(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &b->runs, 1);
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *udata)
{
	FILE *f = fopen(out, "w");
	const struct block *b;
	int i;

	(void)id;
	(void)udata;
	if (!f)
		return;	/* who wants to read it says so */
	for (i = 0; i < 1 << BUCKETS_SHIFT; i++)
		for (b = blocks[i]; b; b = b->next)
			if (b->runs)
				fprintf(f, "%016llx %llu %llu\n", (unsigned long long)b->address,
					(unsigned long long)b->insns, (unsigned long long)b->runs);
	fclose(f);
}

QEMU_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				    char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fputs("profile: out=FILE, and nothing else\n", stderr);
		return -1;
	}
	out = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
