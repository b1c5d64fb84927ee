// SPDX-License-Identifier: GPL-2.0-only
/* Names of processes in a recording: interned, and looked up by pid. */
#include <stdlib.h>
#include <string.h>
#include "recording/stream.h"

#define TABLE_MIN	64

static __u32 hash_name(const char *comm)
{
	__u32 h = 2166136261U;

	for (; *comm; comm++)
		h = (h ^ (__u8)*comm) * 16777619U;
	return h;
}

static char **name_slot(char **slots, __u32 size, const char *comm)
{
	__u32 i = hash_name(comm) & (size - 1);

	while (slots[i] && strcmp(slots[i], comm))
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* The next size of a table that is three quarters full; 0 when it does not fit into 32 bits. */
static __u32 larger(__u32 size)
{
	return size ? size * 2 : TABLE_MIN;
}

static bool grow_names(struct names *n)
{
	__u32 size = larger(n->size), i;
	char **slots = size ? calloc(size, sizeof(*slots)) : NULL;

	if (!slots)
		return false;
	for (i = 0; i < n->size; i++)
		if (n->slots[i])
			*name_slot(slots, size, n->slots[i]) = n->slots[i];
	free(n->slots);
	n->slots = slots;
	n->size = size;
	return true;
}

const char *names__get(struct names *n, const char comm[COMM_LEN])
{
	char name[COMM_LEN + 1], **slot;

	memcpy(name, comm, COMM_LEN);
	name[COMM_LEN] = '\0';
	if (n->used >= n->size / 4 * 3 && !grow_names(n))
		return NULL;
	slot = name_slot(n->slots, n->size, name);
	if (!*slot) {
		*slot = strdup(name);
		n->used += *slot ? 1 : 0;
	}
	return *slot;
}

void names__free(struct names *n)
{
	__u32 i;

	for (i = 0; i < n->size; i++)
		free(n->slots[i]);
	free(n->slots);
	memset(n, 0, sizeof(*n));
}

/* ---- names by pid, of one stream ---- */

static bool grow(struct comm_table *t)
{
	__u32 size = larger(t->size), i;
	struct comm_entry *slots = size ? calloc(size, sizeof(*slots)) : NULL;

	if (!slots)
		return false;
	for (i = 0; i < t->size; i++)
		if (t->slots[i].comm)
			*comms__slot(slots, size, t->slots[i].pid) = t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->size = size;
	return true;
}

bool comms__set(struct comm_table *t, __u32 pid, const char *comm)
{
	struct comm_entry *slot;

	if (t->used >= t->size / 4 * 3 && !grow(t))
		return false;
	slot = comms__slot(t->slots, t->size, pid);
	t->used += !slot->comm;
	slot->pid = pid;
	slot->comm = comm;
	return true;
}
