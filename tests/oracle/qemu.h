/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of QEMU's plugin interface the oracle uses, in its own words: Debian ships no
 * qemu-plugin.h. PLUGIN_API says which interface this build is for: 1 (QEMU 7.2) or
 * 4 (QEMU 10.0). QEMU refuses to load a plugin for an interface that it does not have.
 *
 * The interface has no way to read a MIPS register, to translate an address or to read
 * memory (API 1), so the functions at the end are QEMU's own. Debian's builds export them
 * for their modules; guest__bind() looks them up by name and says what is missing.
 */
#ifndef ORACLE_QEMU_H
#define ORACLE_QEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;

typedef struct {
	const char *target_name;
	struct {
		int min, cur;
	} version;
	bool system_emulation;
	struct {
		int smp_vcpus, max_vcpus;
	} system;
} qemu_info_t;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };

typedef void (*qemu_simple_cb)(qemu_plugin_id_t id);
typedef void (*qemu_udata_cb)(qemu_plugin_id_t id, void *udata);
typedef void (*qemu_tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*qemu_exec_cb)(unsigned int vcpu, void *udata);
typedef void (*qemu_mem_cb)(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
			    void *udata);

void qemu_plugin_reset(qemu_plugin_id_t id, qemu_simple_cb cb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_tb_trans_cb cb);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_udata_cb cb, void *udata);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_exec_cb cb,
					  enum qemu_plugin_cb_flags flags, void *udata);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qemu_exec_cb cb,
					    enum qemu_plugin_cb_flags flags, void *udata);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_mem_cb cb,
				      enum qemu_plugin_cb_flags flags,
				      enum qemu_plugin_mem_rw rw, void *udata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *hw);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *hw);

#if PLUGIN_API == 1
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
#else
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest, size_t len);
#endif

/* glib's, which QEMU brings */
typedef struct {
	uint8_t *data;
	unsigned int len;
} GByteArray;

/* Types of QEMU's own functions, which are found with dlsym. */
typedef void *qemu_get_cpu_fn(int index);
typedef int cpu_gdb_read_register_fn(void *cpu, GByteArray *buf, int reg);
typedef uint64_t cpu_get_phys_page_debug_fn(void *cpu, uint64_t vaddr);
typedef void cpu_physical_memory_rw_fn(uint64_t phys, void *buf, uint64_t len, bool write);
typedef int cpu_breakpoint_insert_fn(void *cpu, uint64_t pc, int flags, void **breakpoint);
#define BP_GDB 0x10
typedef GByteArray *g_byte_array_new_fn(void);
typedef GByteArray *g_byte_array_set_size_fn(GByteArray *array, unsigned int len);

#endif /* ORACLE_QEMU_H */
