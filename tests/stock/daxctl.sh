#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl with the series on top, on a kernel without memmap policies: they are refused,
# and nothing else is different.
# vm: CXL=1G
# file: @build/daxctl/daxctl
. /job/lib/guest.sh
# Debian's kernel onlines new memory by itself; daxctl then refuses to add any.
write $SYS_MEMORY/auto_online_blocks offline
setup_device
dir=$(dax_dir "$dax")

daxctl() { /job/daxctl "$@" 2>/tmp/err; }
value() { daxctl list -d "$dax" | jq -r ".[].$1"; }
values() { echo "$(value mode) $(value memmap_policy) $(value memmap_effective)"; }
driver() { basename "$(readlink "$dir/driver" || echo none)"; }
reconfigure() { daxctl reconfigure-device "$@" "$dax"; }

[ ! -e "$dir/memmap_policy" ] && ok "no policies" || not_ok "no policies"
works "devdax" reconfigure -m devdax
is "$(values)" "devdax null null" "none is listed"
for p in dram block range auto; do
	reconfigure -m system-ram --memmap=$p
	is $? $((256 - 2)) "$p is refused"
	grep -q "$dax: this kernel has no memmap policies" /tmp/err && ok "it says why" ||
		not_ok "it says why" "$(cat /tmp/err)"
	is "$(driver) $(values)" "device_dax devdax null null" "it is as it was"
done
works "without --memmap" reconfigure -m system-ram
is "$(values) $(blocks_online "$dax")" "system-ram null null all" "as ever"
works "devdax" reconfigure -m devdax -f
finish
