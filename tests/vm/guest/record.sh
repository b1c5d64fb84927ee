# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Filters, signals, losses, full disks, killed recorders, missing rights.
. /in/lib.sh

started=	# set by start

# whom to record
run_to tree brindle record -o /out/tree.rec -- sh -c 'sh -c "exec cowpages --pages 200 --out /out/tree.list"; true'
run_to texec brindle record -o /out/texec.rec -- threadexec cowpages --pages 200 --out /out/texec.list
(recording pid; exec cowpages --pages 300 --out /out/pid.list) &
run_to pid brindle record -o /out/pid.rec -p $!
start comm brindle record -o /out/comm.rec --comm cowpages
recording comm
cowpages --pages 300 --out /out/comm.list
forkrace --forks 3 >/dev/null
kill -INT "$started"
end comm
start all brindle record -o /out/all.rec -d 6
recording all
cowpages --pages 300 --out /out/all.list
end all
run_to span brindle record -o /out/span.rec --span 64K -- forkrace --forks 3

# how CMD ends
run_to status brindle record -o /out/status.rec -- sh -c 'exit 7'
run_to killed brindle record -o /out/killed.rec -- sh -c 'kill -9 $$'
run_to nocmd brindle record -o /out/nocmd.rec -- no-such-command
run_to nopid brindle record -o /out/nopid.rec -p 999999

# what CMD inherits, and what the recorder did
run_to sigign brindle record -o /out/sigign.rec -- grep SigIgn /proc/self/status
run_to chld sh -c 'trap "" CHLD; exec brindle record -o /out/chld.rec -- sh -c "exit 9"'
run_to stubborn brindle record -o /out/stubborn.rec -d 2 -- \
	sh -c 'trap "" TERM; forkrace --forks 0 --seconds 8; true'
sleep 5

# signals to the recorder
for sig in INT TERM HUP; do
	start $sig brindle record -o /out/$sig.rec -- forkrace --forks 0 --seconds 60
	written $sig
	kill -$sig "$started"
	end $sig
done
start early brindle record -o /out/early.rec -- forkrace
until grep -q brindle "/proc/$started/comm"; do :; done
usleep 20000
kill -INT "$started"
end early
# killed without warning; CMD, which is left alone, ends before the next recorder starts
start kill9 brindle record -o /out/kill9.rec -- forkrace --forks 0 --seconds 6
written kill9
kill -9 "$started"
end kill9
sleep 6
run_to after9 brindle record -o /out/after9.rec -- true

# losses that are meant
# the recorder sleeps while copies are made, its buffer holds some 30 of them
start lost brindle record -o /out/lost.rec --buffer 4096 -- forkrace --forks 0 --seconds 8
written lost
kill -STOP "$started"
sleep 2
kill -CONT "$started"
end lost
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
