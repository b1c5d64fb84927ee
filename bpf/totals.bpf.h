/* SPDX-License-Identifier: GPL-2.0-only */
/* record --totals: copies are counted in the kernel, by all that their verdict depends on. */
#ifndef BRINDLE_BPF_TOTALS_BPF_H
#define BRINDLE_BPF_TOTALS_BPF_H

/* False during the self-check, which needs individual records. */
static __always_inline bool totals_on(void)
{
	return cfg.totals && learned.checked;
}

/* Place of a colour in total_key.colours */
enum key_place { KEY_USER, KEY_SRC_VA, KEY_DST_VA, KEY_SRC_PAGE, KEY_DST_PAGE };

/* The colour of a page number. */
static __always_inline __u64 key_colour(__u64 page, __u64 mask, enum key_place at)
{
	return (page & mask) << (KEY_COLOUR_BITS * at);
}

/* What a key is made with. Page numbers are addresses without the offset in the page. */
struct keying {
	__u32 shift;		/* cfg.page_shift, read once: no load of it can be left out */
	__u64 mask;		/* of a page number: its colour */
	__u64 src, dst;		/* of the frames in the linear mapping, 0 = not known */
};

/*
 * The pfn of a struct page, as fit__pfn (user/recorder/fit.h) finds it. Returns false when the
 * address is not on the line that the self-check found.
 */
static __always_inline bool pfn_of(__u64 page, __u64 *pfn)
{
	const __u64 off = page - learned.page_base, bytes = learned.page_bytes,
		    log2 = learned.page_log2;

	if (!bytes || off >> 63)
		return false;
	/* a 64-bit division is slow on 32-bit machines, and rarely needed */
	*pfn = log2 ? off >> log2 : off / bytes;
	return *pfn * bytes == off;
}

/* Which page is it, by the linear mapping? KEY_UNKNOWN_PAGE: it is not in there. */
static __always_inline __u32 key_linear(const struct keying *k, __u64 page)
{
	if (page == k->dst)
		return KEY_DESTINATION_PAGE;
	if (page == k->src)
		return KEY_SOURCE_PAGE;
	if (learned.linear_known &&
	    page - (learned.linear_base >> k->shift) <= learned.highest_pfn)
		return KEY_OTHER_PAGE;
	return KEY_UNKNOWN_PAGE;
}

/* Which page of the copy is mapped there? As page_at (user/recorder/steps.c). */
static __always_inline __u32 key_page(const struct keying *k, const struct wire_copy *c,
				      __u64 page)
{
	const __u32 linear = key_linear(k, page);

	if (linear != KEY_UNKNOWN_PAGE)
		return linear;
	if ((c->seen & SEEN_DST_VA) && page == c->dst_va >> k->shift)
		return KEY_DESTINATION_PAGE;
	if ((c->seen & SEEN_SRC_VA) && page == c->src_va >> k->shift)
		return KEY_SOURCE_PAGE;
	return KEY_UNKNOWN_PAGE;
}

/* An event as part of a key. */
static __always_inline __u64 key_event(const struct keying *k, const struct wire_copy *c,
				       __u64 event)
{
	const __u32 kind = WIRE_EVENT_KIND(event);
	const __u64 at = event >> k->shift;
	__u32 page;

	if (kind == EVENT_MAP || kind == EVENT_FLUSH_ALL)
		return kind;
	if (kind == EVENT_FLUSH_SOURCE || kind == EVENT_FLUSH_DESTINATION)
		page = KEY_UNKNOWN_PAGE;	/* the kind tells */
	else if (kind != EVENT_FLUSH_USER)
		page = key_page(k, c, at);
	else
		page = at == c->user >> k->shift ? KEY_USER_PAGE : KEY_UNKNOWN_PAGE;
	return KEY_EVENT(kind & 15, page, at & k->mask);
}

/* The colour of a frame as part of a key. Returns its page number in the linear mapping. */
static __always_inline __u64 key_frame(const struct keying *k, struct total_key *key, __u64 page,
				       enum key_place at, __u32 known)
{
	__u64 pfn = 0;

	if (!pfn_of(page, &pfn))
		return 0;
	key->facts |= known;
	key->colours |= key_colour(pfn, k->mask, at);
	return learned.linear_known ? pfn + (learned.linear_base >> k->shift) : 0;
}

/* The addresses of the call that copied, as observe_call (user/recorder/assemble.c) takes them. */
static __always_inline void key_call(const struct keying *k, struct total_key *key,
				     const struct wire_copy *c)
{
	const __u64 src = c->src_va >> k->shift, dst = c->dst_va >> k->shift;

	key->facts |= key_linear(k, src) << KEY_SRC_AT_SHIFT |
		      key_linear(k, dst) << KEY_DST_AT_SHIFT |
		      SEEN_CALL_AT(c->seen) << KEY_CALL_AT_SHIFT;
	key->colours |= key_colour(src, k->mask, KEY_SRC_VA) |
			key_colour(dst, k->mask, KEY_DST_VA);
}

/* The key holds all that assemble__copy looks at, no finer than it matters there. */
static __always_inline void total__key(struct total_key *out, const struct wire_copy *c)
{
	const __u32 colours = cfg.colours, seen = c->seen;
	struct keying k = { .shift = cfg.page_shift, .mask = colours - 1 };
	/* not *out: what is at an address is stored at each step */
	struct total_key key = {
		.caller = c->caller,
		.facts = (seen & KEY_SEEN) | (__u32)c->head.type << KEY_TYPE_SHIFT,
		.colours = key_colour(c->user >> k.shift, k.mask, KEY_USER),
	};
	__u32 i;

	if (colours == 1)
		goto done;
	if (seen & SEEN_FLAGS) {
		key.facts |= (c->page_flags & ARCH_BITS) << KEY_FLAGS_SHIFT;
		if (c->mapcount < 0)
			key.facts |= KEY_UNMAPPED;
	}
	if (seen & SEEN_SRC_PAGE)
		k.src = key_frame(&k, &key, c->src_page, KEY_SRC_PAGE, KEY_SRC_PFN);
	if (seen & SEEN_DST_PAGE)
		k.dst = key_frame(&k, &key, c->dst_page, KEY_DST_PAGE, KEY_DST_PFN);
	if (seen & SEEN_CALL) {
		key_call(&k, &key, c);
	} else {
		if (seen & SEEN_SRC_VA)
			key.colours |= key_colour(c->src_va >> k.shift, k.mask, KEY_SRC_VA);
		if (seen & SEEN_DST_VA)
			key.colours |= key_colour(c->dst_va >> k.shift, k.mask, KEY_DST_VA);
	}
	for (i = 0; i < EVENTS_MAX; i++)
		if (i < SEEN_EVENTS(seen))
			key.events |= key_event(&k, c, c->event[i]) << (KEY_EVENT_BITS * i);
done:
	*out = key;
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
		copy__send(ctx, c, n);
		return;
	}
	total__key(&key, c);
	if (!total__count(&key))
		total__add(&key, c, n);
}

#endif
