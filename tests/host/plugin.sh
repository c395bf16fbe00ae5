#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What daxctl-memmap says of recorded machines (daxctl-plugin/tests/trees), as it is
# written down in daxctl-plugin/tests/golden. With ASan, UBSan and LeakSanitizer,
# and some of it with valgrind.
#
# After a change of the output, write it down anew and look at the difference:
#
#	tools/in-toolbox env GOLDEN=update tests/run-one host/plugin; git diff
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP the recordings are of x86-64"; exit 0; }
[ -x "$BUILD/plugin/daxctl-memmap" ] || bail_out "build it first: make -C daxctl-plugin DOCS=0"
no_mount_namespace && { echo "1..0 # SKIP no mount namespace can be made here"; exit 0; }
build_asan || bail_out "the build with sanitizers failed"

trees="cxl-range cxl-devdax pmem-mem pmem-dev stock-off stock-on later"
commands=(
	"list"
	"list -u"
	"plan all"
	"plan --json all"
	"plan -u -p range dax0.0"
	"verify all"
	"verify --json all"
	"check-config -c daxctl-plugin/tests/config"
)

transcript() { # PROGRAM TREE COMMAND: what it said, all of it
	# shellcheck disable=SC2086
	run "${@:1:$#-2}" --sysroot="$(tree "${*: -2:1}")" ${*: -1}
	printf '$ daxctl-memmap %s\n' "${*: -1}"
	[ -z "$out" ] || echo "$out"
	[ -z "$err" ] || echo "--- stderr ---
$err"
	printf -- '--- exit status %s ---\n\n' $status
}

golden() { # TREE COMMAND: the part of the file that is about it
	awk -v head="\$ daxctl-memmap $2" '/^\$ / { on = $0 == head } on' \
		"$TESTS_DIR/golden/$1.txt" 2>/dev/null
}

compare() { # DESCRIPTION TREE COMMAND: with what is in $work/transcript
	if diff -u <(golden "$2" "$3") "$work/transcript" >"$work/diff"; then
		ok "$1"
	else
		not_ok "$1" "$(tail -n +3 "$work/diff" | head -n 60 | sed "2,\$s/^/#   /")"
	fi
}

for t in $trees; do
	[ "${GOLDEN:-}" != update ] || : >"$TESTS_DIR/golden/$t.txt"
	for c in "${commands[@]}"; do
		transcript "$BUILD/plugin-asan/daxctl-memmap" "$t" "$c" >"$work/transcript"
		[ "${GOLDEN:-}" != update ] || cat "$work/transcript" >>"$TESTS_DIR/golden/$t.txt"
		compare "$t: $c" "$t" "$c"
		case $c in
		list*|*json*|*" -u"*)
			jq -e . <"$work/out" >/dev/null 2>"$work/jq" && ok "$t: $c: it is JSON" ||
				not_ok "$t: $c: it is JSON" "$(cat "$work/jq")"
			;;
		esac
	done
done

echo "# the same, with valgrind"
for t in cxl-range pmem-dev; do
	for c in "list" "plan --json all" "verify all" "check-config -c daxctl-plugin/tests/config"; do
		transcript valgrind --quiet --vgdb=no --error-exitcode=99 --leak-check=full \
			--suppressions="$TESTS_DIR/valgrind.supp" \
			"$BUILD/plugin/daxctl-memmap" "$t" "$c" >"$work/transcript"
		compare "valgrind: $t: $c" "$t" "$c"
	done
done
finish
