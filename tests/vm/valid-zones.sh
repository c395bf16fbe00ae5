#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# valid_zones is read while blocks are being added: they are visible before they
# know their node.
# vm: CXL=32G DRAM=4G SMP=2
# debug: CXL=1G
. /job/lib/guest.sh
setup_device
bs=$(block_size)
start=$(dax_start "$dax") size=$(dax_size "$dax")
blocks=$(seq $(((start + bs - 1) / bs + 3)) 20 $(((start + size) / bs - 1)))
is "$(blocks_online "$dax")" "no blocks" "no block is there yet"
reader() {
	local b zones
	until [ -e /tmp/stop ]; do
		for b in $blocks; do
			read -r zones 2>/dev/null <$SYS_MEMORY/memory$b/valid_zones && echo "$zones"
		done
	done >/tmp/zones
}
reader &
for p in dram block range dram range; do
	set_policy "$dax" $p
	works "$p is added while its blocks are read" kmem_bind "$dax"
	works "and removed" kmem_unbind "$dax"
done
touch /tmp/stop
wait
at_least "$(wc -l </tmp/zones)" 20 "reads of blocks"
echo "# $(sort /tmp/zones | uniq -c | tr '\n' ';')"
nothing "$(grep -vxE 'none|Normal|Movable|Normal Movable|Movable Normal' /tmp/zones | sort -u)" \
	"nothing but zones, or none"
finish
