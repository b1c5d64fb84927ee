# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Generated tables in pages of docs/: each stands between the lines <!-- MARK --> and
# <!-- end of MARK -->.

# page__table PAGE MARK: the lines between the marks
page__table() {
	sed -n "/^<!-- $2 -->\$/,/^<!-- end of $2 -->\$/{//!p}" "$1"
}

# page__replace PAGE MARK FILE: put the contents of FILE there
page__replace() {
	sed -i -e "/^<!-- $2 -->\$/,/^<!-- end of $2 -->\$/{//!d}" \
		-e "/^<!-- $2 -->\$/r $3" "$1"
}
