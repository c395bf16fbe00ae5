#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap show on a real kernel: gigantic pages that are free, allocated and
# poisoned, blocks that are offline.
# vm: CXL=4G DRAM=2G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
modprobe hwpoison-inject
# Where 1 GiB pages can be allocated from it.
zone=online_kernel
if [ -e /proc/sys/vm/movable_gigantic_pages ]; then
	zone=online_movable
	write /proc/sys/vm/movable_gigantic_pages 1
fi
setup_range $zone
node=$(dax_node "$dax") gib=$((1 << 30))
strip() { # TITLE: its characters
	$P show --width=100 "$dax" | sed -n "/^$1/,/^\$/s/^  0x[0-9a-f]* *//p" | tr -d '\n'
}
blocks() { strip "memory blocks"; }
pages() { strip "pages of"; }
count() { tr -dc "$1" | wc -c; }
LC_ALL=C $P show "$dax" | sed 's/^/# /'
export LC_ALL=C
n=$(dax_blocks "$dax" | wc -l)
is "$(blocks | count 'M') $(blocks | count '=K')" "1 $n" "a head, and all other blocks online"
possible=$(gigantic_possible "$dax")
is "$(pages | count 'o#~')" "$possible" "as many 1 GiB pages as are possible"
# What the kernel puts into a kernel zone, and lists of CPUs, are small, and in one of them.
at_least "$(pages | count o)" $((possible - 1)) "that are free"

echo "# in use"
is "$(gigantic_allocate "$node" 1)" 1 "one is allocated"
# Some pages of one that was freed can be in the lists of a CPU: "~".
before=$(pages | count 'o~')
at_least "$(pages | count '#')" 1 "pages in use"
is "$(gigantic_allocate "$node" 0)" 0 "it is freed"
at_least "$(pages | count 'o~')" $((before + 1)) "it is not in use any more"

echo "# offline"
# The last block is in the last piece of 1 GiB, if the device ends with one.
last=$(dax_blocks "$dax" | tail -n 1)
works "a block goes offline" set_block "$last" offline
is "$(blocks | tail -c 1)" . "it is shown"
end=$(($(dax_start "$dax") + $(dax_size "$dax")))
if [ $((end % gib)) = 0 ]; then
	is "$(pages | tail -c 1)" - "and its 1 GiB page"
else
	is "$(pages | count 'o#~')" "$possible" "it is in no 1 GiB page"
fi
works "it goes online" set_block "$last" $zone

echo "# poison"
at=$((($(dax_start "$dax") + 2 * gib) / gib * gib))
index=$((at / gib - ($(dax_start "$dax") + gib - 1) / gib))
works "a page is poisoned" write $DEBUG/hwpoison/corrupt-pfn $((at / 4096 + 5))
shown=$(pages)
is "${shown:index:1}" X "its 1 GiB page is broken"
is "$(count X <<<"$shown")" 1 "no other"
works "an SVG has it, too" sh -c "$P show --svg $dax | grep -q 'a page of it is poisoned'"

echo "# who may not read it"
fails "only root can read where it is" "addresses are root's" \
	setpriv --reuid=1000 --clear-groups $P show "$dax"
finish
