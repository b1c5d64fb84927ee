# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
# programs.sh SECONDS: ordinary programs of Debian at work, all at once: shells, tar,
# gzip, a sort with threads, a perl that forks. Each repeats its round until the time is
# up, and every result is compared with what it must be. Prints how many rounds each
# did; fails if one result was wrong.

work=/tmp/programs
mkdir $work
cd $work || exit 1

# seconds since boot; needs no process
now() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}"
}

# Each of these is one round, in a directory of its own.

shells() {
	local sum
	sum=$( (for tens in 0 1 2 3 4 5; do
		for ones in 0 1 2 3 4 5 6 7 8 9; do
			(echo $((10 * tens + ones)))
		done
	done) | (
		sum=0
		while read -r number; do sum=$((sum + number)); done
		echo $sum
	))
	[ "$sum" = 1770 ]
}

archive() {
	rm -rf tree
	tar -c -C .. tree | tar -x
	diff -r ../tree tree
}

compress() {
	gzip -c <../numbers >packed && gunzip -c packed | cmp - ../numbers
}

# sort starts threads from 131072 lines on
order() {
	shuf ../numbers >shuffled && sort -n --parallel=4 -S 16M shuffled | cmp - ../numbers
}

forks() {
	perl /in/forks.pl
}

# repeat NAME: rounds of NAME until the time is up, their number to NAME.rounds
repeat() {
	local rounds=0
	mkdir "$1"
	cd "$1" || exit 1
	while [ $rounds = 0 ] || [ "$(now)" -lt $end ]; do
		"$1" || { echo "$1: wrong in round $((rounds + 1))" >&2 && exit 1; }
		rounds=$((rounds + 1))
	done
	echo $rounds >"../$1.rounds"
}

seq 140000 >numbers
mkdir tree
cp -r /usr/lib/*/perl-base/File /usr/lib/*/perl-base/IO /usr/lib/*/perl-base/*.p[lm] tree
ln -s File/Spec tree/link
end=$(($(now) + $1))
for name in shells archive compress order forks; do
	(repeat "$name") &
done
wait
status=0
for name in shells archive compress order forks; do
	if [ -s $name.rounds ]; then
		echo "$name: $(cat $name.rounds) rounds"
	else
		status=1
	fi
done
rm -rf $work
exit $status
