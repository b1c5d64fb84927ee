// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle as a QEMU plugin. It listens to the guest's hints (instructions that do nothing, see
 * guest/armed.c), and applies all that the guest executes while armed to the model of a cache.
 * See README.md.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "hints.h"
#include "oracle.h"
#include "qemu.h"

#define TASK_BYTES	8192	/* the part of a task_struct that is searched for the pid */

QEMU_EXPORT int qemu_plugin_version = PLUGIN_API;
QEMU_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				    char **argv);

enum hook {
	HOOK_COPY_USER, HOOK_COPY_PAGE, HOOK_CLEAR, HOOK_MAPPED, HOOK_SWITCH, HOOK_ROOT,
	HOOKS_MAX = 10
};

static void instrument(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);

static qemu_plugin_id_t self;
static const struct arch *arch;
static const char *path;
static struct geometry geometry;	/* told by the guest */
static struct geometry given;		/* told by arguments, which win; 0 = not told */
static unsigned int ignored;	/* IGNORE_* */
static bool control;		/* make the kernel unsound */
static struct cache *cache;
static enum { UNARMED, ARMING, ARMED } stage;
static struct troubles troubles;
static uint64_t task;		/* task_struct of the running thread; 0 = not seen yet */
static int pid_offset = -1;	/* of pid and tgid in a task_struct; -1 = not known */

static struct {
	uint64_t address;
	enum hook what;
} hooks[HOOKS_MAX];
static unsigned int nhooks;

static void say(const char *what, const char *of)
{
	fprintf(stderr, "oracle: %s%s\n", what, of);
}

/* Ends QEMU: better no answer than one that users would wrongly take for the truth. */
static _Noreturn void give_up(const char *what, const char *of)
{
	say(what, of);
	_exit(3);
}

/* ---- execution of the guest ---- */

static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *pc)
{
	struct access a = { .va = va, .pc = (uint64_t)(uintptr_t)pc,
			    .size = 1U << qemu_plugin_mem_size_shift(info) };
	struct stale stale;

	(void)vcpu;
	if (stage != ARMED || !address__locate(&a, info))
		return;
	a.user = va < arch->user_end;
	if (qemu_plugin_mem_is_store(info)) {
		copies__store(&a);
		cache__store(cache, &a);
		return;
	}
	stale = cache__load(cache, &a);
	if (stale.bytes)
		copies__blame(&stale);
	if (!copies__load(&a, &stale) && stale.bytes)
		output__stale(&stale, &a);
}

static void hit(uint64_t va, unsigned int op)
{
	const uint64_t ram = address__resolve(va);

	if (ram == PAGE_NONE)
		troubles.unresolved++;
	else
		cache__hit_op(cache, ram, va, op);
}

static void range(uint64_t first, uint64_t last, unsigned int op)
{
	uint64_t va;

	for (va = first & ~(uint64_t)(geometry.line - 1); va <= last; va += geometry.line)
		hit(va, op);
}

static void on_cache_op(unsigned int vcpu, void *insn)
{
	const struct cache_op op = arch->decode((uint32_t)(uintptr_t)insn);
	uint64_t va;

	(void)vcpu;
	if (stage != ARMED || !arch->condition_holds(op.condition))
		return;
	va = op.how == CACHE_OP_WHOLE ? 0 : guest__reg(op.reg) + (uint64_t)(int64_t)op.offset;
	switch (op.how) {
	case CACHE_OP_HIT:
		if (!(ignored & IGNORE_HIT))
			hit(va, op.op);
		break;
	case CACHE_OP_RANGE:
		if (!(ignored & IGNORE_HIT))
			range(va, guest__reg(op.reg2), op.op);
		break;
	case CACHE_OP_INDEX:
		if (!(ignored & IGNORE_INDEX))
			cache__index_op(cache, va, op.op);
		break;
	case CACHE_OP_WHOLE:
		if (!(ignored & IGNORE_INDEX))
			cache__whole_op(cache, op.op);
		break;
	default:
		troubles.unknown++;
	}
}

/* Physical address of the running thread's task_struct. */
static uint64_t task_at(void)
{
	uint64_t phys;

	return arch->segment(task, &phys) == SEGMENT_MAPPED ? guest__tlb(task) : phys;
}

/* The ids of the running thread and of its process; 0 = not known. */
static struct task who(void)
{
	uint32_t ids[2];
	const uint64_t phys = task_at();
	unsigned int i;

	if (pid_offset < 0 || phys == PAGE_NONE)
		return (struct task){ 0 };
	for (i = 0; i < 2; i++)
		ids[i] = (uint32_t)guest__word(phys + (unsigned int)pid_offset + 4 * i, 4);
	return (struct task){ .tid = ids[0], .pid = ids[1] };
}

static void finish(void)
{
	struct cache_counts counts;

	if (!output__is_open())
		return;
	counts = cache__counts(cache);
	copies__end();
	troubles.strays = copies__strays();
	if (!output__close(arch, &counts, &troubles, geometry.page))
		say("cannot write ", path);
}

static void at_exit(qemu_plugin_id_t id, void *unused)
{
	(void)id;
	(void)unused;
	finish();
}

/* Called when QEMU has dropped all translations, so that code is instrumented afresh. */
static void begin_anew(qemu_plugin_id_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, instrument);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
}

/*
 * QEMU 7.2 shows registers only as they were when a block of translated code began. But it
 * translates pages with a breakpoint instruction by instruction. So each page of the kernel that
 * has a cache instruction gets a breakpoint, at an odd address where it is never hit.
 */
static void single_step_cache_ops(void)
{
	uint64_t va, end;
	uint32_t words[1024];
	size_t i;

	for (va = symbols__text(&end) & ~4095ULL; va < end; va += sizeof(words)) {
		guest__read_words(va, words, sizeof(words) / sizeof(words[0]));
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (arch->decode(words[i]).how != CACHE_OP_NONE)
				break;
		if (i < sizeof(words) / sizeof(words[0]))
			guest__single_step(va + 1);
	}
}

/* The ids that a thread has told of itself; tid is 0 when that was dealt with. */
static struct task told;

/* Finds the told ids in the thread's task_struct, so that they can be read there for any thread. */
static void learn_task(void)
{
	uint64_t phys = task_at();
	unsigned int at;

	for (at = 0; phys != PAGE_NONE && at + 4 < TASK_BYTES; at += 4)
		if (guest__word(phys + at, 4) == told.tid &&
		    guest__word(phys + at + 4, 4) == told.pid) {
			pid_offset = (int)at;
			break;
		}
	told.tid = 0;
}

/* Argument n of the function that is being entered. */
static uint64_t argument(int n)
{
	return guest__reg(arch->arguments[n]);
}

static void make_unsound(void)
{
	uint64_t at;
	uint32_t insn;

	if (!arch->unsound(&at, &insn) || !guest__write_word(at, insn))
		give_up("the code of this kernel's copies is not as control=plain expects", "");
}

/*
 * Called when the kernel switches threads. Watching begins with the first switch: from here on
 * the running thread is known, and kernel memory can be read, which it cannot be while user code
 * runs.
 */
static void on_switch(void)
{
	if (stage == ARMING) {
		if (PLUGIN_API == 1)
			single_step_cache_ops();
		if (control)
			make_unsound();
		stage = ARMED;
		qemu_plugin_reset(self, begin_anew);
	} else if (told.tid) {
		learn_task();
	}
	task = argument(arch->switch_argument);
	copies__switch(task);
}

static void on_hook(unsigned int vcpu, void *what)
{
	(void)vcpu;
	if (stage == UNARMED)
		return;
	switch ((enum hook)(uintptr_t)what) {
	case HOOK_COPY_USER:
		copies__enter(task, argument(2));
		break;
	case HOOK_COPY_PAGE:
		copies__begin(task, who(), argument(0), argument(1));
		break;
	case HOOK_CLEAR:
		if (!arch->clear_size || argument(arch->clear_size) == geometry.page)
			copies__clear(task, argument(0));
		break;
	case HOOK_MAPPED:
		copies__mapped(task, who(), argument(2));
		break;
	case HOOK_SWITCH:
		on_switch();
		break;
	case HOOK_ROOT:
		address__root(argument(0));
		break;
	default:
		break;
	}
}

/* ---- hints of the guest ---- */

/* Sets *to if the line is "name number". */
static bool set_number(const char *line, const char *name, uint32_t *to)
{
	const size_t len = strlen(name);

	if (strncmp(line, name, len) || line[len] != ' ')
		return false;
	*to = (uint32_t)strtoul(line + len, NULL, 0);
	return true;
}

/* Parses a line of text: a number of the cache's geometry, or a line of /proc/kallsyms. */
static void parse_line(const char *line)
{
	if (!set_number(line, "span", &geometry.span) &&
	    !set_number(line, "line", &geometry.line) &&
	    !set_number(line, "ways", &geometry.ways) &&
	    !set_number(line, "page", &geometry.page))
		symbols__add(line);
}

/* Arguments: address and length of the text. */
static void on_text(unsigned int vcpu, void *unused)
{
	static char text[HINT_TEXT_MAX + 1];
	const uint64_t at = argument(0);
	const size_t len = argument(1);
	char *line, *rest = text;

	(void)vcpu;
	(void)unused;
	if (stage != UNARMED)
		return;
	if (len >= sizeof(text))
		give_up("what the guest says is too long", "");
	if (!guest__read(at, text, len))
		give_up("what the guest says lies at an address that is not mapped", "");
	text[len] = 0;
	while ((line = strsep(&rest, "\n")))
		parse_line(line);
}

static void add_hook(const char *name, enum hook what, bool needed)
{
	uint64_t end, address = name ? symbols__find(name, &end) : 0;

	if (!address && needed)
		give_up("this guest's kernel has no function ", name);
	if (!address)
		return;
	hooks[nhooks].address = address;
	hooks[nhooks++].what = what;
}

static void find_hooks(void)
{
	const size_t most = sizeof(arch->copy_users) / sizeof(arch->copy_users[0]);
	size_t i;

	if (!symbols__done())
		give_up("the guest has no symbols: its /proc/kallsyms names no function at an "
			"address; ", "is kptr_restrict set?");
	for (i = 0; i < most; i++)
		add_hook(arch->copy_users[i], HOOK_COPY_USER, false);
	if (!nhooks)
		give_up("this guest's kernel has no function ", arch->copy_users[0]);
	add_hook("copy_page", HOOK_COPY_PAGE, true);
	add_hook(arch->clear_page, HOOK_CLEAR, false);
	add_hook("page_add_new_anon_rmap", HOOK_MAPPED, false);
	add_hook("folio_add_new_anon_rmap", HOOK_MAPPED, false);
	add_hook(arch->switch_to, HOOK_SWITCH, true);
	add_hook(arch->set_root, HOOK_ROOT, true);
}

/* Arguments: the ids of the calling thread and of its process. */
static void on_task(unsigned int vcpu, void *unused)
{
	(void)vcpu;
	(void)unused;
	told.tid = (uint32_t)argument(0);
	told.pid = (uint32_t)argument(1);
}

static void on_arm(unsigned int vcpu, void *unused)
{
	(void)vcpu;
	(void)unused;
	if (stage != UNARMED || output__is_open())
		return;
	geometry.span = given.span ? given.span : geometry.span;
	geometry.line = given.line ? given.line : geometry.line;
	geometry.ways = given.ways ? given.ways : geometry.ways;
	if (!geometry.span)
		give_up("this guest's cache has no aliases", "; span=BYTES asks what if it had");
	find_hooks();
	cache = cache__new(&geometry);
	if (!cache)
		give_up("the cache's geometry is none: span, line, ways and page must be powers "
			"of two", "; span=, line=, ways= set them");
	if (!output__open(path))
		give_up("cannot write ", path);
	output__head(arch, &geometry, !given.span, ignored);
	address__start(arch, &geometry);
	copies__start(arch, geometry.page, cache);
	stage = ARMING;
	qemu_plugin_reset(self, begin_anew);
}

/*
 * Does not reset the translations: QEMU 7.2 keeps a pointer to the callbacks of an instruction
 * that was left in the middle. A reset would free them, and QEMU aborts then.
 */
static void on_disarm(unsigned int vcpu, void *unused)
{
	(void)vcpu;
	(void)unused;
	if (stage == UNARMED)
		return;
	stage = UNARMED;
	finish();
}

/* ---- translation ---- */

static uint32_t word_of(struct qemu_plugin_insn *insn)
{
	uint8_t b[4];

	if (qemu_plugin_insn_size(insn) != 4)
		return 0;
#if PLUGIN_API == 1
	memcpy(b, qemu_plugin_insn_data(insn), 4);
#else
	qemu_plugin_insn_data(insn, b, 4);
#endif
	if (arch->big_endian)
		return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
	return (uint32_t)b[3] << 24 | b[2] << 16 | b[1] << 8 | b[0];
}

static void instrument_hint(struct qemu_plugin_insn *insn, uint32_t word)
{
	const struct {
		uint32_t word;
		qemu_exec_cb cb;
	} hints[] = {
		{ arch->hint_text, on_text }, { arch->hint_arm, on_arm },
		{ arch->hint_disarm, on_disarm }, { arch->hint_task, on_task },
	};
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].word == word)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, hints[i].cb,
							       QEMU_PLUGIN_CB_R_REGS, NULL);
}

static void instrument_insn(struct qemu_plugin_insn *insn, uint32_t word)
{
	const uint64_t pc = qemu_plugin_insn_vaddr(insn);
	unsigned int i;

	for (i = 0; i < nhooks; i++)
		if (hooks[i].address == pc && (stage == ARMED || hooks[i].what == HOOK_SWITCH))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_hook, QEMU_PLUGIN_CB_R_REGS,
							       (void *)(uintptr_t)hooks[i].what);
	if (stage != ARMED)
		return;
	if (arch->decode(word).how != CACHE_OP_NONE)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_cache_op, QEMU_PLUGIN_CB_R_REGS,
						       (void *)(uintptr_t)word);
	qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
					 QEMU_PLUGIN_MEM_RW, (void *)(uintptr_t)pc);
}

static void instrument(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	const size_t n = qemu_plugin_tb_n_insns(tb);
	size_t i;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint32_t word = word_of(insn);

		instrument_hint(insn, word);
		if (stage != UNARMED)
			instrument_insn(insn, word);
	}
}

/* ---- start ---- */

static const struct arch *find_arch(const char *target)
{
	static const struct arch *const all[] = {
		&model_mipsel, &model_mips, &model_mips64el, &model_mips64, &model_arm,
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->target, target))
			return all[i];
	return NULL;
}

/* Parses an argument, name=value; false: there is no such argument. */
static bool parse_argument(char *argument)
{
	char *value = strchr(argument, '=');

	if (!value)
		return false;
	*value++ = 0;
	if (!strcmp(argument, "out"))
		path = strdup(value);
	else if (!strcmp(argument, "span"))
		given.span = (uint32_t)strtoul(value, NULL, 0);
	else if (!strcmp(argument, "line"))
		given.line = (uint32_t)strtoul(value, NULL, 0);
	else if (!strcmp(argument, "ways"))
		given.ways = (uint32_t)strtoul(value, NULL, 0);
	else if (!strcmp(argument, "ignore") && !strcmp(value, "hit"))
		ignored |= IGNORE_HIT;
	else if (!strcmp(argument, "ignore") && !strcmp(value, "index"))
		ignored |= IGNORE_INDEX;
	else if (!strcmp(argument, "control") && !strcmp(value, "plain"))
		control = true;
	else if (!strcmp(argument, "ask"))
		exit(0);
	else
		return false;
	return true;
}

QEMU_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				    char **argv)
{
	const char *missing;
	int i;

	self = id;
	for (i = 0; i < argc; i++)
		if (!parse_argument(argv[i]))
			give_up("unknown argument ", argv[i]);
	arch = info->system_emulation ? find_arch(info->target_name) : NULL;
	if (!arch)
		give_up("no model of the caches of ", info->target_name);
	if (info->system.smp_vcpus > 1)
		give_up("the model is of one CPU", "; start QEMU with one");
	if (!path)
		give_up("no file to write to", "; give out=FILE");
	if (!guest__bind(arch, &missing))
		give_up("this QEMU does not export its function ", missing);
	begin_anew(id);
	return 0;
}
