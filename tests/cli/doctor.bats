#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# doctor on this machine, whatever it is.

load common

locked_down() {
	grep -q '\[integrity\]' /sys/kernel/security/lockdown 2>/dev/null ||
		{ [ ! -e /sys/kernel/security/lockdown ] &&
			zgrep -q '^CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y' /proc/config.gz 2>/dev/null; }
}

has_kprobes() {
	grep -q ' register_kprobe$' /proc/kallsyms
}

@test "first line: version and kernel; every point has a line" {
	b doctor
	[[ ${lines[0]} == "brindle $(cat "$top/VERSION"), Linux $(uname -r) "* ]] || fail "first line"
	for point in architecture lockdown kprobes bpf permission symbols tracefs hazard; do
		[ "$(grep -cE "^  (ok   |FAIL ) $point " <<<"$output")" -eq 1 ] || fail "no line for $point"
	done
}

@test "the status fits the lines: 0 without FAIL, 3 or 4 with" {
	b doctor
	if grep -q '^  FAIL ' <<<"$output"; then
		[ "$status" -eq 3 ] || [ "$status" -eq 4 ] || fail "FAIL, and status $status"
	elif grep -q "has no function for the role" <<<"$stderr"; then
		want_status 3
	else
		want_status 0
	fi
}

@test "every FAIL is followed by advice" {
	b doctor
	n=0
	for i in "${!lines[@]}"; do
		[[ ${lines[i]} == "  FAIL "* ]] || continue
		n=$((n + 1))
		[[ ${lines[i + 1]} =~ ^\ {22}[^\ ] ]] || fail "no advice after: ${lines[i]}"
	done
	[ "$n" -gt 0 ] || skip "this machine has nothing to advise on"
}

@test "colours are known here without any privilege" {
	as_nobody doctor
	page=$(getconf PAGESIZE)
	grep -qE "^  ok    colours       [0-9]+: span [0-9]+ bytes, pages of $page bytes" <<<"$output" ||
		fail "no line about colours"
}

@test "x86_64 has one colour" {
	[ "$(uname -m)" = x86_64 ] || skip "this machine is $(uname -m)"
	b doctor
	want_output "colours       1: span 4096 bytes, pages of 4096 bytes (known by: mmap)"
}

@test "the plan is shown, with a function for the copy" {
	b doctor
	want_output "Attach plan"
	[ "$(uname -m)" = x86_64 ] || skip "this machine is $(uname -m): its function is not known here"
	grep -qE '^  copy +copy_mc_to_kernel +(fentry|kprobe) +observed$' <<<"$output" || fail "no copy in the plan"
}

@test "without privilege: FAIL for the permission, not status 0" {
	as_nobody doctor
	[ "$status" -eq 3 ] || [ "$status" -eq 4 ] || fail "status $status"
	want_output "FAIL  permission"
	want_output "CAP_SYS_ADMIN"
}

@test "without kprobes: status 3, said in one line by record" {
	! has_kprobes || skip "this kernel has kprobes"
	b doctor
	want_status 3
	want_output "FAIL  kprobes       this kernel has no kprobes"
	b record -o rec -- true
	want_status 3
	[ "$(grep -c "cannot record: kprobes: this kernel has no kprobes" <<<"$stderr")" -eq 1 ] ||
		fail "not one line for kprobes"
}

@test "lockdown=integrity is named, and is no obstacle" {
	locked_down || skip "this kernel is not locked down to integrity"
	[ "$(id -u)" -eq 0 ] || skip "only root can know"
	b doctor
	grep -qE '^  ok    lockdown      locked down \(integrity, says /[^)]*\)' <<<"$output" ||
		fail "lockdown is not named, or refused"
}

@test "addresses hidden from a user: a finding, with what would help" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	! setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		grep -qv '^0* ' /proc/kallsyms || skip "this kernel shows them to anybody"
	as_nobody doctor
	want_output "FAIL  symbols       the kernel hides the addresses of its functions"
}

@test "--self-check where tracing is not possible: says so, same status" {
	b doctor
	[ "$status" -ne 0 ] || skip "tracing is possible here"
	without=$status
	b doctor --self-check
	want_status "$without"
	want_stderr "no self-check: tracing is not possible here"
}

@test "a full disk under stdout is an error" {
	run --separate-stderr sh -c '"$1" doctor >/dev/full' sh "$brindle"
	want_stderr "No space left on device"
	want_status 1
}
