// SPDX-License-Identifier: GPL-2.0-only
/* Directories that may be recorded into, and the fate of the files in them. */
#include "recording_util.h"

static void refused(const char *dir, int code, const char *words)
{
	struct recording_env env = sample_env();
	int ret;

	quiet__begin();
	ret = recording__check_target(dir);
	quiet__end();
	ok(ret == code && quiet_lines() == 1 && strstr(quiet_text, words), "refused: %d %s", ret,
	   quiet_text);
	quiet__begin();
	ok(!recording__create(dir, &env), "and not created either");
	quiet__end();
}

static void test_targets(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w;
	struct result r;
	int i;

	w = recording__create(in("rec", NULL), &env);
	for (i = 0; i < 3; i++)
		recording__copy(w, (__u32)i, &(struct copy){ .ts = 1 }, NAME("x"));
	recording__close(w);
	is(access(in("rec", "stream_2"), F_OK), 0, "a recording with three streams");
	is(recording__check_target(in("new", NULL)), 0, "a missing directory may");
	is(access(in("new", NULL), F_OK), -1, "and is not made by asking");
	is(recording__check_target(in("new///", NULL)), 0, "also with slashes behind");
	mkdir(in("new", NULL), 0700);
	is(recording__check_target(in("new", NULL)), 0, "an empty directory may");
	spit(in("new", "metadata.new"), "", 0);
	is(recording__check_target(in("new", NULL)), 0, "so may the rest of an interrupted start");
	is(recording__check_target(in("rec", NULL)), 0, "a recording may");
	refused(in("no/where", NULL), EXIT_FAIL, "parent");
	spit(in("file", NULL), "x", 1);
	refused(in("file", NULL), EXIT_FAIL, "Not a directory");
	mkdir(in("other", NULL), 0700);
	spit(in("other", "precious"), "x", 1);
	refused(in("other", NULL), EXIT_FAIL, "other files");
	spit(in("other", "metadata"), "/* CTF 1.8 */\nenv { tracer_name = \"lttng-modules\"; };\n",
	     52);
	refused(in("other", NULL), EXIT_FAIL, "other files");
	spit(in("other", "metadata"), "stuff", 5);
	refused(in("other", NULL), EXIT_FAIL, "other files");
	is(access(in("other", "precious"), F_OK), 0, "the other files are untouched");
	refused("", EXIT_USAGE, "empty");

	spit(in("rec", "notes.txt"), "x", 1);
	spit(in("rec", "stream_9.bak"), "x", 1);
	w = recording__create(in("rec", NULL), &env);
	ok(w != NULL, "a recording is replaced");
	recording__close(w);
	is(access(in("rec", "stream_2"), F_OK), -1, "its old streams are gone");
	is(access(in("rec", "notes.txt"), F_OK), 0, "what is not its own stays");
	is(access(in("rec", "stream_9.bak"), F_OK), 0, "so does what only looks like a stream");
	r = read_all(in("rec", NULL));
	ok(!r.code && !r.count && r.totals.complete, "the new one reads well");
}

/* Two recorders in one directory would destroy each other's work. */
static void test_locked(void)
{
	struct recording_env env = sample_env();
	struct recording_writer *w = recording__create(in("locked", NULL), &env);

	quiet__begin();
	ok(!recording__create(in("locked", NULL), &env), "a second recorder is refused");
	quiet__end();
	ok(strstr(quiet_text, "another brindle") && quiet_lines() == 1, "and told why");
	is(recording__close(w), 0, "the first goes on");
}

static void test_permission(void)
{
	mkdir(in("closed", NULL), 0555);
	chmod(scratch, 0755);
	if (!geteuid() && seteuid(65534)) {
		skip("cannot give up root", "a directory that is not writable");
		return;
	}
	refused(in("closed", NULL), EXIT_PERM, "Permission denied");
	refused(in("closed/new", NULL), EXIT_PERM, "Permission denied");
	if (!getuid() && seteuid(0))
		exit(1);
}

int main(void)
{
	scratch__make();
	test_targets();
	test_locked();
	test_permission();
	scratch__remove();
	return tap__done();
}
