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

/* Does the flush of va concern the destination? As is_destination (user/recorder/assemble.c). */
static __always_inline bool flushes_dst(const struct wire_copy *c, __u64 va, bool pfn_known,
					__u64 pfn)
{
	const __u64 page = va >> cfg.page_shift << cfg.page_shift;

	if (c->seen & SEEN_DST_VA)
		return va >> cfg.page_shift == c->dst_va >> cfg.page_shift;
	return learned.linear_known && pfn_known &&
	       page - learned.linear_base == pfn << cfg.page_shift;
}

/* The key holds all that assemble__copy looks at, no finer than it matters there. */
static __always_inline void total__key(struct total_key *key, const struct wire_copy *c)
{
	__u64 pfn = 0;
	bool known = false;

	key->caller = c->caller;
	key->facts = c->seen | (__u64)c->head.type << KEY_TYPE_SHIFT;
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
	if ((c->seen & SEEN_SRC_PAGE) && pfn_of(c->src_page, &pfn)) {
		key->facts |= KEY_SRC_PFN;
		key->colours |= key_colour(pfn << cfg.page_shift, KEY_SRC_PAGE);
	}
	if ((c->seen & SEEN_DST_PAGE) && pfn_of(c->dst_page, &pfn)) {
		known = true;
		key->facts |= KEY_DST_PFN;
		key->colours |= key_colour(pfn << cfg.page_shift, KEY_DST_PAGE);
	}
	if (c->seen & SEEN_DST_VA)
		key->colours |= key_colour(c->dst_va, KEY_DST_VA);
	if ((c->seen & SEEN_FLUSH) && flushes_dst(c, c->flush_va, known, pfn))
		key->facts |= KEY_FLUSH_DST;
	if ((c->seen & SEEN_FLUSH_MORE) && flushes_dst(c, c->flush_va2, known, pfn))
		key->facts |= KEY_FLUSH2_DST;
}

static __always_inline bool same_key(const struct total_key *a, const struct total_key *b)
{
	return a->colours == b->colours && a->facts == b->facts && a->caller == b->caller;
}

/* Index of a key in "totals": the top bits of its hash, as many as TOTALS needs. */
static __always_inline __u32 total__place(const struct total_key *key)
{
	const __u64 mixed = (key->colours ^ key->facts ^ key->caller << 20) * 0x9e3779b97f4a7c15ULL;

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
