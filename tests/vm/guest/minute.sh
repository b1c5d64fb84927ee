# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# A minute of forkrace: no false alarm.
. /in/lib.sh
run_to minute brindle record -o /out/minute.rec -- forkrace --forks 0 --seconds 60
the_end
