# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Eight processes that make known copies, forking again and again, some with threads; all
# of them at once, and others besides that fork as fast as they can.
. /in/lib.sh
# shellcheck disable=SC2016 # it is the recorded shell that expands this
run_to smp brindle record -o /out/smp.rec -- sh -c '
	pids=
	for i in 1 2 3 4 5 6 7 8; do
		cowpages --pages 500 --repeat 10 --threads $((1 + i % 2)) --seed $i \
			--out /out/smp$i.list &
		pids="$pids $!"
	done
	forkers 2 200 &
	pids="$pids $!"
	forkrace --forks 40 &
	pids="$pids $!"
	status=0
	for pid in $pids; do
		wait $pid || status=1
	done
	exit $status'
nproc >/out/cpus
the_end
