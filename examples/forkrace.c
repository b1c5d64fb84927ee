// SPDX-License-Identifier: GPL-2.0-only
/*
 * forkrace: the program of Ralf Baechle's mail to linux-arch (2006).
 *
 * One process, two threads. T1 forks in a loop. T2 writes private anonymous
 * pages and never stops for the fork. fork() flushes the data cache (A), makes
 * the pages read-only, then flushes the TLB (B); T2's writes between A and B
 * cause no fault and stay in cache lines of the user address's colour. The
 * child lives until T2 has written every page again, so T2's next write to each
 * page faults and the kernel copies the page. A kernel that reads the source
 * through a mapping of another colour copies old memory, and T2's last writes
 * are gone.
 *
 * T2 stores an ever growing number in each word and remembers it elsewhere. Each
 * word is checked before it is written again, and all of them at the end, so a
 * word that went back in time cannot go unnoticed.
 *
 * Build: cc -std=gnu2x -O2 -pthread -o forkrace forkrace.c
 *
 * One lost write proves that this kernel loses writes on this CPU. A run without
 * one proves nothing by itself, and an emulator without a cache model (QEMU)
 * never loses any; usage() below says how to read the result. Trace the same run
 * with brindle to see the copies at risk.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One tested word per 16 bytes: no data cache in use has shorter lines. */
#define UNIT_BYTES	16
#define UNIT_WORDS	(UNIT_BYTES / sizeof(uint32_t))
/* Words written per visit of a page. */
#define BURST		16
/*
 * T2 stays with a few pages for a while: their dirty lines (8 x 16 x 32 bytes)
 * fit into any L1 cache, and the first pages it copies after B are those it
 * wrote last before B. Writing all pages evenly would evict the lines in
 * question, and so save the data in them.
 */
#define CLUSTER		8
#define ROUNDS		4
#define NOTED		8
/* Seconds, longer than any time slice. */
#define SLICE_MAX	0.1
/* Times that T1 tries to meet the end of its time slice. */
#define AIM_TRIES	4
/* Distance between T2's frames and other data in its stack mapping. */
#define STACK_SAFE	(64 * 1024)
#define STACK_GAP	(4 * STACK_SAFE)
#define STACK_SIZE	(16 * STACK_SAFE)

enum { EXIT_OK, EXIT_LOST, EXIT_USAGE, EXIT_CANNOT };

struct loss {
	uintptr_t address;
	uint32_t expected, found;
};

/*
 * All that T2 writes outside of the tested pages. It is mapped MAP_SHARED, so
 * fork() never makes it copy-on-write: what T2 remembers must not be lost by the
 * fault that it tests for.
 */
struct book {
	atomic_int stop, interrupted;
	atomic_int ask;			/* T1 waits for the next complete sweep */
	atomic_int hold;		/* T1 wants T2 to stand still (--inject) */
	sem_t swept, held, go;
	atomic_uint visits, noted;
	struct loss first[NOTED];
	uint64_t writes, checks, lost;	/* counted by T2; T1 reads them after the join */
	uint32_t seq, random;
};

struct options {
	unsigned long pages, ballast, forks, seconds, seed, inject;
};

static struct options opt = { .pages = 512, .ballast = 8192, .forks = 200, .seed = 1 };

/* Set before T2 starts, only read afterwards. */
static size_t page_size, words;		/* words: tested words per page */
static volatile uint32_t *test;		/* the tested pages */
static struct book *book;
static uint32_t *expect;		/* last value written to each tested word */
static uint32_t *order;			/* clusters in the order of this sweep */

/* T1's own counters. */
static struct {
	unsigned long forks, overlapped, injected;
	uint64_t during;		/* visits while fork() ran */
	unsigned int printed;
	bool alone;			/* T2 has a CPU of its own */
	double slice;			/* seconds T1 runs before T2 gets its turn */
	double fork_time;		/* seconds of a fork() T2 had no turn in */
} t1 = { .slice = 4e-3, .fork_time = 1e-3 };

__attribute__((format(printf, 2, 3), noreturn))
static void die(int code, const char *fmt, ...)
{
	va_list ap;

	fputs("forkrace: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(code);
}

static uint32_t next_random(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/* xorshift never leaves 0, and small seeds start alike. */
static uint32_t seeded(unsigned long seed)
{
	uint32_t x = ((uint32_t)seed + 1) * 0x9e3779b9u;

	return x ? x : 1;
}

static volatile uint32_t *cell(size_t index)
{
	return test + index * UNIT_WORDS;
}

/* ---- T2 ---- */

static void note_loss(size_t index, uint32_t found)
{
	unsigned int n = atomic_load(&book->noted);

	book->lost++;
	if (n == NOTED)
		return;
	book->first[n] = (struct loss){ (uintptr_t)cell(index), expect[index], found };
	atomic_store(&book->noted, n + 1);
}

static inline void check(size_t index)
{
	uint32_t found = *cell(index);

	book->checks++;
	if (found != expect[index])
		note_loss(index, found);
}

static inline void rewrite(size_t index)
{
	uint32_t value = ++book->seq;

	check(index);
	*cell(index) = value;
	expect[index] = value;
	book->writes++;
}

/*
 * The first store of a visit makes the kernel copy a shared page, so all but
 * that one word are checked after the copy and before they are overwritten.
 * An odd step over a power of two never meets a word twice.
 */
static void visit(size_t page)
{
	uint32_t r = next_random(&book->random);
	size_t at = r, step = (r >> 16) | 1;

	for (int i = 0; i < BURST; i++, at += step)
		rewrite(page * words + (at & (words - 1)));
	atomic_fetch_add_explicit(&book->visits, 1, memory_order_relaxed);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

/* Stand still while T1 wants it. Returns false when T2 is to stop. */
static bool go_on(void)
{
	if (atomic_load_explicit(&book->hold, memory_order_relaxed)) {
		sem_post(&book->held);
		wait_for(&book->go);
	}
	return !atomic_load_explicit(&book->stop, memory_order_relaxed);
}

static void shuffle(uint32_t *list, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t other = next_random(&book->random) % i;
		uint32_t swap = list[i - 1];

		list[i - 1] = list[other];
		list[other] = swap;
	}
}

static size_t clusters(void)
{
	return (opt.pages + CLUSTER - 1) / CLUSTER;
}

static bool visit_cluster(size_t first)
{
	size_t end = first + CLUSTER < opt.pages ? first + CLUSTER : opt.pages;

	for (int round = 0; round < ROUNDS; round++) {
		for (size_t page = first; page < end; page++) {
			if (!go_on())
				return false;
			visit(page);
		}
	}
	return true;
}

static bool sweep(void)
{
	shuffle(order, clusters());
	for (size_t i = 0; i < clusters(); i++)
		if (!visit_cluster((size_t)order[i] * CLUSTER))
			return false;
	return true;
}

/*
 * Return addresses and spilled registers are writes, too. The stack below this
 * frame is excluded from fork(), so that a faulty kernel makes this program
 * report lost writes, and not crash.
 */
__attribute__((noinline))
static void t2_run(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t start = (here - STACK_SAFE) & ~(page_size - 1);
	uintptr_t end = (here + STACK_SAFE) & ~(page_size - 1);
	bool running = true;

	if (madvise((void *)start, end - start, MADV_DONTFORK))
		die(EXIT_CANNOT, "cannot keep T2's stack out of fork(): %s", strerror(errno));
	while (running) {
		bool asked = atomic_exchange(&book->ask, 0);

		running = sweep();
		if (asked)
			sem_post(&book->swept);
	}
	for (size_t i = 0; i < opt.pages * words; i++)
		check(i);
}

/*
 * The C library keeps data at the start of T2's stack and touches it in the
 * child. That part must not be excluded, so T2 works at some distance from it.
 */
static void *t2_start(void *unused)
{
	volatile char gap[STACK_GAP];

	gap[0] = gap[STACK_GAP - 1] = 0;
	t2_run();
	gap[0] = 1;
	return unused;
}

/*
 * Give T2 a CPU of its own if there is more than one: by itself the scheduler
 * wakes T1 on T2's CPU, where T2 then waits during the whole fork. Returns false
 * if the threads share a CPU.
 */
static bool part_threads(pthread_t t2)
{
	cpu_set_t allowed, one;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) < 2)
		return false;
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CPU_CLR(cpu, &allowed);
	return !pthread_setaffinity_np(t2, sizeof(one), &one) &&
	       !pthread_setaffinity_np(pthread_self(), sizeof(allowed), &allowed);
}

static pthread_t start_t2(void)
{
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t t2;
	int err;

	/* T1 takes the signals, so that no handler's frame is written to T2's stack. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	err = pthread_create(&t2, &attr, t2_start, NULL);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		die(EXIT_CANNOT, "cannot start thread T2: %s; try a higher ulimit -u or -v",
		    strerror(err));
	t1.alone = part_threads(t2);
	return t2;
}

/* ---- T1 ---- */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void print_losses(void)
{
	unsigned int n = atomic_load(&book->noted);

	for (; t1.printed < n; t1.printed++) {
		struct loss *l = &book->first[t1.printed];
		uintptr_t offset = l->address & (page_size - 1);

		printf("lost: address %#lx offset %#lx expected %u found %u colour bits %#lx\n",
		       (unsigned long)l->address, (unsigned long)offset, l->expected, l->found,
		       (unsigned long)(l->address / page_size & 0x3ff));
	}
	fflush(stdout);
}

/* Put an old value where T2 wrote a newer one, as a stale copy would. */
static void inject_one(uint32_t *random)
{
	size_t total = opt.pages * words;
	size_t index = next_random(random) % total;

	atomic_store(&book->hold, 1);
	wait_for(&book->held);
	/* Two injections into one word that T2 has not checked yet would count once. */
	for (size_t i = 0; i < total && *cell(index) != expect[index]; i++)
		index = (index + 1) % total;
	*cell(index) = expect[index] - 1 - (next_random(random) & 0xff);
	t1.injected++;
	atomic_store(&book->hold, 0);
	sem_post(&book->go);
}

/* Inject as many as are due by now: spread evenly over the forks. */
static void inject_share(uint32_t *random)
{
	uint64_t share = opt.inject;

	if (opt.forks)
		share = (uint64_t)opt.inject * (t1.forks + 1) / opt.forks;
	else if (share > t1.forks + 1)
		share = t1.forks + 1;
	while (t1.injected < share)
		inject_one(random);
}

/* Wait for the end of the pipe, which also comes when the parent dies. */
__attribute__((noreturn))
static void child(int pipefd[2])
{
	char c;

	close(pipefd[1]);
	while (read(pipefd[0], &c, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* Spin until the time given. Returns true if T2 got the CPU before that, after *lost. */
static bool spin(double until, double *lost)
{
	unsigned int seen = atomic_load(&book->visits);

	*lost = now();
	for (double t = *lost; t < until; t = now()) {
		if (atomic_load(&book->visits) != seen)
			return true;
		*lost = t;
	}
	return false;
}

/*
 * If both share a CPU, T1 has just slept and would get through a whole fork()
 * before T2 gets the CPU. So it first uses up its time slice, except for a random
 * part of the time that a fork() takes. Each failed try tells how long a slice is.
 */
static void aim(uint32_t *random)
{
	double begin, lost, share = next_random(random) / 4294967296.0;

	if (t1.alone || !spin(now() + SLICE_MAX, &lost))
		return;
	for (int i = 0; i < AIM_TRIES; i++) {
		begin = now();
		if (!spin(begin + t1.slice - share * t1.fork_time, &lost))
			return;
		t1.slice = lost - begin;
	}
}

/* Adjust the times for aim() after a fork() in which T2 did not run. */
static void adjust_aim(double took, unsigned int during)
{
	if (during)
		return;
	t1.fork_time += (took - t1.fork_time) / 8;
	t1.slice += t1.fork_time / 4;
	if (t1.slice > SLICE_MAX)
		t1.slice = SLICE_MAX;
}

static bool fork_once(void)
{
	unsigned int before, during;
	int pipefd[2];
	double start;
	pid_t pid;

	if (pipe(pipefd)) {
		fprintf(stderr, "forkrace: cannot make a pipe: %s\n", strerror(errno));
		return false;
	}
	start = now();
	before = atomic_load(&book->visits);
	pid = fork();
	if (!pid)
		child(pipefd);
	during = atomic_load(&book->visits) - before;
	adjust_aim(now() - start, during);
	if (pid < 0) {
		fprintf(stderr, "forkrace: fork %lu failed: %s; try %s\n", t1.forks + 1,
			strerror(errno), errno == EAGAIN ? "fewer processes or a higher ulimit -u" :
			"smaller --pages and --ballast, or more memory");
		close(pipefd[0]);
		close(pipefd[1]);
		return false;
	}
	t1.forks++;
	t1.during += during;
	t1.overlapped += during > 0;
	close(pipefd[0]);
	/* The child must keep the old pages until T2 has written all of them. */
	atomic_store(&book->ask, 1);
	wait_for(&book->swept);
	close(pipefd[1]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return true;
}

static bool t1_run(double start)
{
	uint32_t random = seeded(opt.seed ^ 0x54310000u);

	while (!opt.forks || t1.forks < opt.forks) {
		if (atomic_load(&book->interrupted))
			break;
		if (opt.seconds && now() - start >= opt.seconds)
			break;
		inject_share(&random);
		aim(&random);
		if (!fork_once())
			return false;
		print_losses();
	}
	return true;
}

static int summary(double seconds, bool forked)
{
	print_losses();
	printf("forks: %lu\n", t1.forks);
	printf("overlapped: %lu (T2 wrote while fork() ran: %llu writes)\n", t1.overlapped,
	       (unsigned long long)t1.during * BURST);
	printf("pages: %lu\n", opt.pages);
	printf("writes: %llu\n", (unsigned long long)book->writes);
	printf("checks: %llu\n", (unsigned long long)book->checks);
	if (opt.inject)
		printf("injected: %lu (self-test)\n", t1.injected);
	printf("lost writes: %llu\n", (unsigned long long)book->lost);
	printf("seconds: %.2f\n", seconds);
	if (book->lost)
		return EXIT_LOST;
	return forked ? EXIT_OK : EXIT_CANNOT;
}

/* ---- start ---- */

static void on_signal(int unused)
{
	(void)unused;
	atomic_store(&book->interrupted, 1);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

static void *map(size_t size, int flags, const char *what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die(EXIT_CANNOT, "cannot map %zu bytes for %s: %s; try a smaller --pages or --ballast",
		    size, what, strerror(errno));
	return p;
}

/*
 * The ballast is below the tested pages in the same mapping. fork() goes through
 * it first, while the tested pages can still be written. That makes the time
 * between A and B longer, so that T2 gets a turn in it if there is only one CPU.
 * The ballast is only read, so it is all zero page and needs only page tables.
 */
static void map_pages(void)
{
	size_t ballast = opt.ballast * page_size, size = ballast + opt.pages * page_size;
	volatile char *base;

	if (opt.ballast + opt.pages > SIZE_MAX / 2 / page_size)
		die(EXIT_CANNOT, "--pages and --ballast: too much for %zu-bit addresses; try less",
		    8 * sizeof(size_t));
	base = map(size, MAP_PRIVATE, "the tested pages");

	/* Huge pages are copied on another path. A kernel without THP refuses; that is fine. */
	madvise((void *)base, size, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < ballast; at += page_size)
		(void)base[at];
	test = (volatile uint32_t *)(base + ballast);
}

static void map_book(void)
{
	size_t total = opt.pages * words;

	book = map(sizeof(*book), MAP_SHARED, "bookkeeping");
	expect = map(total * sizeof(*expect), MAP_SHARED, "bookkeeping");
	order = map(clusters() * sizeof(*order), MAP_SHARED, "bookkeeping");
	if (sem_init(&book->swept, 1, 0) || sem_init(&book->held, 1, 0) ||
	    sem_init(&book->go, 1, 0))
		die(EXIT_CANNOT, "cannot make semaphores: %s", strerror(errno));
	book->random = seeded(opt.seed);
	for (size_t i = 0; i < clusters(); i++)
		order[i] = i;
	for (size_t i = 0; i < total; i++)
		*cell(i) = expect[i] = ++book->seq;
}

static void usage(FILE *to)
{
	fputs(
"Usage: forkrace [OPTIONS]\n"
"Fork while another thread writes, and look whether any of its writes went back\n"
"in time (copy-on-write on CPUs with aliasing data caches).\n"
"\n"
"  --pages N     pages the thread writes (default 512)\n"
"  --forks N     stop after N forks (default 200; 0 = no limit, give --seconds\n"
"                or press Ctrl-C)\n"
"  --seconds S   stop after S seconds, if --forks are not done before\n"
"  --seed N      order of the writes (default 1; the same seed, the same order)\n"
"  --ballast N   pages that only make fork() take longer (default 8192), so that\n"
"                on one CPU the writer gets a turn inside it; no memory but page\n"
"                tables. Raise it when 'overlapped' is low. On a board with one\n"
"                CPU and a small cache try --pages 64 --ballast 0 as well: what\n"
"                fork() itself touches evicts the dirty lines, and so saves them\n"
"  --inject N    self-test: put old values into N words behind the writer's back;\n"
"                must end in 'lost writes: N' (more if real ones are lost, fewer\n"
"                only if stopped before) and exit 1\n"
"  -h, --help    this text\n"
"\n"
"Reading the result: one lost write proves that this kernel loses writes on this\n"
"CPU. 'lost writes: 0' proves nothing by itself: the writer may not have run\n"
"between the cache flush and the TLB flush of a fork ('overlapped' counts forks\n"
"during which it wrote, so it is the most that can have been hit), and under an\n"
"emulator without a cache model, such as QEMU, nothing is ever lost. Trace the\n"
"same run: brindle record -- forkrace\n"
"For the first lost writes 'colour bits' are the low 10 bits of the page number:\n"
"modulo the number of colours they are the colour of the address.\n"
"\n"
"Exit: 0 no write lost, 1 writes were lost, 2 usage, 3 could not run (no memory,\n"
"fork failed).\n", to);
}

static unsigned long number(const char *name, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(optarg, &end, 0);
	if (errno || end == optarg || *end || *optarg == '-' || n < min || n > max)
		die(EXIT_USAGE, "--%s '%s': want a number from %lu to %lu; see --help", name,
		    optarg, min, max);
	return n;
}

static void parse(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "pages", required_argument, NULL, 'p' },
		{ "forks", required_argument, NULL, 'f' },
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "ballast", required_argument, NULL, 'b' },
		{ "inject", required_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
		switch (c) {
		case 'p': opt.pages = number("pages", 1, 1 << 17); break;
		case 'f': opt.forks = number("forks", 0, UINT32_MAX); break;
		case 't': opt.seconds = number("seconds", 1, 1 << 30); break;
		case 's': opt.seed = number("seed", 0, UINT32_MAX); break;
		case 'b': opt.ballast = number("ballast", 0, 1 << 17); break;
		case 'i': opt.inject = number("inject", 1, 1000000); break;
		case 'h': usage(stdout); exit(EXIT_OK);
		default: usage(stderr); exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		die(EXIT_USAGE, "'%s': takes no arguments; see --help", argv[optind]);
	if (opt.inject > opt.pages * words / 2)
		die(EXIT_USAGE, "--inject %lu: %lu pages take at most %lu; try more --pages",
		    opt.inject, opt.pages, (unsigned long)(opt.pages * words / 2));
}

int main(int argc, char **argv)
{
	double start;
	pthread_t t2;
	bool forked;

	page_size = sysconf(_SC_PAGESIZE);
	words = page_size / UNIT_BYTES;
	parse(argc, argv);
	map_pages();
	map_book();
	catch_signals();
	start = now();
	t2 = start_t2();
	forked = t1_run(start);
	atomic_store(&book->stop, 1);
	pthread_join(t2, NULL);
	return summary(now() - start, forked);
}
