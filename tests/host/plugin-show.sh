#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap show: pictures of recorded machines, as text and as SVG. With ASan, UBSan
# and LeakSanitizer.
# needs:
. "$(dirname "$0")/../lib/plugin.sh"
cd "$ROOT" || exit 1
with_recordings

# Three gigantic pages: from 0x380000000, 0x3c0000000 and 0x400000000 on.
range=$(tree cxl-range)
mkdir -p "$range/proc"
flags=$range/proc/kpageflags
truncate -s $((0x450000000 / 4096 * 8)) "$flags"
set_flag() { # ADDRESS BIT, which is below 24
	local bytes flag=$((1 << $2))
	printf -v bytes '\\x%02x' $((flag & 255)) $((flag >> 8 & 255)) $((flag >> 16))
	printf '%b' "$bytes" |
		dd of="$flags" bs=1 seek=$(($1 / 4096 * 8)) conv=notrunc status=none
}
# Each page of a free block has that flag (10).
all_free() { # ADDRESS
	local of=$flags seek=$(($1 / 4096 * 8))B buddy='bytes([0, 4, 0, 0, 0, 0, 0, 0])'
	python3 -c "import sys; sys.stdout.buffer.write($buddy * 2 ** 18)" |
		dd of="$of" bs=2M seek=$seek conv=notrunc iflag=fullblock status=none
}
all_free 0x380000000
set_flag 0x3c0001000 5
set_flag 0x400000000 5
set_flag 0x43ffff000 19
show() { LC_ALL=${locale:-C} "$in_tree" "$(tree "$1")" "$tool" show "${@:2}"; }
shown() { # DESCRIPTION EXPECTED COMMAND ...
	run "${@:3}"
	[ -z "$sanitizer" ] && [ $status = 0 ] || not_ok "$1" "$status: $err $sanitizer"
	is "$out" "$2" "$1"
}

echo "# text"
shown "range" "dax0.0: 4.00 GiB, region0
node 1
system-ram, memmap range, requested range
0x350000000-0x44fffffff

memory blocks of 128.00 MiB
  0x350000000     M===============================

pages of 1.00 GiB
  0x380000000     o#X

  M  1, 128.00 MiB        memmap, always online
  =  31, 3.88 GiB         online in ZONE_MOVABLE
  o  1, 1.00 GiB          free
  #  1, 1.00 GiB          in use
  X  1, 1.00 GiB          a page of it is poisoned" show cxl-range dax0.0
echo "# a page without a flag, and one that is idle"
printf '\0\0' | dd of="$flags" bs=1 seek=$((0x3a0000000 / 4096 * 8)) conv=notrunc status=none
is "$(show cxl-range dax0.0 | sed -n '10p; /~  1/p')" "  0x380000000     ~#X
  ~  1, 1.00 GiB          free or in use: some of its pages have no flag" "is not said to be free"
all_free 0x380000000
printf '\0\4\0\2' | dd of="$flags" bs=1 seek=$((0x3a0000000 / 4096 * 8)) conv=notrunc status=none
is "$(show cxl-range dax0.0 | sed -n 10p)" "  0x380000000     o#X" "is"
locale=C.UTF-8
is "$(show cxl-range dax0.0 | sed -n '7p; 10p')" "  0x350000000     ▓███████████████████████████████
  0x380000000     □■X" "with the locale's symbols"
is "$(show cxl-range dax0.0)" \
	"$(sed -n '/^# daxctl-memmap show/,/^```/p' README.md | sed '1d; $d')" "as README has it"
is "$(show cxl-range --color=always dax0.0 | grep -c $'\e\[32m█\e\[0m')" 2 "in colour"
is "$(show cxl-range --color=always dax0.0 | sed $'s/\e\[[0-9]*m//g')" \
	"$(show cxl-range dax0.0)" "otherwise the same"
locale=C
is "$(show cxl-range --width=30 dax0.0 | sed -n '6,11p')" "memory blocks of 128.00 MiB
  0x350000000     M=======
  0x390000000     ========
  0x3d0000000     ========
  0x410000000     ========" "narrow"
is "$(COLUMNS=40 show cxl-range dax0.0 | sed -n '7,8p')" "  0x350000000     M===============
  0x3d0000000     ================" "as COLUMNS says"
is "$(show stock-on all | sed -n '6,10p')" \
	"memory blocks of 128.00 MiB, each of which begins with its memmap
  0x350000000     KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK

pages of 1.00 GiB
  0x380000000     ---" "block: no gigantic page"
is "$(show cxl-devdax all | tail -n 2)" \
	"devdax: no memory blocks; what it could have: daxctl-memmap plan dax0.0
0x350000000-0x44fffffff" "devdax"
memory=$range/sys/devices/system/memory
echo offline >"$memory/memory120/state"
is "$(show cxl-range dax0.0 | sed -n '7p; 10p')" "  0x350000000     M=============.=================
  0x380000000     o-X" "a block that is offline, and its gigantic page"
echo online >"$memory/memory120/state"
mv "$memory/memory121" "$work"
is "$(show cxl-range dax0.0 | sed -n 7p)" "  0x350000000     M==============-================" \
	"one that is not there"
mv "$work/memory121" "$memory"
rm "$flags"
is "$(show cxl-range dax0.0 2>&1 | sed -n '10p; $p')" "  0x380000000     ???
what is in gigantic pages is not known: /proc/kpageflags: it ends before that memory" \
	"pages of which there is no record"
expect 1 "dax9.9: no such device" "a device that is not there" show cxl-range dax9.9

echo "# a large device: a character for several blocks"
big=$work/trees/big
cp -a "$(tree cxl-devdax)" "$big"
dax=$(readlink -f "$big/sys/bus/dax/devices/dax0.0")
rm -f "$dax/driver"
ln -s "$big/sys/bus/dax/drivers/kmem" "$dax/driver"
mkdir -p "$big/sys/bus/dax/drivers/kmem"
echo 0x100000000000 >"$dax/mapping0/start"
echo 0x10ffffffffff >"$dax/mapping0/end"
echo $((1 << 40)) >"$dax/size"
echo dram >"$dax/memmap_policy"
echo dram >"$dax/memmap_effective"
for b in 131072 131073 131090; do
	mkdir "$big/sys/devices/system/memory/memory$b"
	echo online >"$big/sys/devices/system/memory/memory$b/state"
	echo Movable >"$big/sys/devices/system/memory/memory$b/valid_zones"
done
is "$(show big --width=90 all | sed -n '6,8p')" \
	"memory blocks of 128.00 MiB, a character for 8 of them, 1.00 GiB
  0x100000000000  +-+-------------------------------------------------------------
  0x101000000000  ----------------------------------------------------------------" "a terabyte"
is "$(show big --width=90 all | grep -c '^  +  *several of these')" 1 "the legend has it"

echo 0x30fffffffffff >"$dax/mapping0/end"
expect 1 "dax0.0: 768.00 TiB are too much to draw" "sizes beyond belief" show big all
echo 0xfffffffffffffffe >"$dax/mapping0/end"
expect 1 "are too much to draw" "the largest" show big all
echo 0x10ffffffffff >"$dax/mapping0/end"

echo "# SVG"
svg() { show "$1" --svg all >"$work/svg"; }
svg cxl-range
works "it is XML" python3 -c '
import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' "$work/svg"
is "$(grep -c '<rect' "$work/svg")" 7 "a rectangle for what is the same: blocks, pages, legend"
is "$(grep -c '<text' "$work/svg")" 12 "with the words"
is "$(grep -cE 'href|<script|url\(' "$work/svg")" 0 "and nothing from elsewhere"
svg big
works "a terabyte is XML" python3 -c '
import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' "$work/svg"
at_least 30000 "$(stat -c %s "$work/svg")" "and small: bytes at most"
finish
