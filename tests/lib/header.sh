# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the head of a test says: "# KEY: VALUE". Several lines with one key are one value, and
# so is a line that ends in a backslash with the line behind it.

header() { # FILE KEY
	awk -v key="# $2:" '
		!/^#/ { exit }
		more { sub(/^# */, ""); value = $0 }
		!more && index($0, key) == 1 {
			value = substr($0, length(key) + 1)
			sub(/^ /, "", value)
		}
		!more && index($0, key) != 1 { next }
		{ more = sub(/ *\\$/, "", value); printf "%s%s", sep, value; sep = " " }' "$1"
}
# With a line for each.
header_lines() { # FILE KEY
	sed -n "/^[^#]/q; s/^# $2: *//p" "$1"
}
has_header() { # FILE KEY
	sed '/^[^#]/q' "$1" | grep -q "^# $2:"
}

# The script of a test, whose name has no version: vm/cxl-range, debug/cxl-range
script_of() { # KIND/NAME
	local script=tests/$1.sh
	[ "${1%%/*}" != unit ] || script=tests/$1.c
	case $1 in debug/* | arm64/* | 64k/*) [ -f "$script" ] || script=tests/vm/${1#*/}.sh ;; esac
	echo "$script"
}
