# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the command line share. They run on this machine against
# $BRINDLE (default: this machine's below build) and read the recording that is in
# the tree; only those that say so need root or a locked-down kernel.

bats_require_minimum_version 1.5.0

# Each test is a bash of its own that reads this, so it starts few processes.
top=${BATS_TEST_DIRNAME%/*/*}
host=${BRINDLE_HOST:-$("$top/scripts/host")}
brindle=$top/build/$host/bin/brindle
[ -z "${BRINDLE-}" ] || brindle=$(realpath -m "$BRINDLE")
sample=$top/examples/recordings/mips-6.1-forkrace

# Work in an empty directory.
setup() {
	[ -x "$brindle" ] || fail "no $brindle: run make first"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Say why the test fails, and what the last run printed.
fail() {
	printf '%s\n' "$@"
	printf -- '--- status %s\n--- stdout\n%s\n--- stderr\n%s\n' "${status-}" "${output-}" \
		"${stderr-}"
	return 1
} >&2

# Run a command: as "run --separate-stderr" of bats, which takes twice as long.
capture() {
	status=0
	output=$("$@" 2>"$BATS_FILE_TMPDIR/stderr") || status=$?
	stderr=$(<"$BATS_FILE_TMPDIR/stderr")
	# shellcheck disable=SC2034 # for the tests
	IFS=$'\n' read -rd '' -a lines <<<"$output" || true
	IFS=$'\n' read -rd '' -a stderr_lines <<<"$stderr" || true
}

# Run brindle: sets status, output (its stdout) and stderr.
b() {
	capture timeout 60 "$brindle" "$@"
}

want_status() {
	[ "$status" -eq "$1" ] || fail "exit status is $status, not $1"
}

# The last run printed nothing on stdout / stderr.
want_no_output() {
	[ -z "$output" ] || fail "stdout should be empty"
}

want_no_stderr() {
	[ -z "$stderr" ] || fail "stderr should be empty"
}

# A fixed text that must be in the stdout / stderr of the last run.
want_output() {
	[[ $output == *"$1"* ]] || fail "not on stdout: $1"
}

want_stderr() {
	[[ $stderr == *"$1"* ]] || fail "not on stderr: $1"
}

# One line on stderr, "brindle: ...", nothing on stdout, and this status.
want_error() {
	want_status "$1"
	want_no_output
	# shellcheck disable=SC2154 # bats sets it
	[ "${#stderr_lines[@]}" -eq 1 ] || fail "stderr should be one line"
	[[ $stderr == brindle:\ * ]] || fail "stderr should begin with 'brindle: '"
	want_stderr "$2"
}

# Run brindle as a user without any right: nobody, when we are root. The binary is
# copied, since that user may have no way to the original; to this directory there is one.
as_nobody() {
	if [ "$(id -u)" -ne 0 ]; then
		b "$@"
		return
	fi
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	install -m 755 "$brindle" "$BATS_RUN_TMPDIR/brindle"
	capture timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$BATS_RUN_TMPDIR/brindle" "$@"
}

# The commands brindle knows, by its own account.
commands() {
	"$brindle" --help | awk '/^Commands:/ { on = 1; next } on && !NF { exit } on { print $1 }'
}

# The formats in the usage of command $1, as "table|json".
formats() {
	"$brindle" "$1" --help | sed -nE 's/.*--format=([a-z|]+).*/\1/p'
}

# The manual page of a command; that of brindle itself without one.
page() {
	echo "$top/man/brindle${1:+-$1}.1"
}

# Section $2 of page $1, without its heading.
section() {
	awk -v heading=".Sh $2" '/^\.Sh / { on = $0 == heading; next } on' "$1"
}

# want_members NUMBER PAGE SECTION: the JSON of the last run has at least so
# many members, and all are in that section of the manual page.
want_members() {
	local text key keys
	mapfile -t keys < <(jq -r 'paths | map(strings) | .[]' <<<"$output" | sort -u)
	[ ${#keys[@]} -ge "$1" ] || fail "too few members"
	text=$(section "$2" "$3" | grep -E '^\.(It )?Li ')
	for key in "${keys[@]}"; do
		grep -qw -- "$key" <<<"$text" || fail "'$key' is not in $3 of $2"
	done
}

# want_openmetrics ARG...: with these arguments, the OpenMetrics report says what the JSON report
# says, no more and no less, by the parser of Prometheus' Python client. It stays in report.om.
# The recorded machine is the sample's, with two colours.
want_openmetrics() {
	timeout 60 "$brindle" report --format=json "$@" >report.json 2>report.err ||
		[ $? -eq 5 ] || fail "report --format=json: $(cat report.err)"
	timeout 60 "$brindle" report --format=openmetrics "$@" >report.om 2>report.err ||
		[ $? -eq 5 ] || fail "report --format=openmetrics: $(cat report.err)"
	# Debian's own python3, for which scripts/deps test installs the package
	/usr/bin/python3 -c '
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open("report.om", encoding="utf-8").read()):
	if not family.documentation or family.type == "unknown":
		sys.exit(family.name + ": no HELP or no TYPE")
	for sample in family.samples:
		print(json.dumps([sample.name, sample.labels, sample.value]))' >parsed 2>parser.err ||
		fail "prometheus_client: $(tail -n 1 parser.err) (installed by scripts/deps test)"
	jq -c '
def bit: if . then 1 else 0 end;
def sample(name; labels; value): ["brindle_" + name, labels, value];
def text: gsub("[\u0000-\u0009\u000b-\u001f\u007f]"; "\ufffd");
sample("machine_info"; (.machine | {kernel: .kernel | text, arch}) +
	{colours: "\(if .geometry.what_if then 2 else .geometry.colours end)"}; 1),
sample("geometry_info"; .geometry | map_values(tostring); 1),
(.plan[] | sample("plan_info"; {role, function, mechanism, evidence}; 1)),
sample("recording_complete"; {}; [.recording.complete, .recording.cut_bytes == 0,
	.recording.absent == 0, .totals.lost == 0, .totals.missed == 0] | all | bit),
sample("lost_total"; {}; .totals.lost),
sample("missed_total"; {}; .totals.missed),
(.paths[] as $row | ("safe", "at_risk", "unknown") as $verdict | sample("copies_total";
	{path: $row.path, verdict: $verdict | sub("_"; "-")}; $row[$verdict])),
(.clears as $row | ("congruent", "flushed", "excused", "mismatch", "unknown") as $verdict |
	$row[$verdict] | numbers | sample("clears_total"; {$verdict}; .)),
(.forks.windows | numbers | sample("fork_windows_total"; {}; .)),
(.forks.exposed | numbers | sample("fork_windows_exposed_total"; {}; .))' report.json >wanted
	diff -u --label "JSON report" --label "OpenMetrics report" \
		<(jq -cS . wanted | sort) <(jq -cS . parsed | sort) ||
		fail "the JSON and the OpenMetrics report differ"
}

# A copy of the sample recording, to be damaged.
copy_sample() {
	cp -r "$sample" "$1"
	chmod -R u+w,a+rX "$1"
}

# Change the metadata of recording $1 with sed script $2, and make its checksum right.
edit_metadata() {
	local crc
	sed -i -e '$d' -e "$2" "$1/metadata"
	# gzip ends with the crc32 of what it packed, and its length
	crc=$(gzip -c "$1/metadata" | tail -c 8 | od -An -N4 --endian=little -tx4 | tr -d ' \n')
	printf '/* crc32 %s */\n' "$crc" >>"$1/metadata"
}

# Make the checksum of the only packet in file $1 right: bytes 84 to 87 hold the
# crc32 of all others.
cut_crc() {
	{ head -c 84 "$1"; tail -c +89 "$1"; } | gzip -c | tail -c 8 | head -c 4 |
		dd of="$1" bs=1 seek=84 conv=notrunc status=none
}

# le BYTES VALUE ...: numbers in little byte order.
le() {
	le_escapes "$@"
	printf %b "$escapes"
}

# The same as a text for printf %b, in the variable escapes. (bats makes every command dear.)
le_escapes() {
	local h
	escapes=
	while [ $# -gt 0 ]; do
		printf -v h %016x "$2"
		h="\\x${h:14:2}\\x${h:12:2}\\x${h:10:2}\\x${h:8:2}\\x${h:6:2}\\x${h:4:2}\\x${h:2:2}\\x${h:0:2}"
		escapes+=${h:0:4*$1}
		shift 2
	done
}

# The words of report --copies for the parts of a step, and their numbers in recordings.
declare -gA step_what=([read]=1 [write]=2 [map]=3 [flush]=4 [flush-user]=5 [flush-all]=6 [discard]=7)
declare -gA step_page=([source]=0 [destination]=1 [other]=2 [unknown]=3)

# steps_escapes [WHAT:PAGE:COLOUR ...]: the end of an event with steps, in the variable escapes, as
# le_escapes leaves it. Of flush-all, page and colour may be left out.
steps_escapes() {
	local what page colour step numbers=()
	for step; do
		IFS=: read -r what page colour <<<"$step"
		numbers+=(2 $((step_what[$what] | step_page[${page:-unknown}] << 4 | (colour & 1023) << 6)))
	done
	while [ ${#numbers[@]} -lt 16 ]; do
		numbers+=(2 0)
	done
	le_escapes 1 $# "${numbers[@]}"
}

# copy_with_steps TS PATH FACTS PID TID USER SOURCE DESTINATION [STEP ...]: the event of a copy with
# steps, as steps_escapes takes them, in the variable escapes; SOURCE and DESTINATION are
# PFN:VA:SEEN, where SEEN is the kind of mapping | evidence << 4. PATH, FACTS and SEEN as numbers:
# 0x21 is linear and derived, 0x13 is coherent and observed; FACTS have bit 7 with steps.
copy_with_steps() {
	local steps source destination
	steps_escapes "${@:9}"
	steps=$escapes
	IFS=: read -ra source <<<"$7"
	IFS=: read -ra destination <<<"$8"
	le_escapes 8 "$1" 2 11 1 "$2" 2 "$3" 4 "$4" 4 "$5" 8 "$6" 8 "${source[0]}" 8 "${source[1]}" \
		1 "${source[2]}" 8 "${destination[0]}" 8 "${destination[1]}" 1 "${destination[2]}"
	escapes+=$steps
}

# clear_with_steps TS FACTS PID TID USER DESTINATION [STEP ...]: the same of a clear.
clear_with_steps() {
	local steps destination
	steps_escapes "${@:7}"
	steps=$escapes
	IFS=: read -ra destination <<<"$6"
	le_escapes 8 "$1" 2 12 2 "$2" 4 "$3" 4 "$4" 8 "$5" 8 "${destination[0]}" 8 "${destination[1]}" \
		1 "${destination[2]}"
	escapes+=$steps
}

# write_stream DIR EVENTS BEGIN END LOST MISSED: the recording's only stream is one packet
# with the events in that file, as recording.h describes it.
write_stream() {
	local uuid size head
	uuid=$(sed -nE '/.*uuid = "([0-9a-f-]+)".*/ { s//\1/; s/-//g; s/../\\x&/g; p }' "$1/metadata")
	size=$((88 + $(stat -c %s "$2")))
	le_escapes 4 0xC1FC1FC1
	head=$escapes$uuid
	le_escapes 4 0 8 "$3" 8 "$4" 8 $((size * 8)) 8 $((size * 8)) 8 0 8 "$5" 8 "$6" 4 0
	head+=$escapes
	{
		printf %b "$head"
		{ printf %b "$head" && cat "$2"; } | gzip -c | tail -c 8 | head -c 4
		cat "$2"
	} >"$1/stream_0"
}
