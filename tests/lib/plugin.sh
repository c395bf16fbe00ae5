# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests/host/plugin*.sh: recordings, and the command built with sanitizers.
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
TESTS_DIR=$ROOT/daxctl-plugin/tests
export LC_ALL=C.UTF-8 TERM=dumb
# Leaks too, and so that they cannot be taken for a status of the command.
export ASAN_OPTIONS=exitcode=99:detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
export LSAN_OPTIONS=exitcode=99

build_asan() {
	make -s -C "$TESTS_DIR" BUILD="$BUILD" asan
}

# For what looks at a recording in place of this machine.
in_tree=$TESTS_DIR/in-tree
no_mount_namespace() { ! unshare --mount --propagation unchanged true 2>/dev/null; }

# For tests that look at recordings with the command that has sanitizers: $tool.
with_recordings() {
	if no_mount_namespace || [ "$(uname -m)" != x86_64 ]; then
		echo "1..0 # SKIP no mount namespace can be made here, or not x86-64"
		exit 0
	fi
	with_sanitizers
}
with_sanitizers() {
	build_asan || bail_out "the build with sanitizers failed"
	tool=$BUILD/plugin-asan/daxctl-memmap
}

tree() { # NAME: unpack a recording, print its folder
	local dir=$work/trees/$1
	if [ ! -d "$dir" ]; then
		case $1 in
		later)
			"$TESTS_DIR/unpack" "$TESTS_DIR/trees/cxl-range.manifest" "$dir"
			"$TESTS_DIR/later-kernel" "$dir"
			;;
		*)
			"$TESTS_DIR/unpack" "$TESTS_DIR/trees/$1.manifest" "$dir"
			;;
		esac
	fi
	echo "$dir"
}

# Sets status, out and err. What a sanitizer says is a failure of its own.
status=0 out='' err='' sanitizer=''
run() { # COMMAND ...
	status=0 sanitizer=
	declare -F "$1" >/dev/null || set -- timeout 20 "$@"
	"$@" >"$work/out" 2>"$work/err" || status=$?
	# All of it but the last newlines, without a process for that.
	IFS= read -r -d '' out <"$work/out"
	IFS= read -r -d '' err <"$work/err"
	out=${out%"${out##*[!$'\n']}"} err=${err%"${err##*[!$'\n']}"}
	if [ $status = 99 ] || [ $status -gt 3 ] ||
	   [[ $err == *"runtime error"* || $err == *Sanitizer* ]]; then
		sanitizer="status $status: ${err:0:3000}"
	fi
}

# A run with an exit status, and a word of what it says about that.
expect() { # STATUS WORD DESCRIPTION COMMAND ...
	local want=$1 word=$2 desc=$3
	run "${@:4}"
	if [ -n "$sanitizer" ]; then
		not_ok "$desc" "$sanitizer"
	elif [ $status != "$want" ]; then
		not_ok "$desc" "exit status $status, expected $want" "${err:-$out}"
	elif [[ $err != *"$word"* ]]; then
		not_ok "$desc" "expected: $word" "got: $err"
	else
		ok "$desc (${word:-status $status})"
	fi
}

# What a command said of a recording, all of it, to $work/transcript.
transcript() { # TREE COMMAND PROGRAM ...
	# shellcheck disable=SC2086
	run "$in_tree" "$(tree "$1")" "${@:3}" $2
	{
		echo "\$ daxctl-memmap $2"
		[ -z "$out" ] || echo "$out"
		[ -z "$err" ] || printf -- '--- stderr ---\n%s\n' "$err"
		printf -- '--- exit status %s ---\n\n' $status
	} >"$work/transcript"
}

# Is that what is written down in tests/golden? A file is read once, without a process.
declare -A golden_text
golden() { # DESCRIPTION TREE COMMAND
	local file=$TESTS_DIR/golden/$2.txt key=$2 line text
	if [ -z "${golden_text[$2]:-}" ]; then
		while IFS= read -r line; do
			[[ $line != '$ daxctl-memmap '* ]] || key="$2: ${line#??daxctl-memmap }"
			golden_text[$key]+=$line$'\n'
		done <"$file"
		golden_text[$2]=read
	fi
	IFS= read -r -d '' text <"$work/transcript"
	key="$2: $3"
	if [ -z "${golden_text[$key]:-}" ]; then
		not_ok "$1" "$file has no '$3'"
	elif [ "$text" = "${golden_text[$key]}" ]; then
		ok "$1"
	else
		diff -u <(printf %s "${golden_text[$key]}") "$work/transcript" >"$work/diff"
		not_ok "$1" "$(tail -n +3 "$work/diff" | head -n 60 | sed "2,\$s/^/#   /")"
	fi
}
