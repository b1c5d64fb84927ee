// SPDX-License-Identifier: GPL-2.0-only
/* A stream file: packet by packet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "recording/stream.h"

#define HEAD	((__u32)sizeof(struct disk_packet))

/* Reads size bytes at offset, fewer only at the end of the file. Returns their number or -errno. */
static ssize_t read_at(int fd, __u8 *buf, size_t size, __u64 offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, buf + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static bool all_zero(const __u8 *p, size_t n)
{
	while (n && !*p) {
		p++;
		n--;
	}
	return !n;
}

/*
 * Is there nothing but zeros from s->at on? A power cut leaves such a tail when the file
 * system had written the new size and not the data. n bytes are already read, at s->packet.
 */
static bool zeros_to_the_end(struct rstream *s, size_t n, __u64 limit)
{
	__u64 at = s->at;
	ssize_t more = (ssize_t)n;

	while (more > 0) {
		if (!all_zero(s->packet, (size_t)more))
			return false;
		at += (__u64)more;
		n = limit - at < s->room ? (size_t)(limit - at) : s->room;
		more = read_at(s->fd, s->packet, n, at);
	}
	return true;
}

/*
 * Does another packet begin in the n bytes at p? Asked when the file seems to end inside the
 * packet at p: if there is another head, it is the packet's size that is damaged.
 */
static bool head_follows(const __u8 *p, size_t n)
{
	const size_t key = offsetof(struct disk_packet, stream_id);
	size_t i;

	for (i = 1; i + key <= n; i++)
		if (p[i] == p[0] && !memcmp(p + i, p, key))
			return true;
	return false;
}

/* Checks what can be checked without the content; n bytes of the packet are at p. */
static enum packet_state check_head(const struct disk_packet *h, const __u8 *p, size_t n,
				    const struct meta *m, bool swap, const char **why)
{
	__u64 content = u64_of(swap, h->content_bits), whole = u64_of(swap, h->packet_bits);

	*why = "not a packet";
	if (u32_of(swap, h->magic) != PACKET_MAGIC)
		return PACKET_BAD;
	*why = "it belongs to another recording";
	if (memcmp(h->uuid, m->uuid, UUID_LEN))
		return PACKET_BAD;
	*why = "its size is impossible";
	if (content % 8 || whole % 8 || content < HEAD * 8 || content > whole ||
	    whole > PACKET_MAX * 8)
		return PACKET_BAD;
	if (whole / 8 > n)
		return head_follows(p, n) ? PACKET_BAD : PACKET_CUT;
	return PACKET_WHOLE;
}

/* Checks the packet against those before it, and updates s. */
static const char *check_order(struct rstream *s, const struct disk_packet *h, bool swap)
{
	__u64 lost = u64_of(swap, h->lost), missed = u64_of(swap, h->missed);

	if (h->stream_id)
		return "unknown kind of stream";
	if (u32_of(swap, h->cpu) != s->cpu)
		return "it is of another CPU than the file's name says";
	if (u64_of(swap, h->seq) != s->packets)
		return "packets before it are missing";
	if (lost < s->lost || missed < s->missed)
		return "its counts of losses run backwards";
	s->lost = lost;
	s->missed = missed;
	return NULL;
}

enum packet_state stream__packet(struct rstream *s, const struct meta *m, __u64 limit,
				 bool check_crc, const char **why)
{
	const bool swap = m->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	__u64 left = limit - s->at;
	enum packet_state state;
	struct disk_packet h;
	ssize_t n;

	if (!left)
		return PACKET_NONE;
	n = read_at(s->fd, s->packet, left < s->room ? (size_t)left : s->room, s->at);
	if (n < 0) {
		*why = strerror((int)-n);
		return PACKET_BAD;
	}
	if ((size_t)n < HEAD)
		return PACKET_CUT;
	memcpy(&h, s->packet, sizeof(h));
	if (!h.magic && zeros_to_the_end(s, (size_t)n, limit))
		return PACKET_CUT;
	state = check_head(&h, s->packet, (size_t)n, m, swap, why);
	if (state != PACKET_WHOLE)
		return state;
	*why = "its checksum is wrong";
	if (check_crc &&
	    packet__crc(s->packet, (size_t)(u64_of(swap, h.packet_bits) / 8)) !=
	    u32_of(swap, h.crc))
		return PACKET_BAD;
	*why = check_order(s, &h, swap);
	if (*why)
		return PACKET_BAD;
	s->pos = HEAD;
	s->used = (__u32)(u64_of(swap, h.content_bits) / 8);
	s->at += u64_of(swap, h.packet_bits) / 8;
	s->packets++;
	return PACKET_WHOLE;
}

void stream__rewind(struct rstream *s)
{
	s->at = 0;
	s->pos = 0;
	s->used = 0;
	s->packets = 0;
	s->ts = 0;
	s->lost = 0;
	s->missed = 0;
}
