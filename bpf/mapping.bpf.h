/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel mappings and cache flushes made inside a copy, or before a clear. */
#ifndef BRINDLE_BPF_MAPPING_BPF_H
#define BRINDLE_BPF_MAPPING_BPF_H

/* The copy in progress in a thread, NULL = none. */
static __always_inline struct wire_copy *copy__current(struct thread *t)
{
	return t && t->copying ? &t->rec : NULL;
}

/* A function that returns the address at which it mapped the source. */
SEC("kretprobe")
int mapping_source_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct wire_copy *c = copy__current(thread__current());

	if (!c) {
		if (n)
			counter__add(&n->idle_mappings);
		return 0;
	}
	/* a second mapping (an interrupt's): which one is the source's is not known */
	if ((c->seen & SEEN_SRC_VA) && c->src_va != RETVAL(ctx))
		c->seen |= SEEN_SRC_MORE;
	c->src_va = RETVAL(ctx);
	c->seen |= SEEN_SRC_VA;
	return 0;
}

/* __kmap_local_page_prot(page, prot) maps both sides of a copy: note which page it is about. */
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

/* That function returns: its address belongs to the side whose page mapping_page noted. */
SEC("kretprobe")
int mapping_both_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct thread *t = thread__current();
	struct wire_copy *c = copy__current(t);

	if (!c && n)
		counter__add(&n->idle_mappings);
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
	/* the page mapped right after the source is the destination; page tables come later */
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
 * Inside a copy the first flush and the last are kept: the loader knows by the page which of
 * them was the destination's. Before a clear the last two are kept (@last_two), because earlier
 * ones belong to something else the thread did since its previous clear.
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

/* A function whose first argument is the kernel address of the page to be flushed. */
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
	counter__add(&n->idle_flushes);
	if (!cfg.clears || !still_wanted(t, id))
		return 0;
	t = t ?: thread__claim(id);
	if (t)
		flush__note(&t->rec, ARG1(ctx), true);
	else
		counter__add(&n->missed);
	return 0;
}

#endif
