# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# debian_programs.sh SECONDS: ordinary programs under record.
. /in/lib.sh
run_to programs brindle record -o /out/programs.rec -- sh /in/programs.sh "$1"
the_end
