# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# QEMU's monitor, for tests with MONITOR=1.

# Once, not in a sub-shell: those inherit the open port.
open_monitor() {
	local line i
	stty -F /dev/ttyS3 raw -echo
	exec 9<>/dev/ttyS3
	# What is left of the greeting, what QEMU says to the part of it that was
	# echoed before stty, then the answer. That part may have opened a bracket:
	# 0xff, which is no JSON, has QEMU read on as if nothing had been.
	for ((i = 0; i < 30; i++)); do
		printf '\xff{"execute": "qmp_capabilities"}\n' >&9
		while read -r -t 2 line <&9; do
			[[ $line == *'"return"'* ]] || continue
			# Answers to what was sent more than once are not for the next command.
			[ $i = 0 ] || while read -r -t 5 line <&9; do :; done
			return 0
		done
	done
	bail_out "no answer from QEMU's monitor"
}

# A command of the human monitor; prints its answer.
monitor() {
	local line
	# -M: the port is a terminal.
	jq -nMc --arg c "$1" '{execute: "human-monitor-command", arguments: {"command-line": $c}}' \
		>&9
	while read -r -t 60 line <&9; do
		case $line in
		# Not always at the start: the port can lose the end of an event
		# that comes at the same time.
		*'{"return": '*)
			line="{\"return\": ${line##*\{\"return\": }"
			line=$(jq -r .return <<<"$line" | tr -d '\r')
			[ -z "$line" ] || echo "$line"
			[[ $line != Error* ]]
			return
			;;
		*'{"error": '*) echo "$line" >&2; return 1 ;;
		esac
	done
	echo "no answer from QEMU's monitor to '$1'" >&2
	return 1
}
