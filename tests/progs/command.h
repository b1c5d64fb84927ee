/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of a program that makes the copies of one chosen path, and the list that it
 * writes.
 *
 * Before anything else, one copy on the path wp is made outside of the region. It shows that the
 * tracer was at work even if nothing is found in the region.
 */
#ifndef PROGS_COMMAND_H
#define PROGS_COMMAND_H

#include <getopt.h>
#include <inttypes.h>
#include "region.h"

/* The pages of the region that go on the list. */
enum listed {
	COPIES_ALL,		/* every page; one whose frame did not change is an error */
	COPIES_CHANGED,		/* pages whose frame changed */
	COPIES_NONE,		/* no page: frames may have changed, but not by such a copy */
	CLEARS_ALL,		/* every page, as a clear of its new frame; no copy */
};

struct path {
	const char *name, *about;
	void (*make)(void);
	enum listed listed;
};

struct program {
	const char *does;
	const char *pages;			/* what --pages counts */
	unsigned long default_pages, max_pages;
	const struct path *paths;		/* the last has no name */
	const char *notes;			/* about the list */
};

static pid_t copier;	/* the process that copies; 0: this one */

static inline void copy_outside(void)
{
	volatile char *page = map(page_size, MAP_PRIVATE, -1);
	int release;
	pid_t child;

	*page = 1;
	child = fork_child(&release);
	*page = 2;
	end_child(child, release);
}

/* ---- the list ---- */

static inline bool is_copied(enum listed listed, size_t page)
{
	if (listed == COPIES_ALL && before[page] == after[page])
		die(EXIT_FAILED, "page %#lx was not copied: its frame is still %#" PRIx64,
		    (unsigned long)at(region, page), before[page]);
	return listed <= COPIES_CHANGED && before[page] != after[page];
}

static inline void write_header(FILE *list, enum listed listed)
{
	size_t n = 0;

	for (size_t i = 0; i < pages; i++)
		n += is_copied(listed, i);
	fprintf(list, "# pid %d\n# page_size %zu\n# region %#lx %#lx\n# records %zu\n",
		(int)(copier ?: getpid()), page_size, (unsigned long)region,
		(unsigned long)at(region, pages), n);
	if (listed == CLEARS_ALL)
		fprintf(list, "# clears %zu\n", pages);
}

static inline void write_list(enum listed listed, const char *out)
{
	FILE *list = out ? fopen(out, "w") : stdout;

	if (!list)
		die(EXIT_FAILED, "cannot write %s: %s", out, strerror(errno));
	write_header(list, listed);
	for (size_t i = 0; i < pages; i++) {
		if (is_copied(listed, i))
			fprintf(list, "%#lx %#" PRIx64 " %#" PRIx64 "\n",
				(unsigned long)at(region, i), before[i], after[i]);
		else if (listed == CLEARS_ALL)
			fprintf(list, "clear %#lx %#" PRIx64 "\n", (unsigned long)at(region, i),
				after[i]);
	}
	if (fflush(list) || ferror(list) || (list != stdout && fclose(list)))
		die(EXIT_FAILED, "cannot write %s: %s; is the disk full?", out ? out : "the list",
		    strerror(errno));
}

/* ---- the command line ---- */

static inline void usage(FILE *to, const struct program *program)
{
	fprintf(to, "Usage: %s [OPTIONS] PATH\n%s\n\n", program_invocation_short_name,
		program->does);
	for (const struct path *path = program->paths; path->name; path++)
		fprintf(to, "  %-15s %s\n", path->name, path->about);
	fprintf(to,
"\n"
"  --pages N       %s (default %lu)\n"
"  --out FILE      where to write the list (default: standard output)\n"
"  -h, --help      this text\n"
"\n"
"The list is that of cowpages without rounds: '# pid N', '# page_size N',\n"
"'# region START END', '# records N', then lines 'address source_pfn\n"
"destination_pfn', one for each page that was copied. Where pages are cleared: also\n"
"'# clears N' and lines 'clear address pfn', one for each.\n"
"One copy on the path wp is made outside of the region and not listed.\n"
"%s"
"\n"
"Exit: 0 done, 1 failed, 2 usage, 3 no /proc/PID/pagemap or /proc/kpageflags here,\n"
"4 no permission, 77 this kernel has no such path (why is printed).\n",
		program->pages, program->default_pages, program->notes);
}

struct options {
	const struct path *path;
	unsigned long pages;
	const char *out;
};

static inline const struct path *find_path(const struct program *program, const char *name)
{
	for (const struct path *path = program->paths; path->name; path++)
		if (!strcmp(path->name, name))
			return path;
	die(EXIT_USAGE, "no path '%s'; see --help", name);
}

static inline struct options parse(int argc, char **argv, const struct program *program)
{
	static const struct option longopts[] = {
		{ "pages", required_argument, NULL, 'p' },
		{ "out", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct options opt = { .pages = program->default_pages };
	int c;

	while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
		switch (c) {
		case 'p': opt.pages = number("pages", optarg, 1, program->max_pages); break;
		case 'o': opt.out = optarg; break;
		case 'h': usage(stdout, program); exit(EXIT_OK);
		default: usage(stderr, program); exit(EXIT_USAGE);
		}
	}
	if (optind + 1 != argc)
		die(EXIT_USAGE, "want one PATH; see --help");
	opt.path = find_path(program, argv[optind]);
	return opt;
}

/* The main function of such a program. */
static inline int run(int argc, char **argv, const struct program *program)
{
	struct options opt = parse(argc, argv, program);

	page_size = sysconf(_SC_PAGESIZE);
	set_pages(opt.pages);
	copy_outside();
	opt.path->make();
	write_list(opt.path->listed, opt.out);
	return EXIT_OK;
}

#endif
