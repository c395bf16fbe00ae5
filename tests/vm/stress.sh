#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Four writers for 60 s: policies of devices, policies of regions and defaults,
# binding, and the regions themselves, which are disabled, destroyed and made anew,
# while a fifth process reads every attribute there is. Then with memory going online beneath them. Whatever fails, fails
# cleanly, and nothing is left.
# vm: CXL='512M 512M' SMP=4
# debug: SMP=2
. /job/lib/guest.sh
load_cxl
modprobe kmem
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
d0=$(create_region mem0) d1=$(create_region mem1) || bail_out "no regions"
wait_for_kmem "$d1"
words=(dram block range auto)
count() { echo $(($(cat /tmp/count.$1 2>/dev/null || echo 0) + 1)) >/tmp/count.$1; }
running() { [ "$(date +%s)" -lt $end ]; }
# The region that is made anew gets another number each time.
devices() { ls /sys/bus/dax/devices; }
region_of() { local r=${1%.*}; echo "${r/dax/region}"; }

policies() {
	while running; do
		for d in $(devices); do
			set_policy $d "${words[RANDOM % 4]}" && count policies
			write "$(dax_dir $d)/memmap_on_memory" $((RANDOM % 2))
		done
	done
}
wider_policies() {
	while running; do
		for d in $(devices); do
			write /sys/bus/cxl/devices/"$(region_of $d)"/memmap_policy "${words[RANDOM % 4]}" && count region-policies
			write "$(class_default cxl)" "${words[RANDOM % 4]}" && count defaults
		done
	done
}
binding() {
	while running; do
		for d in $(devices); do
			kmem_unbind $d && count unbinds
			write /sys/bus/dax/drivers/kmem/bind $d && count binds
		done
	done
}
onlining() {
	local b
	while running; do
		for d in $d0 $d1; do
			for b in $(dax_blocks $d); do set_block "$b" online_movable && count onlines; done
			for b in $(dax_blocks $d); do set_block "$b" offline && count offlines; done
		done
	done
}
teardown() {
	local r
	while running; do
		r=$(region_of $d1)
		cxl disable-region "$r" && count disables
		cxl enable-region "$r" && count enables
		sleep 0.5
	done
}
remaking() {
	local r d
	while running; do
		r=$(region_of "$(cat /tmp/d1)")
		if [ -e "/sys/bus/cxl/devices/$r" ]; then
			cxl disable-region "$r" && count disables
			cxl enable-region "$r" && count enables
			cxl destroy-region -f "$r" && count destroys
		fi
		d=$(create_region mem1) && echo "$d" >/tmp/d1 && count creates
		sleep 0.5
	done
}
# What is no value of its file.
nonsense() {
	grep -vxE 'dram|block|range|auto' /sys/bus/dax/devices/*/memmap_policy /sys/bus/cxl/devices/region*/memmap_policy
	grep -vxE 'none|dram|block|range' /sys/bus/dax/devices/*/memmap_effective
	grep -vxE 'default|dram|block|range|auto' /sys/module/mhp_altmap/parameters/*
	grep -vxE 'dram( block)?( range)?' /sys/bus/dax/devices/*/memmap/supported
	grep -vxE '[0-9]+' /sys/bus/dax/devices/*/memmap/{memmap,head,waste,usable,dram,gigantic_pages}
	grep -vxE 'none|(DMA|DMA32|Normal|Movable)( (Normal|Movable))?' $SYS_MEMORY/memory*/valid_zones
	# Not even for a moment is there a range without all of its memmap.
	awk 'NR > 1 && (NF != 9 || $7 != $8)' $DEBUG/mhp_altmap/ranges
}
reading() {
	while running; do
		nonsense >>/tmp/nonsense
		cat /sys/bus/dax/devices/*/memmap_* /sys/bus/dax/devices/*/memmap/* \
			/sys/bus/cxl/devices/region*/memmap_policy $DEBUG/mhp_altmap/ranges \
			/sys/module/mhp_altmap/parameters/* $SYS_MEMORY/memory*/valid_zones && count clean-reads
		count reads
	done
}
race() { # SECONDS JOB ...
	local job p pids=()
	end=$(($(date +%s) + $1))
	shift
	for job; do
		$job >/dev/null 2>&1 &
		pids+=($!)
	done
	for p in "${pids[@]}"; do wait "$p"; done
}
# Every device there, and none of it system RAM.
order() {
	local d
	for d in $d0 $d1; do
		[ -e "$(dax_dir $d)" ] || cxl enable-region "$(region_of $d)" >/dev/null 2>&1
		wait_for_kmem $d
		[ ! -e "$(dax_dir $d)" ] || { offline_blocks $d; kmem_unbind $d; } 2>/dev/null
	done
}

echo "# four writers, one reader, 60 s"
echo "$d1" >/tmp/d1
# Under KASAN, a region takes long to come and go.
seconds=60; ! debug_kernel || seconds=180
race $seconds policies wider_policies binding remaking reading
for c in policies region-policies defaults binds unbinds disables enables destroys creates reads clean-reads; do
	at_least "$(cat /tmp/count.$c 2>/dev/null || echo 0)" 1 "$c"
done
is "$(sort -u /tmp/nonsense | head -n 5)" "" "all that was read made sense"
d1=$(cat /tmp/d1)
[ -e "/sys/bus/cxl/devices/$(region_of $d1)" ] || d1=$(create_region mem1) || not_ok "no region on mem1"
order
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
for d in $d0 $d1; do
	works "$d can be a range" eval "set_policy $d range && kmem_bind $d && online_blocks $d online_movable"
	works "$d can go" cxl destroy-region -f "$(region_of $d)"
done
is "$(vmstat nr_memmap_pages)" "$structs" "nr_memmap_pages is as before"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"

echo "# with memory going online and offline beneath them, 15 s"
if debug_kernel; then
	skip "unbinding with memory online" "kmem leaks, on purpose, what it knows of memory that stays: kmemleak would report it"
	finish
fi
d0=$(create_region mem0) d1=$(create_region mem1) || bail_out "no regions"
race 15 policies binding onlining teardown reading
is "$(sort -u /tmp/nonsense | head -n 5)" "" "all that was read made sense"
for c in onlines offlines; do at_least "$(cat /tmp/count.$c 2>/dev/null || echo 0)" 1 "$c"; done
order
# kmem's rule: what is online when it loses its device stays until reboot.
is "$(awk 'NR > 1 && $7 != $8' $DEBUG/mhp_altmap/ranges | wc -l)" 0 \
	"what stays ($(grep -c 'System RAM (kmem)' /proc/iomem)) has all of its memmap"
finish
