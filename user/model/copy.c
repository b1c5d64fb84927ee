// SPDX-License-Identifier: GPL-2.0-only
/* Names of the values in copy.h and bpf/words.h. */
#include "model/copy.h"

static const char *name_of(const char *const *names, unsigned int n, unsigned int value)
{
	return value < n && names[value] ? names[value] : "?";
}

const char *path__name(unsigned int path)
{
	static const char *const names[PATH_COUNT] = {
		[PATH_UNKNOWN] = "unknown",
		[PATH_WP] = "wp",
		[PATH_COW_FAULT] = "cow-fault",
		[PATH_FORK_PINNED] = "fork-pinned",
		[PATH_HUGETLB] = "hugetlb",
		[PATH_THP] = "thp",
		[PATH_KSM] = "ksm",
		[PATH_COLLAPSE] = "collapse",
	};

	return name_of(names, PATH_COUNT, path);
}

const char *mapping_kind__name(unsigned int kind)
{
	static const char *const names[MAPPING_COUNT] = {
		[MAPPING_UNKNOWN] = "unknown",
		[MAPPING_LINEAR] = "linear",
		[MAPPING_KMAP] = "kmap",
		[MAPPING_COHERENT] = "coherent",
		[MAPPING_WINDOW] = "window",
	};

	return name_of(names, MAPPING_COUNT, kind);
}

const char *evidence__name(unsigned int evidence)
{
	static const char *const names[EVIDENCE_COUNT] = {
		[EVIDENCE_NONE] = "none",
		[EVIDENCE_OBSERVED] = "observed",
		[EVIDENCE_DERIVED] = "derived",
	};

	return name_of(names, EVIDENCE_COUNT, evidence);
}

const char *step__name(unsigned int kind)
{
	static const char *const names[STEP_KINDS] = {
		[STEP_NONE] = "none",
		[STEP_READ] = "read",
		[STEP_WRITE] = "write",
		[STEP_MAP] = "map",
		[STEP_FLUSH] = "flush",
		[STEP_FLUSH_USER] = "flush-user",
		[STEP_FLUSH_ALL] = "flush-all",
		[STEP_DISCARD] = "discard",
	};

	return name_of(names, STEP_KINDS, kind);
}

const char *step_page__name(unsigned int page)
{
	static const char *const names[] = {
		[STEP_OF_SOURCE] = "source",
		[STEP_OF_DESTINATION] = "destination",
		[STEP_OF_OTHER] = "other",
		[STEP_OF_UNKNOWN] = "unknown",
	};

	return name_of(names, sizeof(names) / sizeof(names[0]), page);
}
