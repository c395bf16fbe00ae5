#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guest's part of the demo: one policy, from region to system RAM.
# Prints KEY VALUE lines.
. /job/lib/guest.sh
policy=$1

load_cxl
dax=$(create_region) || { echo "result no-region"; exit 1; }
node=$(dax_node "$dax")
if [ ! -e "$(dax_dir "$dax")/memmap_policy" ]; then
	echo "error: this kernel has no memmap_policy:" \
		"it lacks the wiring, or CONFIG_MHP_ALTMAP=y" >&2
	exit 1
fi
set_policy "$dax" "$policy" || { echo "result no-policy"; exit 1; }
settle
free_before=$(node_free_pages 0)
memmap_before=$(vmstat nr_memmap_pages)

# Where 1 GiB pages can be allocated from movable memory, it can go again, too.
zone=--no-movable
if [ -e /proc/sys/vm/movable_gigantic_pages ]; then
	zone=
	echo 1 >/proc/sys/vm/movable_gigantic_pages
fi
t0=${EPOCHREALTIME/./}
# shellcheck disable=SC2086
out=$(daxctl reconfigure-device -m system-ram $zone "$dax" 2>&1)
# The guest's clock goes by instructions, 1 ns for each.
echo "instructions $(((${EPOCHREALTIME/./} - t0) * 1000))"

if [ "$(effective "$dax")" = none ]; then
	# daxctl does not say why; the kernel does, to who asks directly.
	out=$(kmem_bind "$dax" 2>&1)
	case $out in
	*"Cannot allocate memory"*) echo "result ENOMEM" ;;
	*"not supported"*) echo "result EOPNOTSUPP" ;;
	*"Device or resource busy"*) echo "result EBUSY" ;;
	*) echo "result EIO"; echo "$out" >&2 ;;
	esac
	exit 0
fi
if [ "$(effective "$dax")" != "$policy" ]; then
	echo "result effective-$(effective "$dax")"
	exit 1
fi
settle
free_after=$(node_free_pages 0)
echo "dram_bytes $(((free_before - free_after) * 4096))"
echo "memmap_pages $(($(vmstat nr_memmap_pages) - memmap_before))"
echo "usable_bytes $(($(node_kib "$node" MemTotal) * 1024))"
possible=$(gigantic_possible "$dax")
echo "gigantic_possible $possible"
echo "gigantic_pages $(gigantic_allocate "$node" $((possible + 10)))"
if [ -e "$(dax_dir "$dax")/state" ]; then
	gigantic_allocate "$node" 0 >/dev/null
	if out=$(write "$(dax_dir "$dax")/state" unplugged 2>&1); then
		echo "unplug ok"
	else
		echo "unplug ${out##*: }"
	fi
	settle
	echo "dram_kept_bytes $(((free_before - $(node_free_pages 0)) * 4096))"
fi
echo "result ok"
