#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Poison in hot-added memory: counted, never given to the buddy allocator, and
# remembered while the CXL region is there. No memmap lies on a bad frame, and a frame
# that becomes ordinary memory is out of use at once.
# vm: CXL=4G
# debug: CXL=1G
. /job/lib/guest.sh
setup_range online_movable
start=$(dax_start "$dax") first=$(($(range_start "$dax") / 4096)) bs=$(block_size)
head=$(($(range_field "$dax" head) / 4096)) structs=$(($(range_field "$dax" memmap) / 4096))
blocks=($(dax_blocks "$dax"))
last=$((blocks[-1] * (bs / 4096)))
corrupted() { awk '/^HardwareCorrupted/ { print $2 }' /proc/meminfo; }
poison() { write $DEBUG/hwpoison/corrupt-pfn "$1" 2>/dev/null; }
pfn=$((first + 100))

is "$(corrupted)" 0 "HardwareCorrupted before"
echo "# soft offline is refused"
refused="Input/output error"
! kernel_from 7 || refused="State not recoverable"
fails "$refused" "soft_offline_page of a memmap page" \
	write $SYS_MEMORY/soft_offline_page $(printf '%#x' $((pfn * 4096)))
is "$(corrupted)" 0 "HardwareCorrupted"

echo "# hard poison"
poison $pfn
is "$(corrupted)" 4 "HardwareCorrupted: one page"
is "$(range_field "$dax" poisoned)" 1 "the range has counted it"
has_bit "$(kpageflags $pfn)" 19 && ok "the page is marked" || not_ok "the page is marked"
write $DEBUG/hwpoison/unpoison-pfn $pfn 2>/dev/null
flags=$(kpageflags $pfn)
if has_bit "$flags" 32 && ! has_bit "$flags" 10; then
	ok "unpoison does not free it: reserved, not in the buddy"
else
	not_ok "unpoison does not free it" "kpageflags: $flags"
fi
is "$(kpagecount $pfn)" 0 "nobody maps it"
is "$(corrupted)" 4 "HardwareCorrupted"

echo "# blocks are not to blame"
works "the first block goes offline" set_block ${blocks[0]} offline
works "and online" set_block ${blocks[0]} online_movable

echo "# removal"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(corrupted)" 0 "HardwareCorrupted is back"
dmesg -C
fails "Operation not supported" "range again: its memmap would use the bad frame" \
	set_policy "$dax" range
is "$(dmesg | grep -c 'poisoned page frame')" 1 "the log says so"
fails "Operation not supported" "bind with the policy requested before" kmem_bind "$dax"
fails "Operation not supported" "block: the first block's memmap would use it" \
	set_policy "$dax" block
is "$(memmap_figure "$dax" supported)" dram "memmap/supported"
works "auto" set_policy "$dax" auto
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" dram "auto is dram"
is "$(corrupted)" 0 "HardwareCorrupted: no memory is online"
works "online" online_blocks "$dax" online_movable
is "$(corrupted)" 4 "HardwareCorrupted: the bad frame is out of use"
flags=$(kpageflags $pfn)
has_bit "$flags" 19 && ! has_bit "$flags" 10 && ok "it is marked, and not in the buddy" ||
	not_ok "it is marked, and not in the buddy" "kpageflags: $flags"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(corrupted)" 0 "HardwareCorrupted is back"

echo "# a region that is disabled keeps its memory, and knows; another does not"
region=${dax%.*} region=${region/dax/region}
works "disable and enable" eval "cxl disable-region $region && cxl enable-region $region"
wait_for_kmem "$dax" && kmem_unbind "$dax"
fails "Operation not supported" "range is still refused" set_policy "$dax" range
works "destroyed" cxl destroy-region -f "$region"
dax=$(create_region) || bail_out "no region made anew"
wait_for_kmem "$dax" && kmem_unbind "$dax"
works "range" set_policy "$dax" range

# In each place: is that policy possible afterwards?
poisoned_at() { # PLACE PFN RANGE BLOCK AUTO
	local place=$1 bad=$2 p can
	echo "# $place"
	set_policy "$dax" dram && kmem_bind "$dax" && online_blocks "$dax" online_movable ||
		bail_out "cannot add memory with dram"
	poison "$bad"
	is "$(corrupted)" 4 "$place, with dram: HardwareCorrupted"
	works "offline" offline_blocks "$dax"
	works "unbind" kmem_unbind "$dax"
	is "$(corrupted)" 0 "HardwareCorrupted is back"
	for p in range block; do
		can=$3
		[ $p = range ] || can=$4
		if [ "$can" = no ]; then
			fails "Operation not supported" "$p is refused" set_policy "$dax" $p
			continue
		fi
		works "$p is possible" set_policy "$dax" $p
		works "bind" kmem_bind "$dax"
		works "online" online_blocks "$dax" online_movable
		is "$(corrupted)" 4 "HardwareCorrupted: the frame is out of use"
		has_bit "$(kpageflags "$bad")" 19 && ok "it is marked" || not_ok "it is marked"
		works "offline" offline_blocks "$dax"
		works "unbind" kmem_unbind "$dax"
	done
	works "auto" set_policy "$dax" auto
	works "bind" kmem_bind "$dax"
	is "$(effective "$dax")" "$5" "auto is $5"
	works "unbind" kmem_unbind "$dax"
	# So that the next place has it all to itself.
	cxl destroy-region -f "$region" >/dev/null 2>&1
	dax=$(create_region) || bail_out "no region"
	wait_for_kmem "$dax" && kmem_unbind "$dax"
}
auto=range
[ "$(dax_size "$dax")" -ge $((4 << 30)) ] || auto=block
poisoned_at "first of the head" $first no no dram
poisoned_at "behind the first block's memmap" $((first + 512)) no yes block
poisoned_at "last of the memmap" $((first + structs - 1)) no yes block
other=$([ $auto = range ] && echo range || echo dram)
poisoned_at "in the head, behind the memmap" $((first + structs + 10)) yes yes $auto
poisoned_at "first usable" $((first + head)) yes no "$other"
poisoned_at "memmap of the last block" $last yes no "$other"
poisoned_at "last" $((last + bs / 4096 - 1)) yes yes $auto
is "$(corrupted) $(nr_ranges)" "0 0" "nothing is left"

echo "# the memmap of a block is no page to give back, either"
set_policy "$dax" block && kmem_bind "$dax" && online_blocks "$dax" online_movable ||
	bail_out "cannot add memory with block"
pfn=$((first + 100))
poison $pfn
is "$(corrupted)" 4 "HardwareCorrupted"
write $DEBUG/hwpoison/unpoison-pfn $pfn 2>/dev/null
flags=$(kpageflags $pfn)
if has_bit "$flags" 32 && has_bit "$flags" 19 && ! has_bit "$flags" 10; then
	ok "unpoison does not free it: reserved, not in the buddy"
else
	not_ok "unpoison does not free it" "kpageflags: $flags"
fi
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(corrupted)" 0 "HardwareCorrupted is back"
finish
