#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory in a kernel zone goes offline again while nobody has taken any of it. The node's own
# kswapd and kcompactd, which come with its first memory, do not.
# vm: CXL=2G
. /job/lib/guest.sh
setup_device
node=$(dax_node "$dax")
daemons() { cat /proc/[0-9]*/comm 2>/dev/null | grep -cxE "(kswapd|kcompactd)$node"; }

for p in dram block range; do
	echo "# $p"
	works "the node has no memory" wait_for eval '[ "$(daemons)" = 0 ]'
	works "added" eval "set_policy $dax $p && kmem_bind $dax"
	works "online in a kernel zone" online_blocks "$dax" online_kernel
	is "$(cat "$SYS_MEMORY/memory$(dax_blocks "$dax" | head -n 1)/valid_zones")" Normal \
		"its zone"
	is "$(daemons)" 2 "a kswapd and a kcompactd"
	works "offline" offline_blocks "$dax"
	works "removed" kmem_unbind "$dax"
done
finish
