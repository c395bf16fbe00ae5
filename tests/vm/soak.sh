#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All at once: two expanders side by side go at random through all policies, by blocks and
# in one piece, under programs with huge and merged pages, pools of hugetlb pages, memory
# pressure, compaction, migration and NUMA balancing, while all that walks pfns is read. What
# programs, files and a DAX device beside system RAM hold is checked. It ends when each has
# been done often enough; with SOAK=MINUTES in the environment, it takes so long.
# vm: CXL='2G 2G' DRAM=3G SMP=2 APPEND=kfence.sample_interval=20 TIMEOUT=1500
# debug: CXL='512M 512M' DRAM=2G SMP=2 APPEND=
# on request: debug
# file: @build/programs/soak-memory
. /job/lib/guest.sh
setup_two_devices
choose_seed
node=$(dax_node "$d1") bs=$(block_size)
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)
memory=/job/soak-memory
chmod +x $memory
devices=("$d1" "$d2")
mib=48
! debug_kernel || mib=16

declare -A counted seed
count() { counted[$1]=$((counted[$1] + 1)); }
# A job in the background has a file for its counter.
count_job() { count "$1"; echo "${counted[$1]}" >"/tmp/count.$1"; }
wrong=
running() { [ ! -e /tmp/stop ]; }
# The processors are for memory hotplug, most of the time.
pause() { sleep $((RANDOM % 3)).$((RANDOM % 9 + 1)); }

#--- those who use memory --------------------------------------------------------

write /sys/kernel/mm/transparent_hugepage/enabled madvise
write /proc/sys/kernel/numa_balancing 1
if [ -e /sys/kernel/mm/ksm/run ]; then
	write /sys/kernel/mm/ksm/pages_to_scan 2000
	write /sys/kernel/mm/ksm/run 1
fi
# The node exists as long as it has memory: they need it from the start.
works "$d1 is system RAM" eval \
	"set_policy $d1 range && kmem_bind $d1 && online_blocks $d1 online_movable"
holders=()
for kind in huge merge plain; do
	numactl --preferred="$node" $memory hold $kind $((mib << 20)) \
		$((1000 * (${#holders[@]} + 1))) >/tmp/hold.$kind &
	holders+=($!)
done
for kind in huge merge plain; do
	wait_for grep -q ready /tmp/hold.$kind || bail_out "no program with $kind pages"
done
files=/mnt/files
mkdir -p $files /mnt/pressure
mount -t tmpfs -o mpol=prefer:"$node",size=$((mib * 4))M,huge=within_size none $files ||
	mount -t tmpfs -o mpol=prefer:"$node",size=$((mib * 4))M none $files
new_file() { # NUMBER
	dd if=/dev/urandom of=$files/$1 bs=1M count=$((mib / 3)) status=none
	sums[$1]=$(md5sum <$files/$1)
}
sums=()
for i in 0 1 2; do new_file $i; done

pressure() {
	while running; do
		pause
		mount -t tmpfs -o mpol=prefer:"$node",size=$((mib * 6))M none /mnt/pressure ||
			continue
		dd if=/dev/zero of=/mnt/pressure/file bs=1M count=$((RANDOM % (mib * 6))) \
			status=none
		umount /mnt/pressure
		write /proc/sys/vm/drop_caches 1
		count_job pressure
	done
}
hugetlb() {
	local dir
	while running; do
		[ ! -e /proc/sys/vm/hugetlb_optimize_vmemmap ] ||
			write /proc/sys/vm/hugetlb_optimize_vmemmap $((RANDOM % 2))
		for dir in /sys/devices/system/node/node"$node"/hugepages/hugepages-*; do
			case $dir in
			*-2048kB) write "$dir/nr_hugepages" $((RANDOM % 64)) ;;
			*) write "$dir/nr_hugepages" $((RANDOM % 3)) ;;
			esac
			[ ! -e "$dir" ] || [ "$(<"$dir/nr_hugepages")" = 0 ] || count_job hugetlb
		done
		pause
		for dir in /sys/devices/system/node/node"$node"/hugepages/hugepages-*; do
			write "$dir/nr_hugepages" 0
		done
		pause
	done
}
moving() {
	local nodes=("$node" 0)
	while running; do
		write /proc/sys/vm/compact_memory 1
		migratepages ${holders[RANDOM % 3]} all ${nodes[RANDOM % 2]}
		count_job moves
		pause
	done
}

#--- those who read ----------------------------------------------------------------

first=$(($(dax_start "$d1") / 4096)) pages=$((($(dax_size "$d1") + $(dax_size "$d2")) / 4096))
reading_pages() {
	local f
	while running; do
		for f in flags count cgroup; do
			dd if=/proc/kpage$f of=/dev/null bs=1M iflag=skip_bytes,count_bytes \
				skip=$((first * 8)) count=$((pages * 8)) status=none
		done
		count_job page-reads
		pause
	done
}
reading_kcore() {
	while running; do
		makedumpfile --mem-usage /proc/kcore
		count_job kcore-reads
		sleep 15
	done
}
reading_files() {
	while running; do
		cat /sys/bus/dax/devices/*/memmap_* /sys/bus/dax/devices/*/memmap/* \
			/sys/bus/dax/devices/*/{size,resource,target_node,numa_node} \
			/sys/bus/dax/devices/*/memory_state /sys/bus/dax/devices/*/state \
			/sys/bus/cxl/devices/region*/memmap_policy \
			$SYS_MEMORY/memory*/{state,valid_zones,removable,phys_device} \
			/sys/module/mhp_altmap/parameters/* $DEBUG/mhp_altmap/ranges \
			/proc/{zoneinfo,pagetypeinfo,buddyinfo,vmstat,iomem} \
			/sys/devices/system/node/node*/{meminfo,vmstat,numastat}
		# Not even for a moment is there a range without all of its memmap.
		awk 'NR > 1 && (NF != 9 || $7 != $8)' $DEBUG/mhp_altmap/ranges >>/tmp/nonsense
		count_job file-reads
		pause
	done
}

#--- the devices ---------------------------------------------------------------------

# devdax, and what it holds is known; or kmem, of which 0, some or all blocks are online.
declare -A is_ram
other() { if [ "$1" = "$d1" ]; then echo "$d2"; else echo "$d1"; fi; }
online_of() { # DAX: how many blocks are online
	local b n=0
	for b in $(dax_blocks "$1"); do
		[ "$(block_state "$b")" != online ] || n=$((n + 1))
	done
	echo $n
}
to_devdax() {
	# It knows a device that kmem is meant for only by its name; that binds it, the first time.
	write /sys/bus/dax/drivers/device_dax/new_id "$1" 2>/dev/null
	[ -e "$(dax_dir "$1")/driver" ] || write /sys/bus/dax/drivers/device_dax/bind "$1" || return
	wait_for test -e "/dev/$1" || return
	# Below 2^24, and far from those of the programs.
	seed[$1]=$((100000 + RANDOM * 256))
	is_ram[$1]=
	$memory write "/dev/$1" "$(dax_size "$1")" ${seed[$1]}
}
holds() { # DAX
	$memory check "/dev/$1" "$(dax_size "$1")" ${seed[$1]} >/tmp/differs || {
		not_ok "what $1 holds is as it was" "$(cat /tmp/differs)" "$last"
		wrong=1
	}
	count checks
}
add() {
	local p
	# In turn, so that each comes soon.
	p=(block range dram auto range)
	p=${p[counted[adds] % 5]}
	count adds
	holds "$1"
	write /sys/bus/dax/drivers/device_dax/unbind "$1"
	last="$1: add, $p"
	if set_policy "$1" "$p" && kmem_bind "$1"; then
		is_ram[$1]=1
		count "added-$(effective "$1")"
	else
		# Without memory for a memmap in DRAM, say.
		count refused
		to_devdax "$1"
	fi
}
# In one piece if it can, or block by block, in any order.
set_state() { # DAX STATE
	local b
	last="$1: $2"
	if [ "$(effective "$1")" = range ] && [ $((RANDOM % 2)) = 0 ]; then
		write "$(dax_dir "$1")/memory_state" "$2" && count one-piece
	else
		for b in $(dax_blocks "$1" | shuf); do
			[ "$(block_state "$b")" = "${2%_*}" ] || set_block "$b" "$2"
		done
	fi 2>/dev/null
}
remove() {
	last="$1: remove"
	kmem_unbind "$1" || return
	count removed
	to_devdax "$1"
}
some_blocks() {
	local b
	last="$1: some blocks"
	for b in $(dax_blocks "$1" | shuf -n 4); do
		if [ "$(block_state "$b")" = online ]; then set_block "$b" offline
		else set_block "$b" online_movable; fi
	done 2>/dev/null
	count some-blocks
}
step() {
	local d=${devices[RANDOM % 2]} n i choice surely
	if [ -z "${is_ram[$d]}" ]; then
		add "$d"
	else
		n=$(online_of "$d")
		# A removal takes two steps in their order; it is not left to chance for ever.
		choice=$((RANDOM % 5)) surely=
		[ -n "${counted[removed]:-}" ] || [ $((SECONDS - start)) -lt 100 ] ||
			choice=2 surely=1
		case $choice in
		0) some_blocks "$d" ;;
		1) set_state "$d" online_movable
			[ "$(online_of "$d")" -le "$n" ] || count online ;;
		*) if [ "$n" = 0 ] && [ $((surely + RANDOM % 3)) != 0 ]; then
				remove "$d" || { not_ok "$d can be removed" "$last"; wrong=1; }
			elif [ "$n" = 0 ]; then
				set_state "$d" online_movable
				[ "$(online_of "$d")" = 0 ] || count online
			else
				set_state "$d" offline
				[ "$(online_of "$d")" != 0 ] || count offline
			fi ;;
		esac
	fi
	# What is beside it, and all that moved.
	d=$(other "$d")
	[ -n "${is_ram[$d]}" ] || holds "$d"
	i=$((RANDOM % 3))
	[ "$(md5sum <$files/$i)" = "${sums[i]}" ] || {
		not_ok "file $i is as it was" "$last"
		wrong=1
	}
	[ $((RANDOM % 3)) != 0 ] || new_file $i
	for i in "${holders[@]}"; do
		kill -0 "$i" 2>/dev/null || {
			not_ok "programs go on" "$last" "$(cat /tmp/hold.*)"
			wrong=1
		}
	done
	count steps
}

is_ram[$d1]=1
to_devdax "$d2" || bail_out "$d2 is no DAX device"
jobs=(pressure hugetlb moving reading_pages reading_kcore reading_files)
pids=()
for job in "${jobs[@]}"; do
	{ seed_job $((${#pids[@]} + 1)); $job; } >/dev/null 2>&1 &
	pids+=($!)
done
goals="steps=8 added-block=1 removed=1 online=1 offline=1 checks=2"
jobs_goals="pressure=1 hugetlb=1 moves=2 page-reads=2 kcore-reads=1 file-reads=2"
! debug_kernel || goals="steps=4 removed=1 checks=1"
enough() {
	local goal n
	for goal in $goals; do
		[ "$((counted[${goal%=*}]))" -ge "${goal#*=}" ] || return
	done
	for goal in $jobs_goals; do
		n=0
		read -r n 2>/dev/null <"/tmp/count.${goal%=*}"
		[ "$((n))" -ge "${goal#*=}" ] || return
	done
}
start=$SECONDS soak=$((${SOAK:-0} * 60)) told=0
until [ -n "$wrong" ] || { [ $((SECONDS - start)) -ge $soak ] && enough; }; do
	[ $((SECONDS - start)) -lt $((soak + 1200)) ] || break
	step
	if [ $(((SECONDS - start) / 60)) -gt $told ]; then
		told=$(((SECONDS - start) / 60))
		echo "# $told min, ${counted[steps]} steps, ${counted[removed]} removals"
	fi
done
touch /tmp/stop
for p in "${pids[@]}"; do wait "$p"; done
echo "# $((SECONDS - start)) s"
for goal in $goals; do at_least "$((counted[${goal%=*}]))" "${goal#*=}" "${goal%=*}"; done
for goal in $jobs_goals; do
	at_least "$(cat "/tmp/count.${goal%=*}" || echo 0)" "${goal#*=}" "${goal%=*}"
done
nothing "$(sort -u /tmp/nonsense | head -n 5)" "a range always has all of its memmap"
nothing "$wrong" "nothing went wrong"
[ ! -e /sys/kernel/mm/ksm/run ] || at_least "$(cat /sys/kernel/mm/ksm/full_scans)" 1 "KSM: scans"

echo "# what is left"
for i in 0 1 2; do is "$(md5sum <$files/$i)" "${sums[i]}" "file $i is as it was"; done
umount $files
kill "${holders[@]}"
for p in "${holders[@]}"; do
	wait "$p"
	is $? 0 "a program's memory was as it left it, all the time"
done
write /sys/kernel/mm/ksm/run 2 2>/dev/null
for dir in /sys/devices/system/node/node*/hugepages/hugepages-*; do
	write "$dir/nr_hugepages" 0
done
for d in "${devices[@]}"; do
	if [ -n "${is_ram[$d]}" ]; then
		works "$d goes offline" wait_for offline_blocks "$d"
		works "$d is removed" kmem_unbind "$d"
	else
		holds "$d"
		write /sys/bus/dax/drivers/device_dax/unbind "$d"
	fi
done
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $memmap" "no memmap is left"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
nothing "$(find /sys/devices/system/node/node"$node" -maxdepth 0 2>/dev/null)" "no node is left"
finish
