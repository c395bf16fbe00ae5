#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The series for daxctl: each step builds and passes the tests that it passed before, the
# tree is changed as a whole or not at all, what is mailed is what is built, and what is
# new can be found in the usage and in the man pages.
# needs: daxctl
. "$(dirname "$0")/../lib/host.sh"
built=$("$ROOT/tools/build/daxctl-build") || bail_out "daxctl does not build"
tree=$work/tree
fresh() {
	rm -rf "$tree" && mkdir "$tree"
	tar -x -f /usr/src/ndctl_81.orig.tar.gz -C "$tree" --strip-components=1
}
snapshot() { (cd "$tree" && find . -type f -printf '%p %T@ ' -exec sha256sum {} + | sort); }
in_tree() { (cd "$tree" && grep -q "$@"); }

echo "# the tree"
fresh
works "a fresh tree is wired" "$ROOT/tools/build/daxctl-tree" "$tree"
works "our files are in it" \
	cmp "$tree/daxctl/memmap.c" "$ROOT/daxctl-plugin/daxctl/memmap.c"
works "the series is in it" in_tree memmap_reconfig_before daxctl/device.c
nothing "$(find "$tree" -name '*.orig' -o -name '*.rej')" "nothing is left behind"
before=$(snapshot)
works "a second time" "$ROOT/tools/build/daxctl-tree" "$tree"
is "$(snapshot)" "$before" "changes no file and no time stamp"
works "the first two patches only" "$ROOT/tools/build/daxctl-tree" "$tree" 2
is "$(grep -c memmap_reconfig_before "$tree/daxctl/device.c")" 0 "the third is undone"
works "the second is not" in_tree memmap_effective daxctl/json.c

fresh
sed -i 's/rc = daxctl_dev_enable_ram(dev);/rc = enable_it(dev);/' "$tree/daxctl/device.c"
before=$(find "$tree" -type f -exec sha256sum {} + | sort)
fails "0003-" "a tree that the series does not fit" "$ROOT/tools/build/daxctl-tree" "$tree"
fails "daxctl/device.c" "the file is named" "$ROOT/tools/build/daxctl-tree" "$tree"
is "$(find "$tree" -type f -exec sha256sum {} + | sort)" "$before" "the tree is as it was"
sed -i "s/version : '81'/version : '12'/" "$tree/meson.build"
fails "the tree is ndctl 12; there is wiring for: 81" "a version without wiring" \
	"$ROOT/tools/build/daxctl-tree" "$tree"
fails "no tree of ndctl" "no tree" "$ROOT/tools/build/daxctl-tree" "$work"

echo "# the steps"
for patch in "$ROOT"/wiring/ndctl-*/*.patch; do
	name=$(basename "$patch" .patch)
	subject=$(sed -n '1s/^Subject: \[PATCH\] //p' "$patch")
	[[ $subject =~ ^(lib)?daxctl:\  ]] && [ ${#subject} -le 72 ] && ok "$name: a subject" ||
		not_ok "$name: a subject" "$subject"
	nothing "$(sed '/^---$/q' "$patch" | awk 'length > 75')" \
		"$name: no long lines in the message"
	nothing "$(grep -n '^+.*[[:blank:]]$' "$patch")" "$name: no blanks at the end of a line"
done
"$ROOT/tools/build/daxctl-build" --each-step >"$work/steps" 2>"$work/log"
status=$?
while read -r result; do
	[[ $result == "ok - "* ]] && ok "${result#ok - }: builds, and no test fails that did not" ||
		not_ok "${result#not ok - }"
done <"$work/steps"
is $status 0 "all steps build" || sed 's/^/# /' "$work/log"
is "$(wc -l <"$work/steps")" "$(ls "$ROOT"/wiring/ndctl-81/*.patch | wc -l)" "none is left out"

echo "# to mail"
works "it is made" env BUILD="$work" "$ROOT/tools/release/daxctl-series"
out=$work/series-ndctl-81
nr=$(ls "$ROOT"/wiring/ndctl-81/*.patch | wc -l)
is "$(grep -hc '^Subject: \[ndctl PATCH ' "$out"/*.patch | paste -sd+ | bc)" $((nr + 1)) \
	"a patch for each, and a letter, for ndctl"
is "$(grep -lE '^From: .* <.*@.*>$' "$out"/*.patch | wc -l)" $((nr + 1)) "with an author"
is "$(grep -l '^Signed-off-by' "$out"/*.patch | wc -l)" 0 "and no sign-off, which is a person's"
nothing "$(grep -nE '\*\*\*|BLURB' "$out"/0000-*)" "letter: nothing is left to fill in"
fresh
git init -q "$tree"
git -C "$tree" add -A
git -C "$tree" -c user.name=t -c user.email=t@t.example commit -qm before
works "git am applies all" git -C "$tree" -c user.name=t -c user.email=t@t.example am -q \
	"$out"/000[1-9]-*.patch
fresh_wired=$work/wired
mkdir "$fresh_wired"
tar -x -f /usr/src/ndctl_81.orig.tar.gz -C "$fresh_wired" --strip-components=1
"$ROOT/tools/build/daxctl-tree" "$fresh_wired"
nothing "$(diff -rq -x .git -x .mhp-altmap "$tree" "$fresh_wired")" \
	"and what they come to is what is built"
SIGNOFF='A Maintainer <a@b.example>' works "signed by who sends it" \
	env BUILD="$work" "$ROOT/tools/release/daxctl-series"
is "$(grep -l '^Signed-off-by: A Maintainer <a@b.example>' "$out"/*.patch | wc -l)" $nr "each is"

echo "# what came of it"
# Not --help: that shows the page that is installed.
usage=$("$built/daxctl" reconfigure-device -h 2>&1)
[[ $usage == *"-M, --memmap <policy>"*"dram, block, range or auto"* ]] &&
	ok "reconfigure-device -h has --memmap" ||
	not_ok "reconfigure-device -h has --memmap" "$usage"
works "--list-opts has it, for completion" \
	grep -qw -e --memmap <("$built/daxctl" reconfigure-device --list-opts)
help=$(man -l "$built/man/daxctl-reconfigure-device.1" 2>/dev/null)
[[ $help == *"-M, --memmap="*"memmap = <dram|block|range|auto>"* ]] && ok "so has the man page" ||
	not_ok "so has the man page" "${help:0:300}"
list=$(man -l "$built/man/daxctl-list.1" 2>/dev/null)
[[ $list == *memmap_policy*memmap_effective* ]] && ok "daxctl-list(1) has the keys" ||
	not_ok "daxctl-list(1) has the keys" "${list:0:300}"
nothing "$(nm -D "$built/daxctl" 2>/dev/null | grep daxctl_memmap)" \
	"nothing of our library is in it"
is "$(ldd "$built/daxctl" 2>&1 | grep -oE 'libdaxctl|libndctl|libc\.so\.6 =>|not found|not a')" \
	"libc.so.6 =>" "no libdaxctl is needed"
"$built/daxctl" list >/dev/null 2>&1
is $? 0 "list works where there is no device"
finish
