# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# CXL and DAX devices in a guest, and the ranges that they become.

load_cxl() {
	local m
	for m in cxl_acpi cxl_pci cxl_port cxl_mem dax_cxl device_dax; do
		modprobe $m || bail_out "cannot load $m"
	done
	wait_for cxl_memdev || bail_out "no CXL memory device"
}

# All that there are, each with its endpoint: they are found on their own.
cxl_memdev() {
	local pci=(/sys/bus/pci/drivers/cxl_pci/0000:*) mem=(/sys/bus/cxl/drivers/cxl_mem/mem*)
	local endpoint=(/sys/bus/cxl/drivers/cxl_port/endpoint*)
	[ -e "${pci[0]}" ] && [ ${#pci[@]} = ${#mem[@]} ] && [ -e "${endpoint[0]}" ] &&
		[ ${#pci[@]} = ${#endpoint[@]} ]
}

# Region out of one memdev; prints the name of its dax device. kmem is not
# loaded yet, or is set not to take it, so that a policy can be written.
create_region() { # [MEMDEV [SIZE]]
	local region
	region=$(cxl create-region -t ram -d decoder0.0 -m "${1:-mem0}" ${2:+-s "$2"} 2>/dev/null |
		 jq -r .region) || return 1
	wait_for test -e "/sys/bus/dax/devices/dax${region#region}.0" || return 1
	echo "dax${region#region}.0"
}

memmap_figure() { dax_value "$1" "memmap/$2"; }
class_default() { echo "/sys/module/mhp_altmap/parameters/$1"; }

dax_dir() { echo "/sys/bus/dax/devices/$1"; }
dax_start() { echo $(($(dax_value "$1" resource))); }
dax_size() { dax_value "$1" size; }
dax_node() { dax_value "$1" target_node; }
policy() { dax_value "$1" memmap_policy; }
effective() { dax_value "$1" memmap_effective; }
set_policy() { write "/sys/bus/dax/devices/$1/memmap_policy" "$2"; }
# One line, as all of them have. No forks, as these are asked for often.
dax_value() { # DAX FILE
	local value
	read -r value <"/sys/bus/dax/devices/$1/$2" && echo "$value"
}

# Give a device to kmem without onlining anything.
kmem_bind() {
	local dir=/sys/bus/dax/devices/$1
	[ -e /sys/bus/dax/drivers/kmem ] || modprobe kmem 2>/dev/null
	[ "$dir/driver" -ef /sys/bus/dax/drivers/kmem ] && return
	if [ -e "$dir/driver" ]; then
		write "$dir/driver/unbind" "$1" || return
	fi
	write /sys/bus/dax/drivers/kmem/bind "$1"
}

# Wait until kmem has taken a device and has done with adding it, which is later than
# its link: binding waits for that, and is refused then.
wait_for_kmem() {
	wait_for test -L "$(dax_dir "$1")/driver" || return
	write /sys/bus/dax/drivers/kmem/bind "$1" 2>/dev/null || :
}

kmem_unbind() { write /sys/bus/dax/drivers/kmem/unbind "$1"; }

# A region that kmem does not hold (it takes each new one, or fails to): sets dax.
setup_device() {
	load_cxl
	modprobe kmem
	dax=$(create_region) || bail_out "no region"
	wait_for test -L "$(dax_dir "$dax")/driver" && kmem_unbind "$dax"
}

# Regions of two devices, which kmem does not hold: sets d1 and d2.
setup_two_devices() {
	load_cxl
	modprobe kmem
	d1=$(create_region mem0) || bail_out "no first region"
	d2=$(create_region mem1) || bail_out "no second region"
	local d
	for d in "$d1" "$d2"; do
		wait_for test -L "$(dax_dir "$d")/driver" && kmem_unbind "$d"
	done
}

# The same as system RAM with policy range, all blocks online.
setup_range() { # ONLINE-TYPE
	setup_device
	set_policy "$dax" range && kmem_bind "$dax" && online_blocks "$dax" "$1" ||
		bail_out "cannot set up a range"
}

# Blocks of a device: those that lie in it and exist.
dax_blocks() {
	local start size bs b dir=/sys/bus/dax/devices/$1
	{ read -r start <"$dir/resource" && read -r size <"$dir/size"; } || return
	read -r bs <$SYS_MEMORY/block_size_bytes
	bs=$((16#$bs))
	for ((b = (start + bs - 1) / bs; (b + 1) * bs <= start + size; b++)); do
		[ ! -e "$SYS_MEMORY/memory$b" ] || echo "$b"
	done
}

# For these two it is an error if there are none.
online_blocks() { # DAX TYPE
	local b state blocks rc=0
	blocks=$(dax_blocks "$1")
	[ -n "$blocks" ] || { echo "no memory blocks of $1" >&2; return 1; }
	for b in $blocks; do
		read -r state <"$SYS_MEMORY/memory$b/state"
		[ "$state" = online ] || set_block "$b" "$2" || rc=1
	done
	return $rc
}

# The first memory of a node is what the debug kernel keeps notes about the rest in (KASAN's
# shadow, page_ext), if it is in a kernel zone, and cannot go offline then. Give the node a
# movable block.
first_memory() { # DAX
	local blocks
	blocks=($(dax_blocks "$1"))
	set_block "${blocks[-1]}" online_movable
}

offline_blocks() { # DAX
	local b state blocks rc=0
	blocks=$(dax_blocks "$1")
	[ -n "$blocks" ] || { echo "no memory blocks of $1" >&2; return 1; }
	for b in $blocks; do
		read -r state <"$SYS_MEMORY/memory$b/state"
		[ "$state" = offline ] || set_block "$b" offline || rc=1
	done
	return $rc
}

# A page of a kernel zone of the node, in use: it cannot move, and its block not go
# offline.
pin_page() { # NODE
	modprobe mhp_altmap_calls
	write $DEBUG/mhp_altmap_calls "pin $1"
}

unpin_page() { write $DEBUG/mhp_altmap_calls unpin; }

# Where a device's range starts: with its first whole memory block.
range_start() {
	local start bs
	start=$(dax_start "$1") bs=$(block_size)
	printf '%#x' $(((start + bs - 1) / bs * bs))
}

# Line of the debugfs table for a device: start size node head memmap ...
range_line() {
	local start line
	start=$(range_start "$1")
	while read -r line; do
		[[ $line != "$start "* ]] || echo "$line"
	done <$DEBUG/mhp_altmap/ranges
}

range_field() { # DAX FIELD
	local names values start i
	start=$(range_start "$1")
	{
		read -ra names
		while read -ra values; do
			[ "${values[0]}" = "$start" ] || continue
			for i in "${!names[@]}"; do
				[ "${names[i]}" != "$2" ] || echo $((values[i]))
			done
		done
	} <$DEBUG/mhp_altmap/ranges
}

# -1 without the file.
nr_ranges() {
	local lines=()
	mapfile lines <$DEBUG/mhp_altmap/ranges
	echo $((${#lines[@]} - 1))
}

# How many of a device's memory blocks are online: "all", "none", "3 of 31", or that
# there are no blocks, which is not the same as none.
blocks_online() { # DAX
	local b state n=0 online=0
	for b in $(dax_blocks "$1"); do
		read -r state <"$SYS_MEMORY/memory$b/state"
		n=$((n + 1))
		[ "$state" != online ] || online=$((online + 1))
	done
	case $online/$n in
	0/0) echo "no blocks" ;;
	0/*) echo none ;;
	"$n/$n") echo all ;;
	*) echo "$online of $n" ;;
	esac
}

# 1 GiB pieces, aligned, of which all memory blocks are online.
gigantic_possible() { # DAX
	local start size bs g b state
	start=$(dax_start "$1") size=$(dax_size "$1") bs=$(block_size)
	local gib=$((1 << 30)) n=0
	for ((g = (start + gib - 1) / gib; (g + 1) * gib <= start + size; g++)); do
		for ((b = g * gib / bs; b * bs < (g + 1) * gib; b++)); do
			state=none
			[ ! -e "$SYS_MEMORY/memory$b" ] || read -r state \
				<"$SYS_MEMORY/memory$b/state"
			[ "$state" = online ] || continue 2
		done
		n=$((n + 1))
	done
	echo $n
}

# How many 1 GiB pages does the node give? They stay allocated.
# A 1 GiB page in use, which has nowhere to go; "tried" is true when somebody has tried to
# move it.
hold_gigantic() { # NODE
	is "$(gigantic_allocate "$1" 1)" 1 "a 1 GiB page"
	mkdir -p /mnt/huge
	mount -t hugetlbfs -o pagesize=1G none /mnt/huge
	works "is in use" fallocate -l 1G /mnt/huge/page
	failed=$(vmstat pgmigrate_fail)
}
tried() { [ "$(vmstat pgmigrate_fail)" -gt "$failed" ]; }
release_gigantic() { # NODE
	rm /mnt/huge/page
	umount /mnt/huge
	gigantic_allocate "$1" 0 >/dev/null
}

gigantic_allocate() { # NODE COUNT
	local file=/sys/devices/system/node/node$1/hugepages/hugepages-1048576kB/nr_hugepages
	echo "$2" >"$file"
	cat "$file"
}
