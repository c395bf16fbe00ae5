#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap on Debian's unmodified kernel, booted with memmap_on_memory: dram
# and block by the device's own attribute, told apart by what can be measured.
# vm: CXL=4G DRAM=2G APPEND=memory_hotplug.memmap_on_memory=1
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
load_cxl
modprobe kmem
# What gets into a kernel zone there stays (docs/stock.md).
! kernel_from 7 || write $SYS_MEMORY/auto_online_blocks online_movable
key() { $P list -d "$dax" | jq -r ".[0].$1"; }
managed() {
	$P verify --json "$dax" |
		jq -r '.[0].checks[] | select(.check == "managed_pages") | .found'
}

for p in dram block; do
	works "onboard --memmap=$p" $P onboard --memmap=$p mem0
	dax=$(basename /sys/bus/dax/devices/dax*)
	is "$(key memmap_effective) $(managed)" \
		"$p $(($(dax_size "$dax") / 4096 * $([ $p = dram ] && echo 64 || echo 63) / 64))" \
		"is $p"
	works "to devdax" $P reconfigure-device -m devdax -f "$dax"
	works "destroyed" cxl destroy-region -f all
done
works "onboard, auto" $P onboard mem0
dax=$(basename /sys/bus/dax/devices/dax*)
size=$(dax_size "$dax")
is "$(key memmap_effective)" block "auto became block"
works "verify" $P verify "$dax"
is "$(managed)" $((size / 4096 * 63 / 64)) "1/64 of it is memmap"
works "to dram" $P reconfigure-device --memmap=dram -f "$dax"
is "$(cat "$(dax_dir "$dax")/memmap_on_memory") $(key memmap_effective)" "0 dram" "by its attribute"
works "verify" $P verify "$dax"
is "$(managed)" $((size / 4096)) "none of it is memmap"
works "to block" $P reconfigure-device --memmap=block -f "$dax"
is "$(managed)" $((size / 4096 * 63 / 64)) "again"
fails "no memmap policies" "range is refused" $P reconfigure-device --memmap=range -f "$dax"
is "$(key memmap_effective) $(key online_memblocks)" "block $((size / $(block_size)))" \
	"and nothing changed"
finish
