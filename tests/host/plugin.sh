#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What daxctl-memmap says of recorded machines (daxctl-plugin/tests/trees), as it is
# written down in daxctl-plugin/tests/golden. With ASan, UBSan and LeakSanitizer.
# needs:
#
# After a change of the output, write it down anew and look at the difference:
#
#	tools/in-toolbox env GOLDEN=update tests/run-one host/plugin; git diff
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
with_recordings

trees="cxl-range cxl-devdax pmem-mem pmem-dev stock-off stock-on later"
commands=(
	"list"
	"list -u"
	"plan all"
	"plan --json all"
	"plan -u -p range dax0.0"
	"plan --size=1G,16G,1T --block-size=2G --page-size=4K"
	"verify all"
	"verify --json all"
	"check-config -c daxctl-plugin/tests/config"
	"status -c daxctl-plugin/tests/config"
	"status --json -c daxctl-plugin/tests/config"
)

for t in $trees; do
	[ "${GOLDEN:-}" != update ] || : >"$TESTS_DIR/golden/$t.txt"
	for c in "${commands[@]}"; do
		transcript "$t" "$c" "$tool"
		if [ "${GOLDEN:-}" = update ]; then
			cat "$work/transcript" >>"$TESTS_DIR/golden/$t.txt"
			ok "$t: $c: written down"
			continue
		fi
		golden "$t: $c" "$t" "$c"
		case $c in
		list*|*json*|*" -u"*)
			jq -e . <"$work/out" >/dev/null 2>"$work/jq" && ok "$t: $c: it is JSON" ||
				not_ok "$t: $c: it is JSON" "$(cat "$work/jq")"
			;;
		esac
	done
done
finish
