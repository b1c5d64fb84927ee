# SPDX-License-Identifier: GPL-2.0-only
# Fork windows of process PID in a trace of the kernel's own, and how many of them
# another thread of the process ran inside. Prints "WINDOWS EXPOSED CLOSE".
#
# CLOSE: windows at whose beginning or end such a thread came or went on another CPU, within
# 0.2 ms. Two probes at one place do not run at one time, so of these another tracer may say
# something else.
function near(a, b) {
	return a - b < 0.0002 && b - a < 0.0002
}
# A thread of the process came or went on another CPU than the forker's.
function passed(time) {
	last = time
	if (open && near(time, began))
		close_by = 1
	if (!open && ended && near(time, ended) && !counted) {
		close_windows++
		counted = 1
	}
}
{
	cpu = $0
	sub(/^[^[]*\[0*/, "", cpu)
	cpu = int(cpu)
	match($0, /[0-9]+\.[0-9]+: /)
	now = substr($0, RSTART, RLENGTH - 2) + 0
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
	if (cpu != home && ((next_pid in member && next_pid != forker) ||
			    (running[cpu] in member && running[cpu] != forker)))
		passed(now)
	running[cpu] = next_pid
	if (open && next_pid in member && next_pid != forker)
		exposed = 1
}
/ begin: / && task in member {
	open = 1
	forker = task
	home = cpu
	exposed = 0
	began = now
	close_by = last && near(now, last)
	for (c in running)
		if (c != cpu && running[c] in member && running[c] != forker)
			exposed = 1
}
/ end: / && open && task == forker {
	open = 0
	ended = now
	windows++
	hit += exposed
	counted = close_by || (last && near(now, last))
	close_windows += counted
}
END { print windows + 0, hit + 0, close_windows + 0 }
