// SPDX-License-Identifier: GPL-2.0-only
/* The part of the kernel's BTF that libbpf gets (user/probe/btf.c). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "probe/btf.h"
#include "tap.h"

/* Like the kernel's BTF: the wanted types are among others, and some exist twice. */
static struct btf *make_kernel(void)
{
	struct btf *b = btf__new_empty();
	int u64, u32, other, pointer, list, wrapped, anonymous, flags;

	u64 = btf__add_int(b, "unsigned long", 8, 0);
	u32 = btf__add_int(b, "unsigned int", 4, 0);
	other = btf__add_struct(b, "address_space", 8);
	btf__add_field(b, "secret", u64, 0, 0);
	pointer = btf__add_ptr(b, other);
	list = btf__add_array(b, u32, u64, 3);
	wrapped = btf__add_typedef(b, "wrapped_t", btf__add_const(b, list));
	anonymous = btf__add_union(b, NULL, 24);
	btf__add_field(b, "mapping", pointer, 0, 0);
	btf__add_field(b, "counts", wrapped, 0, 0);
	btf__add_struct(b, "page", 32);
	btf__add_field(b, "flags", u64, 0, 0);
	btf__add_field(b, NULL, anonymous, 64, 0);
	flags = btf__add_enum(b, "pageflags", 4);
	btf__add_enum_value(b, "PG_locked", 0);
	btf__add_enum_value(b, "PG_head", 16);
	btf__add_func(b, "wp_page_copy", BTF_FUNC_STATIC, btf__add_func_proto(b, u32));
	btf__add_func_param(b, "flags", flags);
	btf__add_func(b, "page", BTF_FUNC_GLOBAL, btf__add_func_proto(b, 0));
	btf__add_struct(b, "page_pool", 8);
	btf__add_struct(b, "wp_page_copy", 8);
	btf__add_func(b, "wp_page_copy", BTF_FUNC_STATIC, btf__add_func_proto(b, 0));
	btf__add_struct(b, "task", 4);
	btf__add_field(b, "early", u32, 0, 0);
	btf__add_struct(b, "task", 8);
	btf__add_field(b, "late", u64, 0, 0);
	return b;
}

static struct btf *make_programs(void)
{
	struct btf *b = btf__new_empty();

	btf__add_struct(b, "page", 8);
	btf__add_field(b, "flags", btf__add_int(b, "unsigned long", 8, 0), 0, 0);
	btf__add_enum(b, "pageflags___us", 4);
	btf__add_enum_value(b, "PG_head___us", 0);
	btf__add_struct(b, "task", 4);
	btf__add_struct(b, "slot", 4);
	btf__add_struct(b, NULL, 4);
	return b;
}

static int file_of(const void *data, size_t size, char path[64])
{
	int fd = memfd_create("btf", 0);

	snprintf(path, 64, "/proc/self/fd/%d", fd);
	if (write(fd, data, size) != (ssize_t)size) {
		perror("file_of");
		exit(1);
	}
	return fd;
}

static struct btf_subset *read_data(const void *data, size_t size, const struct btf *programs)
{
	struct btf_subset *t;
	char path[64];
	int fd = file_of(data, size, path);

	t = btf_subset__read(path, programs);
	close(fd);
	return t;
}

/* Writes the subset and lets libbpf read it; NULL if either fails. */
static struct btf *written(const struct btf_subset *t)
{
	struct btf *b = NULL;
	char path[64];
	int fd = file_of("", 0, path);

	if (!btf_subset__write(t, fd))
		b = btf__parse_raw(path);
	close(fd);
	return b;
}

static const char *name_of(const struct btf *b, __u32 offset)
{
	return btf__name_by_offset(b, offset);
}

static void test_functions(const struct btf_subset *t, const struct btf *kernel)
{
	is(btf_subset__function(t, "wp_page_copy"),
	   btf__find_by_name_kind(kernel, "wp_page_copy", BTF_KIND_FUNC), "the first of two");
	is(btf_subset__function(t, "do_wp_page"), 0, "a function that is not there");
	is(btf_subset__function(t, "page"), 0, "a function nobody wants");
}

static void test_page(const struct btf *b)
{
	int id = btf__find_by_name_kind(b, "page", BTF_KIND_STRUCT);
	const struct btf_type *page = id > 0 ? btf__type_by_id(b, id) : NULL, *in, *of;

	if (!ok(page && page->size == 32 && btf_vlen(page) == 2, "struct page, as large as it is"))
		return;
	ok(!strcmp(name_of(b, btf_members(page)[0].name_off), "flags") &&
	   btf__resolve_size(b, btf_members(page)[0].type) == 8, "... with a field");
	in = btf__type_by_id(b, btf_members(page)[1].type);
	if (!ok(btf_is_union(in) && btf_vlen(in) == 2 && btf_members(page)[1].offset == 64,
		"... and an anonymous union within"))
		return;
	of = btf__type_by_id(b, btf_members(in)[0].type);
	ok(btf_is_ptr(of) && !of->type, "... in which a pointer points to nothing");
	of = btf__type_by_id(b, btf_members(in)[1].type);
	ok(btf_is_typedef(of) && !strcmp(name_of(b, of->name_off), "wrapped_t") &&
	   btf__resolve_size(b, btf_members(in)[1].type) == 24, "... and there is an array");
	ok(btf__find_by_name(b, "address_space") < 0 && btf__find_by_name(b, "page_pool") < 0,
	   "nothing else is there");
}

static void test_others(const struct btf *b)
{
	int id = btf__find_by_name_kind(b, "pageflags", BTF_KIND_ENUM);
	const struct btf_type *flags = id > 0 ? btf__type_by_id(b, id) : NULL;
	unsigned int i, tasks = 0;

	ok(flags && btf_vlen(flags) == 2 && btf_enum(flags)[1].val == 16 &&
	   !strcmp(name_of(b, btf_enum(flags)[1].name_off), "PG_head"),
	   "an enum, by what stands before ___");
	for (i = 1; i < btf__type_cnt(b); i++)
		tasks += !strcmp(name_of(b, btf__type_by_id(b, i)->name_off), "task");
	is(tasks, 2, "two of one name: libbpf may have both");
}

/* Cut off anywhere, or with any byte changed: there is an answer or none, and no crash. */
static void test_damage(const char *data, size_t size, const struct btf *programs)
{
	char *copy = malloc(size);
	unsigned int read = 0, refused = 0;
	struct btf_subset *t;
	size_t i;

	if (!copy)
		exit(1);
	for (i = 0; i < size; i++) {
		t = read_data(data, i, programs);
		refused += !t;
		btf_subset__free(t);
	}
	is(refused, size, "cut off: refused");
	for (i = 0; i < size; i++) {
		memcpy(copy, data, size);
		copy[i] = ~copy[i];
		t = read_data(copy, size, programs);
		if (t)
			btf__free(written(t));
		read += !!t;
		btf_subset__free(t);
	}
	ok(read && read < size, "a byte changed: read or refused");
	memcpy(copy, data, size);
	((struct btf_type *)(copy + sizeof(struct btf_header)))->info = 31U << 24;
	ok(!read_data(copy, size, programs), "a kind of type that we do not know");
	free(copy);
}

int main(void)
{
	struct btf *kernel = make_kernel(), *programs = make_programs(), *b;
	struct btf_subset *t;
	const void *data;
	__u32 size;

	libbpf_set_print(NULL);
	data = btf__raw_data(kernel, &size);
	t = read_data(data, size, programs);
	if (!ok(t != NULL, "the kernel's types are read"))
		return tap__done();
	test_functions(t, kernel);
	b = written(t);
	if (ok(b != NULL, "libbpf reads what is written")) {
		test_page(b);
		test_others(b);
	}
	btf__free(b);
	btf_subset__free(t);
	test_damage(data, size, programs);
	ok(!btf_subset__read("/nowhere", programs), "no file");
	btf__free(programs);
	btf__free(kernel);
	return tap__done();
}
