# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# What can stand in the way, one obstacle after the other, each undone before the next.
. /in/lib.sh

# both NAME [CMD ...]: doctor and record, as CMD runs them
both() {
	local name=$1
	shift
	run_to "$name.doctor" "$@" brindle doctor
	run_to "$name.record" "$@" brindle record -o "/tmp/$name.rec" -- true
	[ ! -d "/tmp/$name.rec" ] || mv "/tmp/$name.rec" /out/
}

# where tracefs is for the tests must not be where brindle finds it
probes() {
	mkdir -p /run/tracefs
	mount -t tracefs none /run/tracefs
	grep -c brindle /run/tracefs/kprobe_events >"/out/$1.left" 2>/dev/null
	umount /run/tracefs
}

setting() {
	echo "$2" >"/proc/sys/kernel/$1"
}

echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
both plain

# hidden addresses
setting kptr_restrict 2
both kptr
both kptr-syslog dropcap SYSLOG --
setting kptr_restrict 1
both kptr1
setting kptr_restrict 0
both no-syslog dropcap SYSLOG --
setting perf_event_paranoid 1
both paranoid1 dropcap SYSLOG --
setting perf_event_paranoid 3

# capabilities
both none-of-three dropcap SYS_ADMIN BPF PERFMON --
both bpf-perfmon dropcap SYS_ADMIN --
both admin-only dropcap BPF PERFMON --
both few dropcap KILL SYS_PTRACE SYS_RESOURCE DAC_OVERRIDE DAC_READ_SEARCH --
both user-all dropcap -u 65534 --
both user-dac dropcap -u 65534 DAC_OVERRIDE DAC_READ_SEARCH --
both user su nobody -s /bin/sh -c '"$0" "$@"' --

# what containers do: namespaces, and system calls denied
both no-bpf dropcap -d bpf --
both no-perf dropcap -d perf_event_open --
both userns unshare -U -r
both pidns unshare -p -f

# probes that do not fire
echo 0 >/sys/kernel/debug/kprobes/enabled
both switched-off
echo 1 >/sys/kernel/debug/kprobes/enabled
setting ftrace_enabled 0
both ftrace-off
setting ftrace_enabled 1

# programs of another word size, and one the kernel refuses
run_to bits.doctor /in/i386/brindle doctor
run_to bits.record /in/i386/brindle record -o /tmp/bits.rec -- true
run_to refused.doctor /in/refused/brindle doctor
run_to refused.record /in/refused/brindle record -o /tmp/refused.rec -- true
run_to refused-vv /in/refused/brindle record -vv -o /tmp/refused.rec -- true
run_to refused.check /in/refused/brindle doctor --self-check
ls -d /tmp/*.rec >/out/left_recordings 2>/dev/null

# places of tracefs
mkdir -p "/tmp/a place" /tmp/debug
mount -o remount,bind,ro /sys/kernel/tracing
umount /sys/kernel/debug
both read-only
umount /sys/kernel/tracing
both notracefs
mount -t tracefs tracefs "/tmp/a place"
both elsewhere
umount "/tmp/a place"
mount -t debugfs debugfs /sys/kernel/debug
both debugfs
umount /sys/kernel/debug/tracing /sys/kernel/debug
mount -t debugfs debugfs /tmp/debug
both debugfs-elsewhere
umount /tmp/debug/tracing /tmp/debug
mount -t tracefs tracefs /sys/kernel/tracing
mkdir /tmp/hidden
mount -t tracefs tracefs /tmp/hidden
mount -t tmpfs tmpfs /tmp/hidden
both hidden
umount /tmp/hidden /tmp/hidden

# nothing to know a kernel by
mount -t tracefs tracefs "/tmp/a place"
umount -l /sys
both nosys
umount "/tmp/a place"
mount -t sysfs sysfs /sys
mount -t tracefs tracefs /sys/kernel/tracing
umount -l /proc
both noproc
mount -t proc proc /proc

# lockdown, which knows one direction only
mount -t securityfs securityfs /sys/kernel/security
echo integrity >/sys/kernel/security/lockdown
both integrity
umount /sys/kernel/security
both integrity-unsaid
mount -t securityfs securityfs /sys/kernel/security
echo confidentiality >/sys/kernel/security/lockdown
both confidential
umount /sys/kernel/security
both confidential-unsaid
both confidential-user su nobody -s /bin/sh -c '"$0" "$@"' --
the_end
