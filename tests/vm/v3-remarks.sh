#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What was remarked on the v3 of the first memmap-on-memory series, in 2019, one
# check each. How the rest of memory behaves beside it is in the other tests.
# vm: CXL=2G
# debug: CXL=1G
. /job/lib/guest.sh
modprobe mhp_altmap_calls
setup_device
node=$(dax_node "$dax") start=$(dax_start "$dax") size=$(dax_size "$dax") bs=$(block_size)
call() { write $DEBUG/mhp_altmap_calls "$*"; }
half=$((size / 2)) mid=$((start + size / 2))

echo "# per-call flag: the policy is that of the call, not of the machine"
works "v3: per-call flag: one call with range" call add "$node" $start $half range
works "v3: per-call flag: the next without" call add "$node" $mid $half dram
is "$(nr_ranges)" 1 "v3: per-call flag: one range"
call drop $mid $half; call drop $start $half

echo "# per-block calls: a driver that adds block by block is not affected"
for ((a = start; a < start + 4 * bs; a += bs)); do
	call add "$node" $a $bs block || not_ok "add $a"
done
is "$(dax_blocks "$dax" | wc -l) $(nr_ranges)" "4 0" \
	"v3: per-block calls: four calls, four blocks, no range"
fails "Operation not supported" "v3: per-block calls: range has no room in one block" \
	call add "$node" $((start + 4 * bs)) $bs range
works "v3: per-block calls: removed one by one" call drop $((start + bs)) $bs
drop_others() {
	local n
	for n in 0 2 3; do call drop $((start + n * bs)) $bs || return; done
}
works "v3: per-block calls: the others stay removable" drop_others

set_policy "$dax" range && kmem_bind "$dax" || bail_out "no range"
head=$(memmap_figure "$dax" head) pfn=$((start / 4096)) usable=$(((start + head) / 4096)) \
	end=$(((start + size) / 4096))

echo "# no page examined before it is initialised"
# DEBUG_VM fills a new memmap with a pattern that no page may have when flags are read:
# on the debug kernel a page examined too early is reported. On each kernel, what is read
# makes sense: head pages, and nothing behind them.
early="v3: no page examined before it is initialised"
# What /proc/FILE has for the pages of the range: each value with the number, in the
# range, of the first page that has it. od leaves out what repeats.
runs() { # FILE
	dd if=/proc/$1 bs=1M skip=$((pfn * 8)) count=$(((end - pfn) * 8)) \
		iflag=skip_bytes,count_bytes 2>/dev/null | od -Ad -tx8 -w8 |
		awk 'NF == 2 { print $1 / 8, $2 }' | paste -sd' '
}
# Reserved and self-hosted; a page that is not online has no flags, or the one that says so.
of_head=$(printf '%016x' $((1 << 32 | 1 << 37)))
offline="0000000000(0|1)00000"
flags() { runs kpageflags | sed -E "s/ $offline\$/ offline/"; }
is "$(flags)" "0 $of_head $((head / 4096)) offline" "$early: /proc/kpageflags"
is "$(runs kpagecount)" "0 0000000000000000" "$early: /proc/kpagecount"
scanned=$(vmstat compact_migrate_scanned)
write /proc/sys/vm/compact_memory 1
at_least $(($(vmstat compact_migrate_scanned) - scanned)) 1 "$early: compaction has run"
now=$(flags)
is "$now" "0 $of_head $((head / 4096)) offline" "$early: and left its pages alone"
files=/sys/devices/system/node/node$node
free=$(grep -w nr_free_pages $files/vmstat)
is "$(node_kib "$node" MemTotal) $(grep -c . $files/numastat) $free" \
	"0 6 nr_free_pages 0" "$early: the node's files"
listed() { grep -c "^Node *$node,.*$1" /proc/$2; }
is "$(zone_field "$node" Normal present) $(listed zone buddyinfo) $(listed type pagetypeinfo)" \
	"0 0 0" "$early: zoneinfo, buddyinfo, pagetypeinfo"
is "$(cat $SYS_MEMORY/memory*/valid_zones | grep -cx 'Normal Movable')" \
	$(((size - head) / bs)) "$early: valid_zones of all blocks"

echo "# page marking and section knowledge"
read -r from flags to rest <<<"$now"
is "$from $flags $to" "0 $of_head $((usable - pfn))" \
	"v3: page marking: head pages are reserved and self-hosted"
is "$rest" offline "v3: section knowledge: offline sections have no online page"
b=($(dax_blocks "$dax"))
set_block "${b[1]}" online_movable
is "$(listed zone buddyinfo)" 1 "v3: section knowledge: a block goes online, buddyinfo has its zone"
at_least "$(listed type pagetypeinfo)" 1 "v3: section knowledge: and pagetypeinfo"
pfn_offline $((b[1] * bs / 4096)) && not_ok "v3: section knowledge" ||
	ok "v3: section knowledge: those of an online block have"
pfn_offline $((b[2] * bs / 4096)) && ok "v3: section knowledge: its neighbour has not" ||
	not_ok "v3: section knowledge: neighbour"

echo "# head in ZONE_NORMAL, never present"
is "$(zone_field "$node" Normal spanned)" $((head / 4096)) "v3: head in ZONE_NORMAL: spanned"
is "$(zone_field "$node" Normal present) $(zone_field "$node" Normal managed)" "0 0" \
	"v3: head never in present counts"
is "$(zone_field "$node" Movable present)" $((bs / 4096)) \
	"v3: head never in present counts: Movable has the block"

echo "# granularity"
set_block "${b[1]}" offline
fails "Invalid argument" "v3: granularity check: a block of it" call remove $((b[1] * bs)) $bs
fails "Invalid argument" "v3: granularity check: all but the head" \
	call remove $((start + head)) $((size - head))
is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" \
	"v3: granularity check: nothing has changed"

echo "# userspace switch"
kmem_unbind "$dax"
works "v3: userspace switch: per device" set_policy "$dax" dram
kmem_bind "$dax"
is "$(effective "$dax")" dram "v3: userspace switch: effective for the next add"
works "v3: userspace switch: per class, at run time" write "$(class_default cxl)" range
is "$(effective "$dax")" dram "v3: userspace switch: what is there stays"
finish
