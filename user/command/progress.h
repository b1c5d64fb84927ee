/* SPDX-License-Identifier: GPL-2.0-only */
/* A progress line on a terminal while recordings are read. */
#ifndef BRINDLE_COMMAND_PROGRESS_H
#define BRINDLE_COMMAND_PROGRESS_H

/* progress__begin - from now on, reading for more than a second shows its progress on stderr */
void progress__begin(void);

/* progress__end - stop that and wipe the line; to be called before anything is printed */
void progress__end(void);

#endif
