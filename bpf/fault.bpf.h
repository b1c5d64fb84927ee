/* SPDX-License-Identifier: GPL-2.0-only */
/* Write faults: the page a thread is about to copy, where the copy does not tell. */
#ifndef BRINDLE_FAULT_BPF_H
#define BRINDLE_FAULT_BPF_H

static __always_inline int fault__begin(__u64 vmf, bool page_is_set)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tid = (__u32)id;
	struct counters *n = count(ROLE_FAULT);
	struct fault fault = { .vmf = vmf };

	if (!n || !wanted(id >> 32, tid))
		return 0;
	if (!page_is_set || vm_fault__page((const struct vm_fault *)vmf))
		fault.user = vm_fault__address((const struct vm_fault *)vmf);
	if (bpf_map_update_elem(&faults, &tid, &fault, BPF_ANY))
		bump(&n->missed);	/* more threads at once than the map holds */
	return 0;
}

static __always_inline int fault__end(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	count(ROLE_FAULT_END);
	bpf_map_delete_elem(&faults, &tid);
	return 0;
}

/* wp_page_copy(vmf): a page will be copied, or cleared when there is none */
SEC("kprobe")
int fault_vmf(struct pt_regs *ctx)
{
	return fault__begin(ARG1(ctx), true);
}

SEC("fentry")
int fault_vmf_fentry(void *ctx)
{
	__u64 vmf = 0;

	bpf_get_func_arg(ctx, 0, &vmf);
	return fault__begin(vmf, true);
}

/* do_wp_page(vmf): the page is looked up inside, and may be taken over without a copy */
SEC("kprobe")
int fault_early(struct pt_regs *ctx)
{
	return fault__begin(ARG1(ctx), false);
}

SEC("fentry")
int fault_early_fentry(void *ctx)
{
	__u64 vmf = 0;

	bpf_get_func_arg(ctx, 0, &vmf);
	return fault__begin(vmf, false);
}

SEC("kretprobe")
int fault_end(struct pt_regs *ctx)
{
	return fault__end();
}

SEC("fexit")
int fault_end_fexit(void *ctx)
{
	return fault__end();
}

/* Take the write fault this thread is in; its user is 0 when it is in none. */
static __always_inline struct fault fault__take(__u32 tid)
{
	struct fault *fault = bpf_map_lookup_elem(&faults, &tid), taken = {};

	if (fault) {
		taken = *fault;
		fault->user = 0;
	}
	return taken;
}

#endif
