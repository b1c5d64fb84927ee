// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/err.h"
#include "recorder/workload.h"

/* Returns 0 if path is an executable file, else a positive errno. */
static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (!S_ISREG(st.st_mode) || access(path, X_OK))
		return EACCES;
	return 0;
}

static int cannot_run(const char *cmd, int why)
{
	if (why == ENOENT || why == ENOTDIR)
		return err(EXIT_NO_CMD, "cannot run '%s': no such command; check its name and "
			   "PATH", cmd);
	return err(EXIT_CANNOT_RUN, "cannot run '%s': %s", cmd, strerror(why));
}

int workload__check(const char *cmd)
{
	const char *path = getenv("PATH") ?: "/bin:/usr/bin", *end;
	int why = ENOENT, ret;
	char file[4096];

	if (strchr(cmd, '/')) {
		why = check_file(cmd);
		return why ? cannot_run(cmd, why) : 0;
	}
	for (; *path && cmd[0]; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, cmd);
		ret = check_file(file);
		if (!ret)
			return 0;
		if (ret == EACCES)
			why = ret;
	}
	return cannot_run(cmd, why);
}

/* The child: waits for a byte from go, then execs CMD, or writes errno to failed. */
static void wait_and_exec(char **argv, int go, int failed)
{
	sigset_t none;
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(0);	/* the recorder has given up */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* the recorder ignores these two, and CMD must not inherit that */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execvp(argv[0], argv);
	if (write(failed, &errno, sizeof(errno)) < 0)
		_exit(EXIT_CANNOT_RUN);
	_exit(EXIT_NO_CMD);
}

int workload__prepare(struct workload *w, char **argv)
{
	int go[2], failed[2];

	memset(w, 0, sizeof(*w));
	if (pipe2(go, O_CLOEXEC))
		return err(EXIT_FAIL, "starting '%s': %s", argv[0], strerror(errno));
	if (pipe2(failed, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return err(EXIT_FAIL, "starting '%s': %s", argv[0], strerror(errno));
	}
	w->pid = fork();
	if (!w->pid) {
		close(go[1]);
		close(failed[0]);
		wait_and_exec(argv, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	w->go = go[1];
	w->failed = failed[0];
	if (w->pid > 0)
		return 0;
	w->pid = 0;
	close(w->go);
	close(w->failed);
	return err(EXIT_FAIL, "starting '%s': %s", argv[0], strerror(errno));
}

int workload__start(struct workload *w, const char *cmd)
{
	char byte = 1;
	int why = 0;

	if (write(w->go, &byte, 1) != 1)
		why = errno;
	close(w->go);
	w->started = true;
	/* end of file means that exec has closed the pipe: CMD runs */
	if (!why && read(w->failed, &why, sizeof(why)) != sizeof(why))
		why = 0;
	close(w->failed);
	return why ? cannot_run(cmd, why) : 0;
}

void workload__reap(struct workload *w)
{
	pid_t pid;

	if (!w->pid || w->ended)
		return;
	pid = waitpid(w->pid, &w->status, WNOHANG);
	w->ended = pid == w->pid || (pid < 0 && errno == ECHILD);
}

void workload__cancel(struct workload *w)
{
	if (!w->pid || w->started)
		return;
	close(w->go);
	close(w->failed);
	waitpid(w->pid, NULL, 0);
	w->pid = 0;
}

int workload__exit_code(const struct workload *w)
{
	if (!w->ended)
		return 0;
	return WIFSIGNALED(w->status) ? 128 + WTERMSIG(w->status) : WEXITSTATUS(w->status);
}
