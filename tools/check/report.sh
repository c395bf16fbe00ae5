# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the static checks: TAP of what tools have to say.
nr=0 failed=0
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

# Whatever is in the file is a finding, and so is a status other than 0.
report() { # DESCRIPTION STATUS FILE
	nr=$((nr + 1))
	if [ "$2" = 0 ] && [ -f "$3" ] && [ ! -s "$3" ]; then
		echo "ok $nr - $1"
		return
	fi
	failed=1
	echo "not ok $nr - $1"
	[ "$2" = 0 ] || echo "#   exit status $2"
	head -n 40 "$3" | sed 's/^/#   /'
}

done_with_reports() {
	echo "1..$nr"
	exit $failed
}
