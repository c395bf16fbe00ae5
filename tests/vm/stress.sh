#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Four writers at once: policies of devices, policies of regions and defaults, binding,
# and the regions themselves, which are disabled, destroyed and made anew, while a fifth
# process reads every attribute there is. Then with memory going online beneath them.
# Whatever fails, fails cleanly, and nothing is left. A race ends when each has done
# enough; with SOAK=MINUTES in the environment, both together take so long.
# vm: CXL='512M 512M' SMP=4
# debug: SMP=2
. /job/lib/guest.sh
load_cxl
modprobe kmem
iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
d0=$(create_region mem0) d1=$(create_region mem1) || bail_out "no regions"
wait_for_kmem "$d1"
words=(dram block range auto)
# Each is counted by one job. No forks: they are what takes time here.
declare -A counted
count() { # NAME
	counted[$1]=$((counted[$1] + 1))
	echo "${counted[$1]}" >"/tmp/count.$1"
}
count_of() { # NAME
	local n=0
	read -r n 2>/dev/null <"/tmp/count.$1"
	echo "${n:-0}"
}
running() { [ ! -e /tmp/stop ]; }
# The region that is made anew gets another number each time. Sets devices.
find_devices() {
	devices=(/sys/bus/dax/devices/dax*)
	[ -e "${devices[0]}" ] || devices=()
	devices=("${devices[@]##*/}")
}
region_of() { local r=${1%.*}; echo "${r/dax/region}"; }

policies() {
	while running; do
		find_devices
		for d in "${devices[@]}"; do
			set_policy $d "${words[RANDOM % 4]}" && count policies
			write "/sys/bus/dax/devices/$d/memmap_on_memory" $((RANDOM % 2))
		done
	done
}
wider_policies() {
	local r
	while running; do
		find_devices
		for d in "${devices[@]}"; do
			r=${d%.*} r=${r/dax/region}
			write "/sys/bus/cxl/devices/$r/memmap_policy" "${words[RANDOM % 4]}" &&
				count region-policies
			write "$(class_default cxl)" "${words[RANDOM % 4]}" && count defaults
		done
	done
}
binding() {
	while running; do
		find_devices
		for d in "${devices[@]}"; do
			kmem_unbind $d && count unbinds
			write /sys/bus/dax/drivers/kmem/bind $d && count binds
		done
		# Without a pause, memory hotplug's lock is taken nearly all the time, and on
		# the debug kernel a region waits 15 s to come and go.
		sleep 0.2
	done
}
onlining() {
	local b
	while running; do
		for d in $d0 $d1; do
			for b in $(dax_blocks $d); do
				set_block "$b" online_movable && count onlines
			done
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
	done
}
# What is no value of its file.
nonsense() {
	grep -vxE 'dram|block|range|auto' /sys/bus/dax/devices/*/memmap_policy \
		/sys/bus/cxl/devices/region*/memmap_policy
	grep -vxE 'none|dram|block|range' /sys/bus/dax/devices/*/memmap_effective
	grep -vxE 'default|dram|block|range|auto' /sys/module/mhp_altmap/parameters/*
	grep -vxE 'dram( block)?( range)?' /sys/bus/dax/devices/*/memmap/supported
	grep -vxE '[0-9]+' \
		/sys/bus/dax/devices/*/memmap/{memmap,head,waste,usable,dram,gigantic_pages}
	grep -vxE 'none|(DMA|DMA32|Normal|Movable)( (Normal|Movable))?' \
		$SYS_MEMORY/memory*/valid_zones
	# Not even for a moment is there a range without all of its memmap.
	awk 'NR > 1 && (NF != 9 || $7 != $8)' $DEBUG/mhp_altmap/ranges
}
reading() {
	while running; do
		nonsense >>/tmp/nonsense
		cat /sys/bus/dax/devices/*/memmap_* /sys/bus/dax/devices/*/memmap/* \
			/sys/bus/cxl/devices/region*/memmap_policy $DEBUG/mhp_altmap/ranges \
			/sys/module/mhp_altmap/parameters/* $SYS_MEMORY/memory*/valid_zones &&
				count clean-reads
		count reads
	done
}
# Jobs run until there is enough of all that the goals say, NAME=NUMBER, and for so many
# tenths of SOAK. What is not enough in time is a failure.
enough() {
	local goal
	for goal in $goals; do [ "$(count_of "${goal%=*}")" -ge "${goal#*=}" ] || return; done
}
race() { # TENTHS JOB ...
	local job p pids=() start=$SECONDS soak=$((${SOAK:-0} * 60 * $1 / 10)) goal limit=300
	shift
	! debug_kernel || limit=800
	rm -f /tmp/stop /tmp/count.*
	for job; do
		{ seed_job $((${#pids[@]} + 1)); $job; } >/dev/null 2>&1 &
		pids+=($!)
	done
	until [ $((SECONDS - start)) -ge $soak ] && enough; do
		[ $((SECONDS - start)) -lt $((soak + limit)) ] || break
		sleep 0.2
	done
	touch /tmp/stop
	for p in "${pids[@]}"; do wait "$p"; done
	echo "# $((SECONDS - start)) s"
	for goal in $goals; do at_least "$(count_of "${goal%=*}")" "${goal#*=}" "${goal%=*}"; done
	nothing "$(sort -u /tmp/nonsense | head -n 5)" "all that was read made sense"
}
# Every device there, and none of it system RAM, but for what kmem cannot have back.
order() {
	local d r
	for d in $d0 $d1; do
		r=$(region_of $d)
		[ -e "$(dax_dir $d)" ] || cxl enable-region "$r"
		# A region whose memory stayed gets no DAX region again.
		[ ! -e "/sys/bus/cxl/devices/dax_$r" ] || wait_for test -e "$(dax_dir $d)"
		# It may be bound at this moment; this waits for that.
		kmem_bind $d
		offline_blocks $d
		kmem_unbind $d
	done >/dev/null 2>&1
}

choose_seed
echo "# four writers, one reader"
echo "$d1" >/tmp/d1
goals="policies=10 region-policies=8 defaults=100 binds=30 unbinds=30 disables=6 enables=6
	destroys=6 creates=6 reads=12 clean-reads=5"
! debug_kernel || goals="policies=10 region-policies=4 defaults=40 binds=20 unbinds=20 disables=3
	enables=3 destroys=3 creates=3 reads=5 clean-reads=2"
race 8 policies wider_policies binding remaking reading
d1=$(cat /tmp/d1)
[ -e "/sys/bus/cxl/devices/$(region_of $d1)" ] || d1=$(create_region mem1) ||
	not_ok "no region on mem1"
order
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $structs" "nothing is left"
for d in $d0 $d1; do
	works "$d can be a range" \
		eval "set_policy $d range && kmem_bind $d && online_blocks $d online_movable"
	works "$d can go" cxl destroy-region -f "$(region_of $d)"
done
is "$(vmstat nr_memmap_pages)" "$structs" "nr_memmap_pages is as before"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"

echo "# with memory going online and offline beneath them"
if debug_kernel; then
	skip "unbinding with memory online" \
		"kmem leaks its data of memory that stays, on purpose: kmemleak reports it"
	finish
fi
d0=$(create_region mem0) d1=$(create_region mem1) || bail_out "no regions"
goals="onlines=10 offlines=10 disables=10 enables=10 reads=10"
race 2 policies binding onlining teardown reading
order
# kmem's rule: what is online when it loses its device stays until reboot.
is "$(awk 'NR > 1 && $7 != $8' $DEBUG/mhp_altmap/ranges | wc -l)" 0 \
	"what stays ($(grep -c 'System RAM (kmem)' /proc/iomem)) has all of its memmap"
finish
