#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The trace events, seen with trace-cmd.
# vm: CXL=1G
. /job/lib/guest.sh
mount -t tracefs trace /sys/kernel/tracing
modprobe mhp_altmap_calls
setup_device
bs=$(block_size) start=$(dax_start "$dax") size=$(dax_size "$dax")
is "$(trace-cmd list -e '^mhp_altmap:' | wc -l)" 8 "eight events"

cat >/tmp/life.sh <<EOF
echo auto >$(dax_dir "$dax")/memmap_policy
echo range >$(dax_dir "$dax")/memmap_policy
echo $dax >/sys/bus/dax/drivers/kmem/bind
echo online_movable >$(dax_dir "$dax")/memory_state
echo offline >$(dax_dir "$dax")/memory_state
echo "remove $start $bs" >$DEBUG/mhp_altmap_calls
echo $dax >/sys/bus/dax/drivers/kmem/unbind
echo "add 0 $((start + 4096)) $bs block" >$DEBUG/mhp_altmap_calls
EOF
works "trace-cmd record" trace-cmd record -e mhp_altmap -o /tmp/trace.dat bash /tmp/life.sh
trace-cmd report -i /tmp/trace.dat 2>/dev/null >/tmp/trace
sed 's/^/# /' /tmp/trace
is "$(grep -o 'mhp_altmap_[a-z]*:' /tmp/trace | paste -sd' ')" \
	"$(printf 'mhp_altmap_%s: ' plan plan setup mark online offline refuse unmark \
		release)mhp_altmap_refuse:" \
	"the life of a range, in its order"
s=$(printf '%#x' "$start") z=$(printf '%#x' "$size")
seen() { grep -qF -- "$1" /tmp/trace && ok "$1" || not_ok "$1"; }
seen "mhp_altmap_plan:      start=$s size=$z requested=range policy=range memmap=0x1000000\
 head=0x8000000 waste=0x7000000 dram=0"
seen "mhp_altmap_mark:      start=$s size=$z head=0x8000000 nid=$(dax_node "$dax") ret=0"
seen "mhp_altmap_refuse:    start=$s size=0x8000000 policy=range ret=-22 reason=a part of a range"
seen "policy=block ret=-22 reason=not whole memory blocks"
finish
