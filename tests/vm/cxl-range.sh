#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Policy range on a CXL expander: where the memmap is, what its pages are, and
# that blocks go online and offline one by one beside it.
# vm: CXL=8G
# debug: CXL=1G APPEND=page_owner=on
. /job/lib/guest.sh
modprobe mhp_altmap_calls
setup_device
node=$(dax_node "$dax") start=$(dax_start "$dax") size=$(dax_size "$dax") bs=$(block_size)

is "$(cat /sys/devices/system/node/has_memory)" 0 "before: only node 0 has memory"
iomem=$(cat /proc/iomem)
memmap=$(vmstat nr_memmap_pages)
free=$(node_free_pages 0)

works "policy range is accepted" set_policy "$dax" range
works "kmem adds the memory" kmem_bind "$dax"
is "$(effective "$dax")" range "memmap_effective is range"

echo "# where the struct pages are"
structs=$((size / 64)) section=$((128 << 20))
head=$(((structs + section - 1) / section * section))
is "$(range_field "$dax" head)" $head "the head is 1/64 of the range, in whole sections"
is "$(range_field "$dax" sections)" $((size >> 27)) "all sections are there"
is "$(range_field "$dax" self_hosted)" $((size >> 27)) \
	"by the page tables, the memmap of every section lies in the head"
is "$(range_field "$dax" altmap_pages)" $((structs / 4096)) "the altmap gave as much, and no more"
is $(($(vmstat nr_memmap_pages) - memmap)) $((structs / 4096)) "nr_memmap_pages grew by it"
settle
dram="pages of DRAM taken, memory block devices included"
if debug_kernel; then skip "$dram" "debug options take DRAM of their own"
else
	limit=512
	# Where the linear map is read-only, arm64 maps all memory by single pages.
	[ "$(uname -m)" != aarch64 ] || limit=$((limit + size / 4096 / 512))
	at_most $((free - $(node_free_pages 0))) $limit "$dram"
fi

echo "# the head"
pfn=$((start / 4096)) usable=$(((start + head) / 4096))
for p in $pfn $((pfn + 1)) $(((pfn + usable) / 2)) $((usable - 1)); do
	flags=$(kpageflags $p)
	if ! has_bit "$flags" 20 && has_bit "$flags" 32 && has_bit "$flags" 37 &&
		! has_bit "$flags" 10; then
		ok "pfn $p: online, reserved, self-hosted, not free"
	else
		not_ok "pfn $p: online, reserved, self-hosted, not free" "kpageflags: $flags"
	fi
done
pfn_offline $usable && ok "first usable pfn: offline" || not_ok "first usable pfn: offline"
is "$(zone_field "$node" Normal spanned)" $((head / 4096)) "ZONE_NORMAL spans the head"
is "$(zone_field "$node" Normal present)" 0 "ZONE_NORMAL counts none of it"
is "$(cat /sys/devices/system/node/has_memory)" 0 "with all blocks offline, the node has no memory"

echo "# memory blocks"
blocks=($(dax_blocks "$dax"))
is ${#blocks[@]} $(((size - head) / bs)) "blocks exist for the usable part"
is "${blocks[0]}" $(((start + head) / bs)) "the first follows the head"
is "$(cat $SYS_MEMORY/memory${blocks[3]}/valid_zones)" "Normal Movable" \
	"valid_zones of an offline block"
for type in online_movable online_kernel; do
	zone=Movable; [ $type = online_movable ] || zone=Normal
	first_memory "$dax"
	present=$(zone_field "$node" $zone present)
	works "$type: one block in the middle" set_block "${blocks[5]}" $type
	is $(($(zone_field "$node" $zone present) - present)) $((bs / 4096)) \
		"$type: its pages are present in $zone"
	has_bit "$(kpageflags $pfn)" 32 && ok "$type: the head is still reserved" || not_ok "head"
	works "$type: and offline again" set_block "${blocks[5]}" offline
	is "$(zone_field "$node" $zone present)" "$present" "$type: they are not present any more"
	offline_blocks "$dax"
	is "$(zone_field "$node" $zone present)" 0 "$type: without the other block, nothing is"
done
back_and_forth() {
	local to
	for to in online_movable offline online_movable; do
		set_block "${blocks[0]}" $to || return
	done
}
works "a block goes online, offline and online" back_and_forth

echo "# removal with one block online"
fails "Device or resource busy" "remove_memory() is refused" \
	write $DEBUG/mhp_altmap_calls "remove $start $size"
is "$(block_state "${blocks[0]}")" online "the block stays online"
is "$(range_field "$dax" self_hosted)" $((size >> 27)) "the memmap stays"
works "other blocks still go online" online_blocks "$dax" online_movable
is "$(node_kib "$node" MemTotal)" $(((size - head) / 1024)) "all usable memory is there"

echo "# removal of a part"
part=$((start + size / 2))
for args in "$part $bs" "$start $((size / 2))" "$((start + head)) $((size - head))" \
	"$start $head"; do
	offline_blocks "$dax"
	fails "Invalid argument" "remove_memory($args)" write $DEBUG/mhp_altmap_calls "remove $args"
	online_blocks "$dax" online_movable
	fails "Invalid argument" "offline_and_remove_memory($args)" \
		write $DEBUG/mhp_altmap_calls "offline_and_remove $args"
	is "$(node_kib "$node" MemTotal)" $(((size - head) / 1024)) "nothing went offline"
done

echo "# a range that is added over it"
fails "File exists" "add over the range" \
	write $DEBUG/mhp_altmap_calls "add $node $start $size range"
fails "File exists" "add over a part" write $DEBUG/mhp_altmap_calls "add $node $part $bs dram"

echo "# the end"
works "all blocks go offline" offline_blocks "$dax"
works "kmem lets go" kmem_unbind "$dax"
is "$(effective "$dax")" none "memmap_effective is none"
is "$(nr_ranges)" 0 "no range is left"
is "$(vmstat nr_memmap_pages)" "$memmap" "nr_memmap_pages is back"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
nothing "$(zone_field "$node" Normal spanned)" "the node's zones span nothing"
[ ! -e "/sys/devices/system/node/node$node" ] && ok "the node is gone" || not_ok "the node is gone"
finish
