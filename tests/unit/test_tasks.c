// SPDX-License-Identifier: GPL-2.0-only
/* Every thread of a process is found, even those created meanwhile (user/kernel/tasks.c). */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernel/tasks.h"
#include "tap.h"

#define THREADS	8

static pthread_barrier_t started, done;

static struct {
	__u32 tid[64];
	int n;
	bool spawn;		/* begin a thread when the first is found */
	int fail_at;
} seen;

static void *wait_for_end(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&started);
	pthread_barrier_wait(&done);
	return NULL;
}

static void begin_thread(void)
{
	pthread_t thread;

	pthread_barrier_init(&started, NULL, 2);
	if (!pthread_create(&thread, NULL, wait_for_end, NULL))
		pthread_detach(thread);
	pthread_barrier_wait(&started);
}

static int on_task(void *ctx, __u32 tid, __u32 pid)
{
	int i;

	if (ctx != &seen || pid != (__u32)getpid())
		return 0;
	if (seen.fail_at && seen.n == seen.fail_at)
		return -E2BIG;
	for (i = 0; i < seen.n; i++)
		if (seen.tid[i] == tid)
			return 0;
	seen.tid[seen.n++] = tid;
	if (seen.spawn)
		begin_thread();
	seen.spawn = false;
	return 1;
}

static bool found(__u32 tid)
{
	int i;

	for (i = 0; i < seen.n; i++)
		if (seen.tid[i] == tid)
			return true;
	return false;
}

int main(void)
{
	pid_t child;
	int i;

	pthread_barrier_init(&done, NULL, THREADS + 2);
	for (i = 0; i < THREADS; i++)
		begin_thread();
	seen.spawn = true;
	is(tasks__each(getpid(), on_task, &seen), 0, "a process is gone through");
	is(seen.n, THREADS + 2, "all its threads, and one that began meanwhile");
	ok(found((__u32)syscall(SYS_gettid)), "the first thread among them");
	seen.n = 0;
	is(tasks__each(seen.tid[THREADS], on_task, &seen), 0, "by any thread's id");
	is(seen.n, THREADS + 2, "... all of them");
	seen.n = 0;
	is(tasks__each(0, on_task, &seen), 0, "all processes");
	is(seen.n, THREADS + 2, "... have this one's threads among them");
	seen.n = 0;
	seen.fail_at = 3;
	is(tasks__each(0, on_task, &seen), -E2BIG, "an error ends it");
	is(seen.n, 3, "... at once");
	child = fork();
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	is(tasks__each((__u32)child, on_task, &seen), -ESRCH, "a process that is gone");
	pthread_barrier_wait(&done);
	return tap__done();
}
