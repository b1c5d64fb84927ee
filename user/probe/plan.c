// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "probe/plan.h"
#include "probe/roles.h"

static bool is_rejected(const struct plan *p, const struct candidate *row)
{
	int i;

	for (i = 0; i < p->rejections; i++)
		if (p->rejected[i].row == row)
			return true;
	return false;
}

static void reject(struct plan *p, const struct candidate *row, const char *why)
{
	if (p->rejections == REJECTED_MAX || is_rejected(p, row))
		return;
	p->rejected[p->rejections].row = row;
	snprintf(p->rejected[p->rejections].why, sizeof(p->rejected[0].why), "%s", why);
	p->rejections++;
}

/* Is the row for this role, architecture and kind of cache? */
static bool applies(const struct plan *p, const struct candidate *row, enum role role)
{
	if (row->role != role || (row->arch && strcmp(row->arch, p->arch->name)))
		return false;
	if ((row->flags & ONLY_ONE_CPU) && p->cpus != 1)
		return false;
	return !(row->flags & (p->aliases ? NEVER_ALIASING : ONLY_ALIASING));
}

/* The first usable candidate of a role; @preferred: only if it is what p->prefer names. */
static const struct candidate *best(struct plan *p, enum role role, bool preferred)
{
	const struct candidate *row;

	for (row = catalogue; row->function; row++) {
		if (!applies(p, row, role) || is_rejected(p, row))
			continue;
		if (preferred && strcmp(row->function, p->prefer) &&
		    strcmp(mechanism__family(row->by), p->prefer))
			continue;
		if (p->symbols->present[row - catalogue])
			return row;
		reject(p, row, p->symbols->cloned[row - catalogue] ?
		       "only a compiler's clone, whose arguments differ" : "not in this kernel");
	}
	return NULL;
}

static void choose_followers(struct plan *p, enum role role);

static void choose_role(struct plan *p, enum role role)
{
	p->pick[role] = NULL;
	if (!role__useful(role, p->pick))
		return;
	if (p->prefer)
		p->pick[role] = best(p, role, true);
	if (!p->pick[role])
		p->pick[role] = best(p, role, false);
	choose_followers(p, role);
}

/* The roles whose use depends on the pick for this one. */
static void choose_followers(struct plan *p, enum role role)
{
	int other;

	for (other = 0; other < ROLE_COUNT; other++)
		if (role__follows(other, role))
			choose_role(p, other);
}

void plan__choose(struct plan *p)
{
	int role;

	p->rejections = 0;
	for (role = 0; role < ROLE_COUNT; role++)
		choose_role(p, role);
}

int plan__reject(struct plan *p, enum role role, const char *why)
{
	if (p->pick[role])
		reject(p, p->pick[role], why);
	choose_role(p, role);
	return p->pick[role] ? 0 : -1;
}

void plan__restore(struct plan *p, const struct candidate *row)
{
	p->pick[row->role] = row;
	choose_followers(p, row->role);
}

void plan__drop_unreached(struct plan *p)
{
	const struct calls *calls = &p->copy_calls;

	if (!p->pick[ROLE_COPY_CALL] || !calls->watched)
		return;
	if (!(calls->reached & 1U << ROLE_FLUSH_LOCAL))
		p->pick[ROLE_FLUSH_LOCAL] = NULL;
	if (!(calls->reached & 1U << ROLE_FLUSH_USER))
		p->pick[ROLE_FLUSH_USER] = NULL;
	if (!(calls->reached & 1U << ROLE_FLUSH_ALL))
		p->pick[ROLE_FLUSH_ALL] = NULL;
}

const struct calls *plan__calls(const struct plan *p, enum role role)
{
	if (!p->pick[role] || !(p->pick[role]->flags & AT_SITES))
		return NULL;
	return role == ROLE_COPY_CALL ? &p->copy_calls : &p->clear_calls;
}

void plan__set_calls(struct plan *p, enum role role, const struct calls *calls)
{
	if (role == ROLE_COPY_CALL)
		p->copy_calls = *calls;
	else
		p->clear_calls = *calls;
}

bool plan__copies_run_through(const struct plan *p)
{
	return p->pick[ROLE_COPY_CALL] && p->copy_calls.watched && !p->copy_calls.yields;
}

bool plan__complete(const struct plan *p, enum role *missing)
{
	int role;

	for (role = 0; role < ROLE_COUNT; role++) {
		if (p->pick[role] || !role__required(role, p->pick))
			continue;
		*missing = role;
		return false;
	}
	return true;
}

const char *plan__unseen(const struct plan *p, enum copy_path path)
{
	const struct candidate *copy = p->pick[ROLE_COPY];

	if (!copy)
		return "nothing can be probed for copies";
	/* every candidate sees write faults on present pages */
	if (path == PATH_WP || path == PATH_KSM || path == PATH_THP)
		return NULL;
	return copy->blind;
}

static void fill_row(struct plan_row *row, const struct candidate *c)
{
	memset(row, 0, sizeof(*row));
	snprintf(row->role, sizeof(row->role), "%s", role__name(c->role));
	snprintf(row->function, sizeof(row->function), "%s", c->function);
	snprintf(row->mechanism, sizeof(row->mechanism), "%s", mechanism__name(c->by));
	snprintf(row->evidence, sizeof(row->evidence), "%s",
		 c->evidence ? evidence__name(c->evidence) : "-");
}

int plan__rows(const struct plan *p, struct plan_row rows[PLAN_MAX])
{
	const struct calls *calls;
	int role, i, n = 0;

	for (role = 0; role < ROLE_COUNT && n < PLAN_MAX; role++) {
		if (!p->pick[role])
			continue;
		calls = plan__calls(p, role);
		if (!calls || !calls->n)
			fill_row(&rows[n++], p->pick[role]);
		for (i = 0; calls && i < calls->n && n < PLAN_MAX; i++) {
			fill_row(&rows[n], p->pick[role]);
			calls__place(&calls->call[i], rows[n].function, sizeof(rows[n].function));
			n++;
		}
	}
	return n;
}
