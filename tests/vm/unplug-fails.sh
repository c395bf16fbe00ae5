#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A driver takes its memory back, and one block does not go offline: the first, one in the
# middle, or the last. Or a notifier refuses, as one may when a block goes online. With each
# policy, and zones that are mixed, all is as before, and it goes when nothing refuses.
# vm: CXL=2G
# debug: CXL=1G
. /job/lib/guest.sh
setup_device
modprobe mhp_altmap_calls
modprobe memory-notifier-error-inject
inject=$DEBUG/notifier-error-inject/memory/actions
node=$(dax_node "$dax") start=$(dax_start "$dax") size=$(dax_size "$dax") bs=$(block_size)
call() { write $DEBUG/mhp_altmap_calls "$*"; }
census() {
	local b
	for b in $(dax_blocks "$dax"); do
		echo "$b $(block_state "$b") $(cat "$SYS_MEMORY/memory$b/valid_zones")"
	done
	cat $DEBUG/mhp_altmap_zones $DEBUG/mhp_altmap/ranges /proc/iomem
	grep -E '^Node|spanned|present' /proc/zoneinfo
	cat /sys/devices/system/node/{online,has_memory,has_normal_memory}
}
empty=$(census)
for p in dram block range; do
	echo "# $p"
	works "$p: added" call add "$node" "$start" "$size" $p
	b=($(dax_blocks "$dax"))
	# One is offline and stays so, as does the zone of each other.
	works "$p: online" online_blocks "$dax" online_movable
	works "$p: a block offline" set_block "${b[2]}" offline
	before=$(census)
	for stays in "${b[0]}" "${b[3]}" "${b[-1]}"; do
		call stay $((stays * bs))
		fails "Device or resource busy" "$p: block $stays stays" \
			call offline_and_drop "$start" "$size"
		is "$(census)" "$before" "$p: all is as before"
	done
	call stay 0
	echo -5 >$inject/MEM_GOING_OFFLINE/error
	fails "Input/output error" "$p: a notifier refuses" \
		call offline_and_drop "$start" "$size"
	is "$(census)" "$before" "$p: all is as before"
	echo 0 >$inject/MEM_GOING_OFFLINE/error
	echo -5 >$inject/MEM_GOING_ONLINE/error
	fails "Input/output error" "$p: and for a block that is to go online" \
		set_block "${b[2]}" online_movable
	is "$(census)" "$before" "$p: all is as before"
	echo 0 >$inject/MEM_GOING_ONLINE/error
	works "$p: it goes" call offline_and_drop "$start" "$size"
	is "$(census)" "$empty" "$p: nothing is left"
done
finish
