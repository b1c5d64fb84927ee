# SPDX-License-Identifier: GPL-2.0-only
# What can stand in the way: doctor and record say what is missing and what would help, with
# the same exit status, and leave nothing behind. Two boots of x86_64: one obstacle after the
# other, with lockdown at run time last; and lockdown=confidentiality from the beginning.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	local in=build/lab/refusals-in

	make --no-print-directory i386 >&2
	make --no-print-directory B=build/refused BPF_EXTRA='-include tests/vm/refused.bpf.h' \
		build/refused/bin/brindle >&2
	rm -rf "$in"
	mkdir -p "$in"/{i386,refused}
	cp tests/vm/guest/* "$in"
	cp build/i386/bin/brindle "$in/i386"
	cp build/refused/bin/brindle "$in/refused"
	guest refusals-locked x86_64 locked.sh --append lockdown=confidentiality
	guest refusals-input x86_64 refusals.sh --in "$in"
}

# both STATUS NAME...: doctor and record ended with that, and record made a recording or not
both() {
	local want=$1 name
	shift
	for name; do
		[ "$(saved "$name.doctor") $(saved "$name.record")" = "$want $want" ] || {
			echo "$name: doctor $(saved "$name.doctor"), record $(saved "$name.record")"
			cat "$OUT/$name.record.stderr"
			return 1
		}
		if [ "$want" = 0 ]; then
			[ "$(json "$name.rec" '.totals | "\(.at_risk) \(.lost) \(.missed)"')" = "0 0 0" ]
			run ! grep FAIL "$OUT/$name.doctor.stdout"
		else
			[ ! -e "$OUT/$name.rec" ]
		fi
	done
}

# says NAME FINDING TEXT ADVICE: doctor in two lines, record in one, and nothing else there
says() {
	grep -A1 "^  FAIL  $2 .*$3" "$OUT/$1.doctor.stdout" | tail -1 | grep -q "^ .*$4"
	grep -q "^brindle: cannot record: $2: .*$3.*; .*$4" "$OUT/$1.record.stderr"
	[ "$(wc -l <"$OUT/$1.record.stderr")" = "${5:-1}" ]
}

@test "nothing in the way: both say so" {
	both 0 plain
}

@test "addresses hidden by kernel.kptr_restrict: 4, and the sysctl" {
	both 4 kptr kptr-syslog
	both 0 kptr1
	says kptr symbols 'kernel.kptr_restrict is 2' 'sysctl kernel.kptr_restrict=1'
	says kptr-syslog symbols 'kernel.kptr_restrict is 2' 'as root'
}

@test "addresses hidden for want of CAP_SYSLOG: 4; not where the kernel shows them" {
	both 4 no-syslog
	says no-syslog symbols 'CAP_SYSLOG is missing' 'root'
	both 0 paranoid1
}

@test "root without CAP_SYS_ADMIN: 4, also with CAP_BPF and CAP_PERFMON" {
	both 4 none-of-three bpf-perfmon
	says none-of-three permission 'CAP_SYS_ADMIN is missing' 'as root'
	says bpf-perfmon permission 'CAP_SYS_ADMIN is missing' 'CAP_BPF and CAP_PERFMON are not enough'
}

@test "CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON; others are not needed" {
	both 0 admin-only few
}

@test "a user with root's capabilities; without those over files: 4" {
	both 0 user-all
	both 4 user-dac user
	says user-dac permission 'kprobe_events cannot be written: Permission denied' 'as root'
	says user permission 'CAP_SYS_ADMIN is missing' 'as root' 2
}

@test "root of a user namespace: 4; in a PID namespace: 3" {
	both 4 userns
	says userns permission 'root of a user namespace' 'root of the host' 2
	both 3 pidns
	says pidns namespace 'PID namespace' "host's"
}

@test "a container that denies bpf or perf_event_open to root: 4" {
	both 4 no-bpf no-perf
	says no-bpf permission 'BPF programs are refused: Operation not permitted' 'container'
	says no-perf permission 'perf events are refused: Operation not permitted' 'container'
}

@test "kprobes switched off, or ftrace under them: 3, and the switch" {
	both 3 switched-off ftrace-off
	says switched-off kprobes 'switched off' 'echo 1 >/sys/kernel/debug/kprobes/enabled'
	says ftrace-off kprobes 'kernel.ftrace_enabled is 0' 'sysctl kernel.ftrace_enabled=1'
}

@test "a 32-bit brindle on a 64-bit kernel: 3" {
	both 3 bits
	says bits architecture 'of 64 bits (machine x86_64), this brindle is of 32 (i386)' 'built for'
}

@test "a program the verifier refuses: 3, in one line that says which and why" {
	[ "$(saved refused.record)" = 3 ]
	[ "$(saved refused.check)" = 3 ]
	for name in record check; do
		[ "$(wc -l <"$OUT/refused.$name.stderr")" = 1 ]
		grep -Eq 'refuses the BPF program [a-z_]+ \(Permission denied\): invalid bpf_context access off=4096 size=8, at [0-9]+: \(79\) r[0-9] = \*\(u64 \*\)\(r1 \+4096\); the whole log: -vv$' \
			"$OUT/refused.$name.stderr"
	done
}

@test "... and -vv shows the whole log" {
	[ "$(saved refused-vv)" = 3 ]
	sed -n '/BEGIN PROG LOAD LOG/,/END PROG LOAD LOG/p' "$OUT/refused-vv.stderr" >"$OUT/log"
	grep -q '^processed [0-9]* insns' "$OUT/log"
	grep -q '^; ' "$OUT/log"
	tail -1 "$OUT/refused-vv.stderr" | grep -q 'refuses the BPF program .*(r1 +4096)$'
}

@test "no tracefs: 3, and the mount; read-only: 4, and the remount" {
	both 3 notracefs
	says notracefs tracefs 'not mounted' 'mount -t tracefs tracefs /sys/kernel/tracing'
	both 4 read-only
	says read-only permission 'Read-only file system' 'mount -o remount,bind,rw /sys/kernel/tracing'
}

@test "tracefs elsewhere, in debugfs only, below another mount: found" {
	both 0 elsewhere debugfs debugfs-elsewhere hidden
	grep -q '^  ok    tracefs       /tmp/a place$' "$OUT/elsewhere.doctor.stdout"
	grep -q '^  ok    tracefs       /sys/kernel/debug/tracing$' "$OUT/debugfs.doctor.stdout"
	grep -q '^  ok    tracefs       /tmp/debug/tracing$' "$OUT/debugfs-elsewhere.doctor.stdout"
	grep -q '^  ok    tracefs       /sys/kernel/tracing$' "$OUT/hidden.doctor.stdout"
}

@test "no /sys, no /proc: 3, and the mount" {
	both 3 nosys noproc
	says nosys sysfs 'is /sys mounted' 'mount -t sysfs sysfs /sys'
	says noproc proc 'not mounted' 'mount -t proc proc /proc'
}

@test "lockdown=integrity is no obstacle, whoever tells of it" {
	both 0 integrity integrity-unsaid
	grep -q '^  ok    lockdown .*(integrity, says /sys/kernel/security/lockdown)' \
		"$OUT/integrity.doctor.stdout"
	grep -q "^  ok    lockdown .*(the kernel's log" "$OUT/integrity-unsaid.doctor.stdout"
}

@test "lockdown=confidentiality at run time: 3; for a user 4" {
	both 3 confidential confidential-unsaid
	both 4 confidential-user
	says confidential lockdown '(confidentiality, says /sys' 'lockdown=integrity'
	says confidential-unsaid lockdown 'locked down' 'lockdown=integrity'
	grep -q '^  ok    lockdown      cannot be known' "$OUT/confidential-user.doctor.stdout"
}

@test "booted with lockdown=confidentiality: 3, and nothing else is blamed" {
	OUT=build/lab/refusals-locked/out
	both 3 said unsaid
	says said lockdown '(confidentiality, says /sys' 'lockdown=integrity'
	says unsaid lockdown 'locked down' 'lockdown=integrity'
	[ "$(grep -c FAIL "$OUT/said.doctor.stdout")" = 1 ]
	[ "$(grep -c FAIL "$OUT/unsaid.doctor.stdout")" = 1 ]
}

@test "nothing is left: no probes, no recordings, no complaint of the kernel" {
	[ "$(cat "$OUT/plain.record.left" "$OUT/refused.record.left")" = $'0\n0' ]
	run ! grep -l '[1-9]' "$OUT"/*.left
	for OUT in build/lab/refusals-{input,locked}/out; do
		[ ! -s "$OUT/left_recordings" ]
		no_oops
	done
}
