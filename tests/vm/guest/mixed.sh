# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# mixed.sh SECONDS: ordinary programs under record.
. /in/lib.sh
run_to mixed brindle record -o /out/mixed.rec -- sh /in/programs.sh "$1"
the_end
