#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bytes at random as configuration and as contents of sysfs. The same bytes for the same
# SEED; SOAK=MINUTES: others, for that long each. What crashes is kept in
# build/plugin-fuzz.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
unset ASAN_OPTIONS UBSAN_OPTIONS
out=$BUILD/plugin-fuzz
make -s -j"${JOBS:-2}" -C "$TESTS_DIR" BUILD="$BUILD" fuzz ||
	bail_out "the fuzz targets cannot be built"

# As libFuzzer takes them: 32 bits, and not 0.
seed=$(echo "${SEED:-1}" | cksum | awk '{ print $1 % 4294967295 + 1 }')
echo "# SEED=${SEED:-1}"
fuzz() { # NAME RUNS [COMMAND ...]
	local new=$work/corpus-$1 log=$out/$1.log limit runs
	limit=(-runs="$2" -seed="$seed")
	[ -z "${SOAK:-}" ] || limit=(-max_total_time=$((SOAK * 60)))
	# The seeds are only read; what is found goes to the first folder, which is empty at the
	# start: what an earlier run has found does not change this one. Nor do addresses, and
	# what is in the folder after a second.
	mkdir -p "$new"
	if "${@:3}" setarch -R "$out/fuzz_$1" "${limit[@]}" -reload=0 -timeout=10 -max_len=4096 \
		-artifact_prefix="$out/$1-" "$new" "$TESTS_DIR/fuzz/$1" >"$log" 2>&1; then
		runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
		echo "# $(sed -n 's/.*DONE *//p' "$log")"
		at_least "${runs:-0}" "$([ -n "${SOAK:-}" ] && echo 1 || echo "$2")" "$1: runs"
	else
		not_ok "$1" "all of it: build/plugin-fuzz/$1.log" \
			"$(grep -m 5 -E "$told" "$log" || tail -n 5 "$log")"
	fi
}
told='ERROR|SUMMARY|runtime error|Test unit written|FUZZ_TREE'

fuzz config 40000
if no_mount_namespace || [ "$(uname -m)" != x86_64 ]; then
	skip sysfs "no mount namespace can be made here, or not x86-64"
else
	# In memory if possible: each run writes and reads files.
	FUZZ_TREE=$work/tree
	if [ -w /dev/shm ]; then
		FUZZ_TREE=$(mktemp -d /dev/shm/fuzz.XXXXXX) || exit 1
		trap 'rm -rf "$work" "$FUZZ_TREE"' EXIT
	fi
	export FUZZ_TREE
	"$TESTS_DIR/unpack" "$TESTS_DIR/trees/cxl-range.manifest" "$FUZZ_TREE"
	# A few memory blocks will do.
	for b in "$FUZZ_TREE"/sys/devices/system/memory/memory[0-9]*; do
		case ${b##*/} in
		memory0|memory12?) ;;
		*) rm -r "$b" ;;
		esac
	done
	fuzz sysfs 5000 "$in_tree" "$FUZZ_TREE"
fi
finish
