// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "base/err.h"
#include "bpf/state.h"
#include "brindle.skel.h"
#include "probe/programs.h"
#include "probe/trampoline.h"
#include "probe/verifier_log.h"

#define WAKE_EVERY	1024	/* records between wake-ups of a large ring, a power of two */

#ifdef BRINDLE_CORE
#define NEEDS_TYPES	true
#else
#define NEEDS_TYPES	false
#endif

/* The complaints of libbpf since loading began, for the error message. */
static struct refusal refusal;

static int on_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (verbose < 2 && level != LIBBPF_WARN)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0)	/* a verifier's log can be long */
		return 0;
	if (verbose >= 2)
		fputs(text, stderr);
	if (level == LIBBPF_WARN)
		verifier_log__add(&refusal, text);
	free(text);
	return 0;
}

/* Offsets of the fields that tracepoint programs read. 0 or an exit code, having said why. */
static int read_event_fields(const struct kernel *k, struct config *cfg)
{
	const struct {
		const char *event, *field;
		__u32 *offset;
	} fields[] = {
		{ "sched/sched_switch", "next_pid", &cfg->next_pid_off },
		{ "sched/sched_process_exec", "old_pid", &cfg->exec_old_pid_off },
		{ "task/task_newtask", "pid", &cfg->newtask_pid_off },
		{ "task/task_newtask", "clone_flags", &cfg->newtask_flags_off },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		ret = kernel__event_field(k, fields[i].event, fields[i].field, fields[i].offset);
		if (ret)
			return err(EXIT_UNSUPPORTED, "cannot read the field %s in %s/events/%s/"
				   "format: %s", fields[i].field, k->tracefs, fields[i].event,
				   strerror(-ret));
	}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	/* clone_flags is an unsigned long: its low half comes last */
	cfg->newtask_flags_off += sizeof(long) - sizeof(__u32);
#endif
	return 0;
}

struct bpf_program *programs__pick(const struct programs *p, const struct plan *plan,
				   enum role role)
{
	const struct candidate *row = plan->pick[role];

	return row ? bpf_object__find_program_by_name(p->skel->obj, row->program) : NULL;
}

struct bpf_program *programs__call(const struct programs *p, const struct plan *plan,
				   enum role role, int i)
{
	const enum call_kind kind = plan__calls(plan, role)->call[i].kind;
	char name[32];

	snprintf(name, sizeof(name), "%s%s_%d", role == ROLE_COPY_CALL ? "copy" : "clear",
		 kind == CALL_DISCARDS ? "_discard" : "", i);
	return bpf_object__find_program_by_name(p->skel->obj, name);
}

/* The load of a register, where it is a mark: of this one. */
static void patch_load(struct bpf_insn *insn, const struct config *cfg, __u8 reg)
{
	if (reg == SITE_NO_REGISTER)
		*insn = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
					   .dst_reg = insn->dst_reg };
	else
		insn->off = (__s16)(cfg->registers + reg * cfg->register_size);
}

/* Put the arguments of a call where the program has marks for them (bpf/call.bpf.h). */
static void patch(struct bpf_program *prog, const struct config *cfg, const struct site *site)
{
	/* the program's own copy, which libbpf loads */
	struct bpf_insn *insn = (struct bpf_insn *)(unsigned long)bpf_program__insns(prog);
	const struct bpf_insn *end = insn + bpf_program__insn_cnt(prog);
	int i;

	for (; insn < end; insn++) {
		for (i = 0; i < SITE_ARGUMENTS; i++) {
			const struct site_value *v = &site->argument[i];

			if (BPF_CLASS(insn->code) == BPF_LDX && insn->off == CALL_BASE(i))
				patch_load(insn, cfg, v->base);
			else if (BPF_CLASS(insn->code) == BPF_LDX && insn->off == CALL_INDEX(i))
				patch_load(insn, cfg, v->index);
			else if (insn->code == (BPF_ALU64 | BPF_ADD | BPF_K) &&
				 insn->imm == CALL_ADD(i))
				insn->imm = v->add;
		}
	}
}

/* Let the programs for all places of a role be loaded. */
static void select_calls(const struct programs *p, const struct plan *plan, enum role role)
{
	const struct calls *calls = plan__calls(plan, role);
	struct bpf_program *prog;
	int i;

	for (i = 0; calls && i < calls->n; i++) {
		prog = programs__call(p, plan, role, i);
		if (!prog)
			continue;
		patch(prog, (const void *)&p->skel->rodata->cfg, &calls->call[i].site);
		bpf_program__set_autoload(prog, true);
	}
}

/* Set the read-only configuration. Returns 0 or an exit code, having said why. */
static int configure(struct programs *p, const struct kernel *k, struct plan *plan,
		     const struct session_opts *opts)
{
	struct config *cfg = (void *)&p->skel->rodata->cfg;

	trampoline__plan(plan, p->types);
	cfg->self = getpid();
	cfg->follow = opts->follow;
	cfg->ring = !plan->aliases;
	cfg->ends = plan->pick[ROLE_COPY_END] != NULL;
	cfg->cpus = k->cpus;
	p->alone = k->cpus == 1 && !kernel__is_preemptible(k) && plan__copies_run_through(plan);
	cfg->page_size = getpagesize();
	cfg->huge_pages = kernel__has_huge_pages();
	cfg->clears = plan->pick[ROLE_CLEAR] && plan->pick[ROLE_FLUSH];
	cfg->wake_every = WAKE_EVERY;
	while (cfg->wake_every > opts->buffer / WIRE_MAX / 4 + 1)
		cfg->wake_every /= 2;
	if (opts->comm) {
		cfg->filters |= FILTER_COMM;
		snprintf(cfg->comm, sizeof(cfg->comm), "%s", opts->comm);
	}
	cfg->page_shift = __builtin_ctz(cfg->page_size);
	cfg->totals = opts->totals;
	cfg->colours = opts->totals ? opts->colours : 1;
	cfg->filters |= opts->cgroup > 0 ? FILTER_CGROUP : 0;
	cfg->fork_flush = plan->pick[ROLE_FORK_TLB] && plan->pick[ROLE_FORK_FLUSH];
	cfg->copy_sets_flag = plan->arch->flag_is_clean;
	/* where ROLE_CLEAR comes first */
	cfg->clears_end = plan__calls(plan, ROLE_CLEAR_CALL) && plan->pick[ROLE_CLEAR] &&
		!strcmp(plan->pick[ROLE_CLEAR]->program, "clear_at_entry");
	return read_event_fields(k, cfg);
}

/* Choose the maps that are created, and how large they are. */
static void configure_maps(struct brindle_bpf *skel, const struct kernel *k, bool ring,
			   const struct session_opts *opts)
{
	bpf_map__set_autocreate(skel->maps.totals, opts->totals);
	bpf_map__set_autocreate(skel->maps.total_owners, opts->totals);
	bpf_map__set_autocreate(skel->maps.more_totals, opts->totals);
	bpf_map__set_max_entries(skel->maps.more_totals,
				 opts->buffer / sizeof(struct total) + 1);
	bpf_map__set_autocreate(skel->maps.cgroup, opts->cgroup > 0);
	bpf_map__set_autocreate(skel->maps.ring, ring);
	bpf_map__set_autocreate(skel->maps.perf, !ring);
	bpf_map__set_max_entries(skel->maps.ring, opts->buffer);
	/* a thread that finds no free slot is kept in the map "threads" */
	bpf_map__set_max_entries(skel->maps.owners, opts->threads < SLOTS ? opts->threads : SLOTS);
	bpf_map__set_max_entries(skel->maps.threads, opts->threads);
	bpf_map__set_max_entries(skel->maps.fork_flushed, opts->threads);
	bpf_map__set_max_entries(skel->maps.running, k->cpus);
	/* read by bpf(2), not mapped: with aliases, a mapping would have another colour */
	bpf_map__set_map_flags(skel->maps.bss, 0);
	bpf_map__set_map_flags(skel->maps.data_learned, 0);
	bpf_map__set_map_flags(skel->maps.data_counters, 0);
}

/* Load only the programs of the plan. */
static void select_programs(const struct programs *p, const struct plan *plan)
{
	struct bpf_program *prog;
	int role;

	bpf_object__for_each_program(prog, p->skel->obj)
		bpf_program__set_autoload(prog, false);
	for (role = 0; role < ROLE_COUNT; role++) {
		prog = programs__pick(p, plan, role);
		if (prog)
			bpf_program__set_autoload(prog, true);
		select_calls(p, plan, role);
	}
}

static int load(struct programs *p, struct plan *plan)
{
	int ret;

	memset(&refusal, 0, sizeof(refusal));
	ret = brindle_bpf__load(p->skel);
	if (!ret)
		return 0;
	if (trampoline__reject(plan, refusal.reason[0] ? refusal.reason :
			"the kernel did not load its program"))
		return -EAGAIN;
	/* -EACCES can also mean a program that the verifier refuses to everybody */
	if (refusal.reason[0])
		return err(EXIT_UNSUPPORTED, "the kernel refuses the BPF program %s (%s): %s%s",
			   refusal.program, strerror(-ret), refusal.reason,
			   verbose < 2 ? "; the whole log: -vv" : "");
	if (ret == -EPERM || ret == -EACCES)
		return err(EXIT_PERM, "loading the BPF programs: %s (%s); run as root on a kernel "
			   "that is not locked down", strerror(-ret), refusal.said);
	return err(EXIT_UNSUPPORTED, "loading the BPF programs: %s (%s); see all that libbpf says "
		   "with -vv", strerror(-ret), refusal.said);
}

static void drop_types(struct programs *p)
{
	btf_subset__free(p->types);
	p->types = NULL;
	if (p->types_fd > 0)
		close(p->types_fd);
	p->types_fd = 0;
}

/*
 * Open the object. CO-RE programs need the kernel's BTF: libbpf is given a file with just the
 * types that the programs use (btf.h), and reads it when it loads them.
 */
static void open_skeleton(struct programs *p)
{
	struct bpf_object_open_opts opts = { .sz = sizeof(opts) };
	char path[32];

	trampoline__prepare();
	if (NEEDS_TYPES)
		p->types_fd = memfd_create("brindle-types", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p->types_fd);
	opts.btf_custom_path = p->types_fd > 0 ? path : NULL;
	p->skel = brindle_bpf__open_opts(&opts);
	if (p->types_fd <= 0 || !p->skel)
		return;
	p->types = btf_subset__read(BTF_FILE, bpf_object__btf(p->skel->obj));
	if (p->types && !btf_subset__write(p->types, p->types_fd))
		return;
	/* let libbpf read all of the kernel's BTF, or say why it cannot */
	drop_types(p);
	brindle_bpf__destroy(p->skel);
	p->skel = brindle_bpf__open();
}

int programs__load(struct programs *p, const struct kernel *k, struct plan *plan,
		   const struct session_opts *opts)
{
	const __u32 zero = 0;
	int ret;

	libbpf_set_print(on_libbpf);
	open_skeleton(p);
	if (!p->skel)
		return err(EXIT_FAIL, "opening the BPF object: %s (%s)", strerror(errno),
			   refusal.said);
	ret = configure(p, k, plan, opts);
	if (!ret) {
		configure_maps(p->skel, k, !plan->aliases, opts);
		select_programs(p, plan);
		ret = load(p, plan);
	}
	drop_types(p);
	if (ret || opts->cgroup <= 0)
		return ret;
	ret = bpf_map_update_elem(bpf_map__fd(p->skel->maps.cgroup), &zero, &opts->cgroup, BPF_ANY);
	if (ret)
		return err(EXIT_UNSUPPORTED, "--cgroup: the kernel does not take it: %s",
			   strerror(-ret));
	return 0;
}

void programs__close(struct programs *p)
{
	brindle_bpf__destroy(p->skel);
	p->skel = NULL;
}
