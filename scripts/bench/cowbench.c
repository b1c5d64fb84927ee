// SPDX-License-Identifier: GPL-2.0-only
/*
 * cowbench: measures what tracing copy-on-write copies costs the traced process.
 *
 * A round: touch every page of a region, fork, write one byte to every page (each write
 * is a fault, each fault a copy), let the child exit. Only the writes are timed. A cycle:
 * untraced rounds, start the tool, wait until it is ready, traced rounds, wait until the
 * tool is idle, stop it. Where the clock counts instructions (scripts/lab run --icount)
 * all times are instructions.
 *
 * The tool runs on the same CPU, during the timed writes or after them. So the CPU time of
 * its control group is read around both. The time of the writes, less the tool's CPU time
 * during them, is the cost in the kernel; the tool's CPU time from the first write until
 * it is idle is the consumer's share. Starting and stopping the tool is not counted.
 *
 * During a round this process writes nothing but the region, since its own memory is
 * shared, not private. So all its copies are those of the region, and a tool that traces it
 * must have seen exactly the number that is printed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <time.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include "consumer.h"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

#define CYCLES_MAX	16
#define STACK_SIZE	(256 * 1024)
#define MS		INT64_C(1000000)
#define READY_MAX	(60 * 1000 * MS)
#define STOP_MAX	(60 * 1000 * MS)
/* A tool is idle if it uses less than IDLE_CPU in IDLE_TIME. */
#define IDLE_CPU	(2 * MS)
#define IDLE_TIME	(100 * MS)
#define IDLE_TRIES	100
/* Time for the work that the kernel has left when a tool has ended. */
#define SETTLE		(300 * MS)

/* One session of the tool; times in nanoseconds. */
struct session {
	int64_t untraced, traced;	/* of the writes */
	int64_t inside;			/* CPU time of the tool during the writes */
	int64_t consumer;		/* CPU time of the tool from the first write until it was idle */
	int64_t ready;			/* from exec to readiness */
	unsigned long kib, buffers;	/* resident memory: all, shared with the kernel */
	int status;			/* exit status of the tool, as a shell has it */
};

static struct {
	unsigned long pages, rounds, before, cycles;
	const char *ready, *log, *cgroup;
	char **tool;
} opt = { .pages = 4096, .rounds = 4, .before = -1UL, .cycles = 1, .cgroup = "/sys/fs/cgroup" };

static size_t page_size;
static volatile char *region;
static char *child_stack;
static int to_child[2], to_parent[2];
static pid_t other;			/* a process that only sleeps */
static struct consumer consumer;
static struct session cycles[CYCLES_MAX];

extern char **environ;

__attribute__((format(printf, 2, 3), noreturn))
static void die(int code, const char *fmt, ...)
{
	va_list ap;

	fputs("cowbench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(code);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void nap(int64_t ns)
{
	const struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&ts, NULL);
}

/* While we wait for the tool, do not take CPU time from it. */
static void idle_class(bool on)
{
	const struct sched_param param = { 0 };

	if (sched_setscheduler(0, on ? SCHED_IDLE : SCHED_OTHER, &param))
		die(EXIT_FAILED, "cannot set the scheduling class: %s", strerror(errno));
}

static char *shared(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die(EXIT_FAILED, "cannot map %zu bytes: %s", size, strerror(errno));
	return p;
}

/* ---- rounds: from clone to waitpid nothing private but the region is written ---- */

/* Keep the parent's pages shared until a byte comes through the pipe. */
static int child_main(void *unused)
{
	char c = 0;

	(void)unused;
	if (write(to_parent[1], &c, 1) == 1)
		while (read(to_child[0], &c, 1) < 0)
			;
	_exit(0);
}

static void touch(void)
{
	size_t i;

	for (i = 0; i < opt.pages; i++)
		region[i * page_size]++;
}

static int64_t one_round(void)
{
	int64_t start, end;
	pid_t child;
	char c = 0;

	touch();
	child = clone(child_main, child_stack + STACK_SIZE, SIGCHLD, NULL);
	if (child < 0)
		die(EXIT_FAILED, "cannot fork: %s; try fewer --pages", strerror(errno));
	if (read(to_parent[0], &c, 1) != 1)
		die(EXIT_FAILED, "the child said nothing: %s", strerror(errno));
	start = now();
	touch();
	end = now();
	if (write(to_child[1], &c, 1) != 1 || waitpid(child, NULL, 0) != child)
		die(EXIT_FAILED, "the child is gone before its time: %s", strerror(errno));
	return end - start;
}

/*
 * Time of the writes of some rounds; *inside is the CPU time of the tool during them. A first
 * round is not counted: it finds free memory as others have left it, and takes longer.
 */
static int64_t run_rounds(unsigned long rounds, int64_t *inside)
{
	int64_t sum = 0;
	unsigned long i;

	*inside = 0;
	if (rounds)
		one_round();
	for (i = 0; i < rounds; i++) {
		const int64_t before = consumer__cpu(&consumer);

		sum += one_round();
		*inside += consumer__cpu(&consumer) - before;
	}
	return sum;
}

/* ---- the tool ---- */

/* Fill in {pid}, {other} and {cycle} in a word of the tool's command line. To be freed. */
static char *expand(const char *word, unsigned long cycle)
{
	const struct { const char *name; unsigned long value; } vars[] = {
		{ "{pid}", getpid() }, { "{other}", other }, { "{cycle}", cycle },
	};
	char *out = strdup(word), *at, *next;
	size_t i;

	for (i = 0; out && i < sizeof(vars) / sizeof(vars[0]); i++) {
		while (out && (at = strstr(out, vars[i].name))) {
			if (asprintf(&next, "%.*s%lu%s", (int)(at - out), out, vars[i].value,
				     at + strlen(vars[i].name)) < 0)
				next = NULL;
			free(out);
			out = next;
		}
	}
	if (!out)
		die(EXIT_FAILED, "out of memory");
	return out;
}

/* Start the tool in a process group of its own, with its output in the log. */
static pid_t spawn_tool(const char *log, unsigned long cycle)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *argv[64] = { NULL };
	pid_t pid;
	int i, err;

	for (i = 0; i < 63 && opt.tool[i]; i++)
		argv[i] = expand(opt.tool[i], cycle);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, log,
					 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	err = posix_spawnp(&pid, argv[0], &files, &attr, argv, environ);
	if (err)
		die(EXIT_FAILED, "cannot start %s: %s", argv[0], strerror(err));
	if (!consumer__add(&consumer, pid))
		die(EXIT_FAILED, "cannot put %s into a control group of %s: %s", argv[0],
		    opt.cgroup, strerror(errno));
	while (i--)
		free(argv[i]);
	return pid;
}

/* Has a line of the file the word, without "[DISABLED]"? */
static bool has_word(const char *path, const char *word, size_t len)
{
	char line[1024];
	bool found = false;
	FILE *f = fopen(path, "re");

	while (f && !found && fgets(line, sizeof(line), f))
		found = memmem(line, strlen(line), word, len) && !strstr(line, "[DISABLED]");
	if (f)
		fclose(f);
	return found;
}

/* --ready FILE:WORD[,WORD...]: are all words in the file? */
static bool is_ready(const char *log)
{
	const char *word = strchr(opt.ready, ':');
	char *path = strndup(opt.ready, word - opt.ready);
	bool all = path;

	while (all && *word) {
		const size_t len = strcspn(++word, ",");

		all = has_word(strcmp(path, "log") ? path : log, word, len);
		word += len;
	}
	free(path);
	return all;
}

static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void show_log(const char *log)
{
	char line[1024];
	FILE *f = fopen(log, "re");

	while (f && fgets(line, sizeof(line), f))
		fprintf(stderr, "cowbench: %s", line);
	if (f)
		fclose(f);
}

static void wait_ready(pid_t pid, const char *log, int64_t start, struct session *s)
{
	int status;

	idle_class(true);
	while (!is_ready(log)) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			show_log(log);
			die(EXIT_FAILED, "%s ended with status %d before it was ready",
			    opt.tool[0], exit_status(status));
		}
		if (now() - start > READY_MAX) {
			kill(-pid, SIGKILL);
			show_log(log);
			die(EXIT_FAILED, "%s is not ready after %lld s", opt.tool[0],
			    (long long)(READY_MAX / (1000 * MS)));
		}
		nap(MS / 2);
	}
	s->ready = now() - start;
	idle_class(false);
}

/* Wait until the tool has caught up. */
static void wait_idle(void)
{
	int64_t before = consumer__cpu(&consumer), after;
	int i;

	for (i = 0; i < IDLE_TRIES; i++) {
		nap(IDLE_TIME);
		after = consumer__cpu(&consumer);
		if (after - before < IDLE_CPU)
			break;
		before = after;
	}
}

/* Stop the tool as Ctrl-C would. Returns its exit status. */
static int stop_tool(pid_t pid)
{
	const int64_t start = now();
	int status;

	kill(-pid, SIGINT);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now() - start > STOP_MAX)
			kill(-pid, SIGKILL);
		nap(5 * MS);
	}
	return exit_status(status);
}

/* Start the tool, run rounds, stop it. */
static void run_tool(struct session *s, unsigned long cycle)
{
	char *log = expand(opt.log, cycle);
	int64_t start = now();
	const pid_t pid = spawn_tool(log, cycle);

	wait_ready(pid, log, start, s);
	wait_idle();
	start = consumer__cpu(&consumer);
	s->traced = run_rounds(opt.rounds, &s->inside);
	wait_idle();
	s->consumer = consumer__cpu(&consumer) - start;
	consumer__memory(&consumer, &s->kib, &s->buffers);
	s->status = stop_tool(pid);
	free(log);
	nap(SETTLE);
}

/* ---- the command ---- */

static char *thread_pointer(void)
{
#ifdef __powerpc64__
	char *p;

	asm("mr %0, 13" : "=r"(p));	/* gcc has no builtin for it there */
	return p;
#else
	return __builtin_thread_pointer();
#endif
}

/* End restartable sequences: the kernel writes to private memory for them when it preempts us. */
static void end_rseq(void)
{
	if (__rseq_size)
		syscall(SYS_rseq, thread_pointer() + __rseq_offset,
			sizeof(struct rseq), RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

static void print_session(const struct session *s)
{
	printf("{\"untraced\":%lld,\"traced\":%lld,\"inside\":%lld,\"consumer\":%lld,"
	       "\"ready\":%lld,\"kib\":%lu,\"buffers\":%lu,\"status\":%d}",
	       (long long)s->untraced, (long long)s->traced, (long long)s->inside,
	       (long long)s->consumer, (long long)s->ready, s->kib, s->buffers, s->status);
}

static void print(void)
{
	unsigned long i;

	printf("{\"pages\":%lu,\"rounds\":%lu,\"before\":%lu,\"copies\":%lu,\"cycles\":[",
	       opt.pages, opt.rounds, opt.before, opt.pages * (opt.rounds + 1));
	for (i = 0; i < opt.cycles; i++) {
		printf("%s", i ? "," : "");
		print_session(&cycles[i]);
	}
	printf("]}\n");
}

/* Fork the process that only sleeps. */
static void start_other(void)
{
	other = fork();
	if (other < 0)
		die(EXIT_FAILED, "cannot fork: %s", strerror(errno));
	if (other)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void bench(void)
{
	unsigned long i;

	region = mmap(NULL, opt.pages * page_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region == MAP_FAILED)
		die(EXIT_FAILED, "cannot map %lu pages: %s; try fewer --pages", opt.pages,
		    strerror(errno));
	madvise((void *)region, opt.pages * page_size, MADV_NOHUGEPAGE);
	for (i = 0; i < opt.cycles; i++) {
		int64_t unused;

		cycles[i].untraced = run_rounds(opt.before, &unused);
		if (opt.tool)
			run_tool(&cycles[i], i);
		else
			cycles[i].traced = run_rounds(opt.rounds, &unused);
	}
	consumer__remove(&consumer);
	print();
	exit(fflush(stdout) ? EXIT_FAILED : EXIT_OK);
}

static void usage(FILE *to)
{
	fputs("usage: cowbench [--pages N] [--rounds N] [--before N] [--cycles N]\n"
	      "                [--ready FILE:WORD[,WORD...] --log FILE [--cgroup DIR] -- TOOL [ARG...]]\n\n"
	      "Makes rounds of N copy-on-write copies untraced (--before, by default as many as\n"
	      "--rounds), starts TOOL, makes rounds again when every WORD is in FILE (\"log\": what it\n"
	      "says itself), and stops TOOL with SIGINT when it is idle; this --cycles times.\n"
	      "Each time, one more round comes first and is not timed.\n"
	      "TOOL runs in a control group of its own below DIR, its output goes to the log. In\n"
	      "--log and in TOOL's arguments {pid} is the process that copies, {other} one that\n"
	      "only sleeps, {cycle} counts from 0.\n"
	      "Prints one line of JSON, times in nanoseconds.\n", to);
}

static unsigned long number(const char *name, const char *text, unsigned long min,
			    unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n < min || n > max)
		die(EXIT_USAGE, "--%s '%s': want a number from %lu to %lu; see --help", name, text,
		    min, max);
	return n;
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pages", required_argument, NULL, 'p' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "before", required_argument, NULL, 'b' },
		{ "cycles", required_argument, NULL, 'c' },
		{ "ready", required_argument, NULL, 'R' },
		{ "log", required_argument, NULL, 'l' },
		{ "cgroup", required_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (o) {
		case 'p': opt.pages = number("pages", optarg, 1, 1 << 20); break;
		case 'r': opt.rounds = number("rounds", optarg, 1, 100000); break;
		case 'b': opt.before = number("before", optarg, 0, 100000); break;
		case 'c': opt.cycles = number("cycles", optarg, 1, CYCLES_MAX); break;
		case 'R': opt.ready = optarg; break;
		case 'l': opt.log = optarg; break;
		case 'g': opt.cgroup = optarg; break;
		case 'h': usage(stdout); exit(EXIT_OK);
		default: usage(stderr); exit(EXIT_USAGE);
		}
	}
	if (opt.before == -1UL)
		opt.before = opt.rounds;
	if (argv[optind])
		opt.tool = argv + optind;
	if (opt.tool && (!opt.log || !opt.ready || !strchr(opt.ready, ':')))
		die(EXIT_USAGE, "a TOOL needs --log FILE and --ready FILE:WORD; see --help");
}

int main(int argc, char **argv)
{
	static ucontext_t context, back;

	parse(argc, argv);
	start_other();	/* before we are on the shared stack, which a fork would share */
	end_rseq();
	page_size = sysconf(_SC_PAGESIZE);
	child_stack = shared(STACK_SIZE);
	if (opt.tool && !consumer__create(&consumer, opt.cgroup))
		die(EXIT_FAILED, "cannot make a control group below %s: %s; try --cgroup", opt.cgroup,
		    strerror(errno));
	if (pipe2(to_child, O_CLOEXEC) || pipe2(to_parent, O_CLOEXEC))
		die(EXIT_FAILED, "cannot make a pipe: %s", strerror(errno));
	/* run on a shared stack, which fork does not make copy-on-write */
	getcontext(&context);
	context.uc_stack.ss_sp = shared(STACK_SIZE);
	context.uc_stack.ss_size = STACK_SIZE;
	context.uc_link = &back;
	makecontext(&context, bench, 0);
	swapcontext(&back, &context);
	return EXIT_FAILED;
}
