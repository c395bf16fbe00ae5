#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory blocks of 2 GiB: the first block of a range holds head sections and
# usable ones. Its zone is that of the usable ones.
# vm: CXL=8G DRAM=66G CPU=max,-hypervisor TIMEOUT=600
. /job/lib.sh
modprobe mhp_altmap_calls
bs=$(block_size)
setup_device
if [ "$bs" -le $((128 << 20)) ]; then
	skip "mixed blocks" "memory blocks are $((bs >> 20)) MiB here"
	finish
fi
ok "memory blocks are $((bs >> 20)) MiB"
# What kmem adds: whole blocks of the device.
start=$((($(dax_start "$dax") + bs - 1) / bs * bs))
size=$((($(dax_start "$dax") + $(dax_size "$dax")) / bs * bs - start))
node=$(dax_node "$dax")
works "policy range" set_policy "$dax" range
works "bind" kmem_bind "$dax"
blocks=($(dax_blocks "$dax"))
head=$(((size / 64 + (128 << 20) - 1) >> 27 << 27))
is ${#blocks[@]} $((size / bs)) "all blocks have usable sections"
is "$(awk 'NR == 2 { print $4 }' $DEBUG/mhp_altmap/ranges)" "$(printf '%#x' $head)" "the head ends inside the first"
first=${blocks[0]} pfn=$((start / 4096))
is "$(cat $SYS_MEMORY/memory$first/valid_zones)" "Normal Movable" "valid_zones of the first block"

for zone in Movable Normal; do
	type=online_movable; [ $zone = Movable ] || type=online_kernel
	works "$type" set_block "$first" $type
	is "$(cat $SYS_MEMORY/memory$first/valid_zones)" $zone "valid_zones of the online block"
	is "$(zone_field "$node" $zone present)" $(((bs - head) / 4096)) "present: the usable part"
	has_bit "$(kpageflags $pfn)" 32 && ok "the head is reserved" || not_ok "the head is reserved"
	works "offline" set_block "$first" offline
	is "$(zone_field "$node" $zone present)" 0 "present"
	has_bit "$(kpageflags $pfn)" 32 && ok "the head is still online" || not_ok "the head is still online"
done

echo "# a removal that fails half-way puts the blocks back where they were"
for b in "${blocks[@]}"; do set_block "$b" online_movable; done
# The last block refuses: inodes in it cannot move.
last=${blocks[-1]}
set_block "$last" offline
set_block "$last" online_kernel
fill_with_inodes "$node"
fails "Device or resource busy" "offline_and_remove_memory() of the range" \
	write $DEBUG/mhp_altmap_calls "offline_and_remove $start $size"
zones=$(for b in "${blocks[@]}"; do cat $SYS_MEMORY/memory$b/valid_zones; done | paste -sd' ')
is "$zones" "$(printf 'Movable %.0s' $(seq $((${#blocks[@]} - 1))))Normal" "all blocks are online in their old zones"
is "$(nr_ranges)" 1 "the range is there"
empty_of_inodes
finish
