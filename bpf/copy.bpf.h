/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies whose struct pages are seen: kept from beginning to end, then sent. */
#ifndef BRINDLE_BPF_COPY_BPF_H
#define BRINDLE_BPF_COPY_BPF_H

/* Fill in what every copy and clear has. */
static __always_inline void copy__begin(struct wire_copy *c, __u64 id, enum wire_type type)
{
	c->head.type = type;
	c->head.shorts_follow = 0;
	c->pid = id >> 32;
	c->tid = (__u32)id;
	if (!cfg.totals)	/* which have no names */
		bpf_get_current_comm(c->comm, sizeof(c->comm));
}

/* Begin a copy that is kept in t until its end is seen. The caller sets seen and its fields. */
static __always_inline struct wire_copy *copy__keep(struct thread *t, __u64 id, struct counters *n)
{
	/* still copying: the end of the previous copy was not seen */
	if (t->copying)
		counter__add(&n->missed);
	else
		counter__add(&n->begun);
	t->copying = 1;
	copy__begin(&t->rec, id, WIRE_COPY);
	return &t->rec;
}

/* Read the source's struct page, for its excuses and for the path. */
static __always_inline void copy__read_source(struct wire_copy *c)
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
	if (learned.fork_flushes && head.anonymous && bpf_map_lookup_elem(&fork_flushed, &c->pid))
		c->seen |= SEEN_FORK_FLUSH;
}

static __always_inline void copy__fill_pages(struct wire_copy *c, struct pt_regs *ctx)
{
	c->dst_page = ARG1(ctx);
	c->src_page = ARG2(ctx);
	c->user = ARG3(ctx);
	c->caller = CALLER(ctx);
	c->seen = SEEN_SRC_PAGE | SEEN_DST_PAGE;
	copy__read_source(c);
}

/* Send a copy at its beginning, where no probe sees its end. */
static __always_inline void copy__send_pages(struct pt_regs *ctx, __u64 id, struct counters *n)
{
	struct wire_copy c = {};

	copy__begin(&c, id, WIRE_COPY);
	copy__fill_pages(&c, ctx);
	record__send_or_count(ctx, &c, n);
}

/* copy_user_highpage(to, from, vaddr, vma) and the like: both struct pages, the user address */
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
			copy__fill_pages(copy__keep(t, id, n), ctx);
	} else if (wanted(id >> 32, (__u32)id)) {
		copy__send_pages(ctx, id, n);
	}
	return 0;
}

/*
 * wp_page_copy(vmf), where the copy itself cannot be probed: the copy begins with the fault, and
 * the mappings made inside give its kernel addresses and its destination.
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
	copy__read_source(c);
	return 0;
}

/*
 * Compare the source's state with that at the copy's beginning. In between, the kernel checked
 * whether the source is mapped and clean. If that has changed (another CPU unmapped it, or
 * wrote to the file), the kernel may have seen either state: it is not known. Where the copy
 * itself sets the flag, only that it was cleared tells so. Elsewhere a copy that flushes its
 * source may clear it: the loader knows the steps.
 */
static __always_inline void copy__recheck_source(struct wire_copy *c)
{
	const __u64 watched = ARCH_BITS & (cfg.copy_sets_flag ? c->page_flags : ~0ULL);
	struct page_head now;
	__u64 changed;

	if (!(c->seen & SEEN_FLAGS))
		return;
	if (!page_head__read(&now, (const struct page *)c->src_page) ||
	    (now.mapcount < 0) != (c->mapcount < 0)) {
		c->seen &= ~SEEN_FLAGS;
		return;
	}
	changed = (now.flags ^ c->page_flags) & watched;
	if (changed && !cfg.copy_sets_flag && !(now.flags & changed))
		c->seen |= SEEN_CLEANED;
	else if (changed)
		c->seen &= ~SEEN_FLAGS;
}

static __always_inline void copy__finish(void *ctx, struct thread *t, struct counters *n)
{
	/* the self-check wants to know what copies do to flags */
	if (!learned.alone)
		copy__recheck_source(&t->rec);
	/* copy_by_fault: a fault that mapped no second page gave up before it copied */
	if (t->rec.seen & SEEN_DST_PAGE)
		record__send_or_count(ctx, &t->rec, n);
	t->copied_page = t->rec.dst_page;
	t->copying = 0;
	counter__add(&n->ended);
	t->rec.seen = 0;
}

SEC("kretprobe")
int copy_end(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_COPY_END);
	struct thread *t = thread__current();

	if (n && t && t->copying)
		copy__finish(ctx, t, n);
	return 0;
}

/*
 * page_add_new_anon_rmap(page, vma, address): wp_page_copy has copied to this page, and is about
 * to map it. When another thread was faster, it drops the page without calling this; such a copy,
 * begun by copy_by_fault, is counted as missed when the thread's next one begins. The address
 * keeps pages out that the thread gets for something else in between.
 */
SEC("kprobe")
int copy_end_by_new_page(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_COPY_END);
	struct thread *t = thread__current();

	if (!n || !t || !t->copying ||
	    ARG3(ctx) >> cfg.page_shift != t->rec.user >> cfg.page_shift)
		return 0;
	t->rec.dst_page = ARG1(ctx);
	t->rec.seen |= SEEN_DST_PAGE;
	copy__finish(ctx, t, n);
	return 0;
}

#endif
