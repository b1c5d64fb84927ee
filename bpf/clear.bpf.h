/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages cleared for a user address. */
#ifndef BRINDLE_BPF_CLEAR_BPF_H
#define BRINDLE_BPF_CLEAR_BPF_H

/* Was this thread followed from its birth? Otherwise it may be in a copy that began unseen. */
static __always_inline bool seen_from_birth(__u32 tid)
{
	const __u32 *task = bpf_map_lookup_elem(&tasks, &tid);

	return task && !(*task & TASK_ADOPTED);
}

/* @t: has the mapping and flushes seen before the clear; NULL, or in a copy: none are known */
static __always_inline void clear__send(struct pt_regs *ctx, struct thread *t, __u64 id,
					struct counters *n)
{
	const __u64 page = ARG1(ctx);
	struct wire_copy c = {};

	if (t && !t->copying) {
		c = t->rec;
		t->rec.seen = 0;
		if (c.dst_page != page)
			c.seen &= ~SEEN_DST_VA;
	}
	copy__begin(&c, id, WIRE_CLEAR);
	c.dst_page = page;
	c.user = ARG3(ctx);
	c.caller = CALLER(ctx);
	c.seen |= SEEN_DST_PAGE;
	record__send_or_count(ctx, &c, n);
}

/*
 * page_add_new_anon_rmap(page, vma, address): the page is new and already filled. The loader
 * knows by the caller whether it was cleared. A page that this thread has just copied to was not.
 */
SEC("kprobe")
int clear_after(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), page = ARG1(ctx);
	struct counters *n = count(ROLE_CLEAR);
	struct thread *t = thread__find((__u32)id);

	if (!n || !still_wanted(t, id))
		return 0;
	if (t && (t->copied_page == page || (t->copying && t->rec.dst_page == page))) {
		t->copied_page = 0;
		return 0;
	}
	if (!t && !seen_from_birth((__u32)id)) {
		/* this may be the end of a copy that began unseen; the next call counts */
		if (!thread__claim(id))
			counter__add(&n->missed);
		return 0;
	}
	if (t)
		t->copied_page = 0;	/* the copy was given up: the page may be cleared later */
	/* the small pages of a huge page are cleared one by one, see clear_part */
	if (!page__is_huge((const struct page *)page))
		clear__send(ctx, t, id, n);
	return 0;
}

/* Keep a clear that is about to be made until ROLE_CLEAR_CALL sees it. */
static __always_inline void clear__keep(struct thread *t, __u64 id, __u64 page, __u64 user)
{
	copy__begin(&t->rec, id, WIRE_CLEAR);
	t->rec.dst_page = page;
	t->rec.user = user;
	t->rec.seen = SEEN_DST_PAGE | SEEN_AT_ENTRY | SEEN_CALL;
	t->clearing = 1;
}

static __always_inline int clear__entry(void *ctx, struct counters *n, __u64 page, __u64 user)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct wire_copy c = {};
	struct thread *t;

	if (!n || !wanted(id >> 32, (__u32)id))
		return 0;
	if (cfg.clears_end) {
		t = thread__find((__u32)id) ?: thread__claim(id);
		if (t && !t->copying)
			clear__keep(t, id, page, user);
		else
			counter__add(&n->missed);
		return 0;
	}
	copy__begin(&c, id, WIRE_CLEAR);
	c.dst_page = page;
	c.user = user;
	c.seen = SEEN_DST_PAGE | SEEN_AT_ENTRY;
	record__send_or_count(ctx, &c, n);
	return 0;
}

/* clear_user_highpage(page, vaddr) and its like */
SEC("kprobe")
int clear_at_entry(struct pt_regs *ctx)
{
	return clear__entry(ctx, count(ROLE_CLEAR), ARG1(ctx), ARG2(ctx));
}

/* clear_subpage(addr, idx, page): the idx-th small page of a huge page */
SEC("kprobe")
int clear_part(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_CLEAR_PART);
	__u64 bytes = page__bytes();

	if (!bytes)
		return 0;	/* not known until the self-check is over */
	return clear__entry(ctx, n, ARG3(ctx) + (__u32)ARG2(ctx) * bytes, ARG1(ctx));
}

#endif
