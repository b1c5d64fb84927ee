/* SPDX-License-Identifier: GPL-2.0-only */
/* CMD of "record -- CMD": its process exists early, and runs CMD when tracing is ready. */
#ifndef BRINDLE_RECORDER_WORKLOAD_H
#define BRINDLE_RECORDER_WORKLOAD_H

#include <stdbool.h>
#include <sys/types.h>

/* Exit codes as of env(1) and the shells. */
#define EXIT_CANNOT_RUN	126	/* CMD was found and cannot be run */
#define EXIT_NO_CMD	127	/* CMD was not found */

struct workload {
	pid_t pid;	/* 0 = none */
	int go;		/* writing a byte here makes the child exec, closing it makes it exit */
	int failed;	/* gives the errno of a failed exec, or EOF */
	bool started;
	bool ended;
	int status;	/* as waitpid gave it, when ended */
};

/* workload__check - can CMD be found and run? 0, EXIT_NO_CMD or EXIT_CANNOT_RUN, having said why */
int workload__check(const char *cmd);

/* workload__prepare - fork the child that will exec CMD; 0 or an exit code, having said why */
int workload__prepare(struct workload *w, char **argv);

/* workload__start - let the child exec; 0, or the exit code having said why it failed */
int workload__start(struct workload *w, const char *cmd);

/* workload__reap - set ended and status if CMD has ended; never waits */
void workload__reap(struct workload *w);

/* workload__cancel - end and reap a child that was prepared and not started, if there is one */
void workload__cancel(struct workload *w);

/* workload__exit_code - CMD's exit status, or 128 + the signal that killed it; 0 before its end */
int workload__exit_code(const struct workload *w);

#endif
