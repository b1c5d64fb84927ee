# SPDX-License-Identifier: GPL-2.0-only
# What the tests on real kernels share. A file boots its guest once, in
# setup_file, with a script of tests/vm/guest; its tests then look at what the
# guest left behind.

BRINDLE=build/$(scripts/host)/bin/brindle

# The kernel can be had. When not, guest boots nothing, and each test is skipped by setup:
# bats cannot skip a file as a whole.
had() {
	[ ! -e "$BATS_FILE_TMPDIR/unavailable" ]
}

setup() {
	had || skip "$(cat "$BATS_FILE_TMPDIR/unavailable")"
}

# guest NAME MACHINE SCRIPT [LAB OPTION...]: run tests/vm/guest/SCRIPT, which may have
# arguments behind it, and keep what it said. MACHINE: a guest of scripts/targets.
guest() {
	local name=$1 machine=$2 script=$3 target options why=
	shift 3
	[ ! -e build/test/unavailable ] ||
		why=$(sed -n "s/^$machine: //p" build/test/unavailable)
	[ -z "$why" ] || {
		echo "this kernel cannot be had: $why" >"$BATS_FILE_TMPDIR/unavailable"
		return 0
	}
	IFS='|' read -r _ target options _ < <(. scripts/lib.sh && find_guest "$machine") || {
		echo "scripts/targets has no guest '$machine'"
		return 1
	}
	# shellcheck disable=SC2086 # a list
	set -- $options "$@"

	OUT=build/lab/$name/out
	LOG=build/lab/$name.log
	export OUT LOG
	mkdir -p build/lab
	# shellcheck disable=SC2086 # the arguments
	scripts/lab run "$target" --name "$name" --timeout 300 --in tests/vm/guest "$@" \
		-- sh /in/$script >"$LOG" 2>&1 || {
		echo "the guest failed with status $?:"
		tail -30 "$LOG"
		return 1
	}
}

# json RECORDING FILTER: one value of its report
json() {
	"$BRINDLE" report --format=json "$OUT/$1" | jq -r "$2"
}

# saved NAME: what "run_to NAME" in the guest got as exit status
saved() {
	cat "$OUT/$1.status"
}

# no_oops: the guest's kernel did not complain
no_oops() {
	[ -s "$OUT/dmesg" ] && ! grep -E 'Oops|BUG:|WARNING:|Kernel bug|Call Trace' "$OUT/dmesg"
}

# one_to_one NAME: the records of NAME.rec match the pagemap list NAME.list
one_to_one() {
	"$BRINDLE" report --copies "$OUT/$1.rec" >"$OUT/$1.ndjson"
	tests/match "$OUT/$1.ndjson" "$OUT/$1.list"
}

# babeltrace_agrees NAME: babeltrace2 lists as many copies and windows as brindle
babeltrace_agrees() {
	local listed

	listed=$(babeltrace2 "$OUT/$1.rec" | awk '
		/ copy: / { copies++ }
		/ fork: / { forks++ }
		END { printf "%d %d", copies, forks }')
	[ "$listed" = "$(json "$1.rec" '"\(.totals.copies) \(.forks.windows)"')" ]
}
