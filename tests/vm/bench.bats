# SPDX-License-Identifier: GPL-2.0-only
# scripts/bench/run, a few rows of it with few copies. The limits are wide: they catch what
# went wrong by far, scripts/bench/run shows the rest.

bats_require_minimum_version 1.5.0

setup_file() {
	out=build/lab/test-bench
	export out
	scripts/bench/run --quick --target x86_64 --out $out \
		--rows "brindle-fentry other-fentry trace-cmd empty-fentry-1" >$out.log 2>&1 || {
		tail -30 $out.log
		return 1
	}
	sed -n '/^| /{s/^/# bench: /;p}' $out/table >&3
}

# row NAME FILTER
row() {
	jq -r ".rows[] | select(.row == \"$1\") | $2" "$out/x86_64.json"
}

# between NAME LOW HIGH: its ratio
between() {
	[ "$(row "$1" ".ratio >= $2 and .ratio <= $3")" = true ] || {
		echo "$1: ratio $(row "$1" .ratio), not within $2 and $3"
		return 1
	}
}

@test "the same twice costs the same" {
	between a-a 0.98 1.02
}

@test "an empty program costs a little" {
	between empty-fentry-1 1.01 1.08
}

@test "brindle record and trace-cmd: no gross change" {
	between brindle-fentry 1.05 1.35
	between other-fentry 1.02 1.15
	between trace-cmd 1.3 1.8
}

@test "both recorded every copy, and lost none" {
	for name in brindle-fentry trace-cmd; do
		[ "$(row "$name" .copies)" = 5120 ]
		[ "$(row "$name" '"\(.found) \(.lost)"')" = "5120 0" ]
	done
}

@test "start-up and memory are told" {
	[ "$(row brindle-fentry '.ready_ms > 1 and .resident_mb > 0.5 and .buffers_mb >= 4')" = true ]
}

@test "a profile names what was added: our programs, the ring, the clock" {
	scripts/bench/profile --lines 60 x86_64 brindle-fentry >"$out.profile" 2>>"$out.log"
	sed -n '1,12s/^/# profile: /p' "$out.profile" >&3
	for function in copy_by_address_fentry fault_copying_fentry __bpf_ringbuf_reserve ktime_get_mono; do
		grep -q "$function" "$out.profile"
	done
	# and not what is there anyway
	[ -z "$(awk '$2 == "wp_page_copy" && $1 > 40' "$out.profile")" ]
}

@test "the table has a line for each row, and the versions" {
	[ "$(grep -c '^| ' "$out/table")" = 6 ]
	grep -q '^`x86_64`, Linux 6.*trace-cmd [0-9]' "$out/table"
}
