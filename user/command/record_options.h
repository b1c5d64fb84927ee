/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of brindle record. */
#ifndef BRINDLE_COMMAND_RECORD_OPTIONS_H
#define BRINDLE_COMMAND_RECORD_OPTIONS_H

#include "base/options.h"
#include "recorder/recorder.h"

/* The options; their set() takes a struct record_options. */
extern const struct opt record_opts[];

/*
 * record_options__open_cgroup - open the directory of --cgroup, if given, as o->cgroup_fd
 *
 * Returns 0 or an exit code, having said why. The descriptor stays open until exit.
 */
int record_options__open_cgroup(struct record_options *o);

#endif
