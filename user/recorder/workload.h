/* SPDX-License-Identifier: GPL-2.0-only */
/* CMD of "record -- CMD": started only when tracing is ready. */
#ifndef BRINDLE_WORKLOAD_H
#define BRINDLE_WORKLOAD_H

#include <stdbool.h>
#include <sys/types.h>

#define EXIT_CANNOT_RUN	126	/* as env(1) and the shells: CMD found, not runnable */
#define EXIT_NO_CMD	127	/* CMD not found */

struct workload {
	pid_t pid;	/* 0 = none */
	int go;		/* closing it makes the child exit, a byte makes it exec */
	int failed;	/* errno of a failed exec is read here */
	bool started;
	bool ended;
	int status;	/* as waitpid gave it, when ended */
};

/* workload__check - can CMD be found and run? 0, or the exit code having said why */
int workload__check(const char *cmd);

/* workload__prepare - fork the child that will become CMD; 0 or an exit code */
int workload__prepare(struct workload *w, char **argv);

/* workload__start - let it run; 0, or the exit code having said why exec failed */
int workload__start(struct workload *w, const char *cmd);

/* workload__reap - note its end if it has ended; never waits */
void workload__reap(struct workload *w);

/* workload__cancel - end a child that was prepared and never started */
void workload__cancel(struct workload *w);

/* workload__exit_code - its exit status, or 128 + signal */
int workload__exit_code(const struct workload *w);

#endif
