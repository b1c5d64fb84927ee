// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <string.h>
#include "oracle.h"
#include "qemu.h"

static struct {
	const struct arch *arch;
	void *cpu;
	GByteArray *bytes;
	qemu_get_cpu_fn *get_cpu;
	cpu_gdb_read_register_fn *read_register;
	cpu_get_phys_page_debug_fn *phys_page;
	cpu_physical_memory_rw_fn *memory_rw;
	cpu_breakpoint_insert_fn *breakpoint_insert;
	g_byte_array_new_fn *array_new;
	g_byte_array_set_size_fn *array_set_size;
} qemu;

bool guest__bind(const struct arch *arch, const char **missing)
{
	const struct {
		const char *name;
		void **to;
	} wanted[] = {
		{ "qemu_get_cpu", (void **)&qemu.get_cpu },
		{ arch->read_register, (void **)&qemu.read_register },
		{ "cpu_get_phys_page_debug", (void **)&qemu.phys_page },
		{ "cpu_physical_memory_rw", (void **)&qemu.memory_rw },
		{ "cpu_breakpoint_insert", (void **)&qemu.breakpoint_insert },
		{ "g_byte_array_new", (void **)&qemu.array_new },
		{ "g_byte_array_set_size", (void **)&qemu.array_set_size },
	};
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		*wanted[i].to = dlsym(RTLD_DEFAULT, wanted[i].name);
		*missing = wanted[i].name;
		if (!*wanted[i].to)
			return false;
	}
	qemu.arch = arch;
	return true;
}

static void *cpu(void)
{
	if (!qemu.cpu) {
		qemu.cpu = qemu.get_cpu(0);
		qemu.bytes = qemu.array_new();
	}
	return qemu.cpu;
}

/* The value of a word in the guest's byte order. */
static uint64_t number(const uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < size; i++)
		value = value << 8 | bytes[qemu.arch->big_endian ? i : size - 1 - i];
	return value;
}

uint64_t guest__reg(int reg)
{
	int size;

	if (!cpu())
		return 0;
	qemu.array_set_size(qemu.bytes, 0);
	size = qemu.read_register(qemu.cpu, qemu.bytes, reg);
	return size == 4 || size == 8 ? number(qemu.bytes->data, (unsigned int)size) : 0;
}

uint64_t guest__tlb(uint64_t va)
{
	const uint64_t phys = cpu() ? qemu.phys_page(qemu.cpu, va & ~0xfffULL) : PAGE_NONE;

	return phys == PAGE_NONE ? phys : phys | (va & 0xfff);
}

void guest__read_phys(uint64_t phys, void *buf, size_t len)
{
	qemu.memory_rw(phys, buf, len, false);
}

static uint64_t phys_of(uint64_t va)
{
	uint64_t phys;

	return qemu.arch->segment(va, &phys) == SEGMENT_MAPPED ? guest__tlb(va) : phys;
}

bool guest__read(uint64_t va, void *buf, size_t len)
{
	while (len) {
		const size_t room = 4096 - (va & 4095), n = len < room ? len : room;
		const uint64_t phys = phys_of(va);

		if (phys == PAGE_NONE)
			return false;
		guest__read_phys(phys, buf, n);
		va += n;
		buf = (uint8_t *)buf + n;
		len -= n;
	}
	return true;
}

uint64_t guest__word(uint64_t phys, unsigned int size)
{
	uint8_t bytes[8];

	guest__read_phys(phys, bytes, size);
	return number(bytes, size);
}

void guest__read_words(uint64_t va, uint32_t *words, size_t n)
{
	size_t i;

	if (!guest__read(va, words, n * sizeof(*words)))
		memset(words, 0, n * sizeof(*words));
	for (i = 0; i < n; i++)
		words[i] = (uint32_t)number((const uint8_t *)&words[i], sizeof(*words));
}

bool guest__write_word(uint64_t va, uint32_t word)
{
	const uint64_t phys = phys_of(va);

	if (phys == PAGE_NONE)
		return false;
	word = (uint32_t)number((const uint8_t *)&word, sizeof(word)); /* to its byte order */
	qemu.memory_rw(phys, &word, sizeof(word), true);
	return true;
}

void guest__single_step(uint64_t va)
{
	if (cpu())
		qemu.breakpoint_insert(qemu.cpu, va, BP_GDB, NULL);
}
