#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl with the series on top, on a kernel without memmap policies: what that
# can have works, what it cannot is refused.
# vm: CXL=1G APPEND='memory_hotplug.memmap_on_memory=1'
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
is "$(values)" "devdax block null" "as memmap_on_memory says"
reconfigure -m system-ram --memmap=range
is $? $((256 - 95)) "range is refused"
grep -q "$dax: cannot have policy range: this kernel has no memmap policies" /tmp/err &&
	ok "it says why" || not_ok "it says why" "$(cat /tmp/err)"
is "$(driver) $(values)" "device_dax devdax block null" "it is as it was"
for p in dram block; do
	works "$p" reconfigure -m system-ram --memmap=$p
	is "$(values)" "system-ram $p $p" "$p is listed"
	is "$(cat "$dir/memmap_on_memory")" $([ $p = dram ]; echo $?) "$p: memmap_on_memory"
	works "$p, once more" reconfigure -m system-ram --memmap=$p
	works "devdax" reconfigure -m devdax -f
done
works "auto" reconfigure -m system-ram --memmap=auto
is "$(values)" "system-ram block block" "auto is block"
works "devdax" reconfigure -m devdax -f
finish
