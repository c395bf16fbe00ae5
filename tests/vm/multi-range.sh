#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A dax device of two ranges, as is left when a neighbour goes and it grows:
# each range has its own memmap, and one that fails leaves the other correct.
# vm: CXL=4G
# debug: CXL=4G DRAM=2G
. /job/lib/guest.sh
modprobe mhp_altmap_calls
setup_device
MiB=$((1 << 20)) GiB=$((1 << 30))
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
region=$(dirname "$(readlink -f "$(dax_dir "$dax")")")/dax_region
first=$dax start=$(dax_start "$dax") node=$(dax_node "$dax")

field() { # START NAME-NUMBER
	awk -v s="$(printf %#x "$1")" -v n="$2" '$1 == s { print $n }' $DEBUG/mhp_altmap/ranges
}

echo "# two devices in one region, both ranges; the first goes, the second grows"
write "$(dax_dir "$first")/size" 0
write "$(dax_dir "$first")/size" $GiB
write "$region/create" 1
second=$(ls /sys/bus/dax/devices | grep -v "^$first\$")
write "$(dax_dir "$second")/size" $((2 * GiB))
for d in $first $second; do
	works "$d: policy range" set_policy $d range
	works "$d: bind" kmem_bind $d
	works "$d: online" online_blocks $d online_movable
done
is "$(effective $first) $(effective $second) $(nr_ranges)" "range range 2" "two ranges"
for d in $first $second; do
	is "$(range_field $d self_hosted)" "$(range_field $d sections)" "$d holds its own memmap"
done
line=$(range_line $second) total=$(memmap_figure $second usable)
is "$(node_kib "$node" MemTotal)" $(((total + $(memmap_figure $first usable)) / 1024)) \
	"all of both is online"
works "$first: offline" offline_blocks $first
works "$first: unbind" kmem_unbind $first
works "$first: emptied" write "$(dax_dir "$first")/size" 0
is "$(effective $first) $(effective $second) $(nr_ranges)" "none range 1" "the second stays"
is "$(range_line $second)" "$line" "with all of its memmap"
is "$(node_kib "$node" MemTotal)" $((total / 1024)) "and all of it online"
fails "Device or resource busy" "it cannot grow while it is memory" \
	write "$(dax_dir "$second")/size" $((3 * GiB))
works "$second: offline" offline_blocks $second
works "$second: unbind" kmem_unbind $second
works "now it can" write "$(dax_dir "$second")/size" $((3 * GiB))
dax=$second
is "$(ls -d "$(dax_dir "$dax")"/mapping[0-9]* | wc -l)" 2 "$dax has two mappings"
range_of() { # MAPPING start|end
	echo $(($(cat "$(dax_dir "$dax")/mapping$1/$2")))
}
s0=$(range_of 0 start) e0=$(range_of 0 end) s1=$(range_of 1 start) e1=$(range_of 1 end)
head_of() { echo $((($1 / 64 + 128 * MiB - 1) / (128 * MiB) * 128 * MiB)); }
h0=$(head_of $((e0 - s0 + 1))) h1=$(head_of $((e1 - s1 + 1)))
is $((e0 - s0 + 1 + e1 - s1 + 1)) $((3 * GiB)) "3 GiB in all"

works "policy range" set_policy "$dax" range
is "$(memmap_figure "$dax" head)" $((h0 + h1)) "memmap/head: of both"
works "bind" kmem_bind "$dax"
is "$(effective "$dax") $(nr_ranges)" "range 2" "each range has its own memmap"
for s in $s0 $s1; do is "$(field $s 8)" "$(field $s 7)" "$(printf %#x $s): it is in the range"; done
is "$(memmap_figure "$dax" usable)" $((3 * GiB - h0 - h1)) "memmap/usable: of both"
blocks() { # START END
	local b
	for ((b = $1 / (128 * MiB); b <= $2 / (128 * MiB); b++)); do
		[ ! -e $SYS_MEMORY/memory$b ] || echo $b
	done
}
for b in $(blocks $s0 $e0) $(blocks $s1 $e1); do
	set_block "$b" online_movable || not_ok "block $b"
done
is "$(node_kib "$node" MemTotal)" $(((3 * GiB - h0 - h1) / 1024)) "all of it goes online"
for b in $(blocks $s0 $e0) $(blocks $s1 $e1); do set_block "$b" offline || not_ok "block $b"; done

echo "# each range in one piece: both or none"
modprobe hwpoison-inject
n=$({ blocks $s0 $e0; blocks $s1 $e1; } | wc -l)
states() {
	local b state zone
	for b in $(blocks $s0 $e0) $(blocks $s1 $e1); do
		state=$(block_state "$b") zone=
		[ "$state" != online ] || zone=" $(cat "$SYS_MEMORY/memory$b/valid_zones")"
		echo "$state$zone"
	done | sort | uniq -c | sed 's/^ *//' | paste -sd,
}
set_state() { write "$(dax_dir "$dax")/memory_state" "$1"; }
stay() { write $DEBUG/mhp_altmap_calls "stay $1"; }
works "online" set_state online_movable
is "$(states)" "$n online Movable" "both are online"
stay $((e1 + 1 - 128 * MiB))
fails "Device or resource busy" "the second has to stay" set_state offline
is "$(states)" "$n online Movable" "the first is online again, in its zone"
if [ -e "$(dax_dir "$dax")/state" ]; then
	fails "Device or resource busy" "nor can the device be unplugged" \
		write "$(dax_dir "$dax")/state" unplugged
	is "$(states)" "$n online Movable" "the first is online again, in its zone"
fi
stay 0
write $DEBUG/hwpoison/corrupt-pfn $(((e1 + 1) / 4096 - 100)) 2>/dev/null
works "offline" set_state offline
is "$(states)" "$n offline" "both are offline"
fails "hardware error" "a page of the second is poisoned" set_state online_movable
is "$(states)" "$n offline" "the first is offline again"
works "unbind" kmem_unbind "$dax"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"

echo "# what does not go back: the first has a poisoned page, and the second has to stay"
works "bind" kmem_bind "$dax"
n0=$(blocks $s0 $e0 | wc -l)
works "online" set_state online_movable
write $DEBUG/hwpoison/corrupt-pfn $(((e0 + 1) / 4096 - 100)) 2>/dev/null
stay $((e1 + 1 - 128 * MiB))
fails "Device or resource busy" "offline" set_state offline
stay 0
is "$(states)" "$n0 offline,$((n - n0)) online Movable" "the first stays offline"
is "$(dmesg | grep -c "$(printf '\\[mem %#x-%#x\\] does not go back' $s0 $e0)")" 1 "the log says so"
works "then the second goes offline" set_state offline
is "$(states)" "$n offline" "both are offline"
works "unbind" kmem_unbind "$dax"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"

echo "# auto: one policy for the device, the least of what its ranges can have"
works "auto" set_policy "$dax" auto
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" block "effective"
works "unbind" kmem_unbind "$dax"

echo "# the second range cannot be added: the first is there, and is all there is"
set_policy "$dax" range
works "somebody takes a block of the second" \
	write $DEBUG/mhp_altmap_calls "add $node $s1 $((128 * MiB)) dram"
works "bind" kmem_bind "$dax"
is "$(effective "$dax") $(nr_ranges)" "range 1" "one range"
is "$(field $s0 8)" "$(field $s0 7)" "whole"
is "$(memmap_figure "$dax" usable)" $((e0 - s0 + 1 - h0)) "memmap/usable: of that one"
for b in $(blocks $s0 $e0); do set_block "$b" online_movable || not_ok "block $b"; done
is "$(zone_field "$node" Movable present)" $(((e0 - s0 + 1 - h0) / 4096)) "it goes online"
for b in $(blocks $s0 $e0); do set_block "$b" offline || not_ok "block $b"; done
works "unbind" kmem_unbind "$dax"
works "the block is given back" write $DEBUG/mhp_altmap_calls "remove $s1 $((128 * MiB))"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"

echo "# the first range cannot be added: nothing is"
write $DEBUG/mhp_altmap_calls "add $node $s0 $((128 * MiB)) dram"
fails "Device or resource busy" "bind" kmem_bind "$dax"
is "$(effective "$dax") $(nr_ranges)" "none 0" "no range"
write $DEBUG/mhp_altmap_calls "remove $s0 $((128 * MiB))"
works "and afterwards both" kmem_bind "$dax"
is "$(nr_ranges)" 2 "two ranges"
works "unbind" kmem_unbind "$dax"

echo "# a range that is too small for the policy: refused for all"
write "$(dax_dir "$dax")/size" $((2 * GiB + 128 * MiB))
is "$(ls -d "$(dax_dir "$dax")"/mapping[0-9]* | wc -l)" 2 "a second range of 128 MiB"
fails "Operation not supported" "range" set_policy "$dax" range
is "$(memmap_figure "$dax" supported)" "dram block" "memmap/supported"
is "$(vmstat nr_memmap_pages)" "$structs" "nothing has changed"

echo "# a range that is too small for a memory block: the other is all there is"
write "$(dax_dir "$dax")/size" $((2 * GiB + 64 * MiB))
is "$(ls -d "$(dax_dir "$dax")"/mapping[0-9]* | wc -l)" 2 "a second range of 64 MiB"
usable=$((e0 - s0 + 1 - h0))
for round in 1 2; do
	works "round $round: bind" kmem_bind "$dax"
	is "$(effective "$dax") $(nr_ranges)" "range 1" "round $round: one range"
	is "$(memmap_figure "$dax" usable)" $usable "round $round: memmap/usable"
	works "round $round: unbind" kmem_unbind "$dax"
	is "$(effective "$dax") $(nr_ranges)" "none 0" \
		"round $round: nothing is left, and memmap_effective says so"
done
write "$(dax_dir "$dax")/size" 0
write "$(dax_dir "$first")/size" $((4 * GiB))
is "$(vmstat nr_memmap_pages)" "$structs" "nr_memmap_pages is as before"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
