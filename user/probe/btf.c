// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "probe/btf.h"
#include "probe/catalogue.h"

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
	int n_wanted;
	bool begins[2][1024];	/* by [function][beginning()]: some wanted name begins so */
	__u32 found[FOUND_MAX];	/* ids of the types wanted */
	int n_found;
};

/* ---- reading ---- */

/* Hash of a name's first two characters; most names are ruled out by it. */
static __u32 beginning(char first, char second)
{
	return ((__u8)first << 5 ^ (__u8)second) % 1024;
}

static void want(struct btf_subset *t, const char *name, size_t len, bool function)
{
	if (!len || t->n_wanted == WANTED_MAX)
		return;
	t->wanted[t->n_wanted++] = (struct wanted){ name, len, function, 0 };
	t->begins[function][beginning(name[0], len > 1 ? name[1] : 0)] = true;
}

/* Length without a CO-RE flavour: "pageflags___us" in our programs is the kernel's pageflags. */
static size_t essential_len(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour ? (size_t)(flavour - name) : strlen(name);
}

enum name_kind { NAME_OTHER, NAME_TYPE, NAME_FUNCTION };

/* The data that follows a type, by its kind. */
static const struct {
	bool known;
	__u8 fixed, each;	/* bytes of the type, and of each member or parameter */
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

/* Bytes of a type with the data that follows it, 0 = a kind we do not know. */
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
	for (w = t->wanted; w < t->wanted + t->n_wanted; w++) {
		if (w->function != function || *name != *w->name ||
		    strncmp(name, w->name, w->len) || name[w->len])
			continue;
		w->id = w->id ?: id;
		if (!function && t->n_found < FOUND_MAX)
			t->found[t->n_found++] = id;
		return;
	}
}

/* Walk over all types. Returns false at one that cannot be understood. */
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
	/* no type is smaller than this */
	t->at = calloc(h->type_len / sizeof(struct btf_type) + 1, sizeof(*t->at));
	return t->at && !t->strings[t->strings_len - 1] &&
	       walk(t, types, types + h->type_len);
}

/* Returns the size of the file, 0 with errno when it cannot be read. */
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

	for (i = 0; i < t->n_wanted; i++)
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

/* The BTF being written. Its types have other ids than the kernel's. */
struct btf_writer {
	const struct btf_subset *t;
	struct blob types, strings;
	__u32 *id;		/* new id of each type of t; 0 = not added yet */
	__u32 n;
	bool failed;
};

/* Append data to a blob. Returns the offset at which it begins. */
static size_t append(struct btf_writer *w, struct blob *b, const void *data, size_t len)
{
	const size_t at = b->len;
	char *more;

	if (b->size - at < len) {
		more = realloc(b->data, 2 * b->size + len);
		if (!more) {
			w->failed = true;
			return 0;
		}
		b->data = more;
		b->size = 2 * b->size + len;
	}
	memcpy(b->data + at, data, len);
	b->len += len;
	return at;
}

static __u32 add_name(struct btf_writer *w, __u32 offset)
{
	const char *name = name_at(w->t, offset);

	return *name ? append(w, &w->strings, name, strlen(name) + 1) : 0;
}

static __u32 add_type(struct btf_writer *w, __u32 id);

/* Add all that a type refers to, and set the new ids and names in what was added at offset at. */
static void add_references(struct btf_writer *w, const struct btf_type *type, size_t at)
{
	const __u32 n = btf_vlen(type);
	__u32 i, name, of;

#define ADDED(kind, i)	(((struct kind *)(w->types.data + at + sizeof(*type)))[i])
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
		((struct btf_type *)(w->types.data + at))->type = 0;
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		of = add_type(w, type->type);
		((struct btf_type *)(w->types.data + at))->type = of;
		break;
	case BTF_KIND_ARRAY:
		of = add_type(w, btf_array(type)->type);
		ADDED(btf_array, 0).type = of;
		of = add_type(w, btf_array(type)->index_type);
		ADDED(btf_array, 0).index_type = of;
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (i = 0; i < n; i++) {
			name = add_name(w, btf_members(type)[i].name_off);
			of = add_type(w, btf_members(type)[i].type);
			ADDED(btf_member, i).name_off = name;
			ADDED(btf_member, i).type = of;
		}
		break;
	case BTF_KIND_ENUM:
		for (i = 0; i < n; i++) {
			name = add_name(w, btf_enum(type)[i].name_off);
			ADDED(btf_enum, i).name_off = name;
		}
		break;
	case BTF_KIND_ENUM64:
		for (i = 0; i < n; i++) {
			name = add_name(w, btf_enum64(type)[i].name_off);
			ADDED(btf_enum64, i).name_off = name;
		}
		break;
	default:
		break;
	}
#undef ADDED
}

/* Add a type, unless it has been. Returns its new id; if w has failed, nobody reads it. */
static __u32 add_type(struct btf_writer *w, __u32 id)
{
	const struct btf_type *type;
	__u32 name;
	size_t at;

	if (!id || id > w->t->n || w->failed)
		return 0;
	if (w->id[id])
		return w->id[id];
	type = (const void *)(w->t->data + w->t->at[id]);
	w->id[id] = ++w->n;
	at = append(w, &w->types, type, size_of(type));
	name = add_name(w, type->name_off);
	if (w->failed)
		return 0;
	((struct btf_type *)(w->types.data + at))->name_off = name;
	add_references(w, type, at);
	return w->id[id];
}

static int write_out(const struct btf_writer *w, int fd)
{
	const struct btf_header h = {
		.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(h),
		.type_len = w->types.len, .str_off = w->types.len, .str_len = w->strings.len,
	};

	if (write(fd, &h, sizeof(h)) != sizeof(h) ||
	    write(fd, w->types.data, w->types.len) != (ssize_t)w->types.len ||
	    write(fd, w->strings.data, w->strings.len) != (ssize_t)w->strings.len)
		return -(errno ?: EIO);
	return 0;
}

int btf_subset__write(const struct btf_subset *t, int fd)
{
	struct btf_writer w = { .t = t, .id = calloc(t->n + 1, sizeof(*w.id)) };
	int i, ret = -ENOMEM;

	w.failed = !w.id;
	append(&w, &w.strings, "", 1);
	for (i = 0; i < t->n_found; i++)
		add_type(&w, t->found[i]);
	if (!w.failed)
		ret = write_out(&w, fd);
	free(w.id);
	free(w.types.data);
	free(w.strings.data);
	return ret;
}
