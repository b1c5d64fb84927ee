# SPDX-License-Identifier: GPL-2.0-only
#
# same.awk: two oracle files of one seeded run, as lines "user address, colour of the page frame,
# stale bytes" each: are the answers the same? Which page frames a guest takes depends on the
# timing of its devices, so copies of one address, the first of both, the second of both ..., are
# held against each other when they read through the same colour: stale in one, stale in both.
# How many bytes is left out: a thread that writes till it is stopped writes more or less.

{ key = $1 " " ++seen[FNR == NR, $1] }
FNR == NR { colour[key] = $2; stale[key] = $3 > 0; next }
!(key in colour) { only++; next }
{ both++ }
colour[key] == $2 { compared++; differ += stale[key] != ($3 > 0) }
END {
	for (key in colour)
		all++
	printf "{\"copies\":%d,\"only_one\":%d,\"compared\":%d,\"differ\":%d}\n", both, \
		only + all - both, compared, differ
}
