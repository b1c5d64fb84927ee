/* SPDX-License-Identifier: GPL-2.0-only */
/* How the roles of probes depend on each other: one row per role. */
#ifndef BRINDLE_PROBE_ROLES_H
#define BRINDLE_PROBE_ROLES_H

#include <stdbool.h>
#include "probe/catalogue.h"

/* role__name - as doctor, recordings and reports spell it; "?" for a value out of range */
const char *role__name(unsigned int role);

/* role__required - brindle cannot work without this role, given the other picks */
bool role__required(enum role role, const struct candidate *const pick[ROLE_COUNT]);

/* role__useful - the role has something to do, given the other picks */
bool role__useful(enum role role, const struct candidate *const pick[ROLE_COUNT]);

/* role__companion - the role whose use depends on the pick for this one; ROLE_COUNT = none */
enum role role__companion(enum role role);

/* role__by_place - the role whose probe is attached as number place, from 0 to ROLE_COUNT - 1 */
enum role role__by_place(unsigned int place);

#endif
