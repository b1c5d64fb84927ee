/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies, with the mappings and flushes made inside them. */
#ifndef BRINDLE_COPY_BPF_H
#define BRINDLE_COPY_BPF_H

static __always_inline void copy__begin(struct wire_copy *c, __u64 id, enum wire_type type)
{
	c->head.type = type;
	c->head.exact = 0;
	c->pid = id >> 32;
	c->tid = (__u32)id;
	bpf_get_current_comm(c->comm, sizeof(c->comm));
}

/* A copy to be kept until its end is seen. Fields whose SEEN_ is not set hold what they will. */
static __always_inline struct wire_copy *copy__keep(struct thread *t, __u64 id, struct counters *n)
{
	/* still copying: the end of that one was not seen */
	if (t->copying)
		bump(&n->missed);
	else
		bump(&n->begun);
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
	deliver(ctx, &c, n);
}

/* copy_user_highpage(to, from, vaddr, vma) and its like: struct pages and user address */
SEC("kprobe")
int copy_pages(struct pt_regs *ctx)
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
int copy_fault(struct pt_regs *ctx)
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
		deliver(ctx, &t->rec, n);
	t->copied = t->rec.dst_page;
	t->copying = 0;
	bump(&n->ended);
	t->rec.seen = 0;
	return 0;
}

#ifdef BRINDLE_CORE
/* Has the thread another name than was sent last? */
static __always_inline bool comm_changed(const struct thread *t)
{
	const __u64 *sent = (const __u64 *)t->comm, *now;
	__u64 name[COMM_LEN / sizeof(__u64)];

	/* where the kernel has it (5.11), no call for the name itself */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
		now = (const __u64 *)((const struct task_struct *)bpf_get_current_task_btf())->comm;
		return !t->comm_sent || now[0] != sent[0] || now[1] != sent[1];
	}
	bpf_get_current_comm(name, sizeof(name));
	return !t->comm_sent || name[0] != sent[0] || name[1] != sent[1];
}

/* The copy with all there is room for. */
static __always_inline struct wire_copy *copy__whole(struct thread *t, __u64 dst, __u64 src,
						     __u32 seen)
{
	struct wire_copy *c = &t->rec;

	c->head.type = WIRE_COPY;
	c->head.exact = !t->spilled;
	c->pid = t->pid;
	c->tid = t->tid;
	bpf_get_current_comm(c->comm, sizeof(c->comm));
	c->user = t->user;
	c->src_va = src;
	c->dst_va = dst;
	c->caller = 0;
	c->seen = seen;
	return c;
}

/* What of it a thread's first copy did not say. */
static __always_inline void copy__send_exact(struct thread *t, struct counters *n, __u64 dst,
					     __u64 src, __u32 seen)
{
	struct wire_exact *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0), rec = {
		.head = { .type = WIRE_EXACT, .exact = seen },
		.pid = t->pid,
		.tid = t->tid,
		.user = t->user,
		.src_va = src,
		.dst_va = dst,
	};

	if (!e) {
		n->seq++;
		bump(&n->lost);
		return;
	}
	/* not where it is to be: what is in registers need not be read again for the checksum */
	seal(&rec.head, sizeof(rec), n);
	*e = rec;
	bpf_ringbuf_submit(e, wakes(rec.head.seq));
}

/* The first of a thread, or of a name, has all there is room for. */
static RARELY void copy__send_whole(void *ctx, struct thread *t, __u64 dst, __u64 src,
					__u32 seen)
{
	struct counters *n = counters__here();

	if (!n || !send(ctx, &copy__whole(t, dst, src, seen)->head, sizeof(t->rec), n))
		return;
	__builtin_memcpy(t->comm, t->rec.comm, COMM_LEN);
	t->comm_sent = !t->spilled;
}

static RARELY void copy__first_total(struct total_key *key, struct thread *t, __u64 dst,
					 __u64 src)
{
	struct counters *n = counters__here();

	if (n)
		total__add(key, copy__whole(t, dst, src, (__u32)key->facts & KEY_SEEN), n);
}

static __always_inline void copy__total_exact(struct thread *t, __u64 dst, __u64 src, __u32 seen)
{
	struct total_key key = { .facts = seen | WIRE_COPY << KEY_TYPE_SHIFT };

	if (cfg.colours > 1)
		key.colours = key_colour(t->user, KEY_USER) | key_colour(src, KEY_SRC_VA) |
			      key_colour(dst, KEY_DST_VA);
	if (!total__count(&key))
		copy__first_total(&key, t, dst, src);
}

/* A fault that was announced before its page was looked up. */
static RARELY void copy__look_up(struct thread *t)
{
	const struct vm_fault *vmf = (const struct vm_fault *)t->vmf;

	page_kind__read(&t->source, (const struct page *)vm_fault__page(vmf));
}

/*
 * copy_mc_to_kernel(dst, src, len): both kernel addresses at once. Serves much else
 * (pmem, iov_iter), so it counts only inside a write fault and for a whole page.
 * This is what is known without the addresses: SEEN_*.
 */
static __always_inline __u32 copy__exact_seen(struct thread *t)
{
	if (t->vmf)
		copy__look_up(t);
	return SEEN_SRC_VA | SEEN_DST_VA | SEEN_FAULT | page_kind__seen(&t->source);
}

/* With one colour a total needs no more: true if the copy is counted. */
static __always_inline bool copy__counted(__u32 seen)
{
	const struct total_key key = { .facts = seen | WIRE_COPY << KEY_TYPE_SHIFT };

	return totals_on() && cfg.colours == 1 && total__count(&key);
}

/* @counted: the program has counted itself; else it does when it is not for a total */
static __always_inline void copy__exact(void *ctx, struct thread *t, __u32 seen, bool counted,
					__u64 dst, __u64 src)
{
	struct counters *n;

	if (totals_on()) {
		copy__total_exact(t, dst, src, seen);
		return;
	}
	n = counted ? counters__here() : count(ROLE_COPY);
	if (!n)
		return;
	if (cfg.ring && !comm_changed(t))
		copy__send_exact(t, n, dst, src, seen);
	else
		copy__send_whole(ctx, t, dst, src, seen);
}

SEC("kprobe")
int copy_exact(struct pt_regs *ctx)
{
	struct thread *t;
	__u32 seen;

	count(ROLE_COPY);
	if (ARG3(ctx) != cfg.page_size)
		return 0;
	t = thread__current();
	if (!t || !t->user)
		return 0;
	seen = copy__exact_seen(t);
	if (!copy__counted(seen))
		copy__exact(ctx, t, seen, true, ARG1(ctx), ARG2(ctx));
	t->user = 0;
	return 0;
}

SEC("fentry")
int copy_exact_fentry(__u64 *ctx)
{
	struct thread *t;
	__u64 src;
	__u32 seen;

	if ((__u32)FUNC_ARG(ctx, 2) != cfg.page_size)
		return 0;
	t = thread__current_quickly();
	if (!t || !t->user)
		return 0;
	seen = copy__exact_seen(t);
	if (!copy__counted(seen)) {
		/* of a pointer to const void the verifier knows no type: read by helper only */
		bpf_get_func_arg(ctx, 1, &src);
		copy__exact(ctx, t, seen, false, FUNC_ARG(ctx, 0), src);
	}
	t->user = 0;
	return 0;
}
#endif

/* ---- kernel mapping and flush inside a copy ---- */

/* The copy this thread is in, NULL when in none. */
static __always_inline struct wire_copy *copy__current(struct thread *t)
{
	return t && t->copying ? &t->rec : NULL;
}

/* returns the address the source was mapped at */
SEC("kretprobe")
int mapping_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct wire_copy *c = copy__current(thread__current());

	if (!c) {
		if (n)
			bump(&n->idle_mappings);
		return 0;
	}
	/* a second, other mapping (an interrupt's): which was the source's is not known */
	if ((c->seen & SEEN_SRC_VA) && c->src_va != RETVAL(ctx))
		c->seen |= SEEN_SRC_MORE;
	c->src_va = RETVAL(ctx);
	c->seen |= SEEN_SRC_VA;
	return 0;
}

/* __kmap_local_page_prot(page, prot): which page is mapped; both sides of a copy are */
SEC("kprobe")
int mapping_page(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct thread *t = thread__find((__u32)id);

	count(ROLE_MAPPED_PAGE);
	if (!t && cfg.clears && wanted(id >> 32, (__u32)id))
		t = thread__claim(id);
	if (t)
		t->mapping_page = ARG1(ctx);
	return 0;
}

SEC("kretprobe")
int mapping_page_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct thread *t = thread__current();
	struct wire_copy *c = copy__current(t);

	if (!c && n)
		bump(&n->idle_mappings);
	if (!t)
		return 0;
	if (!c) {
		/* perhaps a page is being cleared through it */
		t->rec.dst_page = t->mapping_page;
		t->rec.dst_va = RETVAL(ctx);
		t->rec.seen |= SEEN_DST_VA;
		return 0;
	}
	if (t->mapping_page == c->src_page) {
		c->src_va = RETVAL(ctx);
		c->seen |= SEEN_SRC_VA;
		return 0;
	}
	/* the page mapped next to the source is the destination; page tables come later */
	if (!(c->seen & SEEN_DST_PAGE) && (c->seen & SEEN_SRC_VA)) {
		c->dst_page = t->mapping_page;
		c->seen |= SEEN_DST_PAGE;
	}
	if (t->mapping_page == c->dst_page) {
		c->dst_va = RETVAL(ctx);
		c->seen |= SEEN_DST_VA;
	}
	return 0;
}

/*
 * Inside a copy the first flush and the last are kept, since the loader tells by the page
 * which was the destination's. Of those before a clear, the last two: they belong to
 * whatever this thread did since its last clear.
 */
static __always_inline void flush__note(struct wire_copy *c, __u64 va, bool last_two)
{
	if (!(c->seen & SEEN_FLUSH)) {
		c->flush_va = va;
		c->seen |= SEEN_FLUSH;
		return;
	}
	if (c->seen & SEEN_FLUSH_MORE) {
		c->seen |= SEEN_FLUSH_MANY;
		if (last_two)
			c->flush_va = c->flush_va2;
	}
	c->flush_va2 = va;
	c->seen |= SEEN_FLUSH_MORE;
}

/* argument 1 is the kernel address whose page is flushed */
SEC("kprobe")
int flush_va(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_FLUSH);
	struct thread *t = thread__find((__u32)id);

	if (copy__current(t)) {
		flush__note(&t->rec, ARG1(ctx), false);
		return 0;
	}
	if (!n)
		return 0;
	bump(&n->idle_flushes);
	if (!cfg.clears || !still_wanted(t, id))
		return 0;
	t = t ?: thread__claim(id);
	if (t)
		flush__note(&t->rec, ARG1(ctx), true);
	else
		bump(&n->missed);
	return 0;
}

#endif
