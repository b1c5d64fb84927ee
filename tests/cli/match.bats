# SPDX-License-Identifier: GPL-2.0-only
# tests/match, by which all other tests know what is true: it must be able to fail.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	MATCH=$BATS_TEST_DIRNAME/../match
	cat >copies.list <<-END
		# pid 7
		# page_size 4096
		# region 0x9000 0xb000
		# records 2
		0x9000 0x10 0x20
		0xa000 0x11 0xff
	END
	cat >clears.list <<-END
		# pid 7
		# page_size 4096
		# region 0x9000 0xb000
		# records 0
		# clears 2
		clear 0x9000 0x20
		clear 0xa000 0xff
	END
	{
		copy 7 0x8000 1 2
		copy 7 0x000000009000 16 32
		copy 7 0xa000 17 255
		copy 8 0xa000 5 6
	} >copies
	{
		clear 7 0xa000 255
		clear 7 0xb000 9
		clear 8 0x9000 5
		clear 7 0x9000 32
	} >clears
}

# copy PID ADDRESS SOURCE DESTINATION: an object of report --copies
copy() {
	printf '{"pid":%s,"user":"%s","source":{"pfn":%s},"destination":{"pfn":%s}}\n' "$@"
}

# clear PID ADDRESS PFN: an object of report --clears
clear() {
	printf '{"pid":%s,"user":"%s","destination":{"pfn":%s}}\n' "$@"
}

# refused STATUS WORDS ARG...: match exits so and says so
refused() {
	local wanted=$1 words=$2

	shift 2
	run "$MATCH" "$@"
	[ "$status" -eq "$wanted" ]
	[[ "$output" == *"$words"* ]]
}

@test "match: copies and clears that agree" {
	run -0 "$MATCH" copies copies.list
	[ "$output" = "match: 2 of 2 pages, 0 missing, 0 extra" ]
	run -0 "$MATCH" --clears clears clears.list
	[ "$output" = "match: 2 of 2 pages, 0 missing, 0 extra" ]
}

@test "match: a page that is missing, one too many, one seen twice" {
	grep -v 0xa000 clears >few
	refused 1 "1 of 2 pages, 1 missing, 0 extra" --clears few clears.list
	{ cat clears; clear 7 0xa800 1; } >many
	refused 1 "2 of 2 pages, 0 missing, 1 extra" --clears many clears.list
	cat clears clears >twice
	refused 1 "2 of 2 pages, 0 missing, 2 extra" --clears twice clears.list
	cat copies copies >twice
	refused 1 "2 of 2 pages, 0 missing, 2 extra" twice copies.list
}

@test "match: another frame than was cleared, or an unknown one" {
	sed 's/255/254/' clears >other
	refused 1 "extra: address 0xa000 destination 0xfe" --clears other clears.list
	sed 's/255/null/' clears >other
	refused 1 "extra: address 0xa000 destination unknown" --clears other clears.list
}

@test "match: lines of pages that are cleared are no copies, and the other way round" {
	refused 1 "0 of 0 pages, 0 missing, 2 extra" copies clears.list
	grep 0x8000 copies >outside
	run -0 "$MATCH" outside clears.list
	refused 1 "want one line '# clears'" --clears clears copies.list
}

@test "match: a list that is cut off, or a comparison with nothing" {
	head -n 6 clears.list >cut.list
	refused 1 "lists 1 clears, announces 2" --clears clears cut.list
	refused 1 "proves nothing" /dev/null clears.list
}

@test "match: copies are not taken for clears, nor text for either" {
	refused 2 "not the output of brindle report --clears" --clears copies clears.list
	refused 2 "not the output of brindle report --copies" clears copies.list
	echo text >text
	refused 2 "not the output of brindle report --clears" --clears text clears.list
	refused 2 usage --clears clears
}
