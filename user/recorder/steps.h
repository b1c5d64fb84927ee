/* SPDX-License-Identifier: GPL-2.0-only */
/* From the events of a record to the steps of a copy. Pure. */
#ifndef BRINDLE_RECORDER_STEPS_H
#define BRINDLE_RECORDER_STEPS_H

#include "recorder/assemble.h"

/*
 * steps__take - fill in c->step, c->steps and FACT_STEPS, FACT_STEPS_LOST of c->facts
 * @c: its path, pfns and addresses are filled in
 */
void steps__take(const struct wire_copy *rec, const struct calibration *cal, struct copy *c);

#endif
