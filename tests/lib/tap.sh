# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# TAP, for tests in a guest and in the toolbox.

# What next_boot kept, on the disk of a guest that is booted more than once.
TAP_STATE=/var/lib/mhp-altmap-test/tap
tap_nr=0 tap_failed=0
[ ! -f $TAP_STATE ] || read -r tap_nr tap_failed <$TAP_STATE

ok() { # DESCRIPTION
	tap_nr=$((tap_nr + 1))
	echo "ok $tap_nr - $1"
}

not_ok() { # DESCRIPTION [DETAIL ...]
	tap_nr=$((tap_nr + 1)) tap_failed=$((tap_failed + 1))
	echo "not ok $tap_nr - $1"
	shift
	printf '#   %s\n' "$@"
}

skip() { # DESCRIPTION REASON
	tap_nr=$((tap_nr + 1))
	echo "ok $tap_nr - $1 # SKIP $2"
}

is() { # GOT EXPECTED DESCRIPTION
	if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "got:      $1" "expected: $2"; fi
}

# Numbers: "at_most 5 10 'free memory'".
at_most() { # GOT LIMIT DESCRIPTION
	if [ "$1" -le "$2" ]; then ok "$3 ($1)"; else not_ok "$3" "got: $1, at most: $2"; fi
}

at_least() { # GOT LIMIT DESCRIPTION
	if [ "$1" -ge "$2" ]; then ok "$3 ($1)"; else not_ok "$3" "got: $1, at least: $2"; fi
}

# A command that must fail, with a word of its error: the shell names errno.
fails() { # ERROR-TEXT DESCRIPTION COMMAND ...
	local text=$1 desc=$2 out
	shift 2
	if out=$( { "$@"; } 2>&1 ); then
		not_ok "$desc" "succeeded: $*" "output: $out"
	elif [[ $out == *"$text"* ]]; then
		ok "$desc ($text)"
	else
		not_ok "$desc" "failed with: $out" "expected:    $text"
	fi
}

works() { # DESCRIPTION COMMAND ...
	local desc=$1 out
	shift
	if out=$( { "$@"; } 2>&1 ); then ok "$desc"; else not_ok "$desc" "command: $*" "output: $out"; fi
}

finish() {
	echo "1..$tap_nr"
	exit $((tap_failed > 0))
}

# Ends a boot that is not the last: numbers go on in the next, and so does the
# count of failures, which finish reports.
next_boot() {
	mkdir -p ${TAP_STATE%/*}
	echo "$tap_nr $tap_failed" >$TAP_STATE
	exit 0
}

# Nothing more can be tested here. Not TAP's "Bail out!": that ends the whole run,
# other tests and all.
bail_out() {
	not_ok "$*"
	finish
}

write() { echo "$2" >"$1"; }

# Wait until a command succeeds, for 10 s.
wait_for() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	return 1
}
