# SPDX-License-Identifier: GPL-2.0-only
# Fork windows of process PID in a trace of the kernel's own, and how many of them
# another thread of the process ran inside. Prints "WINDOWS EXPOSED".
{
	cpu = $0
	sub(/^[^[]*\[0*/, "", cpu)
	cpu = int(cpu)
	task = $0
	sub(/ +\[.*/, "", task)
	sub(/.*-/, "", task)
}
/ task_newtask: / {
	match($0, /pid=[0-9]+/)
	tid = substr($0, RSTART + 4, RLENGTH - 4)
	match($0, /clone_flags=[0-9a-f]+/)
	flags = substr($0, RSTART + 12, RLENGTH - 12)
	# CLONE_THREAD is bit 16: the lowest of the fifth digit from the right
	digit = substr(flags, length(flags) - 4, 1)
	if (task in member || task == PID)
		if (length(flags) >= 5 && index("13579bdf", digit))
			member[tid] = 1
	member[PID] = 1
}
/ sched_switch: / {
	match($0, /next_pid=[0-9]+/)
	next_pid = substr($0, RSTART + 9, RLENGTH - 9)
	running[cpu] = next_pid
	if (open && next_pid in member && next_pid != forker)
		exposed = 1
}
/ begin: / && task in member {
	open = 1
	forker = task
	exposed = 0
	for (c in running)
		if (c != cpu && running[c] in member && running[c] != forker)
			exposed = 1
}
/ end: / && open && task == forker {
	open = 0
	windows++
	hit += exposed
}
END { print windows + 0, hit + 0 }
