# SPDX-License-Identifier: GPL-2.0-only
#
# join.awk: the marks of "diff" (o: only the oracle saw this copy, b: only brindle, =: both)
# beside the two files of copies, which are read in step. Prints, separated by tabs:
#
# cell PATH VERDICT STALE N	copies seen by both; STALE is stale or clean
# blame PATH VERDICT SIDE N	... those to blame, as source, destination or both
# suffered PATH VERDICT N	... those that read stale bytes by the fault of others alone
# colour SAME|OTHER STALE N	the same copies: source read through the user's colour, or not
# mapping alike|colour|other|unseen N	brindle and the oracle on the source's mapping
# frame alike|other N		... on the destination's page frame
# thread N			joined without the thread, which the oracle did not know
# only oracle|recorded REASON N	seen by one of them
# example WHAT PID TID PAGE FRAME PATH STALE	some copies that do not agree, EXAMPLES of each

# The low 28 bits of an address: no span is larger.
function low(address,    n, i)
{
	address = tolower(substr(address, length(address) > 8 ? length(address) - 6 : 3))
	for (i = 1; i <= length(address); i++)
		n = n * 16 + index("0123456789abcdef", substr(address, i, 1)) - 1
	return n
}

function colour(address)
{
	return int(low(address) / page) % colours
}

function without_offset(address)
{
	return substr(address, 1, length(address) - offset_digits)
}

function read_oracle()
{
	getline line <oracle
	split(line, o, "\t")
}

function read_recorded()
{
	getline line <recorded
	split(line, b, "\t")
	known[b[4]] = 1
}

function example(what, pid, tid, user, pfn, path, stale)
{
	if (examples[what]++ < EXAMPLES)
		print "example", what, pid, tid, user, pfn, path, stale
}

# o and b are one copy.
function join_copy(    stale, same, va, guilt)
{
	stale = o[5] > 0 ? "stale" : "clean"
	cell[b[5] "\t" b[6] "\t" stale]++
	guilt = o[8] > 0 ? (o[9] > 0 ? "both" : "source") : o[9] > 0 ? "destination" : ""
	if (guilt != "")
		blame[b[5] "\t" b[6] "\t" guilt]++
	if (guilt != "" && b[6] == "safe")
		example("missed", b[4], b[1], b[2], b[3], b[5], o[8] + o[9])
	if (stale == "stale" && !(o[8] > 0))
		suffered[b[5] "\t" b[6]]++
	same = colour(o[2]) == colour(o[6]) ? "same" : "other"
	by_colour[same "\t" stale]++
	if (stale == "stale" && same == "same")
		example("same-colour", b[4], b[1], b[2], b[3], b[5], o[5])
	va = b[7]
	mapping[va == "-" ? "unseen" : without_offset(va) == without_offset(o[6]) ? "alike" : \
		colour(va) == colour(o[6]) ? "colour" : "other"]++
	frame[b[8] == o[7] ? "alike" : "other"]++
	if (!("b" in first) || b[9] + 0 < first["b"])
		workload = b[4]
	note_span("o", o[ORDER])
	note_span("b", b[9])
}

# Where the first and the last joined copy is in the order of each file.
function note_span(side, at)
{
	at += 0
	if (!(side in first) || at < first[side])
		first[side] = at
	if (at > last[side])
		last[side] = at
}

function outside(side, at)
{
	return at + 0 < first[side] || at + 0 > last[side]
}

# Was this copy made before the recording began, or after it ended? One of a process that the
# recording knows can be so when no command was recorded. The command's own process is there
# before, as a child of the recorder that waits to be followed, and never after; the processes
# it leaves behind go on.
function outside_recording(pid, at)
{
	if (!outside("o", at))
		return 0
	if (!(pid in known))
		return !(pid in inside)
	return command == "" || (at + 0 < first["o"]) == (pid == workload)
}

# Why only the oracle saw this copy. A process that is older than the recorder is none of the
# recorded command's. One that made copies in the recording has no excuse inside of it.
function oracle_reason(pid, at)
{
	if (recorder && pid == recorder)
		return "recorder"
	if (outside_recording(pid, at))
		return "outside"
	if (!(pid in known) && not_followed(pid))
		return "not-followed"
	return "unexplained"
}

function not_followed(pid)
{
	if (pid == "?")
		return 0
	if (filter ~ /^pid [0-9]/ || filter ~ /^comm /)
		return 1
	return command != "" && recorder && pid + 0 < recorder + 0
}

BEGIN {
	OFS = "\t"
	EXAMPLES = 5
	ORDER = 10	# where by_thread of scripts/judge puts the place of the oracle's copies
	for (n = page; n >= 16; n /= 16)
		offset_digits++
}

$1 == "=" { read_oracle(); read_recorded(); join_copy() }
$1 == "o" { read_oracle(); left_oracle[++lefts] = line }
$1 == "b" { read_recorded(); left_recorded[++rights] = line }

# What the oracle saw of a thread it did not know joins by page and both frames.
function join_threadless(    i, j, key, queue, next_of)
{
	for (j = 1; j <= rights; j++) {
		split(left_recorded[j], b, "\t")
		key = b[2] "\t" b[3] "\t" b[8]
		queue[key, ++next_of[key, "in"]] = j
	}
	for (i = 1; i <= lefts; i++) {
		split(left_oracle[i], o, "\t")
		key = o[2] "\t" o[3] "\t" o[7]
		if (o[1] != "?" || next_of[key, "out"] >= next_of[key, "in"])
			continue
		j = queue[key, ++next_of[key, "out"]]
		split(left_recorded[j], b, "\t")
		join_copy()
		threadless++
		left_oracle[i] = left_recorded[j] = ""
	}
}

# The processes with copies that only the oracle saw, not before the first and not after the
# last that both did.
function find_inside(    i)
{
	for (i = 1; i <= lefts; i++) {
		split(left_oracle[i], o, "\t")
		if (left_oracle[i] != "" && !outside("o", o[ORDER]))
			inside[o[4]] = 1
	}
}

function explain(    i, reason)
{
	for (i = 1; i <= lefts; i++) {
		if (left_oracle[i] == "")
			continue
		split(left_oracle[i], o, "\t")
		reason = oracle_reason(o[4], o[ORDER])
		only["oracle\t" reason]++
		if (reason == "unexplained")
			example("oracle-only", o[4], o[1], o[2], o[3], "-", o[5])
	}
	for (i = 1; i <= rights; i++) {
		if (left_recorded[i] == "")
			continue
		split(left_recorded[i], b, "\t")
		reason = outside("b", b[9]) ? "outside" : "unexplained"
		only["recorded\t" reason]++
		if (reason == "unexplained")
			example("recorded-only", b[4], b[1], b[2], b[3], b[5], "-")
	}
}

function print_all(word, counts,    key)
{
	for (key in counts)
		print word, key, counts[key]
}

END {
	join_threadless()
	find_inside()
	explain()
	print_all("cell", cell)
	print_all("blame", blame)
	print_all("suffered", suffered)
	print_all("colour", by_colour)
	print_all("mapping", mapping)
	print_all("frame", frame)
	print_all("only", only)
	print "thread", threadless + 0
}
