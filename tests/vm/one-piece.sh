#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A range goes online and offline in one piece: when it is added, when somebody writes
# memory_state, and before it is removed. All of it or none, whatever refuses, and its
# memory blocks are as if each had gone by itself.
# vm: CXL=4G DRAM=4G
# debug: CXL=1G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
setup_device
modprobe mhp_altmap_calls
modprobe memory-notifier-error-inject
modprobe hwpoison-inject
mount -t tracefs trace /sys/kernel/tracing
events=/sys/kernel/tracing/events/mhp_altmap
for e in online offline; do echo 1 >$events/mhp_altmap_$e/enable; done
inject=$DEBUG/notifier-error-inject/memory/actions
node=$(dax_node "$dax") bs=$(block_size)
state_file=$(dax_dir "$dax")/memory_state
set_state() { write "$state_file" "$1"; }
call() { write $DEBUG/mhp_altmap_calls "$*"; }
zones_agree() { # DESCRIPTION
	nothing "$(awk '$4 != $5 || $6 != ($3 == $5)' $DEBUG/mhp_altmap_zones)" \
		"$1: all zones are as a walk finds them"
}
# How many pieces went online or offline, or failed to, since the last time.
pieces() {
	grep -oE 'mhp_altmap_(on|off)line:.* ret=.*' /sys/kernel/tracing/trace |
		sed 's/mhp_altmap_\([a-z]*\):.*ret=/\1 /' | sort | uniq -c |
		awk '{ print $2, $3, $1 }' | paste -sd, | grep . || echo none
	echo >/sys/kernel/tracing/trace
}
# Blocks by state and zone: "4 offline", "3 online Movable".
blocks() {
	local b state zone
	for b in $(dax_blocks "$dax"); do
		state=$(block_state "$b") zone=
		[ "$state" != online ] || zone=" $(cat "$SYS_MEMORY/memory$b/valid_zones")"
		echo "$state$zone"
	done | sort | uniq -c | sed 's/^ *//' | paste -sd,
}
# D: it waits, and nothing but what it waits for ends that.
process_state() { sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null || echo gone; }
uevents() { cat /sys/kernel/uevent_seqnum; }
# The head is online whatever the rest is, and the memmap is whole.
head_holds() { # DESCRIPTION
	has_bit "$(kpageflags $(($(dax_start "$dax") / 4096)))" 32 &&
		[ "$(range_field "$dax" self_hosted)" = "$(range_field "$dax" sections)" ] &&
		ok "$1: the head is online, and holds the memmap" || not_ok "$1: the head"
	zones_agree "$1"
}

echo "# what cannot go in one piece"
fails "Operation not supported" "nothing is added" set_state online_movable
works "policy dram" eval "set_policy $dax dram && kmem_bind $dax"
fails "Operation not supported" "policy dram has no piece" set_state online_movable
works "unbind" kmem_unbind "$dax"

echo "# memory_state"
works "policy range" eval "set_policy $dax range && kmem_bind $dax"
n=$(dax_blocks "$dax" | wc -l) usable=$(memmap_figure "$dax" usable)
# That of the first memory of a node is one more.
seq=$(uevents)
works "block by block" online_blocks "$dax" online_movable
online_uevents=$(($(uevents) - seq)) seq=$(uevents)
at_least $online_uevents "$n" "user space is told of each"
works "and offline" offline_blocks "$dax"
offline_uevents=$(($(uevents) - seq))
pieces >/dev/null
for word in onlin "" movable "online_movable x"; do
	fails "Invalid argument" "not a state: '$word'" set_state "$word"
done
seq=$(uevents)
works "online_movable" set_state online_movable
is "$(pieces)" "online 0 1" "in one piece"
is "$(blocks)" "$n online Movable" "all blocks are online"
is $(($(uevents) - seq)) $online_uevents "user space is told of as many"
is "$(node_kib "$node" MemTotal)" $((usable / 1024)) "all that is usable is there"
is "$(zone_field "$node" Movable present)" $((usable / 4096)) "and counted as present"
head_holds "online"
works "online again" set_state online_kernel
is "$(pieces) $(blocks)" "none $n online Movable" "changes nothing"

b=($(dax_blocks "$dax"))
works "a block goes offline on its own" set_block "${b[1]}" offline
fails "Device or resource busy" "not all of it is online" set_state offline
fails "Device or resource busy" "nor offline" set_state online_movable
works "and online on its own" set_block "${b[1]}" online_movable
head_holds "blocks one by one"
seq=$(uevents)
works "offline" set_state offline
is "$(pieces)" "offline 0 1" "in one piece"
is "$(blocks)" "$n offline" "all blocks are offline"
is $(($(uevents) - seq)) $offline_uevents "user space is told of as many"
is "$(zone_field "$node" Movable present)" 0 "nothing is present"
head_holds "offline"
works "one block, for the rest of the way" set_block "${b[0]}" online_movable
works "goes" set_block "${b[0]}" offline

echo "# refused on the way online"
echo -5 >$inject/MEM_GOING_ONLINE/error
fails "Input/output error" "a notifier refuses" set_state online_movable
echo 0 >$inject/MEM_GOING_ONLINE/error
is "$(pieces) $(blocks)" "online -5 1 $n offline" "nothing is online"
is "$(zone_field "$node" Movable spanned)" 0 "no zone has grown"
head_holds "refused"
works "then it goes online" set_state online_movable

echo "# refused on the way offline"
for stays in "${b[0]}" "${b[n / 2]}" "${b[-1]}"; do
	call stay $((stays * bs))
	fails "Device or resource busy" "block $stays has to stay" set_state offline
	call stay 0
	is "$(blocks)" "$n online Movable" "all are online as before"
	head_holds "block $stays stays"
done
echo -5 >$inject/MEM_GOING_OFFLINE/error
fails "Input/output error" "a notifier refuses" set_state offline
echo 0 >$inject/MEM_GOING_OFFLINE/error
is "$(blocks)" "$n online Movable" "all are online as before"

echo "# while other memory goes offline"
call dwell 1
set_block "${b[0]}" offline &
other=$!
wait_for eval '[ "$(block_state "${b[0]}")" = going-offline ]'
set_state offline 2>/dev/null &
writer=$!
works "a write to memory_state waits" wait_for eval '[ "$(process_state $writer)" = D ]'
# Who removes the device with that lock held waits for the write to end.
kill -9 $writer
works "and does not cling to it" wait_for eval '[[ $(process_state $writer) == [Zg]* ]]'
is "$(block_state "${b[0]}")" going-offline "the other still does"
call dwell 0
wait $other
is $? 0 "the other goes offline"
works "and online" set_block "${b[0]}" online_movable
is "$(blocks)" "$n online Movable" "all are online as before"

echo "# in use"
mount -t tmpfs -o size=256M,mpol=bind:"$node" none /mnt
works "files on it" dd if=/dev/urandom of=/mnt/file bs=1M count=128 status=none
sum=$(md5sum </mnt/file)
isolated=/sys/kernel/tracing/events/page_isolation/test_pages_isolated/enable
echo 1 >$isolated
works "it goes offline: pages move" set_state offline
echo 0 >$isolated
# Each with the zone's lock held, and interrupts off.
longest=0
while read -r from to; do
	longest=$((to - from > longest ? to - from : longest))
done < <(sed -n 's/.* start_pfn=\(0x[0-9a-f]*\) end_pfn=\(0x[0-9a-f]*\) .*/\1 \2/p' \
	/sys/kernel/tracing/trace)
is $longest 32768 "its pages are looked at by sections"
is "$(md5sum </mnt/file)" "$sum" "the files are as they were"
umount /mnt
works "online" set_state online_movable
if ! kernel_from 7 || debug_kernel; then
	skip "offlining that cannot succeed is killed" "no 1 GiB pages in ZONE_MOVABLE"
else
	echo 1 >/proc/sys/vm/movable_gigantic_pages
	hold_gigantic "$node"
	fails "Interrupted system call" "offlining that cannot succeed is killed" \
		interrupted "$state_file" offline tried
	is "$(blocks)" "$n online Movable" "all are online as before"
	head_holds "killed"
	release_gigantic "$node"
fi

echo "# poison"
write $DEBUG/hwpoison/corrupt-pfn $((b[2] * bs / 4096 + 7)) 2>/dev/null
works "it goes offline" set_state offline
fails "hardware error" "and not online in one piece" set_state online_movable
is "$(blocks)" "$n offline" "nothing is online"
works "other blocks do" set_block "${b[3]}" online_movable
works "and offline" set_block "${b[3]}" offline
works "unbind" kmem_unbind "$dax"

echo "# added and removed"
start=$(dax_start "$dax") size=$(dax_size "$dax")
# The frame above is known to be bad: not on a memmap's place.
echo online_movable >$SYS_MEMORY/auto_online_blocks
pieces >/dev/null
works "added on a machine that onlines memory" call add "$node" "$start" "$size" range
is "$(pieces)" "online 0 1" "online in one piece"
is "$(blocks)" "$n online Movable" "all blocks"
zones_agree "added"
call stay $((b[n / 2] * bs))
fails "Device or resource busy" "removal is refused" call offline_and_drop "$start" "$size"
call stay 0
is "$(blocks)" "$n online Movable" "all are online as before"
works "a block less" set_block "${b[1]}" offline
pieces >/dev/null
works "removed, block by block" call offline_and_drop "$start" "$size"
is "$(pieces)" none "no piece"
works "added again" call add "$node" "$start" "$size" range
pieces >/dev/null
works "removed" call offline_and_drop "$start" "$size"
is "$(pieces)" "offline 0 1" "offline in one piece"
is "$(nr_ranges) $(dax_blocks "$dax" | wc -l)" "0 0" "nothing is left of it"
echo -5 >$inject/MEM_GOING_ONLINE/error
works "added, while a notifier refuses" call add "$node" "$start" "$size" range
echo 0 >$inject/MEM_GOING_ONLINE/error
is "$(blocks)" "$n offline" "all is offline"
zones_agree "refused when added"
works "removed" call drop "$start" "$size"
echo offline >$SYS_MEMORY/auto_online_blocks

echo "# daxctl-memmap"
P=/job/daxctl-memmap
chmod +x $P
pieces >/dev/null
works "to system RAM" $P reconfigure-device --memmap=range --movable "$dax"
is "$(pieces) $(blocks)" "online 0 1 $n online Movable" "in one piece"
call stay $((b[1] * bs))
fails "memory block ${b[1]} (" "back, while a block has to stay" \
	$P reconfigure-device -f -m devdax "$dax"
call stay 0
is "$(pieces) $(blocks)" "offline -16 1 $n online Movable" "and all is as before"
works "back" $P reconfigure-device -f -m devdax "$dax"
is "$(pieces) $(nr_ranges)" "offline 0 1 0" "in one piece"
finish
