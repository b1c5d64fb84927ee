// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "aim.h"

/* What aim__plan was told: libbpf calls back without a word of whose program it is. */
static const struct plan *plan;
static const struct types *types;

static const struct candidate *row_of(const struct bpf_program *prog)
{
	const struct candidate *row;
	int role;

	for (role = 0; role < ROLE_COUNT; role++) {
		row = plan->pick[role];
		if (row && mechanism__is_trampoline(row->by) &&
		    !strcmp(row->program, bpf_program__name(prog)))
			return row;
	}
	return NULL;
}

/* Last of all before the program goes to the kernel: it becomes what it is. */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct candidate *row = row_of(prog);

	(void)cookie;
	if (!row)
		return -ENOENT;
	opts->attach_btf_id = types__function(types, row->function);
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

/*
 * Of a program that is of the tracing kind from the beginning libbpf would have to find the id
 * itself, and read all of the kernel's BTF for that.
 */
void aim__prepare(void)
{
	const struct libbpf_prog_handler_opts opts = {
		.sz = sizeof(opts),
		.prog_prepare_load_fn = prepare,
	};
	static bool done;

	if (done)
		return;
	libbpf_register_prog_handler("fentry", BPF_PROG_TYPE_KPROBE, BPF_TRACE_FENTRY, &opts);
	libbpf_register_prog_handler("fexit", BPF_PROG_TYPE_KPROBE, BPF_TRACE_FEXIT, &opts);
	done = true;
}

void aim__plan(struct plan *p, const struct types *t)
{
	const struct candidate *row;
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		while ((row = p->pick[role]) && mechanism__is_trampoline(row->by) &&
		       !(t && types__function(t, row->function)))
			plan__reject(p, role, "no BTF of it");
	plan = p;
	types = t;
}

bool aim__reject(struct plan *p, const char *why)
{
	const struct candidate *row;
	bool any = false;
	int role;

	for (role = 0; role < ROLE_COUNT; role++) {
		while ((row = p->pick[role]) && mechanism__is_trampoline(row->by)) {
			any = true;
			plan__reject(p, role, why);
		}
	}
	return any;
}
