// SPDX-License-Identifier: GPL-2.0-only
/*
 * What runs in the kernel: one program per role and calling convention. The
 * catalogue (user/catalogue.c) says which function each is attached to.
 *
 * A copy is put together in the map "inflight", keyed by thread, and sent once,
 * at its end. No atomics (some JITs lack them): counters are per CPU, and the
 * kernel never runs two tracing programs at once on one CPU.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "args.bpf.h"
#include "brindle.h"
#include "kernel.bpf.h"
#include "maps.bpf.h"

#define CLONE_THREAD	0x00010000	/* uapi/linux/sched.h */

static __always_inline struct counters *count(enum role role)
{
	__u32 zero = 0;
	struct counters *n = bpf_map_lookup_elem(&counters, &zero);

	if (n)
		n->hits[role]++;
	return n;
}

static __always_inline bool comm_matches(void)
{
	char comm[COMM_LEN] = {};
	int i;

	bpf_get_current_comm(comm, sizeof(comm));
#pragma unroll
	for (i = 0; i < COMM_LEN; i++)
		if (comm[i] != cfg.comm[i])
			return false;
	return true;
}

static __always_inline bool wanted(__u32 pid, __u32 tid)
{
	if (pid == cfg.self)
		return false;
	if (cfg.follow != FOLLOW_ALL && !bpf_map_lookup_elem(&tasks, &tid))
		return false;
	return !cfg.comm_set || comm_matches();
}

/* Send a finished record. n->seq counts losses too, so a gap is seen by the reader. */
static __always_inline void send(void *ctx, struct wire_head *head, __u32 size,
				 struct counters *n)
{
	long ret;

	head->size = size;
	head->cpu = bpf_get_smp_processor_id();
	head->seq = n->seq++;
	head->ts = bpf_ktime_get_ns();
	head->check = 0;
	head->check = wire__sum(head, size);
	if (cfg.ring)
		ret = bpf_ringbuf_output(&ring, head, size, head->seq % cfg.wake_every ?
					 BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP);
	else
		ret = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, head, size);
	if (ret)
		n->lost++;
}

/* ---- fault: which page a thread is about to copy, and why ---- */

static __always_inline int fault__begin(const struct vm_fault *vmf, bool page_is_set)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tid = (__u32)id;
	struct counters *n = count(ROLE_FAULT);
	struct fault fault = {};

	if (!n || !wanted(id >> 32, tid))
		return 0;
	if (!page_is_set || vm_fault__page(vmf))
		fault.user = vm_fault__address(vmf);
	if (bpf_map_update_elem(&faults, &tid, &fault, BPF_ANY))
		n->missed++;	/* more threads at once than the map holds */
	return 0;
}

/* wp_page_copy(vmf): a page will be copied, or cleared when there is none */
SEC("kprobe")
int fault_vmf(struct pt_regs *ctx)
{
	return fault__begin((const struct vm_fault *)ARG1(ctx), true);
}

/* do_wp_page(vmf): the page is looked up inside, and may be taken over without a copy */
SEC("kprobe")
int fault_early(struct pt_regs *ctx)
{
	return fault__begin((const struct vm_fault *)ARG1(ctx), false);
}

SEC("kretprobe")
int fault_end(struct pt_regs *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	count(ROLE_FAULT_END);
	bpf_map_delete_elem(&faults, &tid);
	return 0;
}

/* Take the address of the write fault this thread is in, 0 when in none. */
static __always_inline __u64 fault__take(__u32 tid)
{
	struct fault *fault = bpf_map_lookup_elem(&faults, &tid);
	__u64 user = 0;

	if (fault) {
		user = fault->user;
		fault->user = 0;
	}
	return user;
}

/* ---- copy ---- */

static __always_inline void copy__begin(struct wire_copy *c, __u64 id)
{
	c->head.type = WIRE_COPY;
	c->pid = id >> 32;
	c->tid = (__u32)id;
	bpf_get_current_comm(c->comm, sizeof(c->comm));
}

/* Where a copy comes from; user is the address of the write fault announced last, or 0. */
static __always_inline __u16 path__of(const struct wire_copy *c, __u64 user,
				      const struct page_head *src)
{
	bool announced = user && !((user ^ c->user) & ~(__u64)(cfg.page_size - 1));
	struct wire_window *win;

	/*
	 * Not every fault announced copies (the zero page is cleared, a page reused), so one
	 * at this address may be an old one. The fault that copies finds its page mapped.
	 */
	if (announced && !(src->known && src->file && src->mapcount == -1))
		return PATH_WP;
	win = bpf_map_lookup_elem(&windows, &c->pid);
	if (win && win->tid == c->tid)
		return PATH_FORK_PINNED;
	return src->known && src->file ? PATH_COW_FAULT : PATH_UNKNOWN;
}

/* Keep a copy until its end is seen. */
static __always_inline void copy__keep(const struct copy_state *state, struct counters *n)
{
	__u32 tid = state->rec.tid;

	/* an entry still there is a copy whose end was not seen */
	if (bpf_map_update_elem(&inflight, &tid, state, BPF_NOEXIST)) {
		n->missed++;
		bpf_map_update_elem(&inflight, &tid, state, BPF_EXIST);
	}
}

/* copy_user_highpage(to, from, vaddr, vma) and its like: struct pages and user address */
SEC("kprobe")
int copy_pages(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_COPY);
	struct copy_state state = {};
	struct wire_copy *c = &state.rec;
	struct page_head src = {};
	__u32 tid = (__u32)id;

	if (!n || !wanted(id >> 32, tid))
		return 0;
	copy__begin(c, id);
	c->dst_page = ARG1(ctx);
	c->src_page = ARG2(ctx);
	c->user = ARG3(ctx);
	c->seen = SEEN_SRC_PAGE | SEEN_DST_PAGE;
	page_head__read(&src, (const struct page *)c->src_page);
	if (src.known) {
		c->page_flags = src.flags;
		c->mapcount = src.mapcount;
		c->seen |= SEEN_FLAGS;
	}
	c->path = path__of(c, fault__take(tid), &src);
	if (cfg.ends)
		copy__keep(&state, n);
	else
		send(ctx, &c->head, sizeof(*c), n);
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
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_COPY);
	struct copy_state state = {};
	struct wire_copy *c = &state.rec;

	if (!n || !wanted(id >> 32, (__u32)id))
		return 0;
	c->src_page = vm_fault__page(vmf);
	if (!c->src_page)
		return 0;
	copy__begin(c, id);
	c->user = vm_fault__address(vmf);
	c->seen = SEEN_SRC_PAGE;
	c->path = PATH_WP;
	copy__keep(&state, n);
	return 0;
}

/*
 * The kernel decided between our two looks whether the source is mapped and clean: when
 * they differ (another CPU unmapped it, or wrote to the file), nobody knows what it saw.
 */
static __always_inline void page__recheck(struct wire_copy *c)
{
	const __u64 arch_bits = 7 << 11;	/* where PG_arch_1 may be, see the self-check */
	struct page_head now = {};

	if (!(c->seen & SEEN_FLAGS))
		return;
	page_head__read(&now, (const struct page *)c->src_page);
	if (!now.known || (now.mapcount < 0) != (c->mapcount < 0) ||
	    ((now.flags ^ c->page_flags) & arch_bits))
		c->seen &= ~SEEN_FLAGS;
}

SEC("kretprobe")
int copy_end(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_COPY_END);
	__u32 tid = (__u32)id;
	struct copy_state *state;

	if (!n)
		return 0;
	state = bpf_map_lookup_elem(&inflight, &tid);
	if (!state)
		return 0;
	page__recheck(&state->rec);
	/* a fault that mapped no second page gave up before it copied */
	if (state->rec.seen & SEEN_DST_PAGE)
		send(ctx, &state->rec.head, sizeof(state->rec), n);
	bpf_map_delete_elem(&inflight, &tid);
	return 0;
}

/*
 * copy_mc_to_kernel(dst, src, len): both kernel addresses at once. Serves much else
 * (pmem, iov_iter), so it counts only inside a write fault and for a whole page.
 */
SEC("kprobe")
int copy_exact(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_COPY);
	struct wire_copy c = {};
	__u32 tid = (__u32)id;
	__u64 user;

	if (!n || ARG3(ctx) != cfg.page_size)
		return 0;
	user = fault__take(tid);
	if (!user)
		return 0;
	copy__begin(&c, id);
	c.user = user;
	c.dst_va = ARG1(ctx);
	c.src_va = ARG2(ctx);
	c.seen = SEEN_SRC_VA | SEEN_DST_VA;
	c.path = PATH_WP;
	send(ctx, &c.head, sizeof(c), n);
	return 0;
}

/* ---- kernel mapping and flush inside a copy ---- */

/* The copy this thread is in, NULL when in none. */
static __always_inline struct copy_state *copy__current(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&inflight, &tid);
}

/* returns the address the source was mapped at */
SEC("kretprobe")
int mapping_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct copy_state *state = copy__current();
	struct wire_copy *c;

	if (!state) {
		if (n)
			n->idle_mappings++;
		return 0;
	}
	c = &state->rec;
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
	struct copy_state *state = copy__current();

	count(ROLE_MAPPED_PAGE);
	if (state)
		state->mapping_page = ARG1(ctx);
	return 0;
}

SEC("kretprobe")
int mapping_page_ret(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_MAPPING);
	struct copy_state *state = copy__current();
	struct wire_copy *c;
	__u64 page;

	if (!state) {
		if (n)
			n->idle_mappings++;
		return 0;
	}
	c = &state->rec;
	page = state->mapping_page;
	if (page == c->src_page) {
		c->src_va = RETVAL(ctx);
		c->seen |= SEEN_SRC_VA;
		return 0;
	}
	/* the page mapped next to the source is the destination; page tables come later */
	if (!(c->seen & SEEN_DST_PAGE) && (c->seen & SEEN_SRC_VA)) {
		c->dst_page = page;
		c->seen |= SEEN_DST_PAGE;
	}
	if (page == c->dst_page) {
		c->dst_va = RETVAL(ctx);
		c->seen |= SEEN_DST_VA;
	}
	return 0;
}

/* argument 1 is the kernel address whose page is flushed */
SEC("kprobe")
int flush_va(struct pt_regs *ctx)
{
	struct counters *n = count(ROLE_FLUSH);
	struct copy_state *state = copy__current();
	struct wire_copy *c;

	if (!state) {
		if (n)
			n->idle_flushes++;
		return 0;
	}
	c = &state->rec;
	/* the loader tells by the page which of the flushes was the destination's */
	if (c->seen & SEEN_FLUSH) {
		if (c->seen & SEEN_FLUSH_MORE)
			c->seen |= SEEN_FLUSH_MANY;
		c->flush_va2 = ARG1(ctx);
		c->seen |= SEEN_FLUSH_MORE;
	} else {
		c->flush_va = ARG1(ctx);
		c->seen |= SEEN_FLUSH;
	}
	return 0;
}

/* ---- fork windows ---- */

/* Send a copy: a thread switch on another CPU may still mark the window as exposed. */
static __always_inline void window__close(void *ctx, struct wire_window *win, struct counters *n)
{
	struct wire_window rec = *win;

	bpf_map_delete_elem(&windows, &rec.pid);
	send(ctx, &rec.head, sizeof(rec), n);
}

/*
 * Does another thread of the process run on another CPU right now? It is inside a window
 * from its start. Asked after the window is in the map: who is switched in later sees that.
 */
static __always_inline bool runs_elsewhere(__u32 pid, __u32 tid)
{
	__u32 cpu = bpf_get_smp_processor_id(), i, key, *owner, *other;

	for (i = 0; i < CPUS_MAX && i < cfg.cpus; i++) {
		key = i;
		other = bpf_map_lookup_elem(&running, &key);
		if (!other || i == cpu || *other == tid)
			continue;
		key = *other;
		owner = bpf_map_lookup_elem(&tasks, &key);
		if (owner && *owner == pid)
			return true;
	}
	return false;
}

SEC("kprobe")
int window_begin(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_WINDOW_BEGIN);
	struct wire_window win = {}, *old;

	if (!n || !wanted(id >> 32, (__u32)id))
		return 0;
	win.head.type = WIRE_WINDOW;
	win.pid = id >> 32;
	win.tid = (__u32)id;
	fault__take(win.tid);	/* an old one: fork is no write fault */
	win.begin = bpf_ktime_get_ns();
	bpf_get_current_comm(win.comm, sizeof(win.comm));
	/*
	 * The last window of this process is still here: either its end was not seen, or another
	 * thread forked, and is past B, since it has released the mm's lock we hold now, but has
	 * not reached the probe at the end.
	 */
	old = bpf_map_lookup_elem(&windows, &win.pid);
	if (old && old->tid != win.tid)
		window__close(ctx, old, n);
	else if (old)
		n->missed++;
	if (bpf_map_update_elem(&windows, &win.pid, &win, BPF_ANY)) {
		n->missed++;
		return 0;
	}
	if (runs_elsewhere(win.pid, win.tid)) {
		old = bpf_map_lookup_elem(&windows, &win.pid);
		if (old)
			old->exposed = 1;
	}
	return 0;
}

SEC("kprobe")
int window_end(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_WINDOW_END);
	struct wire_window *win;
	__u32 pid = id >> 32;

	win = bpf_map_lookup_elem(&windows, &pid);
	if (!n || !win || win->tid != (__u32)id)
		return 0;
	window__close(ctx, win, n);
	return 0;
}

/* ---- tasks: who runs, who is followed ---- */

SEC("tracepoint")
int thread_switch(void *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id(), tid = 0;
	struct wire_window *win;
	__u32 *pid;

	count(ROLE_SWITCH);
	bpf_probe_read_kernel(&tid, sizeof(tid), ctx + cfg.next_pid_off);
	bpf_map_update_elem(&running, &cpu, &tid, BPF_ANY);
	pid = bpf_map_lookup_elem(&tasks, &tid);
	if (!pid)
		return 0;
	win = bpf_map_lookup_elem(&windows, pid);
	if (win && win->tid != tid)
		win->exposed = 1;
	return 0;
}

SEC("tracepoint")
int task_new(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct counters *n = count(ROLE_NEWTASK);
	__u32 parent = (__u32)id, tid = 0, flags = 0, pid;

	if (!n)
		return 0;
	if (cfg.follow != FOLLOW_ALL && !bpf_map_lookup_elem(&tasks, &parent))
		return 0;
	bpf_probe_read_kernel(&tid, sizeof(tid), ctx + cfg.newtask_pid_off);
	bpf_probe_read_kernel(&flags, sizeof(flags), ctx + cfg.newtask_flags_off);
	if (!(flags & CLONE_THREAD) && cfg.follow == FOLLOW_PROCESS)
		return 0;
	pid = flags & CLONE_THREAD ? id >> 32 : tid;
	if (bpf_map_update_elem(&tasks, &tid, &pid, BPF_ANY))
		n->missed++;	/* too many tasks: this one's copies are not seen */
	return 0;
}

/* A thread that execs takes over the id of its process's first thread, which has exited. */
SEC("tracepoint")
int task_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 old = 0, tid = (__u32)id, pid = id >> 32;
	struct counters *n = count(ROLE_EXEC);

	bpf_probe_read_kernel(&old, sizeof(old), ctx + cfg.exec_old_pid_off);
	if (!n || old == tid || !bpf_map_lookup_elem(&tasks, &old))
		return 0;
	bpf_map_delete_elem(&tasks, &old);
	bpf_map_delete_elem(&faults, &old);
	if (bpf_map_update_elem(&tasks, &tid, &pid, BPF_ANY))
		n->missed++;
	return 0;
}

SEC("tracepoint")
int task_exit(void *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	count(ROLE_EXIT);
	bpf_map_delete_elem(&tasks, &tid);
	bpf_map_delete_elem(&inflight, &tid);
	bpf_map_delete_elem(&faults, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
