// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "probe/trampoline.h"

#define HEAD_START_US	500	/* lets the thread that creates a link enter the kernel first */

/* The arguments of trampoline__plan: libbpf calls prepare() without a context of ours. */
static const struct plan *plan;
static const struct btf_subset *types;

/* The candidate that a program is loaded for, NULL = it is no trampoline's. */
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

/* A link that is being created, perhaps by a thread of its own. */
struct pending_link {
	pthread_t thread;
	int prog_fd;
	enum bpf_attach_type type;
	int fd;			/* the result: the link, or -errno */
};

static void *create_link(void *arg)
{
	struct pending_link *p = arg;

	p->fd = bpf_link_create(p->prog_fd, 0, p->type, NULL);
	return NULL;
}

/* Take the result over from p and free it. Returns 0 or -errno. */
static int finish_link(struct trampoline *t, struct pending_link *p)
{
	const int fd = p->fd;

	free(p);
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
	struct pending_link *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	t->prog_fd = bpf_program__fd(prog);
	p->prog_fd = t->prog_fd;
	p->type = bpf_program__expected_attach_type(prog);
	if (later && !pthread_create(&p->thread, NULL, create_link, p)) {
		t->pending = p;
		usleep(HEAD_START_US);
		return 0;
	}
	create_link(p);
	return finish_link(t, p);
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
