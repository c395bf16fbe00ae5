#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A module that calls the API with what no driver should: each call gets an
# error and one line in the log, and nothing is left behind.
# vm: CXL=2G DRAM=4G
# debug: CXL=2G
. /job/lib/guest.sh
modprobe mhp_altmap_calls
setup_device
call() { write $DEBUG/mhp_altmap_calls "$*"; }
node=$(dax_node "$dax") start=$(dax_start "$dax") size=$(dax_size "$dax") bs=$(block_size)
# A whole block of the memory that the machine came with.
boot=$(awk -F'[- ]' '/System RAM/ { print "0x" $1 }' /proc/iomem | head -n 1)
boot=$(((boot + bs - 1) / bs * bs))
page=4096 top=$(((1 << 63) - 1 - bs + 1))
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
unchanged() { # DESCRIPTION
	is "$(vmstat nr_memmap_pages) $(nr_ranges)" "$structs ${1:-0}" "nothing was left behind"
}
refused() { # ERROR LOG-TEXT CALL ...
	local error=$1 text=$2
	shift 2
	dmesg -C
	fails "$error" "$*" call "$@"
	is "$(dmesg | grep -c "$text")" 1 "one line in the log: $text"
}

echo "# added wrongly"
for p in dram block range auto; do
	refused "Invalid argument" "refused.*not whole memory blocks" \
		add "$node" $((start + page)) $size $p
	refused "Invalid argument" "refused.*not whole memory blocks" \
		add "$node" $start $((size - page)) $p
	refused "Invalid argument" "refused.*empty, or beyond" add "$node" $start 0 $p
	refused "Invalid argument" "refused.*empty, or beyond" add "$node" -$bs $((2 * bs)) $p
done
# Left to memory hotplug, which has its own ideas of the errno.
refused "Invalid argument" "refused.*not whole memory blocks" \
	add "$node" $((start + page)) $bs default
refused "Invalid argument" "refused.*not whole memory blocks" \
	add "$node" $start $((size - page)) default
refused "Argument list too long" "refused.*empty, or beyond" add "$node" $start 0 default
refused "Argument list too long" "refused.*empty, or beyond" add "$node" -$bs $((2 * bs)) default
refused "Argument list too long" "refused.*beyond what the machine can map" \
	add "$node" $top $bs dram
refused "Argument list too long" "refused.*beyond what the machine can map" \
	add "$node" $((top - 15 * bs)) $((16 * bs)) range
for n in 77 99999 -5; do
	refused "Invalid argument" "refused.*no such node" add $n $start $size range
done
refused "Invalid argument" "refused.*no such node" add 77 $start $size default
refused "File exists" "refused.*overlaps with other memory" add 0 $boot $((2 * bs)) range
unchanged

echo "# removed without having been added"
refused "No such file" "not removed: no memory at" drop $start $size
refused "No such file" "not removed: no memory at" offline_and_drop $start $size
refused "No such file" "not removed: no memory at" remove $start $size
refused "No such file" "not removed: no memory at" offline_and_remove $start $size
refused "No such file" "not removed: no memory at" drop $top $bs
unchanged

echo "# added, then added again"
works "add" call add "$node" $start $size range
for p in default dram block range; do
	other="other memory"
	[ $p != range ] || other="another range"
	refused "File exists" "refused.*overlaps with $other" add "$node" $start $size $p
	refused "File exists" "refused.*overlaps with $other" \
		add "$node" $((start + size / 2)) $((size / 2)) $p
done
is "$(nr_ranges)" 1 "one range"
is "$(awk 'NR == 2 { print $8 }' $DEBUG/mhp_altmap/ranges)" $((size >> 27)) "whole"

echo "# removed wrongly"
for c in drop offline_and_drop; do
	refused "Invalid argument" "not removed: .*not whole memory blocks" \
		$c $((start + page)) $size
	refused "Invalid argument" "not removed: .*not whole memory blocks" \
		$c $start $((size - page))
	refused "Invalid argument" "not removed: empty" $c $start 0
	refused "Invalid argument" "not removed: empty" $c -$bs $((2 * bs))
	refused "Invalid argument" "not removed: .*a part of" $c $start $bs
	refused "Invalid argument" "not removed: .*a part of" $c $((start + size - bs)) $bs
	refused "Invalid argument" "not removed: .*a part of" $c $start $((size + bs))
done
is "$(nr_ranges)" 1 "the range is there"
works "remove" call drop $start $size
refused "No such file" "not removed: no memory at" drop $start $size
unchanged

echo "# with memory online"
call add "$node" $start $size range
for b in $(dax_blocks "$dax"); do set_block "$b" online_movable; done
fails "Device or resource busy" "drop" call drop $start $size
is "$(node_kib "$node" MemTotal)" $(((size - (128 << 20)) / 1024)) "all of it is still online"
works "offline_and_drop" call offline_and_drop $start $size
unchanged
# A block that does not go offline: those before it are online again, in their zones.
last=$((start + size - bs))
zones() { # How many blocks are in which zone?
	local b
	for b in $(dax_blocks "$dax"); do cat "$SYS_MEMORY/memory$b/valid_zones"; done |
		sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }'
}
# Debug options have data in a kernel zone as soon as there is one, which keep it online.
type=online_kernel zones_expected="%d Movable, 1 Normal"
if [ -e $DEBUG/kmemleak ]; then type=online_movable zones_expected="%d Movable"; fi
for p in dram block range; do
	call add "$node" $start $size $p
	first_memory "$dax"
	blocks=($(dax_blocks "$dax"))
	set_block "${blocks[0]}" $type
	for b in "${blocks[@]}"; do
		[ "$(block_state "$b")" = online ] || set_block "$b" online_movable
	done
	n=${#blocks[@]}
	[ $type = online_movable ] || n=$((n - 1))
	call stay $last
	fails "Device or resource busy" "$p: offline_and_drop of what stays" \
		call offline_and_drop $start $size
	call stay 0
	# shellcheck disable=SC2059
	is "$(zones)" "$(printf "$zones_expected" $n)" "$p: each block is in its zone again"
	works "$p: offline_and_drop" call offline_and_drop $start $size
	unchanged
done
for p in dram block; do
	call add "$node" $start $size $p
	works "$p: a block can be removed on its own" call drop $start $bs
	fails "No such file" "$p: then not the whole" call drop $start $size
	works "$p: but the rest" call drop $((start + bs)) $((size - bs))
	unchanged
done

echo "# steps out of order, on memory that is there"
call add "$node" $start $size range
pfn=$((start / 4096))
table() { awk 'NR == 2' $DEBUG/mhp_altmap/ranges; }
was=$(table)
refused "File exists" "refused.*overlaps with another range" setup $start $size
refused "Invalid argument" "mark out of order: has its memmap, head marked" mark $start
refused "Invalid argument" "release out of order: has its memmap, head marked" release $start
works "unmark" call unmark $start
pfn_offline $pfn && ok "the head is offline" || not_ok "the head is offline"
refused "Invalid argument" "unmark out of order: has its memmap, head not marked" unmark $start
refused "Invalid argument" "release out of order: has its memmap, head not marked" release $start
works "mark" call mark $start
works "the head is online and reserved" has_bit "$(kpageflags $pfn)" 32
refused "Invalid argument" "mark out of order: has its memmap, head marked" mark $start
is "$(table)" "$was" "the range is as before"
works "drop" call drop $start $size
refused "No such file" "release: no such range" release $start
works "setup, nothing added" call setup $start $size
for step in mark unmark; do
	refused "Invalid argument" "$step out of order: no memmap, head not marked" $step $start
done
works "release" call release $start
for step in mark unmark release; do refused "No such file" "$step: no such range" $step $start; done
unchanged

echo "# half block, half dram: each half goes, not the whole"
mid=$((start + size / 2))
call add "$node" $start $((size / 2)) block
call add "$node" $mid $((size / 2)) dram
for c in drop offline_and_drop remove offline_and_remove; do
	refused "Invalid argument" \
		"not removed: only some of its memory blocks hold their own memmap" $c $start \
		$size
done
works "one half" call drop $start $((size / 2))
works "the other" call drop $mid $((size / 2))
unchanged

echo "# what the zone of a head spans is not all its own: two ranges above the DRAM of node 0"
call add 0 $start $((size / 2)) range
call add 0 $mid $((size / 2)) range
blocks=($(dax_blocks "$dax"))
for b in "${blocks[@]}"; do set_block "$b" online_movable; done
lower=${blocks[1]}
works "a block below the upper head goes offline" set_block "$lower" offline
is "$(cat "$SYS_MEMORY/memory$lower/valid_zones")" "Movable Normal" "Movable is its zone"
works "online, in any zone" set_block "$lower" online
is "$(cat "$SYS_MEMORY/memory$lower/valid_zones")" Movable "it is in Movable again"
# Debug options would have data in a kernel zone there, which keep it online.
if [ ! -e $DEBUG/kmemleak ]; then
	set_block "${blocks[-1]}" offline
	works "memory of the kernel zone above" set_block "${blocks[-1]}" online_kernel
	set_block "$lower" offline
	is "$(cat "$SYS_MEMORY/memory$lower/valid_zones")" "Normal Movable" \
		"then it is where that zone has memory"
fi
works "one goes" call offline_and_drop $mid $((size / 2))
works "and the other" call offline_and_drop $start $((size / 2))
unchanged
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
works "kmem can have it" kmem_bind "$dax"
finish
