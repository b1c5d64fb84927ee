/* SPDX-License-Identifier: GPL-2.0-only */
/* record --totals: copies are counted in the kernel, by all that their verdict depends on. */
#ifndef BRINDLE_BPF_TOTALS_BPF_H
#define BRINDLE_BPF_TOTALS_BPF_H

/* False during the self-check, which needs individual records. */
static __always_inline bool totals_on(void)
{
	return cfg.totals && learned.checked;
}

static __always_inline __u64 colour(__u64 address)
{
	return address >> cfg.page_shift & (cfg.colours - 1);
}

/* Place of a colour in total_key.colours */
enum key_place { KEY_USER, KEY_SRC_VA, KEY_DST_VA, KEY_SRC_PAGE, KEY_DST_PAGE };

static __always_inline __u64 key_colour(__u64 address, enum key_place at)
{
	return colour(address) << (KEY_COLOUR_BITS * at);
}

/*
 * The pfn of a struct page, as fit__pfn (user/recorder/fit.h) finds it. Returns false when the
 * address is not on the line that the self-check found.
 */
static __always_inline bool pfn_of(__u64 page, __u64 *pfn)
{
	const __u64 off = page - learned.page_base;

	if (!learned.page_bytes || off >> 63)
		return false;
	/* a 64-bit division is slow on 32-bit machines, and rarely needed */
	*pfn = learned.page_log2 ? off >> learned.page_log2 : off / learned.page_bytes;
	return *pfn * learned.page_bytes == off;
}

/* Page numbers of a copy's frames in the linear mapping, 0 = not known. */
struct linear_pages {
	__u64 src, dst;
};

/* Which page is it, by the linear mapping? KEY_UNKNOWN_PAGE: the address is not in it. */
static __always_inline __u64 key_linear(__u64 va, const struct linear_pages *linear)
{
	const __u64 page = va >> cfg.page_shift;

	if (page == linear->dst)
		return KEY_DESTINATION_PAGE;
	if (page == linear->src)
		return KEY_SOURCE_PAGE;
	if (learned.linear_known &&
	    (va - learned.linear_base) >> cfg.page_shift <= learned.highest_pfn)
		return KEY_OTHER_PAGE;
	return KEY_UNKNOWN_PAGE;
}

/* Which page of the copy is mapped at va? As page_at (user/recorder/steps.c). */
static __always_inline __u64 key_page(const struct wire_copy *c, __u64 va,
				      const struct linear_pages *linear)
{
	const __u64 page = key_linear(va, linear);

	if (page != KEY_UNKNOWN_PAGE)
		return page;
	if ((c->seen & SEEN_DST_VA) && va >> cfg.page_shift == c->dst_va >> cfg.page_shift)
		return KEY_DESTINATION_PAGE;
	if ((c->seen & SEEN_SRC_VA) && va >> cfg.page_shift == c->src_va >> cfg.page_shift)
		return KEY_SOURCE_PAGE;
	return KEY_UNKNOWN_PAGE;
}

/* An event as part of a key. */
static __always_inline __u64 key_event(const struct wire_copy *c, __u64 event,
				       const struct linear_pages *linear)
{
	const __u32 kind = WIRE_EVENT_KIND(event);
	const __u64 va = WIRE_EVENT_VA(event);
	__u64 page;

	if (kind == EVENT_MAP || kind == EVENT_FLUSH_ALL)
		return kind;
	if (kind == EVENT_FLUSH_SOURCE || kind == EVENT_FLUSH_DESTINATION)
		page = KEY_UNKNOWN_PAGE;	/* the kind tells */
	else if (kind != EVENT_FLUSH_USER)
		page = key_page(c, va, linear);
	else
		page = va >> cfg.page_shift == c->user >> cfg.page_shift ? KEY_USER_PAGE :
		       KEY_UNKNOWN_PAGE;
	return KEY_EVENT(kind & 15, page, colour(va));
}

/* The colour of a frame as part of a key; *linear: its page number in the linear mapping. */
static __always_inline void key_frame(struct total_key *key, __u64 page, enum key_place at,
				      __u64 known, __u64 *linear)
{
	__u64 pfn = 0;

	if (!pfn_of(page, &pfn))
		return;
	key->facts |= known;
	key->colours |= key_colour(pfn << cfg.page_shift, at);
	if (learned.linear_known)
		*linear = pfn + (learned.linear_base >> cfg.page_shift);
}

/* The key holds all that assemble__copy looks at, no finer than it matters there. */
static __always_inline void total__key(struct total_key *key, const struct wire_copy *c)
{
	struct linear_pages linear = {};
	__u32 i;

	key->caller = c->caller;
	key->events = 0;
	key->facts = (c->seen & KEY_SEEN) | (__u64)c->head.type << KEY_TYPE_SHIFT;
	key->colours = key_colour(c->user, KEY_USER);
	if (cfg.colours == 1)
		return;
	if (c->seen & SEEN_FLAGS) {
		key->facts |= (c->page_flags & ARCH_BITS) << KEY_FLAGS_SHIFT;
		if (c->mapcount < 0)
			key->facts |= KEY_UNMAPPED;
	}
	if (c->seen & SEEN_SRC_VA)
		key->colours |= key_colour(c->src_va, KEY_SRC_VA);
	if (c->seen & SEEN_SRC_PAGE)
		key_frame(key, c->src_page, KEY_SRC_PAGE, KEY_SRC_PFN, &linear.src);
	if (c->seen & SEEN_DST_PAGE)
		key_frame(key, c->dst_page, KEY_DST_PAGE, KEY_DST_PFN, &linear.dst);
	if (c->seen & SEEN_DST_VA)
		key->colours |= key_colour(c->dst_va, KEY_DST_VA);
	/* as observe_call (user/recorder/assemble.c) looks at them */
	if (c->seen & SEEN_CALL) {
		key->facts |= key_linear(c->src_va, &linear) << KEY_SRC_AT_SHIFT;
		key->facts |= key_linear(c->dst_va, &linear) << KEY_DST_AT_SHIFT;
		key->facts |= (__u64)SEEN_CALL_AT(c->seen) << KEY_CALL_AT_SHIFT;
	}
	for (i = 0; i < EVENTS_MAX; i++)
		if (i < SEEN_EVENTS(c->seen))
			key->events |= key_event(c, c->event[i], &linear) << (KEY_EVENT_BITS * i);
}

static __always_inline bool same_key(const struct total_key *a, const struct total_key *b)
{
	return a->colours == b->colours && a->facts == b->facts && a->caller == b->caller &&
	       a->events == b->events;
}

/* Index of a key in "totals": the top bits of its hash, as many as TOTALS needs. */
static __always_inline __u32 total__place(const struct total_key *key)
{
	const __u64 mixed = (key->colours ^ key->facts ^ key->caller << 20 ^
			     key->events << 7) * 0x9e3779b97f4a7c15ULL;

	return mixed >> 54 & (TOTALS - 1);
}

/* Count one more in "more_totals"; false when the key is not there. */
static SLOW_PATH bool total__count_more(const struct total_key *key)
{
	struct total *t = bpf_map_lookup_elem(&more_totals, key);

	if (t)
		__sync_fetch_and_add(&t->count, 1);
	return t;
}

/* Count one more; false when the key is new. */
static __always_inline bool total__count(const struct total_key *key)
{
	__u32 place = total__place(key);
	struct total *t = bpf_map_lookup_elem(&totals, &place);

	if (!t || !t->ready || !same_key(&t->key, key))
		return total__count_more(key);
	__sync_fetch_and_add(&t->count, 1);
	return true;
}

/* Add a new key with its first copy. Without room for it the copy is counted as lost. */
static __always_inline void total__add(const struct total_key *key, const struct wire_copy *c,
				       struct counters *n)
{
	__u32 place = total__place(key);
	struct total *t;

	if (!bpf_map_update_elem(&total_owners, &place, &place, BPF_NOEXIST)) {
		t = bpf_map_lookup_elem(&totals, &place);
		if (!t)
			return;
		t->key = *key;
		t->first = *c;
		__sync_fetch_and_add(&t->count, 1);
		t->ready = 1;
		return;
	}
	/* if two CPUs add the same key, one of them fills it in and both count */
	if (!bpf_map_update_elem(&more_totals, key, (const void *)&no_total, BPF_NOEXIST)) {
		t = bpf_map_lookup_elem(&more_totals, key);
		if (t)
			t->first = *c;
	}
	if (!total__count(key))
		counter__add(&n->lost);
}

/* Send a copy or clear, or count it. */
static __always_inline void record__send_or_count(void *ctx, struct wire_copy *c,
						  struct counters *n)
{
	struct total_key key;

	if (!totals_on()) {
		record__send(ctx, &c->head, sizeof(*c), n);
		return;
	}
	total__key(&key, c);
	if (!total__count(&key))
		total__add(&key, c, n);
}

#endif
