# shellcheck shell=dash disable=SC1091
# SPDX-License-Identifier: GPL-2.0-only
# Plans that attach and never fire.
. /in/lib.sh
run_to unused brindle record -v -o /out/unused.rec \
	--prefer v6_copy_user_highpage_nonaliasing -- forkrace --forks 5
run_to nobody brindle record -o /out/nobody.rec --prefer no_such_function -- true
run_to doctor brindle doctor
the_end
