// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "kernel/kernel.h"

#define TRACEFS_MAGIC	0x74726163	/* linux/magic.h */

/* First word of a file, "" when it cannot be read. */
static void first_word(const char *path, char *word, size_t size)
{
	FILE *f = fopen(path, "re");
	char line[256];

	word[0] = 0;
	if (!f)
		return;
	if (fgets(line, sizeof(line), f)) {
		line[strcspn(line, " \t\n")] = 0;
		if (strlen(line) < size)
			strcpy(word, line);
	}
	fclose(f);
}

/* Undo the octal escapes of /proc/self/mounts ("\040" is a blank), in place. */
static void unescape(char *path)
{
	char *to = path;
	unsigned int c;

	for (; *path; path++) {
		if (*path == '\\' && sscanf(path + 1, "%3o", &c) == 1) {
			*to++ = c;
			path += 3;
		} else {
			*to++ = *path;
		}
	}
	*to = 0;
}

/*
 * Path of a mounted filesystem of this type, with tail appended. It must be tracefs that is
 * found there, since another mount may hide it. Returns false, and "" in path, when none is.
 */
static bool find_mount(const char *type, const char *tail, char *path, size_t size)
{
	char line[1024], where[640], is[32];
	FILE *f = fopen("/proc/self/mounts", "re");
	bool found = false;
	struct statfs fs;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %511s %31s", where, is) != 2 || strcmp(is, type))
			continue;
		unescape(where);
		strcat(where, tail);
		/* a path that does not fit would be another one */
		if (strlen(where) >= size)
			continue;
		strcpy(path, where);
		/* debugfs mounts tracefs when its directory is entered */
		strcat(where, "/.");
		found = statfs(where, &fs) ? errno == EACCES : fs.f_type == TRACEFS_MAGIC;
	}
	if (f)
		fclose(f);
	if (!found)
		path[0] = 0;
	return found;
}

static void find_tracefs(char *path, size_t size)
{
	if (!find_mount("tracefs", "", path, size))
		find_mount("debugfs", "/tracing", path, size);
}

void kernel__read(struct kernel *k)
{
	struct utsname u;
	int cpus;

	memset(k, 0, sizeof(*k));
	uname(&u);
	snprintf(k->release, sizeof(k->release), "%.40s %.54s", u.release, u.version);
	snprintf(k->machine, sizeof(k->machine), "%s", u.machine);
	k->arch = arch__by_machine(u.machine);
	find_tracefs(k->tracefs, sizeof(k->tracefs));
	libbpf_set_print(NULL);		/* it complains at length where /sys is not mounted */
	cpus = libbpf_num_possible_cpus();
	k->cpus = cpus > 0 ? cpus : 1;
}

const struct hazard *kernel__hazard(const struct kernel *k)
{
	const struct hazard *h;
	char word[32];

	for (h = k->arch ? k->arch->hazards : NULL; h && h->name; h++) {
		first_word(h->path, word, sizeof(word));
		if (strcmp(word, h->safe))
			return h;
	}
	return NULL;
}

#define TRANSPARENT	"/sys/kernel/mm/transparent_hugepage"
#define HUGETLB		"/sys/kernel/mm/hugepages"

bool kernel__has_huge_pages(void)
{
	return !access(TRANSPARENT, F_OK) || !access(HUGETLB, F_OK);
}

bool kernel__is_preemptible(const struct kernel *k)
{
	return strstr(k->release, "PREEMPT");
}

bool kernel__has_path(enum copy_path path)
{
	switch (path) {
	case PATH_THP:
	case PATH_COLLAPSE:
		return !access(TRANSPARENT, F_OK);
	case PATH_HUGETLB:
		return !access(HUGETLB, F_OK);
	case PATH_KSM:
		return !access("/sys/kernel/mm/ksm", F_OK);
	default:
		return true;
	}
}

int kernel__event_field(const struct kernel *k, const char *event, const char *field,
			__u32 *offset)
{
	char path[160], line[256], *at, *end;
	int ret = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "%s/events/%s/format", k->tracefs, event);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	/* a line is "<tab>field:pid_t next_pid;<tab>offset:56;<tab>size:4;<tab>signed:1;" */
	while (ret && fgets(line, sizeof(line), f)) {
		at = strstr(line, "offset:");
		end = strchr(line, ';');
		if (!at || !end || end > at || !strstr(line, "field:"))
			continue;
		*end = 0;
		end = strrchr(line, ' ');
		if (!end || strcmp(end + 1, field))
			continue;
		*offset = strtoul(at + strlen("offset:"), NULL, 10);
		ret = 0;
	}
	fclose(f);
	return ret;
}
