#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Poison in the head: counted, remembered, never given to the buddy allocator.
# vm: CXL=8G
# debug: CXL=2G
. /job/lib/guest.sh
setup_range online_movable
start=$(dax_start "$dax")
pfn=$((start / 4096 + 1234))
corrupted() { awk '/^HardwareCorrupted/ { print $2 }' /proc/meminfo; }

is "$(corrupted)" 0 "HardwareCorrupted before"
echo "# soft offline is refused"
refused="Input/output error"
! kernel_from 7 || refused="State not recoverable"
fails "$refused" "soft_offline_page of a memmap page" \
	write $SYS_MEMORY/soft_offline_page $(printf '%#x' $((pfn * 4096)))
is "$(corrupted)" 0 "HardwareCorrupted"

echo "# hard poison"
write $DEBUG/hwpoison/corrupt-pfn $pfn 2>/dev/null
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
b=($(dax_blocks "$dax"))
works "the first block goes offline" set_block ${b[0]} offline
works "and online" set_block ${b[0]} online_movable

echo "# removal"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
is "$(corrupted)" 0 "HardwareCorrupted is back"
dmesg -C
fails "Operation not supported" "range again: its memmap would use the bad frame" \
	set_policy "$dax" range
is "$(dmesg | grep -c 'poisoned page frame')" 1 "the log says so"
fails "Operation not supported" "bind with the old wish" kmem_bind "$dax"
works "auto" set_policy "$dax" auto
works "bind" kmem_bind "$dax"
is "$(effective "$dax")" block "auto makes do with block"
works "unbind" kmem_unbind "$dax"

finish
