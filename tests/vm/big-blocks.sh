#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory blocks of 2 GiB, as machines have them: the first block of a range holds
# head sections and usable ones, and its zone is that of the usable ones; or it is
# all head and has no device. From 7.3 on, blocks are no larger than what the CXL window
# is aligned to: what could be added later ends where that is 2 GiB.
# vm: CXL=136G DRAM=66G CPU=max,-hypervisor QEMU_EXTRA='-m 67584M,maxmem=69376M,slots=8'
# x86: memory blocks of arm64 are sections, whatever the machine
. /job/lib/guest.sh
modprobe mhp_altmap_calls
bs=$(block_size) GiB=$((1 << 30))
setup_device
[ "$bs" = $((2 * GiB)) ] || bail_out "memory blocks are $((bs >> 20)) MiB, not 2 GiB"
ok "memory blocks are 2 GiB"
node=$(dax_node "$dax")

echo "# a head of more than 2 GiB"
start=$((($(dax_start "$dax") + bs - 1) / bs * bs))
size=$((($(dax_start "$dax") + $(dax_size "$dax")) / bs * bs - start))
head=$(((size / 64 + (128 << 20) - 1) >> 27 << 27))
works "policy range" set_policy "$dax" range
is "$(memmap_figure "$dax" head)" $head "memmap/head"
at_least $head $((bs + 1)) "which is more than a block"
works "bind" kmem_bind "$dax"
is "$(awk 'NR == 2 { print $7 - $8 }' $DEBUG/mhp_altmap/ranges)" 0 "all of the memmap is in it"
works "the block that is all head has no device" test ! -e $SYS_MEMORY/memory$((start / bs))
blocks=($(dax_blocks "$dax"))
is "${blocks[0]} ${#blocks[@]}" "$((start / bs + 1)) $((size / bs - 1))" "all others have"
works "the one that is part head goes online" set_block "${blocks[0]}" online_movable
is "$(zone_field "$node" Movable present)" $(((2 * bs - head) / 4096)) "with its usable part"
works "and the last" set_block "${blocks[-1]}" online_movable
is "$(node_kib "$node" MemTotal)" $(((3 * bs - head) / 1024)) \
	"MemTotal of the node: the usable part"
lsmem_sizes() { # STATE
	lsmem -J -b -o RANGE,SIZE,STATE,NODE --split NODE,STATE |
		jq "[.memory[] | select(.node == $node and .state == \"$1\").size] | add"
}
is "$(lsmem_sizes online) $(lsmem_sizes offline)" "$((2 * bs)) $(((${#blocks[@]} - 2) * bs))" \
	"lsmem: the blocks that there are"
is "$(daxctl list -d "$dax" |
	jq -r '.[0] | "\(.mode) \(.online_memblocks) \(.total_memblocks)"')" \
	"system-ram 2 ${#blocks[@]}" "daxctl list: the same"
works "daxctl offline-memory" daxctl offline-memory "$dax"
is "$(lsmem_sizes online) $(lsmem_sizes offline)" "null $((${#blocks[@]} * bs))" "lsmem: offline"
is "$(zone_field "$node" Movable present)" 0 "nothing is present"
works "unbind" kmem_unbind "$dax"
is "$(nr_ranges)" 0 "the range is gone"

echo "# a head that ends inside the first block"
write "$(dax_dir "$dax")/size" 0
works "8 GiB of it" write "$(dax_dir "$dax")/size" $((8 * GiB))
# What kmem adds: whole blocks of the device.
start=$((($(dax_start "$dax") + bs - 1) / bs * bs))
size=$((($(dax_start "$dax") + $(dax_size "$dax")) / bs * bs - start))
works "policy range" set_policy "$dax" range
works "bind" kmem_bind "$dax"
blocks=($(dax_blocks "$dax"))
head=$(((size / 64 + (128 << 20) - 1) >> 27 << 27))
is ${#blocks[@]} $((size / bs)) "all blocks have usable sections"
is "$(awk 'NR == 2 { print $4 }' $DEBUG/mhp_altmap/ranges)" "$(printf '%#x' $head)" \
	"the head ends inside the first"
first=${blocks[0]} pfn=$((start / 4096))
is "$(cat $SYS_MEMORY/memory$first/valid_zones)" "Normal Movable" "valid_zones of the first block"

for zone in Movable Normal; do
	type=online_movable; [ $zone = Movable ] || type=online_kernel
	first_memory "$dax"
	present=$(zone_field "$node" $zone present)
	works "$type" set_block "$first" $type
	is "$(cat $SYS_MEMORY/memory$first/valid_zones)" $zone "valid_zones of the online block"
	is $(($(zone_field "$node" $zone present) - present)) $(((bs - head) / 4096)) \
		"present: the usable part"
	works "the head is reserved" has_bit "$(kpageflags $pfn)" 32
	works "offline" set_block "$first" offline
	is "$(zone_field "$node" $zone present)" "$present" "present"
	offline_blocks "$dax"
	works "the head is still online" has_bit "$(kpageflags $pfn)" 32
done

echo "# a removal that fails half-way puts the blocks back where they were"
for b in "${blocks[@]}"; do set_block "$b" online_movable; done
# The last block refuses: a page in it cannot move.
last=${blocks[-1]}
set_block "$last" offline
set_block "$last" online_kernel
works "a page is in use" pin_page "$node"
fails "Device or resource busy" "offline_and_remove_memory() of the range" \
	write $DEBUG/mhp_altmap_calls "offline_and_remove $start $size"
zones=$(for b in "${blocks[@]}"; do cat $SYS_MEMORY/memory$b/valid_zones; done | paste -sd' ')
is "$zones" "$(printf 'Movable %.0s' $(seq $((${#blocks[@]} - 1))))Normal" \
	"all blocks are online in their old zones"
is "$(nr_ranges)" 1 "the range is there"
works "no longer" unpin_page
finish
