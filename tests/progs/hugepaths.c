// SPDX-License-Identifier: GPL-2.0-only
/*
 * hugepaths: makes a known set of page copies, or clears, where huge pages are copied, split,
 * put together or cleared.
 *
 * It works like paths, on a region of a few huge pages. pagemap gives the frame of each small
 * page of a huge page, and the kernel copies and clears huge pages one small page at a time, so
 * each small page has a line on the list.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <time.h>
#include "command.h"
#include "settings.h"

#define THP			"/sys/kernel/mm/transparent_hugepage/"
#define NR_HUGEPAGES		"/proc/sys/vm/nr_hugepages"
#define KHUGEPAGED_SECONDS	60
#define COLLAPSE_TRIES		10

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25	/* Linux 6.1 */
#endif

static size_t huge, huge_size;	/* huge pages in the region; bytes of one */

static size_t small_pages(void)
{
	return huge_size / page_size;
}

/* Set the size of huge pages. Until now "pages" counts huge pages, from now on small ones. */
static void set_huge(size_t size)
{
	huge = pages;
	huge_size = size;
	set_pages(huge * small_pages());
}

static void touch_huge(void)
{
	for (size_t i = 0; i < huge; i++)
		*at(region, i * small_pages()) = i + 1;
}

static void change(const char *path, const char *value)
{
	if (change_setting(path, value))
		die(errno == EACCES ? EXIT_PERMISSION : EXIT_NO_SUCH_PATH, "cannot set %s: %s",
		    path, strerror(errno));
}

/* ---- transparent huge pages ---- */

static void find_thp(void)
{
	char text[24];
	size_t size;

	if (read_setting(THP "hpage_pmd_size", text, sizeof(text)))
		die(EXIT_NO_SUCH_PATH, "no transparent huge pages here: " THP "hpage_pmd_size: %s",
		    strerror(errno));
	size = strtoul(text, NULL, 10);
	if (size <= page_size || size % page_size)
		die(EXIT_FAILED, THP "hpage_pmd_size says '%s'", text);
	set_huge(size);
}

/*
 * Map a region aligned to huge pages. Only memory with MADV_HUGEPAGE gets huge pages then, from
 * a fault or from khugepaged. The rest of the mapping, around the region, is never touched.
 */
static void map_aligned(void)
{
	uintptr_t start;

	change(THP "enabled", "madvise");
	start = (uintptr_t)map_any(region_size() + huge_size, MAP_PRIVATE, -1);
	region = (start + huge_size - 1) / huge_size * huge_size;
}

static int advise(int advice)
{
	return madvise((void *)region, region_size(), advice);
}

/* Are these the frames of complete huge pages, each small page in its place? */
static bool are_huge(const uint64_t *pfns)
{
	for (size_t i = 0; i < pages; i++)
		if (pfns[i] % small_pages() != i % small_pages() ||
		    (i % small_pages() && pfns[i] != pfns[i - 1] + 1))
			return false;
	return flagged(pfns, pages, KPF_IS_THP) == pages;
}

static void want_huge(const uint64_t *pfns)
{
	if (!are_huge(pfns))
		die(EXIT_FAILED, "the kernel gave no huge pages, or not only; is memory short or "
		    "fragmented? try fewer --pages");
}

/*
 * Make huge pages, each by one write. Afterwards khugepaged must keep off: pages that become
 * small later have to stay small.
 */
static void fault_thp(void)
{
	find_thp();
	map_aligned();
	if (advise(MADV_HUGEPAGE))
		die(EXIT_NO_SUCH_PATH, "no transparent huge pages here: %s", strerror(errno));
	touch_huge();
	advise(MADV_NOHUGEPAGE);
}

/*
 * do_huge_pmd_wp_page: a shared huge page is split, and every small page of it copied by
 * wp_page_copy when it is written. (Linux before 5.8 copied the huge page.)
 */
static void thp(void)
{
	int release;
	pid_t child;

	fault_thp();
	write_all();
	frames_of_region(before);
	want_huge(before);
	child = fork_child(&release);
	write_all();
	frames_of_region(after);
	end_child(child, release);
}

/* do_huge_pmd_anonymous_page: every small page of a new huge page is cleared. */
static void clears_thp(void)
{
	fault_thp();
	frames_of_region(after);
	want_huge(after);
}

/* ---- small pages made huge ---- */

/* Make a region of small pages, all present, without asking for huge ones. */
static void fill_small(void)
{
	find_thp();
	map_aligned();
	write_all();
	frames_of_region(before);
	if (are_huge(before))
		die(EXIT_FAILED, "the pages are huge from the start");
}

/*
 * collapse_huge_page, by this process. MADV_COLLAPSE does not need MADV_HUGEPAGE, which would
 * also call khugepaged, and that might be faster.
 */
static void collapse(void)
{
	int tries = COLLAPSE_TRIES;

	fill_small();
	while (advise(MADV_COLLAPSE)) {
		if (errno == EINVAL)
			die(EXIT_NO_SUCH_PATH, "no MADV_COLLAPSE here (before 6.1)");
		if (!--tries)
			die(EXIT_FAILED, "cannot collapse the pages: %s; try fewer --pages",
			    strerror(errno));
		usleep(100000);
	}
	frames_of_region(after);
	want_huge(after);
}

static bool is_khugepaged(const char *pid)
{
	char path[64], comm[32];

	snprintf(path, sizeof(path), "/proc/%.32s/comm", pid);
	return !read_setting(path, comm, sizeof(comm)) && !strcmp(comm, "khugepaged\n");
}

static pid_t find_khugepaged(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t pid = 0;

	if (!proc)
		die(EXIT_UNSUPPORTED, "cannot read /proc: %s", strerror(errno));
	while (!pid && (entry = readdir(proc)))
		if (is_khugepaged(entry->d_name))
			pid = strtol(entry->d_name, NULL, 10);
	closedir(proc);
	if (!pid)
		die(EXIT_NO_SUCH_PATH, "no khugepaged runs here");
	return pid;
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* collapse_huge_page, by the kernel thread, which then makes the copies. */
static void khugepaged(void)
{
	time_t end = now() + KHUGEPAGED_SECONDS;

	fill_small();
	change(THP "khugepaged/alloc_sleep_millisecs", "100");
	change(THP "khugepaged/scan_sleep_millisecs", "100");
	change(THP "khugepaged/pages_to_scan", "8192");
	copier = find_khugepaged();
	if (advise(MADV_HUGEPAGE))
		die(EXIT_NO_SUCH_PATH, "no transparent huge pages here: %s", strerror(errno));
	do {
		if (now() > end)
			die(EXIT_FAILED, "khugepaged did not make the pages huge in %d s",
			    KHUGEPAGED_SECONDS);
		usleep(100000);
		frames_of_region(after);
	} while (!are_huge(after));
}

/* ---- hugetlb ---- */

/* Default size of huge pages of hugetlbfs, in bytes. */
static size_t hugetlb_size(void)
{
	FILE *meminfo = fopen("/proc/meminfo", "r");
	unsigned long kib = 0;
	char line[128];

	while (meminfo && !kib && fgets(line, sizeof(line), meminfo))
		if (sscanf(line, "Hugepagesize: %lu kB", &kib) != 1)
			kib = 0;
	if (meminfo)
		fclose(meminfo);
	if (!kib)
		die(EXIT_NO_SUCH_PATH, "no huge pages of hugetlb here: /proc/meminfo names no "
		    "Hugepagesize");
	return kib * 1024UL;
}

/* Add n huge pages to the pool, until we exit. */
static void grow_pool(size_t n)
{
	char text[24];
	unsigned long want;

	if (read_setting(NR_HUGEPAGES, text, sizeof(text)))
		die(EXIT_NO_SUCH_PATH, "no huge pages of hugetlb here: " NR_HUGEPAGES ": %s",
		    strerror(errno));
	want = strtoul(text, NULL, 10) + n;
	snprintf(text, sizeof(text), "%lu", want);
	change(NR_HUGEPAGES, text);
	if (read_setting(NR_HUGEPAGES, text, sizeof(text)) || strtoul(text, NULL, 10) < want)
		die(EXIT_FAILED, "the kernel cannot set %zu huge pages of %zu bytes aside; is "
		    "memory short or fragmented? try fewer --pages", n, huge_size);
}

/* Make a region of huge pages, each touched, with as many left in the pool for their copies. */
static void fault_hugetlb(void)
{
	set_huge(hugetlb_size());
	grow_pool(2 * huge);
	region = (uintptr_t)map_any(region_size(), MAP_PRIVATE | MAP_HUGETLB, -1);
	touch_huge();
}

static void want_hugetlb(const uint64_t *pfns)
{
	if (flagged(pfns, pages, KPF_IS_HUGE) != pages)
		die(EXIT_FAILED, "not all pages are those of hugetlb");
}

/* hugetlb_wp (before 5.19 hugetlb_cow): one write copies all of a huge page. */
static void hugetlb(void)
{
	int release;
	pid_t child;

	fault_hugetlb();
	frames_of_region(before);
	want_hugetlb(before);
	child = fork_child(&release);
	touch_huge();
	frames_of_region(after);
	end_child(child, release);
	want_hugetlb(after);
}

/* hugetlb_no_page: one write clears all of a new huge page. */
static void clears_hugetlb(void)
{
	fault_hugetlb();
	frames_of_region(after);
	want_hugetlb(after);
}

static const struct path paths[] = {
	{ "thp", "transparent huge pages shared, split and copied in small", thp, COPIES_ALL },
	{ "hugetlb", "huge pages of hugetlb, each copied as a whole", hugetlb, COPIES_ALL },
	{ "collapse", "small pages collapsed into huge ones by MADV_COLLAPSE", collapse,
	  COPIES_ALL },
	{ "khugepaged", "the same by the kernel thread khugepaged", khugepaged, COPIES_ALL },
	{ "clears-thp", "new transparent huge pages: cleared, no copy", clears_thp, CLEARS_ALL },
	{ "clears-hugetlb", "new huge pages of hugetlb: cleared, no copy", clears_hugetlb,
	  CLEARS_ALL },
	{ }
};

int main(int argc, char **argv)
{
	static const struct program program = {
		.does = "Have the kernel copy, or clear, every small page of a region of huge pages "
			"once.",
		.pages = "huge pages of the region",
		.default_pages = 2,
		.max_pages = 64,
		.paths = paths,
		.notes =
"The pid of khugepaged is that of the kernel thread, whose copies these are, at\n"
"addresses of this process. What is changed is restored: " NR_HUGEPAGES ",\n"
THP "{enabled,khugepaged}.\n",
	};

	return run(argc, argv, &program);
}
