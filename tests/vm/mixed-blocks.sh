#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory blocks of 1 GiB (in a virtual machine they are what memory is aligned to,
# from 64 GiB on) and a head that is larger: one block is all head and
# has no device, the next is part head, part usable. lsmem and daxctl agree.
# Where the CXL window is aligned to 1 GiB as well, for 7.3.
# vm: CXL=72G DRAM=67G QEMU_EXTRA='-m 68608M,maxmem=70400M,slots=8'
# x86: memory blocks of arm64 are sections, whatever the machine
. /job/lib/guest.sh
bs=$(block_size) GiB=$((1 << 30))
setup_device
[ "$bs" = $GiB ] || bail_out "memory blocks are $((bs >> 20)) MiB, not 1 GiB"
ok "memory blocks are 1 GiB"
# What kmem adds: whole blocks of the device.
start=$((($(dax_start "$dax") + bs - 1) / bs * bs))
size=$((($(dax_start "$dax") + $(dax_size "$dax")) / bs * bs - start))
head=$(((size / 64 + (128 << 20) - 1) >> 27 << 27))
node=$(dax_node "$dax")
works "policy range" set_policy "$dax" range
is "$(memmap_figure "$dax" head)" $head "the head is 128 MiB more than a block"
works "bind" kmem_bind "$dax"
is "$(awk 'NR == 2 { print $7 - $8 }' $DEBUG/mhp_altmap/ranges)" 0 "all of the memmap is in it"
first=$((start / bs))
works "the block that is all head has no device" test ! -e $SYS_MEMORY/memory$first
works "the one that is part head has" test -e $SYS_MEMORY/memory$((first + 1))
blocks=($(dax_blocks "$dax"))
is ${#blocks[@]} $((size / bs - head / bs)) "memory blocks"

echo "# the mixed block"
mixed=$((first + 1))
works "goes online" set_block $mixed online_movable
is "$(zone_field "$node" Movable present)" $(((bs - head % bs) / 4096)) "with its usable part"
works "and offline" set_block $mixed offline
is "$(zone_field "$node" Movable present)" 0 "all of it"
for p in $((start / 4096)) $((mixed * bs / 4096)); do
	has_bit "$(kpageflags $p)" 32 && ok "pfn $p: head, online" || not_ok "pfn $p: head, online"
done

echo "# as tools see it"
works "all online" online_blocks "$dax" online_movable
is "$(node_kib "$node" MemTotal)" $(((size - head) / 1024)) "MemTotal of the node: the usable part"
online() { # what lsmem says is online on the node, as an array, for jq
	lsmem -J -b -o RANGE,SIZE,STATE,NODE --split NODE,STATE |
		jq -r "[.memory[] | select(.node == $node and .state == \"online\").size] | $1"
}
is "$(online '.[]')" \
	$((${#blocks[@]} * bs)) "lsmem: the blocks that there are, online"
json=$(daxctl list -d "$dax")
is "$(jq -r '.[0].mode, .[0].online_memblocks, .[0].total_memblocks' <<<"$json" | paste -sd' ')" \
	"system-ram ${#blocks[@]} ${#blocks[@]}" "daxctl list: the same"
is "$(jq -r '.[0].movable' <<<"$json")" true "daxctl list: movable"
works "daxctl offline-memory" daxctl offline-memory "$dax"
is "$(online length)" \
	0 "lsmem: offline"
works "daxctl reconfigure-device to devdax" daxctl reconfigure-device -m devdax -f "$dax"
is "$(nr_ranges)" 0 "the range is gone"
finish
