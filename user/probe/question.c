// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>
#include <bpf/bpf.h>
#include "probe/question.h"

int question__map(size_t size, const void *constant)
{
	const struct bpf_map_create_opts opts = {
		.sz = sizeof(opts),
		.map_flags = constant ? BPF_F_RDONLY_PROG : 0,
	};
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "brindle_ask", sizeof(__u32), (__u32)size, 1,
				&opts);
	__u32 zero = 0;

	if (fd < 0 || !constant)
		return fd;
	if (!bpf_map_update_elem(fd, &zero, constant, BPF_ANY) && !bpf_map_freeze(fd))
		return fd;
	close(fd);
	return -1;
}

int question__ask(int map, int program, void *value)
{
	struct bpf_test_run_opts run = { .sz = sizeof(run) };
	__u32 zero = 0;
	int ret = bpf_map_update_elem(map, &zero, value, BPF_ANY);

	ret = ret ?: bpf_prog_test_run_opts(program, &run);
	ret = ret ?: bpf_map_lookup_elem(map, &zero, value);
	return ret ?: (int)run.retval;
}
