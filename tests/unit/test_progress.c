// SPDX-License-Identifier: GPL-2.0-only
/* The progress line: appears on a terminal after a second, and is gone at the end. */
#include <fcntl.h>
#include <poll.h>
#include "command/progress.h"
#include "recording_util.h"

#define COPIES	40000

static void make_sample(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("rec", NULL), &env);
	int i;

	for (i = 0; i < COPIES; i++) {
		struct copy c = random_copy((__u64)i);

		c.pid = 7;
		recording__copy(w, 0, &c, NAME("x"));
	}
	is(recording__close(w), 0, "a recording of two megabytes");
}

static void read_sample(void)
{
	struct recording *r;
	struct event ev;
	__u64 n = 0;
	int code;

	r = recording__open(in("rec", NULL), &code);
	while (r && recording__next(r, &ev) > 0)
		n++;
	is(n, COPIES, "it reads well");
	recording__free(r);
}

/* Waits until a terminal shows the words, for seconds; without words, for a moment. */
static void look(int screen, const char *words, char *text, size_t size)
{
	struct pollfd p = { .fd = screen, .events = POLLIN };
	size_t used = 0;

	text[0] = '\0';
	while (poll(&p, 1, words && !strstr(text, words) ? 10000 : 200) > 0 && used < size - 1) {
		ssize_t n = read(screen, text + used, size - 1 - used);

		if (n <= 0)
			break;
		used += (size_t)n;
		text[used] = '\0';
	}
}

/* Reads the sample late microseconds after the start; text is what the screen of fd shows of it. */
static void shown(int fd, int screen, unsigned int late, const char *words, char *text,
		  size_t size)
{
	int saved = dup(STDERR_FILENO);

	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	progress__begin();
	usleep(late);
	read_sample();
	progress__end();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	look(screen, words, text, size);
}

int main(void)
{
	int screen = posix_openpt(O_RDWR | O_NOCTTY), terminal, ends[2];
	const char *line = "\rbrindle: checking: ", *at;
	unsigned int percent = 0, mb = 0;
	int numbers;
	char text[4096];

	scratch__make();
	make_sample();
	if (screen < 0 || grantpt(screen) || unlockpt(screen)) {
		skip("no terminals here", "the progress line");
		goto cleanup;
	}
	terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
	shown(terminal, screen, 0, NULL, text, sizeof(text));
	is_str(text, "", "nothing when it takes less than a second");
	shown(terminal, screen, 1100000, "\033[K", text, sizeof(text));
	ok(!strncmp(text, line, strlen(line)), "a line after a second: %s", text + 1);
	numbers = sscanf(text + strlen(line), "%u %% of %u MB", &percent, &mb);
	ok(numbers == 2 && mb == 2 && percent > 0 && percent <= 100, "how far: %u %% of %u MB",
	   percent, mb);
	at = strstr(text, "\r\033[K");
	ok(at && !at[4], "which is wiped at the end");
	if (pipe(ends))
		return 1;
	shown(ends[1], ends[0], 1100000, NULL, text, sizeof(text));
	is_str(text, "", "nothing in a pipe");
cleanup:
	scratch__remove();
	return tap__done();
}
