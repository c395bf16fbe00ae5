#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The attribute "state" of a dax device: with each policy, its memory is added
# movable, gives all 1 GiB pages that are possible, and goes again as one piece or
# not at all. A policy can be written while nothing is added.
# kernel: 7.3
# vm: CXL=4G DRAM=4G
# debug: CXL=4G DRAM=2G
. /job/lib/guest.sh
load_cxl
modprobe kmem
dax=$(create_region) || bail_out "no region"
wait_for test -e "$(dax_dir "$dax")/state" || bail_out "kmem did not take $dax"
state() { cat "$(dax_dir "$dax")/state"; }
set_state() { write "$(dax_dir "$dax")/state" "$1"; }
node=$(dax_node "$dax")
huge=/proc/sys/vm/movable_gigantic_pages

is "$(state)" offline "kmem has added it, offline"
works "unplugged" set_state unplugged
is "$(effective "$dax") $(nr_ranges) $(dax_blocks "$dax" | wc -l)" "none 0 0" \
	"nothing is left of it"
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
write $huge 1

for policy in dram block range auto; do
	result=$policy
	[ $policy != auto ] || result=range
	echo "# $policy"
	works "$policy: is written while unplugged" set_policy "$dax" $policy
	usable=$(memmap_figure "$dax" usable) gigantic=$(memmap_figure "$dax" gigantic_pages)
	works "$policy: online_movable" set_state online_movable
	is "$(effective "$dax") $(state)" "$result online_movable" "$policy: it is in effect"
	is "$(node_kib "$node" MemTotal)" $((usable / 1024)) "$policy: all that is usable is there"
	# The pages at the head of a block count as present, those at the head of a range do not.
	head=0; [ $policy != block ] || head=$(memmap_figure "$dax" head)
	is "$(zone_field "$node" Movable present)" "$(((usable + head) / 4096))" \
		"$policy: all of it in ZONE_MOVABLE"
	fails "resource busy" "$policy: another policy cannot be written now" set_policy "$dax" dram
	fails "resource busy" "$policy: nor can it go to another zone" set_state online_kernel
	if [ $result = range ]; then
		is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" \
			"$policy: the memmap is in the range"
	fi
	if debug_kernel; then
		skip "$policy: 1 GiB pages" "page_ext of the debug kernel breaks them up"
	elif [ $policy = block ]; then is "$(gigantic_allocate "$node" 20)" 0 "block: no 1 GiB page"
	else
		is "$(gigantic_allocate "$node" 20)" "$gigantic" \
			"$policy: all 1 GiB pages that are possible, from ZONE_MOVABLE"
		at_least "$gigantic" 2 "$policy: and there are some"
	fi
	gigantic_allocate "$node" 0 >/dev/null
	works "$policy: unplugged" set_state unplugged
	is "$(effective "$dax") $(nr_ranges) $(dax_blocks "$dax" | wc -l)" "none 0 0" \
		"$policy: nothing is left of it"
	is "$(vmstat nr_memmap_pages)" "$structs" "$policy: no memmap"
	is "$(cat /proc/iomem)" "$iomem" "$policy: /proc/iomem is as before"
done

echo "# the head of a range is no memory of the device's group, whatever policy came before"
works "dram, once" set_policy "$dax" dram
works "dram: online_movable" set_state online_movable
works "dram: unplugged" set_state unplugged
works "range" set_policy "$dax" range
works "ZONE_MOVABLE has room for all but the head" \
	auto_movable "$(memmap_figure "$dax" usable)" "$(dax_size "$dax")"
works "online" set_state online
is "$(zone_field "$node" Movable present)" "$(($(memmap_figure "$dax" usable) / 4096))" \
	"all of it is in ZONE_MOVABLE"
write /sys/module/memory_hotplug/parameters/online_policy contig-zones
works "unplugged" set_state unplugged

echo "# a class default counts for the next time, as it did not when kmem was bound"
works "range for all CXL memory" write "$(class_default cxl)" range
works "auto is not written any more: the device is bound anew" kmem_unbind "$dax"
works "bound" kmem_bind "$dax"
is "$(effective "$dax")" range "auto is range"
works "unplugged" set_state unplugged

echo "# what cannot be done changes nothing"
fails "Invalid argument" "a word that is none" set_policy "$dax" ranges
is "$(state) $(nr_ranges)" "unplugged 0" "it is unplugged as before"

if debug_kernel; then
	works "unbind" kmem_unbind "$dax"
	finish
fi
echo "# a block that cannot be emptied: a 1 GiB page in use has nowhere to go"
set_policy "$dax" range
works "online_movable" set_state online_movable
nr=$(dax_blocks "$dax" | wc -l)
hold_gigantic "$node"
fails "Interrupted system call" "unplugging is killed" \
	interrupted "$(dax_dir "$dax")/state" unplugged tried
works "after it was tried" tried
is "$(state) $(effective "$dax") $(nr_ranges)" "online_movable range 1" "nothing was removed"
online=0 movable=0
for b in $(dax_blocks "$dax"); do
	[ "$(block_state "$b")" != online ] || online=$((online + 1))
	[ "$(cat $SYS_MEMORY/memory$b/valid_zones)" != Movable ] || movable=$((movable + 1))
done
is "$online $movable" "$nr $nr" "all blocks are online again, and movable"
is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" "the memmap is in the range"
release_gigantic "$node"
works "without it, unplugged" set_state unplugged
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
works "unbind" kmem_unbind "$dax"
finish
