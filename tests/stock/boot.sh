#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's own kernel boots in the guest, has nothing of ours, and hot-adds a
# CXL expander.
# vm: CXL=2G
# kernels: all
. /job/lib/guest.sh
[[ $(uname -r) =~ ^[0-9.]+\+deb[0-9]+-amd64$ ]] && ok "the kernel is Debian's" ||
	not_ok "the kernel is Debian's" "uname -r: $(uname -r)"
is "$(grep -oE ' (mhp_altmap.*|add_memory_driver_managed)$' /proc/kallsyms)" \
	" add_memory_driver_managed" \
	"nothing of ours is in it"
load_cxl
dax=$(create_region) || bail_out "no region"
ok "a CXL region is made: $dax"
is "$(dax_size "$dax")" $((2 << 30)) "it is as large as the expander"
is "$(cd "$(dax_dir "$dax")" && ls -d memmap*)" memmap_on_memory "no DAX device has a memmap_policy"
node=$(dax_node "$dax")
# Debian's kernel onlines new memory by itself; daxctl then refuses to add any.
write $SYS_MEMORY/auto_online_blocks offline
works "daxctl makes it system RAM" daxctl reconfigure-device -m system-ram "$dax"
is "$(daxctl list -d "$dax" | jq -r '.[].mode')" system-ram "daxctl lists it as that"
is "$(node_kib "$node" MemTotal)" $((2 << 20)) "all of it is memory of node $node"
finish
