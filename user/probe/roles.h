/* SPDX-License-Identifier: GPL-2.0-only */
/* Roles: their names, how they depend on each other, and the order of attaching. */
#ifndef BRINDLE_PROBE_ROLES_H
#define BRINDLE_PROBE_ROLES_H

#include <stdbool.h>
#include "probe/catalogue.h"

/* role__name - the name in doctor, recordings and reports; "?" for a value out of range */
const char *role__name(unsigned int role);

/* role__required - is tracing impossible without this role, given the other picks? */
bool role__required(enum role role, const struct candidate *const pick[ROLE_COUNT]);

/* role__useful - would a probe for this role serve any purpose, given the other picks? */
bool role__useful(enum role role, const struct candidate *const pick[ROLE_COUNT]);

/* role__follows - does it depend on the pick for the role "by" whether this role is useful? */
bool role__follows(enum role role, enum role by);

/* role__by_place - the role whose probe is attached at this place, 0 to ROLE_COUNT - 1 */
enum role role__by_place(unsigned int place);

#endif
