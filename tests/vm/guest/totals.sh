# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Copies of one process recorded twice at once, each of them and their totals; totals alone;
# a table too small for its keys; and tasks in a cgroup and out of it.
. /in/lib.sh

# ready LOG: wait until the recorder that writes LOG records
ready() {
	for _ in $(seq 200); do
		! grep -q 'brindle: recording;' "$1" 2>/dev/null || return 0
		usleep 50000
	done
	return 1
}

# The process waits until everybody watches it.
mkfifo /tmp/go
sh -c 'read -r _ </tmp/go; exec cowpages --pages 2000 --repeat 2 --seed 7 --out /out/both.list' &
pid=$!
brindle record --totals --span 64K -p $pid -o /out/totals.rec 2>/out/totals.log &
totals=$!
ready /out/totals.log
brindle record --span 64K -p $pid -o /out/full.rec 2>/out/full.log &
full=$!
ready /out/full.log
echo >/tmp/go
wait $pid
echo $? >/out/both.status
wait $totals
echo $? >/out/totals.status
wait $full
echo $? >/out/full.status

run_to alone brindle record --totals -o /out/alone.rec -- \
	cowpages --pages 2000 --seed 8 --out /out/alone.list
run_to small brindle record --totals --buffer 4K --span 4M -o /out/small.rec -- \
	cowpages --pages 2000 --seed 9 --out /out/small.list

if mkdir -p /tmp/cgroup && mount -t cgroup2 none /tmp/cgroup; then
	mkdir -p /tmp/cgroup/in/below
	brindle record --cgroup /tmp/cgroup/in -o /out/cgroup.rec 2>/out/cgroup.log &
	recorder=$!
	ready /out/cgroup.log
	sh -c 'echo $$ >/tmp/cgroup/in/below/cgroup.procs
		exec cowpages --pages 500 --out /out/inside.list' &
	inside=$!
	cowpages --pages 500 --out /out/outside.list
	wait $inside
	kill -INT $recorder
	wait $recorder
	echo $? >/out/cgroup.status
	run_to other brindle record --cgroup /tmp/cgroup/in -o /out/other.rec -- \
		cowpages --pages 500 --out /out/other.list
	run_to v1 brindle record --cgroup /tmp -o /out/v1.rec -- true
fi
the_end
