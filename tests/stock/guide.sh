#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What docs/stock.md shows is what Debian's kernels and the command say: each line behind
# a "# " is run, and prints what is below it.
# vm: CXL=16G DRAM=4G
# kernels: all
# file: @build/plugin/daxctl-memmap
# file: docs/stock.md
. /job/lib/guest.sh
chmod +x /job/daxctl-memmap
PATH=/job:$PATH
load_cxl
modprobe kmem
# Other figures are of no account where they are what happens to be free.
same() { sed 's/^DRAM available: .*/DRAM available/' "$@"; }
compare_with_page() { # COMMAND EXPECTED
	eval "$1" >/tmp/said 2>&1
	is "[$(same /tmp/said)]" "[$(same <<<"$2")]" "$1"
}
fenced= command= expected= n=0
while IFS= read -r line; do
	case $fenced$line in
	yes'```' | '```' | yes'# '*)
		if [ -n "$command" ]; then
			compare_with_page "$command" "${expected%$'\n'}"
			n=$((n + 1))
		fi
		command= expected=
		case $line in
		'```') [ -n "$fenced" ] && fenced= || fenced=yes ;;
		*) command=${line#\# } ;;
		esac
		;;
	*) [ -z "$command" ] || expected+=$line$'\n' ;;
	esac
done </job/stock.md
at_least $n 6 "commands were run"
finish
