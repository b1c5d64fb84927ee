# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# One boot of many: forkrace under record.
. /in/lib.sh
run_to race brindle record -o /out/race.rec -- forkrace --forks 60
the_end
