/* SPDX-License-Identifier: GPL-2.0-only */
/* Write faults: they give the user address where the probe of the copy does not see it. */
#ifndef BRINDLE_BPF_FAULT_BPF_H
#define BRINDLE_BPF_FAULT_BPF_H

static __always_inline int fault__end(void)
{
	struct thread *t = thread__current();

	count(ROLE_FAULT_END);
	if (t)
		t->user = 0;
	return 0;
}

#ifdef BRINDLE_CORE
/*
 * @early: at do_wp_page, where vmf->page is not set yet and the page may be reused without a copy
 */
static __always_inline int fault__begin(const struct vm_fault *vmf, bool early)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct thread *t = thread__wanted(id, count(ROLE_FAULT));
	__u64 page, user;

	if (!t)
		return 0;
	vm_fault__read(vmf, &page, &user);
	t->user = page || early ? user : 0;
	if (early)
		t->vmf = (__u64)vmf;
	else
		page_kind__read(&t->source, (const struct page *)page);
	return 0;
}

/* wp_page_copy(vmf): a page will be copied, or cleared when there is none */
SEC("kprobe")
int fault_copying(struct pt_regs *ctx)
{
	return fault__begin((const struct vm_fault *)ARG1(ctx), false);
}

/* do_wp_page(vmf) */
SEC("kprobe")
int fault_entered(struct pt_regs *ctx)
{
	return fault__begin((const struct vm_fault *)ARG1(ctx), true);
}

/* The argument is typed by BTF, so its fields are read directly, without a helper. */
SEC("fentry")
int fault_copying_fentry(__u64 *ctx)
{
	const struct vm_fault *vmf = (const struct vm_fault *)FUNC_ARG(ctx, 0);
	struct thread *t = thread__wanted_fast(ROLE_FAULT);
	const struct page *page;

	if (!t)
		return 0;
	page = vmf->page;
	t->user = page ? vmf->address : 0;
	t->source.flags = page->flags;
	t->source.compound = page->compound_head;
	t->source.mapping = (__u64)page->mapping;
	return 0;
}

SEC("fentry")
int fault_entered_fentry(__u64 *ctx)
{
	const struct vm_fault *vmf = (const struct vm_fault *)FUNC_ARG(ctx, 0);
	struct thread *t = thread__wanted_fast(ROLE_FAULT);

	if (!t)
		return 0;
	t->vmf = (__u64)vmf;
	t->user = vmf->address;
	return 0;
}
#endif

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

#endif
