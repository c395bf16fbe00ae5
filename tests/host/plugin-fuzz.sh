#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bytes at random as configuration and as contents of sysfs, for some seconds each;
# FUZZ_SECONDS=3600 for longer. What crashes is kept in build/plugin-fuzz.
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
unset ASAN_OPTIONS UBSAN_OPTIONS
out=$BUILD/plugin-fuzz
make -s -j"${JOBS:-2}" -C "$TESTS_DIR" BUILD="$BUILD" fuzz ||
	bail_out "the fuzz targets cannot be built"

fuzz() { # NAME
	local new=$work/corpus-$1 log=$out/$1.log
	mkdir -p "$new"
	# The seeds are only read; what is found goes to the first folder.
	if "$out/fuzz_$1" -max_total_time="${FUZZ_SECONDS:-12}" -timeout=10 -max_len=4096 \
		-artifact_prefix="$out/$1-" "$new" "$TESTS_DIR/fuzz/$1" >"$log" 2>&1; then
		ok "$1: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 runs/p' "$log")"
	else
		not_ok "$1" "$(grep -m 5 -E 'ERROR|SUMMARY|runtime error|Test unit written|FUZZ_TREE' "$log")" \
			"all of it: build/plugin-fuzz/$1.log"
	fi
}

fuzz config
if no_mount_namespace || [ "$(uname -m)" != x86_64 ]; then
	skip sysfs "no mount namespace can be made here, or not x86-64"
else
	# In memory if possible: each run writes and reads files.
	[ ! -w /dev/shm ] || { FUZZ_TREE=$(mktemp -d /dev/shm/fuzz.XXXXXX) &&
		trap 'rm -rf "$work" "$FUZZ_TREE"' EXIT; }
	export FUZZ_TREE=${FUZZ_TREE:-$work/tree}
	"$TESTS_DIR/unpack" "$TESTS_DIR/trees/cxl-range.manifest" "$FUZZ_TREE"
	# A few memory blocks will do.
	for b in "$FUZZ_TREE"/sys/devices/system/memory/memory[0-9]*; do
		case ${b##*/} in
		memory0|memory12?) ;;
		*) rm -r "$b" ;;
		esac
	done
	fuzz sysfs
fi
finish
