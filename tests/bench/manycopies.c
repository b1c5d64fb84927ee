// SPDX-License-Identifier: GPL-2.0-only
/*
 * manycopies DIR N [COPIES-PER-PROCESS [steps]] - make a recording of N copies
 *
 * For measuring the reader with recordings of any size. It is written by brindle's own writer and
 * resembles one of a busy MIPS machine with four colours and two CPUs. Processes come and go and
 * take turns, each with a heap of its own. Most sources are read through coherent mappings, some
 * through linear ones; most destinations are flushed; a few of all are at risk or unknown. Clears
 * and fork windows are as frequent as with forkrace. The same arguments make the same events.
 *
 * Copies are stored as where nobody watches for steps: then a destination that was flushed is
 * unknown. With "steps" they have them, and all flushes are watched.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "recording/recording.h"

#define PAGE		4096ULL
#define COLOURS		4
#define CPUS		2
#define PFNS		(1U << 18)	/* 1 GiB of memory */
#define ALIVE		48		/* processes that take turns */
#define TURN		24		/* copies in a turn, on average */
#define COPIES_PER_CLEAR	200
#define COPIES_PER_WINDOW	500

struct process {
	__u32 pid;
	__u32 left;		/* copies until it exits */
	__u64 heap;
	const char *comm;
};

static struct process alive[ALIVE];
static __u32 next_pid = 100;
static __u64 now = 1000000000ULL;	/* ns */
static bool with_steps;

/* Marsaglia's xorshift64. */
static __u32 random32(void)
{
	static __u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (__u32)(state >> 16);
}

static bool one_in(__u32 n)
{
	return random32() % n == 0;
}

static void start_process(struct process *p, __u32 copies)
{
	static const char comms[][COMM_LEN] = {
		"sh", "forkrace", "make", "gcc", "cc1", "as", "perl", "tar", "gzip", "sort",
		"python3", "dpkg", "systemd-udevd", "kworker/u4:1", "apt-get", "sed",
	};

	p->pid = next_pid++;
	p->left = copies / 2 + random32() % copies + 1;
	p->heap = 0x00400000ULL + (__u64)(random32() % 0x60000) * PAGE;
	p->comm = comms[random32() % (sizeof(comms) / sizeof(comms[0]))];
}

static struct side linear(__u32 pfn)
{
	return (struct side){
		.pfn = pfn,
		.va = one_in(50) ? 0 : 0x80000000ULL + pfn * PAGE,
		.kind = MAPPING_LINEAR,
		.evidence = EVIDENCE_OBSERVED,
	};
}

/* Most sources are read through a coherent mapping of the user's colour. */
static struct side source_of(__u64 user)
{
	const __u32 pfn = random32() % PFNS;

	if (one_in(50))
		return linear(pfn);
	if (one_in(500))
		return (struct side){ .pfn = PFN_UNKNOWN };
	return (struct side){
		.pfn = pfn,
		.va = 0xfffe0000ULL + (user & (COLOURS - 1) * PAGE),
		.kind = MAPPING_COHERENT,
		.evidence = EVIDENCE_OBSERVED,
	};
}

static __u16 facts(void)
{
	__u16 f = FACT_MAPPED_KNOWN | FACT_MAPPED | FACT_DIRTY_KNOWN | FACT_FLUSH_WATCHED |
		  FACT_MAPPING_WATCHED;

	if (!one_in(100))
		f |= FACT_FLUSHED_DST;
	if (one_in(100))
		f &= (__u16)~FACT_MAPPED;
	if (one_in(200))
		f |= FACT_KERNEL_DIRTY;
	if (one_in(1000))
		f &= (__u16)~FACT_FLUSH_WATCHED;
	return f;
}

static __u8 path(void)
{
	static const __u8 rare[] = { PATH_FORK_PINNED, PATH_HUGETLB, PATH_THP, PATH_KSM,
				     PATH_COLLAPSE, PATH_UNKNOWN };

	if (one_in(16))
		return one_in(8) ? rare[random32() % sizeof(rare)] : PATH_COW_FAULT;
	return PATH_WP;
}

static void add_step(struct copy *c, enum step_kind kind, enum step_page page, const struct side *s)
{
	if (s->va || s->pfn != PFN_UNKNOWN)
		c->step[c->steps++] = STEP(kind, page, s->va ? s->va / PAGE : s->pfn);
}

/* In place of the fact that the destination was flushed, what happened, in order. */
static void add_steps(struct copy *c)
{
	const bool flushed = c->facts & FACT_FLUSHED_DST;

	c->facts &= (__u16)~FACT_FLUSHED_DST;
	c->facts |= FACT_STEPS | FACT_USER_WATCHED | FACT_ALL_WATCHED;
	add_step(c, STEP_READ, STEP_OF_SOURCE, &c->source);
	add_step(c, STEP_WRITE, STEP_OF_DESTINATION, &c->destination);
	if (flushed)
		add_step(c, STEP_FLUSH, STEP_OF_DESTINATION, &c->destination);
}

static int write_copy(struct recording_writer *w, __u32 cpu, const struct process *p)
{
	const __u64 user = p->heap + random32() % 512 * PAGE;
	struct copy c = {
		.ts = now,
		.pid = p->pid,
		.tid = p->pid + (one_in(3) ? 1 : 0),
		.user = user,
		.source = source_of(user),
		.destination = linear(random32() % PFNS),
		.path = path(),
		.facts = facts(),
	};

	if (with_steps)
		add_steps(&c);
	return recording__copy(w, cpu, &c, p->comm);
}

static int write_others(struct recording_writer *w, __u32 cpu, const struct process *p)
{
	const struct clear clear = {
		.ts = now,
		.pid = p->pid,
		.tid = p->pid,
		.user = p->heap + random32() % 512 * PAGE,
		.destination = linear(random32() % PFNS),
		.facts = FACT_FLUSH_WATCHED | FACT_FLUSHED_DST,
	};
	const struct window window = {
		.ts = now,
		.begin = now - 100000,
		.pid = p->pid,
		.tid = p->pid,
		.exposed = one_in(8),
	};
	int ret = EXIT_OK;

	if (one_in(COPIES_PER_CLEAR))
		ret = recording__clear(w, cpu, &clear, p->comm);
	if (!ret && one_in(COPIES_PER_WINDOW))
		ret = recording__window(w, cpu, &window, p->comm);
	return ret;
}

static int write_all(struct recording_writer *w, __u64 n, __u32 copies)
{
	struct process *running[CPUS] = { &alive[0], &alive[1] };
	int ret = EXIT_OK;
	__u64 i;

	for (i = 0; i < n && !ret; i++) {
		const __u32 cpu = random32() % CPUS;
		struct process *p = running[cpu];

		now += 1000 + random32() % 8192;
		if (!p->left)
			start_process(p, copies);
		p->left--;
		ret = write_copy(w, cpu, p);
		if (!ret)
			ret = write_others(w, cpu, p);
		if (one_in(TURN))
			running[cpu] = &alive[random32() % ALIVE];
	}
	return ret;
}

/* Returns 0 if text is no number. */
static __u64 number(const char *text)
{
	char *end;
	__u64 n;

	errno = 0;
	n = strtoull(text, &end, 10);
	return errno || *end ? 0 : n;
}

int main(int argc, char **argv)
{
	static const struct recording_env env = {
		.schema = RECORDING_SCHEMA,
		.version = BRINDLE_VERSION,
		.kernel = "made by manycopies",
		.arch = "mips",
		.word_bits = 32,
		.cpus = CPUS,
		.geometry = { .span = COLOURS * PAGE, .page_size = PAGE, .source = "mmap" },
		.plan = {
			{ "window-begin", "uprobe_dup_mmap", "kprobe", "-", "" },
			{ "window-end", "uprobe_end_dup_mmap", "kprobe", "-", "" },
			{ "copy", "copy_user_highpage", "kprobe", "observed", "" },
			{ "mapping", "__kmap_pgprot", "kretprobe", "observed", "" },
			{ "flush", "r4k_flush_data_cache_page", "kprobe", "observed", "" },
			{ "clear", "clear_user_highpage", "kprobe", "observed", "" },
		},
		.plan_rows = 6,
		.command = "manycopies",
	};
	const __u64 n = argc > 2 ? number(argv[2]) : 0;
	const __u64 copies = argc > 3 ? number(argv[3]) : 500;
	struct recording_writer *w;
	int ret;

	with_steps = argc == 5 && !strcmp(argv[4], "steps");
	if (argc < 3 || argc > 4 + with_steps || !n || !copies || copies > 1000000000) {
		fputs("usage: manycopies DIR N [COPIES-PER-PROCESS [steps]]\n", stderr);
		return EXIT_USAGE;
	}
	w = recording__create(argv[1], &env);
	if (!w)
		return EXIT_FAIL;
	ret = write_all(w, n, (__u32)copies);
	return recording__close(w) || ret ? EXIT_FAIL : EXIT_OK;
}
