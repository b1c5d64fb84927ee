# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own trace of the same run: fork windows, thread switches, new threads.
. /in/lib.sh
cd /sys/kernel/tracing || exit 1
echo 16384 >buffer_size_kb
echo mono >trace_clock
echo 'p:truth/begin uprobe_dup_mmap' >>kprobe_events
echo 'p:truth/end uprobe_end_dup_mmap' >>kprobe_events
for event in truth/begin truth/end sched/sched_switch task/task_newtask; do
	echo 1 >events/$event/enable
done
run_to windows brindle record -o /out/windows.rec -- forkrace --forks 60
for event in truth/begin truth/end sched/sched_switch task/task_newtask; do
	echo 0 >events/$event/enable
done
cp trace /out/trace
grep -H overrun per_cpu/cpu*/stats >/out/overrun
echo '-:truth/begin' >>kprobe_events
echo '-:truth/end' >>kprobe_events
# many windows of one process, back to back
run_to forkers brindle record -o /out/forkers.rec -- forkers 4 300
the_end
