/* SPDX-License-Identifier: GPL-2.0-only */
/* A progress line on a terminal while recordings are read. */
#ifndef BRINDLE_PROGRESS_H
#define BRINDLE_PROGRESS_H

/* progress__begin - from now on, reading for more than a second shows how far it is */
void progress__begin(void);

/* progress__end - no more of it, and the line is wiped; to be called before all output */
void progress__end(void);

#endif
