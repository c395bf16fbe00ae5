#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# daxctl-memmap on Debian's unmodified kernel: dram works, range is refused with
# what is missing, and nothing changes by that.
# vm: CXL=2G DRAM=2G
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
load_cxl
modprobe kmem
# What gets into a kernel zone there stays (docs/stock.md).
! kernel_from 7 || write $SYS_MEMORY/auto_online_blocks online_movable
echo "# auto_online_blocks: $(cat $SYS_MEMORY/auto_online_blocks)"
plan() { $P plan --json "$dax" | jq -r ".[0].policies[] | select(.policy == \"$1\") | .$2"; }
key() { $P list -d "$dax" | jq -r ".[0].$1"; }

state_of_host() {
	cxl list -R 2>/dev/null | jq -s 'flatten | length'
	grep MemTotal /proc/meminfo
	cat /proc/iomem
}
before=$(state_of_host)
fails "no memmap policies" "onboard --memmap=range is refused" $P onboard --memmap=range mem0
fails "no memmap policies" "a dry run, too" $P onboard --memmap=range --dry-run mem0
fails "boot with memory_hotplug.memmap_on_memory=1" "block says what it needs" \
	$P onboard --memmap=block mem0
is "$(state_of_host)" "$before" "no region was made, no memory came online"
mkdir /tmp/conf
printf '[mem]\ncxl.serial = %s\nmemmap = range\n' "$(cat /sys/bus/cxl/devices/mem0/serial)" \
	>/tmp/conf/10.conf
out=$($P status -c /tmp/conf)
is $? 1 "status of an expander that is to have range"
[[ $out == *"missing "*"in no region; this kernel has no memmap policies"* ]] &&
	ok "it says why" || not_ok "it says why" "$out"
# The host onlines what comes. It is interrupted when there is a region, and later, when
# it may have done its last step that can be.
interrupted=0
for there in cxl/devices/region0 dax/devices/dax0.0 dax/drivers/kmem/dax0.0; do
	out=$(signal_when INT "[ -e /sys/bus/$there ]" $P onboard --memmap=dram mem0 2>&1)
	if [[ $out == *interrupted* ]]; then
		interrupted=$((interrupted + 1))
		advice=$(advice_of "$out")
		[ -z "$advice" ] || wait_for eval "$advice" ||
			not_ok "with ${there##*/}: what stays goes as it says" "$out"
	else
		wait_for eval "$P reconfigure-device -m devdax -f all && cxl destroy-region -f all"
	fi
	is "$(state_of_host)" "$before" "with ${there##*/}: nothing is left"
done
at_least $interrupted 1 "times that it was interrupted"

works "onboard, auto" $P onboard mem0
dax=$(basename /sys/bus/dax/devices/dax*)
$P plan "$dax" | sed 's/^/# /'
is "$(plan dram supported) $(plan block supported) $(plan range supported)" "true false false" \
	"what is possible"
is "$(plan block reason)" "boot with memory_hotplug.memmap_on_memory=1" "plan says what block needs"
is "$(plan range reason)" "this kernel has no memmap policies (no memmap_policy attribute)" \
	"and range"
is "$(plan auto becomes)" dram "auto becomes dram"
is "$(key memmap_effective) $(key mode)" "dram system-ram" "the device"
works "verify measures it" $P verify "$dax"
$P verify "$dax" | sed 's/^/# /'
is "$($P reconfigure-device -v "$dax" 2>&1 | grep -o 'waited for kmem: .*')" \
	"waited for kmem: Invalid argument" "to wait for kmem changes nothing, and binds nothing"
works "to devdax" $P reconfigure-device -m devdax -f "$dax"
for p in range block; do
	fails "cannot be system RAM with memmap policy $p" "$p is refused" \
		$P reconfigure-device --memmap=$p "$dax"
	is "$(key mode) $(basename "$(readlink "$(dax_dir "$dax")/driver")")" "devdax device_dax" \
		"and nothing changed"
done
works "dram" $P reconfigure-device --memmap=dram "$dax"
# The kernel's choice, if it is the kernel that onlines.
movable=true; [ "$(cat $SYS_MEMORY/auto_online_blocks)" != online ] || movable=false
is "$(key movable) $(blocks_online "$dax")" "$movable all" "online"
works "movable, though the host onlines by itself" \
	$P reconfigure-device --memmap=dram --movable "$dax"
is "$(key movable)" true "as asked for"

echo "# by memory cgroup"
node=$(dax_node "$dax") cgroup=/sys/fs/cgroup
grep -q " $cgroup cgroup2 " /proc/mounts || mount -t cgroup2 none $cgroup
write $cgroup/cgroup.subtree_control +memory
mkdir $cgroup/job
mkdir -p /mnt/data
mount -t tmpfs -o "size=200M,mpol=bind:$node" none /mnt/data
sh -c "echo \$\$ >$cgroup/job/cgroup.procs && head -c 64M /dev/zero >/mnt/data/file"
works "why-busy" sh -c "$P why-busy --json $dax >/tmp/busy"
at_least "$(jq '.[0].cgroups[] | select(.path == "/job") | .bytes' /tmp/busy)" $((64 << 20)) \
	"a file has an owner, though no process has mapped it"
works "the table names it" sh -c "$P why-busy $dax | grep -x ' *64.* MiB  /job'"
umount /mnt/data
works "to devdax" $P reconfigure-device -m devdax -f "$dax"
is "$(key mode)" devdax "it is"
finish
