/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies whose two kernel addresses are seen at one probe. */
#ifndef BRINDLE_EXACT_BPF_H
#define BRINDLE_EXACT_BPF_H

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
	c->head.shorts_follow = !t->spilled;
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
static __always_inline void copy__send_short(struct thread *t, struct counters *n, __u64 dst,
					     __u64 src, __u32 seen)
{
	struct wire_short *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0), rec = {
		.head = { .type = WIRE_SHORT, .seen = seen },
		.pid = t->pid,
		.tid = t->tid,
		.user = t->user,
		.src_va = src,
		.dst_va = dst,
	};

	if (!e) {
		n->seq++;
		counter__add(&n->lost);
		return;
	}
	/* not where it is to be: what is in registers need not be read again for the checksum */
	record__seal(&rec.head, sizeof(rec), n);
	*e = rec;
	bpf_ringbuf_submit(e, wakeup_flag(rec.head.seq));
}

/* The first of a thread, or of a name, has all there is room for. */
static SLOW_PATH void copy__send_whole(void *ctx, struct thread *t, __u64 dst, __u64 src,
					__u32 seen)
{
	struct counters *n = counters__here();

	if (!n || !send(ctx, &copy__whole(t, dst, src, seen)->head, sizeof(t->rec), n))
		return;
	__builtin_memcpy(t->comm, t->rec.comm, COMM_LEN);
	t->comm_sent = !t->spilled;
}

static SLOW_PATH void copy__first_total(struct total_key *key, struct thread *t, __u64 dst,
					 __u64 src)
{
	struct counters *n = counters__here();

	if (n)
		total__add(key, copy__whole(t, dst, src, (__u32)key->facts & KEY_SEEN), n);
}

static __always_inline void copy__total_by_address(struct thread *t, __u64 dst, __u64 src,
						   __u32 seen)
{
	struct total_key key = { .facts = seen | WIRE_COPY << KEY_TYPE_SHIFT };

	if (cfg.colours > 1)
		key.colours = key_colour(t->user, KEY_USER) | key_colour(src, KEY_SRC_VA) |
			      key_colour(dst, KEY_DST_VA);
	if (!total__count(&key))
		copy__first_total(&key, t, dst, src);
}

/* A fault that was announced before its page was looked up. */
static SLOW_PATH void copy__look_up(struct thread *t)
{
	const struct vm_fault *vmf = (const struct vm_fault *)t->vmf;

	page_kind__read(&t->source, (const struct page *)vm_fault__page(vmf));
}

/*
 * copy_mc_to_kernel(dst, src, len): both kernel addresses at once. Serves much else
 * (pmem, iov_iter), so it counts only inside a write fault and for a whole page.
 * This is what is known without the addresses: SEEN_*.
 */
static __always_inline __u32 copy__by_address_seen(struct thread *t)
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
static __always_inline void copy__by_address(void *ctx, struct thread *t, __u32 seen, bool counted,
					__u64 dst, __u64 src)
{
	struct counters *n;

	if (totals_on()) {
		copy__total_by_address(t, dst, src, seen);
		return;
	}
	n = counted ? counters__here() : count(ROLE_COPY);
	if (!n)
		return;
	if (cfg.ring && !comm_changed(t))
		copy__send_short(t, n, dst, src, seen);
	else
		copy__send_whole(ctx, t, dst, src, seen);
}

SEC("kprobe")
int copy_by_address(struct pt_regs *ctx)
{
	struct thread *t;
	__u32 seen;

	count(ROLE_COPY);
	if (ARG3(ctx) != cfg.page_size)
		return 0;
	t = thread__current();
	if (!t || !t->user)
		return 0;
	seen = copy__by_address_seen(t);
	if (!copy__counted(seen))
		copy__by_address(ctx, t, seen, true, ARG1(ctx), ARG2(ctx));
	t->user = 0;
	return 0;
}

SEC("fentry")
int copy_by_address_fentry(__u64 *ctx)
{
	struct thread *t;
	__u64 src;
	__u32 seen;

	if ((__u32)FUNC_ARG(ctx, 2) != cfg.page_size)
		return 0;
	t = thread__current_fast();
	if (!t || !t->user)
		return 0;
	seen = copy__by_address_seen(t);
	if (!copy__counted(seen)) {
		/* of a pointer to const void the verifier knows no type: read by helper only */
		bpf_get_func_arg(ctx, 1, &src);
		copy__by_address(ctx, t, seen, false, FUNC_ARG(ctx, 0), src);
	}
	t->user = 0;
	return 0;
}
#endif

#endif
