/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies whose two kernel addresses are seen at one probe. */
#ifndef BRINDLE_BPF_BY_ADDRESS_BPF_H
#define BRINDLE_BPF_BY_ADDRESS_BPF_H

#ifdef BRINDLE_CORE
/* Is the thread's name another one than in its last full record, or was none sent? */
static __always_inline bool comm_changed(const struct thread *t)
{
	const __u64 *sent = (const __u64 *)t->comm, *now;
	__u64 name[COMM_LEN / sizeof(__u64)];

	/* since Linux 5.11 the name can be read in place, without a helper that copies it */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
		now = (const __u64 *)((const struct task_struct *)bpf_get_current_task_btf())->comm;
		return !t->comm_sent || now[0] != sent[0] || now[1] != sent[1];
	}
	bpf_get_current_comm(name, sizeof(name));
	return !t->comm_sent || name[0] != sent[0] || name[1] != sent[1];
}

/* Make t->rec the full record of a copy. */
static __always_inline struct wire_copy *copy__fill(struct thread *t, __u64 dst, __u64 src,
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

/* Send only what differs from the thread's last full record. */
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
	/* filled in here, not in the buffer: the checksum then takes the words from registers */
	record__seal(&rec.head, sizeof(rec), n);
	*e = rec;
	bpf_ringbuf_submit(e, wakeup_flag(rec.head.seq));
}

/* Send a full record: the first of a thread, or after its name changed; all in the perf buffer. */
static SLOW_PATH void copy__send_full(void *ctx, struct thread *t, __u64 dst, __u64 src,
				      __u32 seen)
{
	struct counters *n = counters__this_cpu();

	if (!n || !copy__send(ctx, copy__fill(t, dst, src, seen), n))
		return;
	__builtin_memcpy(t->comm, t->rec.comm, COMM_LEN);
	t->comm_sent = !t->spilled;
}

/* Count the first copy with this key, and keep it. */
static SLOW_PATH void copy__add_total(struct total_key *key, struct thread *t, __u64 dst,
				      __u64 src)
{
	struct counters *n = counters__this_cpu();

	if (n)
		total__add(key, copy__fill(t, dst, src, (__u32)key->facts & KEY_SEEN), n);
}

/* --totals: count a copy by the colours of its addresses. */
static __always_inline void copy__count_by_address(struct thread *t, __u64 dst, __u64 src,
						   __u32 seen)
{
	struct total_key key = { .facts = seen | WIRE_COPY << KEY_TYPE_SHIFT };
	const __u32 shift = cfg.page_shift;
	const __u64 mask = cfg.colours - 1;

	if (mask)
		key.colours = key_colour(t->user >> shift, mask, KEY_USER) |
			      key_colour(src >> shift, mask, KEY_SRC_VA) |
			      key_colour(dst >> shift, mask, KEY_DST_VA);
	if (!total__count(&key))
		copy__add_total(&key, t, dst, src);
}

/* fault_entered ran before the kernel looked the page up: read its kind now. */
static SLOW_PATH void copy__read_page_kind(struct thread *t)
{
	const struct vm_fault *vmf = (const struct vm_fault *)t->vmf;

	page_kind__read(&t->source, (const struct page *)vm_fault__page(vmf));
}

/* The SEEN_* of a copy, before its addresses are fetched. */
static __always_inline __u32 copy__by_address_seen(struct thread *t)
{
	if (t->vmf)
		copy__read_page_kind(t);
	return SEEN_SRC_VA | SEEN_DST_VA | SEEN_FAULT | page_kind__seen(&t->source);
}

/*
 * --totals with one colour: the addresses do not matter. Returns false when the copy is not yet
 * counted: there are no totals, there are more colours, or the key is new.
 */
static __always_inline bool copy__count_one_colour(__u32 seen)
{
	const struct total_key key = { .facts = seen | WIRE_COPY << KEY_TYPE_SHIFT };

	return totals_on() && cfg.colours == 1 && total__count(&key);
}

/*
 * Send or count a copy.
 * @counted: the caller has incremented hits[ROLE_COPY] already; if false, this function does so,
 * except for totals
 */
static __always_inline void copy__by_address(void *ctx, struct thread *t, __u32 seen, bool counted,
					     __u64 dst, __u64 src)
{
	struct counters *n;

	if (totals_on()) {
		copy__count_by_address(t, dst, src, seen);
		return;
	}
	n = counted ? counters__this_cpu() : count(ROLE_COPY);
	if (!n)
		return;
	if (cfg.ring && !comm_changed(t))
		copy__send_short(t, n, dst, src, seen);
	else
		copy__send_full(ctx, t, dst, src, seen);
}

/*
 * copy_mc_to_kernel(dst, src, len): both kernel addresses at once. Other code (pmem, iov_iter)
 * calls it as well, so it counts only inside a write fault and for a whole page.
 */
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
	if (!copy__count_one_colour(seen))
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
	if (!copy__count_one_colour(seen)) {
		/* the verifier has no type for a pointer to const void: only the helper reads it */
		bpf_get_func_arg(ctx, 1, &src);
		copy__by_address(ctx, t, seen, false, FUNC_ARG(ctx, 0), src);
	}
	t->user = 0;
	return 0;
}
#endif

#endif
