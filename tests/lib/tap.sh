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

# Two empty strings are what two commands that failed print: see "nothing".
is() { # GOT EXPECTED DESCRIPTION
	if [ $# != 3 ]; then not_ok "$*" "'is' takes 3 words, not $#: is a value not quoted?"
	elif [ -z "$1$2" ]; then not_ok "$3" "nothing is compared with nothing"
	elif [ "$1" = "$2" ]; then ok "$3"
	else not_ok "$3" "got:      $1" "expected: $2"; fi
}

# What must print nothing. The command that prints must be known to work.
nothing() { # GOT DESCRIPTION
	if [ $# = 2 ] && [ -z "$1" ]; then ok "$2"
	else not_ok "$(last "$@")" "got:      $1" "expected: nothing"; fi
}

# Numbers: "at_most 5 10 'free memory'".
at_most() { # GOT LIMIT DESCRIPTION
	compare -le "$@"
}

at_least() { # GOT LIMIT DESCRIPTION
	compare -ge "$@"
}

# A POSIX shell has no ${!#}.
last() { shift $(($# - 1)); echo "$1"; }

compare() { # OPERATOR GOT LIMIT DESCRIPTION
	if [ $# != 4 ] || ! [[ $2 =~ ^-?[0-9]+$ && $3 =~ ^-?[0-9]+$ ]]; then
		not_ok "$(last "$@")" "not two numbers: '$2', '$3'"
	elif test "$2" "$1" "$3"; then ok "$4 ($2)"
	else not_ok "$4" "got: $2, must be $1 $3"; fi
}

# A command that must fail, with a word of its error: the shell names errno.
# Without that word, a misspelt command would do.
fails() { # ERROR-TEXT DESCRIPTION COMMAND ...
	local text=$1 desc=$2 out
	shift 2
	if [ -z "$text" ] || [ $# = 0 ]; then
		not_ok "$desc" "'fails' takes the text of an error, and a command"
	elif out=$( { "$@"; } 2>&1 ); then
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
	if [ $# = 0 ]; then not_ok "$desc" "'works' takes a command"
	elif out=$( { "$@"; } 2>&1 ); then ok "$desc"
	else not_ok "$desc" "command: $*" "output: $out"; fi
}

finish() {
	# A plan of no tests is a skip to prove.
	[ "$tap_nr" -gt 0 ] || not_ok "nothing was tested"
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

# Wait until a command succeeds. The limit is for machines that are slow and busy.
wait_for() {
	local end=$((SECONDS + 200))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# What a test chooses at random it chooses again with the same SEED. A job in the
# background is a shell of its own, with a RANDOM of its own: it seeds that itself.
choose_seed() {
	SEED=${SEED:-$((SRANDOM % 1000000))}
	echo "# seed $SEED; SEED=$SEED repeats this run"
	seed_job 0
}
seed_job() { RANDOM=$((SEED + $1)); } # NUMBER
