/* SPDX-License-Identifier: GPL-2.0-only */
/* The choice of tasks that are recorded. */
#ifndef BRINDLE_BPF_FILTER_BPF_H
#define BRINDLE_BPF_FILTER_BPF_H

static __always_inline bool comm_matches(void)
{
	char comm[COMM_LEN] = {};
	int i;

	bpf_get_current_comm(comm, sizeof(comm));
#pragma unroll
	for (i = 0; i < COMM_LEN; i++)
		if (comm[i] != cfg.comm[i])
			return false;
	return true;
}

/* The self-check's own process need not be in the cgroup, so it passes until the check is over. */
static __always_inline bool under_cgroup(void)
{
	return !learned.checked || bpf_current_task_under_cgroup(&cgroup, 0) == 1;
}

/* The filters whose answer can change while a thread lives: asked for every event. */
static __always_inline bool passes_filters(void)
{
	return !cfg.filters || ((!(cfg.filters & FILTER_CGROUP) || under_cgroup()) &&
				(!(cfg.filters & FILTER_COMM) || comm_matches()));
}

/* false: the task is certainly not followed; true: look in "tasks" */
static __always_inline bool marked(__u32 tid)
{
	__u32 key = tid & (SLOTS - 1), *mark;

	if (cfg.follow == FOLLOW_ALL)
		return true;
	mark = bpf_map_lookup_elem(&marks, &key);
	return mark && *mark;
}

static __always_inline bool followed(__u32 pid, __u32 tid)
{
	if (pid == cfg.self || !marked(tid))
		return false;
	return cfg.follow == FOLLOW_ALL || bpf_map_lookup_elem(&tasks, &tid);
}

static __always_inline bool wanted(__u32 pid, __u32 tid)
{
	return followed(pid, tid) && passes_filters();
}

#endif
