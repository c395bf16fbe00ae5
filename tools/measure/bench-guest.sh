#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guest's part of the benchmark, for one policy: add a device, put it online, take it
# offline, remove it. Prints "step NAME MICROSECONDS", by the guest's clock, and "KEY
# VALUE".
#
#	tools/measure/bench-guest.sh dram|block|range|piece|unwired-dram|unwired-block ROUNDS
. /job/lib/guest.sh
policy=${1#unwired-}
[ "$policy" = "$1" ] || unwired=1

fail() { echo "error: $policy: $*" >&2; exit 1; }
step() { # NAME COMMAND ...
	local start=${EPOCHREALTIME/./}
	"${@:2}" || fail "$1 failed"
	echo "step $1 $((${EPOCHREALTIME/./} - start))"
}
memory_state() { write "$(dax_dir "$dax")/memory_state" "$1"; }
meminfo() { # FIELD: KiB
	local name value
	while read -r name value _; do
		[ "$name" != "$1:" ] || echo "$value"
	done </proc/meminfo
}
online() { if [ $policy = piece ]; then memory_state online_movable
	else online_blocks "$dax" online_movable; fi; }
offline() { if [ $policy = piece ]; then memory_state offline
	else offline_blocks "$dax"; fi; }

setup_device
if [ -n "${unwired:-}" ]; then
	on=0; [ $policy = dram ] || on=1
	write "$(dax_dir "$dax")/memmap_on_memory" $on || fail "not accepted"
else
	asked=${policy/piece/range}
	set_policy "$dax" "$asked" || fail "not accepted"
fi
size=$(dax_size "$dax") node=$(dax_node "$dax")
# What there is less of, and how the memory is mapped, since it was added.
before() {
	free=$(node_free_pages 0) slab=$(meminfo Slab) structs=$(vmstat nr_memmap_pages)
	map_4k=$(meminfo DirectMap4k) map_2m=$(meminfo DirectMap2M) map_1g=$(meminfo DirectMap1G)
}
after() {
	# The memmap is mapped by 2 MiB, wherever it is. A table has 512 entries.
	local small=$((($(meminfo DirectMap4k) - map_4k) / 4)) vmemmap=$((size / 64 / (2 << 20)))
	local pmds=$((($(meminfo DirectMap2M) - map_2m) / 2048))
	echo "dram_bytes $(((free - $(node_free_pages 0)) * 4096))"
	echo "slab_bytes $((($(meminfo Slab) - slab) * 1024))"
	structs=$((($(vmstat nr_memmap_pages) - structs) * 4096))
	[ $policy = dram ] || structs=0
	echo "struct_bytes $structs"
	echo "direct_map_4k $small"
	echo "direct_map_2m $pmds"
	echo "direct_map_1g $((($(meminfo DirectMap1G) - map_1g) / 1048576))"
	echo "vmemmap_2m $vmemmap"
	echo "table_bytes $((4096 * ((small + 511) / 512 + (pmds + 511) / 512 +
		(vmemmap + 511) / 512)))"
	echo "usable_bytes $(($(node_kib "$node" MemTotal) * 1024))"
}

for ((round = 1; round <= $2; round++)); do
	settle
	[ $round != "$2" ] || before
	step add kmem_bind "$dax"
	[ -n "${unwired:-}" ] || [ "$(effective "$dax")" = "$asked" ] ||
		fail "$(effective "$dax") instead"
	step online online
	if [ $round = "$2" ]; then
		settle
		after
	fi
	step offline offline
	step remove kmem_unbind "$dax"
done

# What takes longer than all the rest, of more memory.
if [ $((size >> 30)) -le 32 ]; then
	kmem_bind "$dax" || fail "once more"
	# On 6.12 1 GiB pages come from kernel zones, whose memory cannot be relied on to go
	# offline again.
	type=online_kernel
	if [ -e /proc/sys/vm/movable_gigantic_pages ]; then
		echo 1 >/proc/sys/vm/movable_gigantic_pages
		type=online_movable
	fi
	online_blocks "$dax" $type || fail "$type"
	echo "gigantic_pages $(gigantic_allocate "$node" $(((size >> 30) + 10)))"
	gigantic_allocate "$node" 0 >/dev/null
	# In use: a program whose memory is all on the node fills 64 MiB, forks, and has
	# them moved to the other node.
	numactl --membind="$node" bash -c '
		now() {
			echo "step $1 $((${EPOCHREALTIME/./} - start))"
			start=${EPOCHREALTIME/./}
		}
		start=${EPOCHREALTIME/./}
		printf -v memory "%*s" 67108864 ""
		now fault
		for i in {1..10}; do ( : ); done
		now fork
		migratepages $$ "$1" 0 || exit
		now migrate
		# New pages of it come from the node, as before.
		left=$(grep -o "N$1=[0-9]*" /proc/$$/numa_maps |
			awk -F= "{ n += \$2 } END { print n + 0 }")
		[ "$left" -lt 100 ]' bash "$node" ||
		fail "not used, or not moved away"
fi

# What cannot be done in fewer instructions: to store the struct pages once.
if [ -z "${unwired:-}" ]; then
	modprobe mhp_altmap_calls || fail "no module of calls"
	step stores write $DEBUG/mhp_altmap_calls "store $((size / 64))"
fi
