# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# TAP for tests that run in the toolbox: the guest's, without its devices.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export BUILD=${BUILD:-$ROOT/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Points of a guest, on standard input, are points of this test.
guest_points() { # DESCRIPTION
	local line
	while read -r line; do
		case $line in
		"ok "*) ok "$1: ${line#ok * - }" ;;
		"not ok "*) not_ok "$1: ${line#not ok * - }" ;;
		"#   "*) echo "$line" ;;
		esac
	done
}
