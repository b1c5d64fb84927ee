/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes on the calls, inside a function of the kernel, that copy or clear a page: what the
 * kernel really reads and writes, and when. The loader has found them by reading the code, and
 * says in which registers the arguments are.
 */
#ifndef BRINDLE_BPF_CALL_BPF_H
#define BRINDLE_BPF_CALL_BPF_H

#ifdef REGISTER_TYPE

/*
 * Argument 0 or 1 of the call: the sum of two registers and a constant. Which ones is not known
 * here: the loader puts the offsets and the constant into these instructions (programs.c), and the
 * verifier refuses them as they are.
 */
#define ARGUMENT(ctx, i) ({ \
	__u64 value_, other_; \
	\
	asm volatile("%0 = *(" REGISTER_TYPE " *)(%2 + %3)\n\t" \
		     "%1 = *(" REGISTER_TYPE " *)(%2 + %4)\n\t" \
		     "%0 += %1\n\t" \
		     "%0 += %5" \
		     : "=&r"(value_), "=&r"(other_) \
		     : "r"(ctx), "i"(CALL_BASE(i)), "i"(CALL_INDEX(i)), "i"(CALL_ADD(i))); \
	sizeof(ulong_t) == 4 ? (__u32)value_ : value_; \
})

/*
 * copy_page(to, from). A copy that calls it twice has more than one pair of addresses. Runs are not
 * counted: a copy of which none was seen is unknown.
 */
static __always_inline int copy_call(void *ctx, bool discards)
{
	struct wire_copy *c = copy__current(thread__current());
	__u64 to, from;

	if (!c)
		return 0;
	to = ARGUMENT(ctx, 0);
	if (discards) {
		event__add(c, WIRE_EVENT(EVENT_DISCARD, to), false);
		return 0;
	}
	from = ARGUMENT(ctx, 1);
	if (c->seen & SEEN_CALL) {
		event__add(c, WIRE_EVENT(EVENT_READ, from), false);
		event__add(c, WIRE_EVENT(EVENT_WRITE, to), false);
		return 0;
	}
	c->dst_va = to;
	c->src_va = from;
	c->seen |= SEEN_CALL | SEEN_SRC_VA | SEEN_DST_VA |
		   SEEN_EVENTS(c->seen) << SEEN_CALL_SHIFT;
	return 0;
}

/*
 * clear_page(to): outside of copies. ROLE_CLEAR has told which page it is (cfg.clears_end), or will
 * tell.
 */
static __always_inline int clear_call(void *ctx, bool discards)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_CLEAR_CALL);
	struct thread *t = thread__find((__u32)id);

	if (!n || copy__current(t) || !still_wanted(t, id))
		return 0;
	t = t ?: thread__claim(id);
	if (!t) {
		counter__add(&n->missed);
		return 0;
	}
	event__add(&t->rec, WIRE_EVENT(discards ? EVENT_DISCARD : EVENT_WRITE, ARGUMENT(ctx, 0)),
		   true);
	if (cfg.clears_end && t->clearing && !discards) {
		record__send_or_count(ctx, &t->rec, n);
		t->clearing = 0;
		t->rec.seen = 0;
	}
	return 0;
}

#define CALL_PROGRAM(what, i) \
SEC("kprobe") \
int what##_##i(struct pt_regs *ctx) \
{ \
	return what##_call(ctx, false); \
} \
SEC("kprobe") \
int what##_discard_##i(struct pt_regs *ctx) \
{ \
	return what##_call(ctx, true); \
}

CALL_PROGRAM(copy, 0)
CALL_PROGRAM(copy, 1)
CALL_PROGRAM(copy, 2)
CALL_PROGRAM(copy, 3)
CALL_PROGRAM(clear, 0)
CALL_PROGRAM(clear, 1)
CALL_PROGRAM(clear, 2)
CALL_PROGRAM(clear, 3)

#endif

#endif
