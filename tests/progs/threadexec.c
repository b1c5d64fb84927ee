// SPDX-License-Identifier: GPL-2.0-only
/*
 * threadexec CMD [ARG...]: run CMD from a thread that is not the first. The kernel ends
 * the first thread and gives its id to the one that execs (de_thread): a tracer that follows
 * tasks by their ids must notice.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *run(void *arg)
{
	char **argv = arg;

	execvp(argv[0], argv);
	fprintf(stderr, "threadexec: running %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int ret;

	if (argc < 2) {
		fprintf(stderr, "usage: threadexec CMD [ARG...]\n");
		return 2;
	}
	ret = pthread_create(&thread, NULL, run, argv + 1);
	if (ret) {
		fprintf(stderr, "threadexec: creating a thread: %s\n", strerror(ret));
		return 1;
	}
	pthread_join(thread, NULL);
	return 1;
}
