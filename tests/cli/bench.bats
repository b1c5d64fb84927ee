# SPDX-License-Identifier: GPL-2.0-only
# What scripts/bench makes of figures and of other tools' output.

bats_require_minimum_version 1.5.0

setup() {
	dir=$BATS_TEST_TMPDIR
}

# count KIND: of $dir/x.txt and $dir/x.log
count() {
	touch "$dir/x.log"
	scripts/bench/count "$1" "$dir/x" "$dir/x.log"
}

# figures [RECORDS]: of one cycle of 100 copies, 75 of them timed, and 150 untraced
figures() {
	jq -n -c --arg row x --arg name X --arg command x --arg goal - --arg absent '' --arg count lines \
		--argjson records "${1:-[]}" --argjson figures '{
			"pages": 25, "rounds": 3, "before": 6, "copies": 100,
			"cycles": [{"untraced": 150000, "traced": 105000, "inside": 15000,
				"consumer": 20000, "ready": 5000000,
				"kib": 3072, "buffers": 1024, "status": 0}]}' \
		-f scripts/bench/figures.jq
}

# a directory of figures: row r has the ratio $2, row w swings
run_of() {
	mkdir -p "$1"
	printf '{"target":"t","rows":[{"row":"r","ratio":%s,"unsteady":false},
		{"row":"w","ratio":%s,"unsteady":true},{"row":"q","absent":"x"}]}' "$2" \
		"${3-1.01}" >"$1/t.json"
}

@test "scripts/bench/run: --help, and wrong command lines exit 2" {
	run -0 --separate-stderr scripts/bench/run --help
	[[ $output == *"--compare"* ]]
	run -2 scripts/bench/run --nothing
	[[ $output == *"--help"* ]]
	run -2 scripts/bench/run --target vax --out "$dir/out"
	[[ $output == *"no rows for 'vax'"* ]]
	run -2 scripts/bench/run --target mips --rows "brindle nothing" --out "$dir/out"
	[[ $output == *"no row 'nothing'"*"empty-plan"* ]]
	run -2 scripts/bench/run --compare "$dir"
}

@test "scripts/bench/profile: --help, and wrong command lines exit 2" {
	scripts/bench/profile --help | grep -q '^usage: scripts/bench/profile'
	for line in "" "x86_64" "x86_64 brindle-fentry more" "sparc brindle" "x86_64 nothing" \
		"x86_64 empty-fentry-1 --lines" "--lines 0 x86_64 brindle-fentry" \
		"mips empty-plan" "--nothing x86_64 brindle-fentry"; do
		# shellcheck disable=SC2086 # words
		run -2 scripts/bench/profile $line
		[[ $output == profile:* ]]
	done
}

@test "--compare: the largest difference, and exit 1 when it is over 1 %" {
	run_of "$dir/a" 1.2000
	run_of "$dir/b" 1.2100
	run_of "$dir/c" 1.2300
	run -0 scripts/bench/run --compare "$dir/a" "$dir/b"
	[ "${lines[0]}" = "1 ratios compared; they differ by at most 0.83 % (t/r)" ]
	[ "${lines[1]}" = "not steady: t/w:0%" ]
	run -1 scripts/bench/run --compare "$dir/a" "$dir/c"
	[[ $output == *"2.44 %"* ]]
	run -2 scripts/bench/run --compare "$dir/a" "$dir/none"
	[[ $output == *"no figures"* ]]
}

@test "table --check: docs/cost.md has a row for each of scripts/bench/rows, and today's columns" {
	run -0 scripts/bench/table --check
	mkdir "$dir/tree"
	cp -r scripts docs "$dir/tree"
	echo 'mips planted - log:ready - - | planted | true' >>"$dir/tree/scripts/bench/rows"
	run -1 "$dir/tree/scripts/bench/table" --check
	[[ $output == *"> mips: planted"* ]]
	cp scripts/bench/rows "$dir/tree/scripts/bench/rows"
	sed -i 's/| instructions | ratio |/| instructions | factor |/' "$dir/tree/docs/cost.md"
	run -1 "$dir/tree/scripts/bench/table" --check
}

@test "figures: the kernel's part, the consumer's, ratio, memory" {
	run -0 jq -c '[.untraced, .kernel, .consumer, .instructions, .ratio]' <<<"$(figures)"
	# 150000 / 150; (105000 - 15000) / 75; 20000 / 100
	[ "$output" = "[1000,1200,200,1400,1.4]" ]
	run -0 jq -c '[.ready_ms, .resident_mb, .buffers_mb]' <<<"$(figures)"
	[ "$output" = "[5,2,1]" ]
}

@test "figures: records found and lost, of all cycles" {
	run -0 jq -c '[.copies, .found, .lost]' <<<"$(figures '[{"found":90,"lost":10}]')"
	[ "$output" = "[100,90,10]" ]
}

@test "count: lines, and what bpftrace says it lost" {
	printf '%s\n' 'Attaching 2 probes...' '7f00 ffff8000 ffff9000' '7f01 ffff8000 ffff9000' \
		'Lost 12 events' 'junk' >"$dir/x.txt"
	echo 'Lost 30 events' >"$dir/x.log"
	[ "$(count lines)" = '{"found":2,"lost":42}' ]
}

@test "count: sums of totals" {
	printf '%s\n' 'Attaching 1 probe...' '@copies[1, 2, 300]: 5' '@copies[0, 0, 0]: 37' >"$dir/x.txt"
	[ "$(count sums)" = '{"found":42,"lost":0}' ]
}

@test "count: perf script, the rarer of both probes and lost events" {
	cat >"$dir/x.txt" <<-END
	  cowbench   311 [000]    18.818568: bench:cow_fault: (ffffffffac8b92e0) address=0x7fb887204000
	  cowbench   311 [000]    18.818571:  bench:cow_copy: (ffffffffacfc2c20) destination=0xff source=0xfe
	  cowbench   311 [000]    18.818576: bench:cow_fault: (ffffffffac8b92e0) address=0x7fb887205000
	  cowbench   311 [000]    18.818580: PERF_RECORD_LOST lost 17
	END
	[ "$(count perf)" = '{"found":1,"lost":17}' ]
}

@test "count: trace-cmd report, and dropped events" {
	cat >"$dir/x.txt" <<-END
	cpus=1
	CPU:0 [9 EVENTS DROPPED]
	  cowbench-342   [000]    23.365407: cow_fault:            (ffffffffac8b92e0) address=0x7fca7c2c8000
	  cowbench-342   [000]    23.365409: cow_copy:             (ffffffffacfc2c20) destination=0xff source=0xfe
	END
	[ "$(count trace-cmd)" = '{"found":1,"lost":9}' ]
	# one of the two probes never fired: no copy was seen
	sed -i '/cow_copy/d' "$dir/x.txt"
	[ "$(count trace-cmd)" = '{"found":0,"lost":9}' ]
}

@test "count: a recording" {
	ln -s "$PWD/examples/recordings/mips-6.1-forkrace" "$dir/x.rec"
	touch "$dir/x.log"
	want=$("build/$(scripts/host)/bin/brindle" report --format=json "$dir/x.rec" | jq .totals.copies)
	[ "$want" -gt 0 ]
	[ "$(count brindle)" = "{\"found\":$want,\"lost\":0}" ]
}
