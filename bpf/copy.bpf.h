/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies whose struct pages are seen: kept from beginning to end, then sent. */
#ifndef BRINDLE_COPY_BPF_H
#define BRINDLE_COPY_BPF_H

static __always_inline void copy__begin(struct wire_copy *c, __u64 id, enum wire_type type)
{
	c->head.type = type;
	c->head.shorts_follow = 0;
	c->pid = id >> 32;
	c->tid = (__u32)id;
	bpf_get_current_comm(c->comm, sizeof(c->comm));
}

/* A copy to be kept until its end is seen. Fields whose SEEN_ is not set hold what they will. */
static __always_inline struct wire_copy *copy__keep(struct thread *t, __u64 id, struct counters *n)
{
	/* still copying: the end of that one was not seen */
	if (t->copying)
		counter__add(&n->missed);
	else
		counter__add(&n->begun);
	t->copying = 1;
	copy__begin(&t->rec, id, WIRE_COPY);
	return &t->rec;
}

/* What kind of page the source is: with the caller it names the path. */
static __always_inline void copy__source(struct wire_copy *c)
{
	const struct page *page = (const struct page *)c->src_page;
	struct page_head head;

	if (page__is_huge(page))
		c->seen |= SEEN_SRC_HUGE;
	if (!page_head__read(&head, page))
		return;
	c->page_flags = head.flags;
	c->mapcount = head.mapcount;
	c->seen |= SEEN_FLAGS | (head.ksm ? SEEN_SRC_KSM : 0);
}

static __always_inline void copy__pages(struct wire_copy *c, struct pt_regs *ctx)
{
	c->dst_page = ARG1(ctx);
	c->src_page = ARG2(ctx);
	c->user = ARG3(ctx);
	c->caller = CALLER(ctx);
	c->seen = SEEN_SRC_PAGE | SEEN_DST_PAGE;
	copy__source(c);
}

/* A copy of which nothing more will be seen. */
static __always_inline void copy__pages_at_once(struct pt_regs *ctx, __u64 id, struct counters *n)
{
	struct wire_copy c = {};

	copy__begin(&c, id, WIRE_COPY);
	copy__pages(&c, ctx);
	record__send_or_count(ctx, &c, n);
}

/* copy_user_highpage(to, from, vaddr, vma) and its like: struct pages and user address */
SEC("kprobe")
int copy_by_page(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_COPY);
	struct thread *t;

	if (!n)
		return 0;
	if (cfg.ends) {
		t = thread__wanted(id, n);
		if (t)
			copy__pages(copy__keep(t, id, n), ctx);
	} else if (wanted(id >> 32, (__u32)id)) {
		copy__pages_at_once(ctx, id, n);
	}
	return 0;
}

/*
 * wp_page_copy(vmf), where the copy itself cannot be probed: the fault is the copy's
 * beginning, and the mappings made inside tell the rest.
 */
SEC("kprobe")
int copy_by_fault(struct pt_regs *ctx)
{
	const struct vm_fault *vmf = (const struct vm_fault *)ARG1(ctx);
	__u64 id = bpf_get_current_pid_tgid(), page;
	struct counters *n = count(ROLE_COPY);
	struct thread *t = thread__wanted(id, n);
	struct wire_copy *c;

	if (!n || !t)
		return 0;
	page = vm_fault__page(vmf);
	if (!page)
		return 0;
	c = copy__keep(t, id, n);
	c->src_page = page;
	c->caller = 0;
	c->user = vm_fault__address(vmf);
	c->seen = SEEN_SRC_PAGE | SEEN_FAULT;
	copy__source(c);
	return 0;
}

/*
 * The kernel decided between our two looks whether the source is mapped and clean: when
 * they differ (another CPU unmapped it, or wrote to the file), nobody knows what it saw.
 */
static __always_inline void page__recheck(struct wire_copy *c)
{
	struct page_head now;

	if (!(c->seen & SEEN_FLAGS))
		return;
	if (!page_head__read(&now, (const struct page *)c->src_page) ||
	    (now.mapcount < 0) != (c->mapcount < 0) ||
	    ((now.flags ^ c->page_flags) & ARCH_BITS))
		c->seen &= ~SEEN_FLAGS;
}

SEC("kretprobe")
int copy_end(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_COPY_END);
	struct thread *t = thread__current();

	if (!n || !t || !t->copying)
		return 0;
	page__recheck(&t->rec);
	/* a fault that mapped no second page gave up before it copied */
	if (t->rec.seen & SEEN_DST_PAGE)
		record__send_or_count(ctx, &t->rec, n);
	t->copied = t->rec.dst_page;
	t->copying = 0;
	counter__add(&n->ended);
	t->rec.seen = 0;
	return 0;
}

#endif
