// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "err.h"
#include "formats.h"

int formats__read(const struct kernel *k, struct config *cfg)
{
	const struct {
		const char *event, *field;
		__u32 *offset;
	} fields[] = {
		{ "sched/sched_switch", "next_pid", &cfg->next_pid_off },
		{ "sched/sched_process_exec", "old_pid", &cfg->exec_old_pid_off },
		{ "task/task_newtask", "pid", &cfg->newtask_pid_off },
		{ "task/task_newtask", "clone_flags", &cfg->newtask_flags_off },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		ret = kernel__event_field(k, fields[i].event, fields[i].field, fields[i].offset);
		if (ret)
			return err(EXIT_UNSUPPORTED, "cannot read the field %s in %s/events/%s/"
				   "format: %s", fields[i].field, k->tracefs, fields[i].event,
				   strerror(-ret));
	}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	/* clone_flags is an unsigned long: its low half comes last */
	cfg->newtask_flags_off += sizeof(long) - sizeof(__u32);
#endif
	return 0;
}
