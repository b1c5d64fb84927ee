# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Filters, signals, losses, full disks, killed recorders, missing rights.
. /in/lib.sh

# whom to record
run_to tree brindle record -o /out/tree.rec -- sh -c 'sh -c "exec cowpages --pages 200 --out /out/tree.list"; true'
run_to texec brindle record -o /out/texec.rec -- threadexec cowpages --pages 200 --out /out/texec.list
(sleep 1; exec cowpages --pages 300 --out /out/pid.list) &
pid=$!
run_to pid brindle record -o /out/pid.rec -p "$pid"
wait
(sleep 1; cowpages --pages 300 --out /out/comm.list; forkrace --forks 3 >/dev/null) &
run_to comm brindle record -o /out/comm.rec --comm cowpages -d 4
wait
(sleep 1; cowpages --pages 300 --out /out/all.list) &
run_to all brindle record -o /out/all.rec -d 4
wait
run_to span brindle record -o /out/span.rec --span 64K -- forkrace --forks 3

# how CMD ends
run_to status brindle record -o /out/status.rec -- sh -c 'exit 7'
run_to killed brindle record -o /out/killed.rec -- sh -c 'kill -9 $$'
run_to nocmd brindle record -o /out/nocmd.rec -- no-such-command
run_to nopid brindle record -o /out/nopid.rec -p 999999

# signals to the recorder
for sig in INT TERM; do
	brindle record -o "/out/$sig.rec" -- forkrace --forks 0 --seconds 60 \
		>"/out/$sig.stdout" 2>"/out/$sig.stderr" &
	pid=$!
	sleep 4
	kill -$sig $pid
	wait $pid
	echo $? >"/out/$sig.status"
done
brindle record -o /out/early.rec -- forkrace >/out/early.stdout 2>/out/early.stderr &
pid=$!
usleep 100000
kill -INT $pid
wait $pid
echo $? >/out/early.status
# killed without warning, three seconds in
brindle record -o /out/kill9.rec -- forkrace --forks 0 --seconds 8 >/dev/null 2>&1 &
pid=$!
sleep 5
kill -9 $pid
wait $pid
sleep 5
run_to after9 brindle record -o /out/after9.rec -- true

# losses that are meant
# the recorder sleeps while copies are made, its buffer holds some 30 of them
brindle record -o /out/lost.rec --buffer 4096 -- forkrace --forks 0 --seconds 8 \
	>/out/lost.stdout 2>/out/lost.stderr &
pid=$!
sleep 4
kill -STOP $pid
sleep 2
kill -CONT $pid
wait $pid
echo $? >/out/lost.status
run_to missed brindle record -o /out/missed.rec --threads 1 -- \
	cowpages --pages 2000 --threads 4 --out /dev/null

# no room
mkdir -p /tmp/small
mount -t tmpfs -o size=256k none /tmp/small
run_to full brindle record -o /tmp/small/full.rec -- forkrace --forks 40
cp -r /tmp/small/full.rec /out/full.rec
umount /tmp/small
mkdir /tmp/other
echo mine >/tmp/other/file
run_to occupied brindle record -o /tmp/other -- true
cat /tmp/other/file >/out/occupied.kept

# rights
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
run_to user su nobody -s /bin/sh -c 'brindle record -o /tmp/user.rec -- true'
run_to userdoctor su nobody -s /bin/sh -c 'brindle doctor'
umount /sys/kernel/tracing /sys/kernel/debug
run_to notracefs brindle record -o /tmp/no.rec -- true
mount -t tracefs tracefs /sys/kernel/tracing
the_end
