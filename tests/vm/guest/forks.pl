# SPDX-License-Identifier: GPL-2.0-only
# Children share the pages of one string with their parent, all of them write into it,
# and each must see its own writes only.
use strict;
use warnings;

my ($size, $pages, $children) = (4096, 200, 4);

sub word { my ($page, $who) = @_; return pack('N', $page * 65599 + $who) }

# where the word of a page lies that is written
sub at { my ($page) = @_; return $page * $size + $page * 52 % $size }

sub fresh { return join('', map { word($_, 0) x ($size / 4) } 0 .. $pages - 1) }

# Write into every page that is to be written, then compare all of them.
sub run {
	my ($data, $who) = @_;
	my @mine = grep { $_ % ($children + 1) != $who } 0 .. $pages - 1;
	my $want = fresh();

	substr($$data, at($_), 4) = word($_, $who + 1) for @mine;
	substr($want, at($_), 4) = word($_, $who + 1) for @mine;
	return $$data eq $want;
}

my $data = fresh();
my @pids;
for my $who (1 .. $children) {
	my $pid = fork() // die "forks.pl: cannot fork: $!\n";
	exit(run(\$data, $who) ? 0 : 1) unless $pid;
	push @pids, $pid;
}
my $wrong = !run(\$data, 0);
for (@pids) {
	waitpid($_, 0);
	$wrong = 1 if $?;
}
exit($wrong ? 1 : 0);
