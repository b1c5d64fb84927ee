// SPDX-License-Identifier: GPL-2.0-only
/* The directory of a new recording: may it be used? Creates it and writes the metadata. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "recording/format.h"

#define METADATA_NEW	"metadata.new"

int dir__exit_code(int error)
{
	return error == EACCES || error == EPERM ? EXIT_PERM : EXIT_FAIL;
}

const char *dir__advice(int error)
{
	switch (error) {
	case ENOENT:
		return ": create its parent directory first";
	case ENOTDIR:
	case EEXIST:
		return ": give a directory with -o";
	case EACCES:
	case EPERM:
	case EROFS:
		return ": give a writable directory with -o";
	case ENOSPC:
	case EDQUOT:
		return ": free some space or give another directory with -o";
	case EFBIG:
		return ": raise the limit on file sizes (ulimit -f)";
	default:
		return "";
	}
}

void stream__name(char name[STREAM_NAME_LEN], __u32 cpu)
{
	snprintf(name, STREAM_NAME_LEN, "stream_%u", cpu);
}

long long stream__cpu(const char *name)
{
	char spelled[STREAM_NAME_LEN];
	unsigned int cpu;

	if (sscanf(name, "stream_%9u", &cpu) != 1 || cpu >= CPU_MAX)
		return -1;
	stream__name(spelled, cpu);
	return strcmp(name, spelled) ? -1 : (long long)cpu;
}

/* Calls fn for every entry; stops when it returns false. Returns -errno or 0. */
static int each_entry(int dirfd, bool (*fn)(int dirfd, const char *name, void *arg), void *arg)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *d;

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    !fn(dirfd, entry->d_name, arg))
			break;
	closedir(d);
	return 0;
}

/* METADATA_NEW is not foreign: an interrupted recording__create may have left it. */
static bool note_foreign(int dirfd, const char *name, void *arg)
{
	(void)dirfd;
	*(bool *)arg = strcmp(name, METADATA_NEW) != 0;
	return !*(bool *)arg;
}

static int check_open_dir(int dirfd, const char *dir)
{
	bool foreign = false;
	const char *why;
	struct meta *m;
	int ret;

	m = malloc(sizeof(*m));
	if (!m)
		return err(EXIT_FAIL, "recording into %s: out of memory", dir);
	ret = meta__read(dirfd, m, &why);
	if (!ret && !strcmp(m->tracer, TRACER))
		goto cleanup;
	ret = each_entry(dirfd, note_foreign, &foreign);
	if (ret)
		ret = err(dir__exit_code(-ret), "recording into %s: %s%s", dir, strerror(-ret),
			  dir__advice(-ret));
	else if (foreign)
		ret = err(EXIT_FAIL, "recording into %s: it holds other files and is not a "
			  "recording: give a new directory with -o", dir);
cleanup:
	free(m);
	return ret;
}

/* When dir does not exist, its parent must, and be writable. */
static int check_parent(const char *dir)
{
	char *copy = strdup(dir), *slash;
	const char *parent = copy;
	int ret = EXIT_OK;

	if (!copy)
		return err(EXIT_FAIL, "recording into %s: out of memory", dir);
	while ((slash = strrchr(copy, '/')) && slash != copy && !slash[1])
		*slash = '\0';
	if (!slash)
		parent = ".";
	else
		slash[slash == copy] = '\0';
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS))
		ret = err(dir__exit_code(errno), "recording into %s: its parent directory: %s%s",
			  dir, strerror(errno), dir__advice(errno));
	free(copy);
	return ret;
}

int recording__check_target(const char *dir)
{
	int ret, fd;

	if (!*dir)
		return err(EXIT_USAGE, "recording: the directory's name is empty");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return check_parent(dir);
	if (fd < 0)
		return err(dir__exit_code(errno), "recording into %s: %s%s", dir, strerror(errno),
			   dir__advice(errno));
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS))
		ret = err(dir__exit_code(errno), "recording into %s: %s%s", dir, strerror(errno),
			  dir__advice(errno));
	else
		ret = check_open_dir(fd, dir);
	close(fd);
	return ret;
}

/* Returns a descriptor, or -exit code having said why. */
static int open_dir(const char *dir)
{
	int fd;

	if (mkdir(dir, 0777) && errno != EEXIST)
		return -err(dir__exit_code(errno), "creating the directory %s: %s%s", dir,
			   strerror(errno), dir__advice(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -err(dir__exit_code(errno), "opening the directory %s: %s%s", dir,
			   strerror(errno), dir__advice(errno));
	/* Not every file system has locks: go on unless another process holds this one. */
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		close(fd);
		return -err(EXIT_FAIL, "recording into %s: another brindle is recording there: "
			    "give another directory with -o", dir);
	}
	return fd;
}

int dir__write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static int write_metadata(int dirfd, const char *dir, const struct recording_env *env,
			  const __u8 uuid[UUID_LEN])
{
	size_t len = 0;
	char *text = meta__text(env, uuid, &len);
	int fd = -1, ret = -ENOMEM;

	if (!text)
		goto cleanup;
	fd = openat(dirfd, METADATA_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ret = fd < 0 ? -errno : dir__write_all(fd, text, len);
	if (fd >= 0 && close(fd) && !ret)
		ret = -errno;
	if (ret && fd >= 0)
		unlinkat(dirfd, METADATA_NEW, 0);
cleanup:
	free(text);
	if (ret)
		return err(dir__exit_code(-ret), "writing %s/%s: %s%s", dir, METADATA,
			   strerror(-ret), dir__advice(-ret));
	return EXIT_OK;
}

static bool remove_stream(int dirfd, const char *name, void *arg)
{
	if (stream__cpu(name) >= 0 && unlinkat(dirfd, name, 0))
		*(int *)arg = -errno;
	return true;
}

/* Called when the new metadata is written: only now may the old recording go. */
static int replace_old(int dirfd, const char *dir)
{
	int error = 0, ret = each_entry(dirfd, remove_stream, &error);

	ret = ret ? ret : error;
	if (!ret && renameat(dirfd, METADATA_NEW, dirfd, METADATA))
		ret = -errno;
	if (!ret)
		return EXIT_OK;
	return err(dir__exit_code(-ret), "replacing the recording in %s: %s%s", dir, strerror(-ret),
		   dir__advice(-ret));
}

int dir__prepare(const char *dir, const struct recording_env *env, const __u8 uuid[UUID_LEN])
{
	int dirfd, ret = recording__check_target(dir);

	if (ret)
		return -ret;
	dirfd = open_dir(dir);
	if (dirfd < 0)
		return dirfd;
	ret = write_metadata(dirfd, dir, env, uuid);
	if (!ret)
		ret = replace_old(dirfd, dir);
	if (!ret)
		return dirfd;
	close(dirfd);
	return -ret;
}
