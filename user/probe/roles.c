// SPDX-License-Identifier: GPL-2.0-only
#include "model/plan_row.h"
#include "probe/roles.h"

enum need {
	OPTIONAL,
	REQUIRED,
	IF_WANTED,	/* required when the pick for the role "by" has the flag "wants" */
};

struct role_row {
	const char *name;
	enum need need;
	enum role by;
	__u8 wants;		/* WANTS_* */
	bool companion;		/* useful only with such a pick, and picked after it */
	unsigned int place;	/* in the order of attaching */
};

/*
 * The order of attaching: the probe that ends a copy or a window is attached before the one
 * that begins it. The kernel calls the newest of several probes at one address first, and a
 * return probe replaces the return address, so ROLE_COPY, which reads that (CALLER), must be
 * newer than ROLE_COPY_END. ROLE_CLEAR comes after ROLE_COPY: the new page of a copy that was
 * not seen would be taken for a cleared one. ROLE_CLEAR_PART comes after ROLE_CLEAR.
 */
static const struct role_row roles[ROLE_COUNT] = {
	[ROLE_SWITCH]	    = { ROLE_NAME_SWITCH, REQUIRED, .place = 0 },
	[ROLE_NEWTASK]	    = { "new-task", REQUIRED, .place = 1 },
	[ROLE_EXEC]	    = { "exec", REQUIRED, .place = 2 },
	[ROLE_EXIT]	    = { "exit", REQUIRED, .place = 3 },
	[ROLE_WINDOW_END]   = { ROLE_NAME_WINDOW_END, OPTIONAL, .place = 4 },
	[ROLE_WINDOW_BEGIN] = { "window-begin", OPTIONAL, .place = 5 },
	[ROLE_FORK_TLB]	    = { "fork-tlb", OPTIONAL, ROLE_FORK_FLUSH, 0, true, .place = 6 },
	[ROLE_FORK_FLUSH]   = { "fork-flush", OPTIONAL, .place = 7 },
	[ROLE_FLUSH]	    = { ROLE_NAME_FLUSH, OPTIONAL, .place = 8 },
	[ROLE_FLUSH_LOCAL]  = { "flush-local", OPTIONAL, .place = 9 },
	[ROLE_FLUSH_USER]   = { "flush-user", OPTIONAL, .place = 10 },
	[ROLE_FLUSH_ALL]    = { "flush-all", OPTIONAL, .place = 11 },
	[ROLE_MAPPING]	    = { ROLE_NAME_MAPPING, IF_WANTED, ROLE_COPY, WANTS_MAPPING,
				.place = 12 },
	[ROLE_MAPPED_PAGE]  = { "mapped-page", IF_WANTED, ROLE_MAPPING, WANTS_PAGE, true,
				.place = 13 },
	[ROLE_COPY_CALL]    = { ROLE_NAME_COPY_CALL, OPTIONAL, ROLE_COPY, WANTS_CALLS, true,
				.place = 14 },
	[ROLE_COPY_END]	    = { "copy-end", IF_WANTED, ROLE_COPY, WANTS_END, .place = 15 },
	[ROLE_FAULT_END]    = { "fault-end", IF_WANTED, ROLE_FAULT, WANTS_END, true, .place = 16 },
	[ROLE_FAULT]	    = { "fault", IF_WANTED, ROLE_COPY, WANTS_FAULT, .place = 17 },
	[ROLE_COPY]	    = { ROLE_NAME_COPY, REQUIRED, .place = 18 },
	[ROLE_CLEAR_CALL]   = { "clear-call", OPTIONAL, ROLE_CLEAR, WANTS_CALLS, true,
				.place = 19 },
	[ROLE_CLEAR]	    = { ROLE_NAME_CLEAR, OPTIONAL, .place = 20 },
	[ROLE_CLEAR_PART]   = { "clear-part", OPTIONAL, ROLE_CLEAR, 0, true, .place = 21 },
};

const char *role__name(unsigned int role)
{
	return role < ROLE_COUNT ? roles[role].name : "?";
}

/* Does the pick for the role "by" ask for this role? */
static bool wanted(const struct role_row *row, const struct candidate *const pick[ROLE_COUNT])
{
	const struct candidate *by = pick[row->by];

	return by && (!row->wants || by->flags & row->wants);
}

bool role__required(enum role role, const struct candidate *const pick[ROLE_COUNT])
{
	const struct role_row *row = &roles[role];

	return row->need == REQUIRED || (row->need == IF_WANTED && wanted(row, pick));
}

bool role__useful(enum role role, const struct candidate *const pick[ROLE_COUNT])
{
	return !roles[role].companion || wanted(&roles[role], pick);
}

bool role__follows(enum role role, enum role by)
{
	return roles[role].companion && roles[role].by == by;
}

enum role role__by_place(unsigned int place)
{
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		if (roles[role].place == place)
			break;
	return role;
}
