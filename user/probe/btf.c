// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "probe/catalogue.h"
#include "probe/btf.h"

#define WANTED_MAX	256
#define FOUND_MAX	256

struct wanted {
	const char *name;
	__u32 len;
	bool function;
	__u32 id;		/* of the first one found */
};

struct btf_subset {
	char *data;		/* the whole file */
	const char *strings;
	__u32 strings_len;
	__u32 n;		/* types, which count from 1 */
	__u32 *at;		/* where each begins in data */
	struct wanted wanted[WANTED_MAX];
	int wants;
	bool begins[2][1024];	/* a type, a function wanted may begin so: most others do not */
	__u32 found[FOUND_MAX];	/* ids of the types wanted */
	int finds;
};

/* ---- reading ---- */

static __u32 beginning(char first, char second)
{
	return ((__u8)first << 5 ^ (__u8)second) % 1024;
}

static void want(struct btf_subset *t, const char *name, size_t len, bool function)
{
	if (!len || t->wants == WANTED_MAX)
		return;
	t->wanted[t->wants++] = (struct wanted){ name, len, function, 0 };
	t->begins[function][beginning(name[0], len > 1 ? name[1] : 0)] = true;
}

/* "pageflags___us" is our view of pageflags. */
static size_t essential_len(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour ? (size_t)(flavour - name) : strlen(name);
}

enum name_kind { NAME_OTHER, NAME_TYPE, NAME_FUNCTION };

/* What follows a type, by its kind: bytes, and bytes for each of what it consists of. */
static const struct {
	bool known;
	__u8 fixed, each;
	__u8 name;		/* enum name_kind */
} kinds[32] = {
	[BTF_KIND_INT] = { true, sizeof(__u32), 0, NAME_OTHER },
	[BTF_KIND_PTR] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_ARRAY] = { true, sizeof(struct btf_array), 0, NAME_OTHER },
	[BTF_KIND_STRUCT] = { true, 0, sizeof(struct btf_member), NAME_TYPE },
	[BTF_KIND_UNION] = { true, 0, sizeof(struct btf_member), NAME_TYPE },
	[BTF_KIND_ENUM] = { true, 0, sizeof(struct btf_enum), NAME_TYPE },
	[BTF_KIND_FWD] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_TYPEDEF] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_VOLATILE] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_CONST] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_RESTRICT] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_FUNC] = { true, 0, 0, NAME_FUNCTION },
	[BTF_KIND_FUNC_PROTO] = { true, 0, sizeof(struct btf_param), NAME_OTHER },
	[BTF_KIND_VAR] = { true, sizeof(struct btf_var), 0, NAME_OTHER },
	[BTF_KIND_DATASEC] = { true, 0, sizeof(struct btf_var_secinfo), NAME_OTHER },
	[BTF_KIND_FLOAT] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_DECL_TAG] = { true, sizeof(struct btf_decl_tag), 0, NAME_OTHER },
	[BTF_KIND_TYPE_TAG] = { true, 0, 0, NAME_OTHER },
	[BTF_KIND_ENUM64] = { true, 0, sizeof(struct btf_enum64), NAME_TYPE },
};

/* Bytes of a type with what follows it, 0 = of a kind we do not know. */
static size_t size_of(const struct btf_type *type)
{
	const __u16 kind = btf_kind(type);

	if (!kinds[kind].known)
		return 0;
	return sizeof(*type) + kinds[kind].fixed + btf_vlen(type) * kinds[kind].each;
}

static void want_all(struct btf_subset *t, const struct btf *programs)
{
	const struct btf_type *type;
	const struct candidate *row;
	const char *name;
	__u32 i;

	for (row = catalogue; row->function; row++)
		if (mechanism__is_trampoline(row->by) && !btf_subset__function(t, row->function))
			want(t, row->function, strlen(row->function), true);
	for (i = 1; i < btf__type_cnt(programs); i++) {
		type = btf__type_by_id(programs, i);
		name = btf__name_by_offset(programs, type->name_off);
		if (kinds[btf_kind(type)].name == NAME_TYPE && name)
			want(t, name, essential_len(name), false);
	}
}

static const char *name_at(const struct btf_subset *t, __u32 offset)
{
	return offset < t->strings_len ? t->strings + offset : "";
}

static void look_at(struct btf_subset *t, const struct btf_type *type, __u32 id)
{
	const char *name = name_at(t, type->name_off);
	const bool function = btf_is_func(type);
	struct wanted *w;

	if (!*name || !t->begins[function][beginning(name[0], name[1])])
		return;
	for (w = t->wanted; w < t->wanted + t->wants; w++) {
		if (w->function != function || *name != *w->name ||
		    strncmp(name, w->name, w->len) || name[w->len])
			continue;
		w->id = w->id ?: id;
		if (!function && t->finds < FOUND_MAX)
			t->found[t->finds++] = id;
		return;
	}
}

/* One walk over all types. Returns whether they could be understood to the end. */
static bool walk(struct btf_subset *t, __u32 begin, __u32 end)
{
	const struct btf_type *type;
	__u32 at = begin;
	size_t size;

	while (at < end) {
		type = (const void *)(t->data + at);
		size = end - at < sizeof(*type) ? 0 : size_of(type);
		if (!size || size > end - at)
			return false;
		t->at[++t->n] = at;
		if (kinds[btf_kind(type)].name != NAME_OTHER)
			look_at(t, type, t->n);
		at += size;
	}
	return true;
}

static bool understand(struct btf_subset *t, size_t size)
{
	const struct btf_header *h = (const void *)t->data;
	size_t types, strings;

	if (size < sizeof(*h) || h->magic != BTF_MAGIC || h->version != BTF_VERSION)
		return false;
	types = (size_t)h->hdr_len + h->type_off;
	strings = (size_t)h->hdr_len + h->str_off;
	if (types % 4 || types > size || h->type_len > size - types || strings > size ||
	    h->str_len > size - strings || !h->str_len)
		return false;
	t->strings = t->data + strings;
	t->strings_len = h->str_len;
	/* all types are at least so large */
	t->at = calloc(h->type_len / sizeof(struct btf_type) + 1, sizeof(*t->at));
	return t->at && !t->strings[t->strings_len - 1] &&
	       walk(t, types, types + h->type_len);
}

/* Returns bytes, 0 with errno when it cannot be read. */
static size_t read_whole(const char *path, char **data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = {};
	size_t size = 0;
	ssize_t got = 1;

	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && st.st_size > 0)
		*data = malloc(st.st_size);
	while (*data && got > 0 && size < (size_t)st.st_size) {
		got = read(fd, *data + size, st.st_size - size);
		size += got > 0 ? got : 0;
	}
	close(fd);
	return size;
}

struct btf_subset *btf_subset__read(const char *path, const struct btf *programs)
{
	struct btf_subset *t = calloc(1, sizeof(*t));
	size_t size;

	if (!t)
		return NULL;
	errno = 0;
	size = read_whole(path, &t->data);
	want_all(t, programs);
	if (size && understand(t, size))
		return t;
	errno = errno ?: EINVAL;
	btf_subset__free(t);
	return NULL;
}

__u32 btf_subset__function(const struct btf_subset *t, const char *name)
{
	int i;

	for (i = 0; i < t->wants; i++)
		if (t->wanted[i].function && !strcmp(t->wanted[i].name, name))
			return t->wanted[i].id;
	return 0;
}

void btf_subset__free(struct btf_subset *t)
{
	int saved = errno;

	if (!t)
		return;
	free(t->data);
	free(t->at);
	free(t);
	errno = saved;
}

/* ---- writing ---- */

struct blob {
	char *data;
	size_t len, size;
};

/* The file being made: types of it have other ids. */
struct part {
	const struct btf_subset *t;
	struct blob types, strings;
	__u32 *id;		/* here, by id there; 0 = not in it yet */
	__u32 n;
	bool failed;
};

/* Returns where it begins. */
static size_t append(struct part *p, struct blob *b, const void *data, size_t len)
{
	const size_t at = b->len;
	char *more;

	if (b->size - at < len) {
		more = realloc(b->data, 2 * b->size + len);
		if (!more) {
			p->failed = true;
			return 0;
		}
		b->data = more;
		b->size = 2 * b->size + len;
	}
	memcpy(b->data + at, data, len);
	b->len += len;
	return at;
}

static __u32 copy_name(struct part *p, __u32 offset)
{
	const char *name = name_at(p->t, offset);

	return *name ? append(p, &p->strings, name, strlen(name) + 1) : 0;
}

static __u32 copy_type(struct part *p, __u32 id);

/* What of a type names others: type, the one there; at, where its copy is. */
static void translate(struct part *p, const struct btf_type *type, size_t at)
{
	const __u32 n = btf_vlen(type);
	__u32 i, name, of;

#define HERE(kind, i)	(((struct kind *)(p->types.data + at + sizeof(*type)))[i])
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
		((struct btf_type *)(p->types.data + at))->type = 0;
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		of = copy_type(p, type->type);
		((struct btf_type *)(p->types.data + at))->type = of;
		break;
	case BTF_KIND_ARRAY:
		of = copy_type(p, btf_array(type)->type);
		HERE(btf_array, 0).type = of;
		of = copy_type(p, btf_array(type)->index_type);
		HERE(btf_array, 0).index_type = of;
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (i = 0; i < n; i++) {
			name = copy_name(p, btf_members(type)[i].name_off);
			of = copy_type(p, btf_members(type)[i].type);
			HERE(btf_member, i).name_off = name;
			HERE(btf_member, i).type = of;
		}
		break;
	case BTF_KIND_ENUM:
		for (i = 0; i < n; i++) {
			name = copy_name(p, btf_enum(type)[i].name_off);
			HERE(btf_enum, i).name_off = name;
		}
		break;
	case BTF_KIND_ENUM64:
		for (i = 0; i < n; i++) {
			name = copy_name(p, btf_enum64(type)[i].name_off);
			HERE(btf_enum64, i).name_off = name;
		}
		break;
	default:
		break;
	}
#undef HERE
}

/* Returns its id here. What a failed part looks like does not matter. */
static __u32 copy_type(struct part *p, __u32 id)
{
	const struct btf_type *type;
	__u32 name;
	size_t at;

	if (!id || id > p->t->n || p->failed)
		return 0;
	if (p->id[id])
		return p->id[id];
	type = (const void *)(p->t->data + p->t->at[id]);
	p->id[id] = ++p->n;
	at = append(p, &p->types, type, size_of(type));
	name = copy_name(p, type->name_off);
	if (p->failed)
		return 0;
	((struct btf_type *)(p->types.data + at))->name_off = name;
	translate(p, type, at);
	return p->id[id];
}

static int write_part(const struct part *p, int fd)
{
	const struct btf_header h = {
		.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(h),
		.type_len = p->types.len, .str_off = p->types.len, .str_len = p->strings.len,
	};

	if (write(fd, &h, sizeof(h)) != sizeof(h) ||
	    write(fd, p->types.data, p->types.len) != (ssize_t)p->types.len ||
	    write(fd, p->strings.data, p->strings.len) != (ssize_t)p->strings.len)
		return -(errno ?: EIO);
	return 0;
}

int btf_subset__write(const struct btf_subset *t, int fd)
{
	struct part p = { .t = t, .id = calloc(t->n + 1, sizeof(*p.id)) };
	int i, ret = -ENOMEM;

	p.failed = !p.id;
	append(&p, &p.strings, "", 1);
	for (i = 0; i < t->finds; i++)
		copy_type(&p, t->found[i]);
	if (!p.failed)
		ret = write_part(&p, fd);
	free(p.id);
	free(p.types.data);
	free(p.strings.data);
	return ret;
}
