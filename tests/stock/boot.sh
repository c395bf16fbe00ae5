#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's own kernel boots in the guest, has nothing of ours, and hot-adds a
# CXL expander.
# vm: CXL=2G
. /job/lib/guest.sh
[[ $(uname -r) =~ ^[0-9.]+\+deb[0-9]+-amd64$ ]] && ok "the kernel is Debian's" ||
	not_ok "the kernel is Debian's" "uname -r: $(uname -r)"
grep -q mhp_altmap /proc/kallsyms && not_ok "nothing of ours is in it" || ok "nothing of ours is in it"
load_cxl
dax=$(create_region) || bail_out "no region"
ok "a CXL region is made: $dax"
is "$(dax_size "$dax")" $((2 << 30)) "it is as large as the expander"
is "$(ls -d /sys/bus/dax/devices/*/memmap_policy 2>/dev/null)" "" "no DAX device has a memmap_policy"
node=$(dax_node "$dax")
# Debian's kernel onlines new memory by itself; daxctl then refuses to add any.
write $SYS_MEMORY/auto_online_blocks offline
works "daxctl makes it system RAM" daxctl reconfigure-device -m system-ram "$dax"
is "$(daxctl list -d "$dax" | jq -r '.[].mode')" system-ram "daxctl lists it as that"
is "$(node_kib "$node" MemTotal)" $((2 << 20)) "all of it is memory of node $node"
finish
