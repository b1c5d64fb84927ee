/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel mappings and cache flushes made inside a copy, or before a clear, in their order. */
#ifndef BRINDLE_BPF_MAPPING_BPF_H
#define BRINDLE_BPF_MAPPING_BPF_H

/* The copy in progress in a thread, NULL = none. */
static __always_inline struct wire_copy *copy__current(struct thread *t)
{
	return t && t->copying ? &t->rec : NULL;
}

/*
 * Note one more event. Of a copy the first ones are kept. Before a clear the last ones are
 * (@last), because earlier ones belong to something else the thread did since its previous clear.
 */
static __always_inline void event__add(struct wire_copy *c, __u64 event, bool last)
{
	__u64 n = SEEN_EVENTS(c->seen);
	int i;

	if (n < EVENTS_MAX) {
		/* the verifier wants to see the limit right here */
		asm volatile("%0 &= %1" : "+r"(n) : "i"(EVENTS_MAX - 1));
		c->event[n] = event;
		c->seen += 1U << SEEN_EVENTS_SHIFT;
		return;
	}
	c->seen |= SEEN_EVENTS_LOST;
	if (!last)
		return;
	for (i = 1; i < EVENTS_MAX; i++)
		c->event[i - 1] = c->event[i];
	c->event[EVENTS_MAX - 1] = event;
}

/* __kmap_local_page_prot(page, prot) and the like: note which page is about to be mapped. */
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
int mapping_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct thread *t = thread__current();
	struct wire_copy *c = copy__current(t);

	if (!c && n)
		counter__add(&n->idle_mappings);
	if (!t)
		return 0;
	t->mapped_va = RETVAL(ctx);
	if (!c) {
		/* perhaps a page is being cleared through it */
		t->rec.dst_page = t->mapping_page;
		t->rec.dst_va = RETVAL(ctx);
		t->rec.seen |= SEEN_DST_VA;
		return 0;
	}
	if (c->seen & SEEN_CALL)
		return 0;
	if (t->mapping_page == c->src_page) {
		c->src_va = RETVAL(ctx);
		c->seen |= SEEN_SRC_VA;
		event__add(c, EVENT_MAP, false);
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

/* The kind of a flush of va inside a copy: a mapping seen before tells which page it is of. */
static __always_inline enum wire_event flush_kind(const struct thread *t, __u64 va)
{
	if (!t->mapped_va || va >> cfg.page_shift != t->mapped_va >> cfg.page_shift)
		return EVENT_FLUSH;
	if ((t->rec.seen & SEEN_SRC_PAGE) && t->mapping_page == t->rec.src_page)
		return EVENT_FLUSH_SOURCE;
	if ((t->rec.seen & SEEN_DST_PAGE) && t->mapping_page == t->rec.dst_page)
		return EVENT_FLUSH_DESTINATION;
	return EVENT_FLUSH;
}

static __always_inline int flush__note(enum role role, __u64 va)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(role);
	struct thread *t = thread__find((__u32)id);

	if (copy__current(t)) {
		event__add(&t->rec, WIRE_EVENT(flush_kind(t, va), va), false);
		return 0;
	}
	if (!n)
		return 0;
	counter__add(&n->idle_flushes);
	if (!cfg.clears || !still_wanted(t, id))
		return 0;
	t = t ?: thread__claim(id);
	if (t)
		event__add(&t->rec, WIRE_EVENT(EVENT_FLUSH, va), true);
	else
		counter__add(&n->missed);
	return 0;
}

/* A function whose first argument is the kernel address of the page to be flushed. */
SEC("kprobe")
int flush_va(struct pt_regs *ctx)
{
	return flush__note(ROLE_FLUSH, ARG1(ctx));
}

/* ... which the function above may call */
SEC("kprobe")
int flush_local(struct pt_regs *ctx)
{
	return flush__note(ROLE_FLUSH_LOCAL, ARG1(ctx));
}

/* __flush_dcache_page(mapping, page): the page's lines in the linear mapping */
SEC("kprobe")
int flush_page(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_FLUSH);
	struct wire_copy *c = copy__current(thread__current());

	if (!c && n)
		counter__add(&n->idle_flushes);
	if (c && ARG2(ctx) == c->src_page)
		event__add(c, EVENT_FLUSH_SOURCE, false);
	else if (c && ARG2(ctx) == c->dst_page)
		event__add(c, EVENT_FLUSH_DESTINATION, false);
	return 0;
}

/* flush_cache_page(vma, address, pfn): a user address of the page */
SEC("kprobe")
int flush_user(struct pt_regs *ctx)
{
	struct wire_copy *c = copy__current(thread__current());

	count(ROLE_FLUSH_USER);
	if (c)
		event__add(c, WIRE_EVENT(EVENT_FLUSH_USER, ARG2(ctx)), false);
	return 0;
}

/* A function that flushes the whole cache, whatever its arguments are. */
SEC("kprobe")
int flush_all(struct pt_regs *ctx)
{
	struct wire_copy *c = copy__current(thread__current());

	count(ROLE_FLUSH_ALL);
	if (c)
		event__add(c, EVENT_FLUSH_ALL, false);
	return 0;
}

#endif
