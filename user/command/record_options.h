/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of brindle record. */
#ifndef BRINDLE_RECORD_OPTIONS_H
#define BRINDLE_RECORD_OPTIONS_H

#include "base/options.h"
#include "recorder/recorder.h"

/* The table that options__parse fills a struct record_options by. */
extern const struct opt record_opts[];

/* record_options__open_cgroup - what --cgroup names, if given; 0 or an exit code (said why) */
int record_options__open_cgroup(struct record_options *o);

#endif
