#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The configuration of a kernel for a machine (make deb, make rpm): a distribution's or the
# machine's own, with the layer; what cannot be is refused before anything is built.
# needs: tree
# kernels: all
. "$(dirname "$0")/../lib/host.sh"
cd "$ROOT" || exit 1
unset KCONFIG LSMOD DEBUG_INFO
# Not where somebody may be building.
export OBJECTS=$work/objects
export BUILD
config=tools/release/kernel-config
has() { grep -qxF "$1" "$objects/.config"; }
configure() { # DESCRIPTION VARIABLE=VALUE ...
	objects=$(env "${@:2}" $config 2>"$work/said")
	is $? 0 "$1"
}

echo "# Debian's"
for k in debian cloud; do
	configure $k KCONFIG=$k
	for o in MHP_ALTMAP=y MHP_ALTMAP_DEBUGFS=y MHP_MEMMAP_ON_MEMORY=y MEMORY_HOTREMOVE=y \
		DEV_DAX_KMEM=m DEV_DAX_CXL=m CXL_REGION=y DEBUG_INFO_NONE=y; do
		has CONFIG_$o && ok "$k: $o" || not_ok "$k: $o" "$(cat "$work/said")"
	done
	for o in EXT4_FS BLK_DEV_NVME VIRTIO_NET; do
		grep -qE "^CONFIG_$o=[ym]" "$objects/.config" && ok "$k: $o" || not_ok "$k: $o"
	done
	grep -q 'MHP_ALTMAP n -> y' "$work/said" && ok "$k: it says what is changed" ||
		not_ok "$k: it says what is changed" "$(cat "$work/said")"
	grep -qE 'GiB of disk, and roughly [0-9]+ min' "$work/said" &&
		ok "$k: and what it takes" || not_ok "$k: and what it takes" "$(cat "$work/said")"
	all=$(grep -c '=m$' "$objects/.config")
done
has 'CONFIG_LOCALVERSION="-mhp-altmap-cloud-amd64"' && ok "its name" || not_ok "its name"

echo "# a machine's own"
printf 'Module                  Size  Used by\n%s\n%s\n' 'nvme 1 0' 'ext4 1 1' >"$work/lsmod"
cp "$objects/given" "$work/cloud"
sed 's/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION="-mine"/; s/^CONFIG_MEMORY_HOTREMOVE=y/#&/' \
	"$work/cloud" >"$work/own"
configure "a file" KCONFIG="$work/own" LSMOD="$work/lsmod"
has 'CONFIG_LOCALVERSION="-mine-mhp-altmap"' && ok "its name is kept" || not_ok "its name is kept"
has CONFIG_MHP_ALTMAP=y && ok "what the layer needs is on" || not_ok "what the layer needs is on"
has CONFIG_DEV_DAX_KMEM=m && has CONFIG_CXL_PCI=m && ok "CXL and DAX stay" ||
	not_ok "CXL and DAX stay" "$(grep -E 'CXL|DAX' "$objects/.config")"
grep -qE '^CONFIG_BLK_DEV_NVME=[ym]' "$objects/.config" && ok "what is loaded stays" ||
	not_ok "what is loaded stays"
at_most "$(grep -c '=m$' "$objects/.config")" $((all / 4)) "modules of $all that are left"
configure "with debug information" KCONFIG=cloud DEBUG_INFO=1
has CONFIG_DEBUG_INFO=y && ok "it is on" || not_ok "it is on"

sed 's/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION="-mhp-altmap-amd64"/' "$work/cloud" >"$work/own"
configure "that of one of ours" KCONFIG="$work/own" LSMOD="$work/lsmod"
has 'CONFIG_LOCALVERSION="-mhp-altmap-amd64"' && ok "its name is not made longer" ||
	not_ok "its name is not made longer" "$(grep LOCALVERSION "$objects/.config")"

echo "# a file as it is packed: what runs outside of the toolbox keeps its suffix"
mkdir -p "$work/outside/tools/release" "$work/outside/wiring"
cp tools/common.sh "$work/outside/tools"
cp tools/release/for-machine "$work/outside/tools/release"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "$KCONFIG"\n' >"$work/outside/tools/in-toolbox"
chmod +x "$work/outside/tools/in-toolbox"
gzip -c "$work/own" >"$work/own.gz"
is "$(BUILD=$work/outside/build KCONFIG=$work/own.gz \
	"$work/outside/tools/release/for-machine" true 2>/dev/null)" build/machine.config.gz \
	"its name"
configure "and so it is read" KCONFIG="$work/own.gz" LSMOD="$work/lsmod"

echo "# a disk that is too small"
mkdir "$work/disk"
echo 1 >"$work/disk/takes-mib"
room() {
	sh -c '. tools/common.sh; . tools/release/make-kernel.sh; room_for_kernel "$0"' "$work/disk"
}
works "one that is not" room
echo 99999999 >"$work/disk/takes-mib"
fails "GiB are free below" "is said before the build" room

echo "# a build that is stopped"
small=$work/small
mkdir -p "$small/tools/build" "$small/tree" "$small/objects"
printf '#!/bin/sh\necho "%s/tree"\n' "$small" >"$small/tools/build/kernel-tree"
chmod +x "$small/tools/build/kernel-tree"
printf 'all:\n\t@echo begun; sleep 300\n' >"$small/tree/Makefile"
running() { grep -lza "$small/tree" /proc/[0-9]*/cmdline 2>/dev/null; }
env ROOT="$small" JOBS=1 sh -c '. tools/release/make-kernel.sh
	make_kernel "$ROOT/objects" "$ROOT/log" all' 2>/dev/null &
for _ in {1..600}; do
	grep -qs begun "$small/log" && break
	sleep 0.1
done
[ -n "$(running)" ] && ok "make runs" || not_ok "make runs" "$(cat "$small/log")"
kill -TERM $!
wait $!
is $? 130 "it ends"
for _ in {1..600}; do
	[ -n "$(running)" ] || break
	sleep 0.1
done
nothing "$(running)" "and so has make"

echo "# refused"
fails "make deb KCONFIG=debian" "no KCONFIG: it says what there is" $config
fails "is no configuration of an x86-64 kernel" "any other file" env KCONFIG=/etc/passwd $config
fails "cannot be read. There is debian, cloud" "a file that is not there" \
	env KCONFIG=/nowhere $config
fails "LSMOD=/nowhere: cannot be read" "no list of modules" \
	env KCONFIG=cloud LSMOD=/nowhere $config
fails "DEBUG_INFO=y: there is 1" "DEBUG_INFO=y" env KCONFIG=cloud DEBUG_INFO=y $config
fails "not for RPMs" "debug information in RPMs" \
	env KCONFIG=cloud DEBUG_INFO=1 tools/release/rpm kernel
sed 's/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION="-microsoft_WSL2"/' "$work/cloud" >"$work/own"
fails 'no Debian package can be' "a name that Debian's packages cannot have" \
	env KCONFIG="$work/own" LSMOD="$work/lsmod" tools/release/deb kernel

echo "# packages of one run at a time"
mkdir "$work/build"
flock "$work/build/packages.lock" bash -c "while [ ! -e '$work/done' ]; do sleep 0.1; done" &
wait_for eval '! flock -n "$work/build/packages.lock" true'
BUILD=$work/build bash -c '. tools/common.sh; . tools/release/make-kernel.sh
	one_at_a_time && echo it goes on' tools/release/deb >"$work/said" 2>&1 &
second=$!
works "the second run says that it waits" \
	wait_for grep -q 'waiting for those of another run' "$work/said"
is "$(wc -l <"$work/said")" 1 "and waits"
touch "$work/done"
wait $second
is "$(tail -n 1 "$work/said")" "it goes on" "until the first has ended"
finish
