// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "probe/trampoline.h"

#define HEAD_START_US	500	/* for a link's thread to be in the kernel before we are */

/* What trampoline__plan was told: libbpf calls back without a word of whose program it is. */
static const struct plan *plan;
static const struct btf_subset *types;

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

/* libbpf calls this just before load: set the BTF target and the real program type here. */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct candidate *row = row_of(prog);

	(void)cookie;
	if (!row)
		return -ENOENT;
	opts->attach_btf_id = btf_subset__function(types, row->function);
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

/*
 * If the type were BPF_PROG_TYPE_TRACING when the object is opened, libbpf would parse all of
 * the kernel's BTF to find the target.
 */
void trampoline__prepare(void)
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

void trampoline__plan(struct plan *p, const struct btf_subset *t)
{
	const struct candidate *row;
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		while ((row = p->pick[role]) && mechanism__is_trampoline(row->by) &&
		       !(t && btf_subset__function(t, row->function)))
			plan__reject(p, role, "no BTF of it");
	plan = p;
	types = t;
}

bool trampoline__reject(struct plan *p, const char *why)
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

/* A link of a trampoline's program, being made in a thread of its own. */
struct pending_link {
	pthread_t thread;
	int prog_fd;
	enum bpf_attach_type type;
	int fd;			/* or -errno */
};

static void *create_link(void *arg)
{
	struct pending_link *m = arg;

	m->fd = bpf_link_create(m->prog_fd, 0, m->type, NULL);
	return NULL;
}

static int finish_link(struct trampoline *t, struct pending_link *m)
{
	const int fd = m->fd;

	free(m);
	t->pending = NULL;
	t->link_fd = fd < 0 ? 0 : fd;
	t->prog_fd = fd < 0 ? 0 : t->prog_fd;
	return fd < 0 ? fd : 0;
}

int trampoline__settle(struct trampoline *t)
{
	if (!t->pending)
		return 0;
	pthread_join(t->pending->thread, NULL);
	return finish_link(t, t->pending);
}

int trampoline__attach(struct trampoline *t, const struct bpf_program *prog, bool later)
{
	struct pending_link *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	t->prog_fd = bpf_program__fd(prog);
	m->prog_fd = t->prog_fd;
	m->type = bpf_program__expected_attach_type(prog);
	if (later && !pthread_create(&m->thread, NULL, create_link, m)) {
		t->pending = m;
		usleep(HEAD_START_US);
		return 0;
	}
	create_link(m);
	return finish_link(t, m);
}

void trampoline__detach(struct trampoline *t)
{
	trampoline__settle(t);
	if (t->link_fd)
		close(t->link_fd);
	t->link_fd = 0;
}

__u64 trampoline__recursions(const struct trampoline *t)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (!t->prog_fd || bpf_obj_get_info_by_fd(t->prog_fd, &info, &size))
		return 0;
	return info.recursion_misses;
}
