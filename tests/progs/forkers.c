// SPDX-License-Identifier: GPL-2.0-only
/*
 * forkers THREADS FORKS: every thread forks FORKS times, at the same time as the others, so that
 * fork windows of one process follow each other without a gap. Makes THREADS x FORKS windows.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int forks;

static void *run(void *arg)
{
	pid_t pid;
	int i;

	(void)arg;
	for (i = 0; i < forks; i++) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid < 0) {
			fprintf(stderr, "forkers: forking: %s\n", strerror(errno));
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[64];
	int threads = argc == 3 ? atoi(argv[1]) : 0, i;

	forks = argc == 3 ? atoi(argv[2]) : 0;
	if (threads < 1 || threads > 64 || forks < 1) {
		fprintf(stderr, "usage: forkers THREADS FORKS (1 to 64 threads)\n");
		return 2;
	}
	for (i = 0; i < threads; i++) {
		if (pthread_create(&thread[i], NULL, run, NULL)) {
			fprintf(stderr, "forkers: creating a thread failed\n");
			return 1;
		}
	}
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
