#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# From bare expanders to memory in use, with one command: two of them interleaved,
# then one alone; a failure midway takes apart what was made.
# vm: CXL='1G 1G' INTERLEAVE=1 DRAM=2G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
load_cxl
modprobe kmem
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)
regions() { cxl list -R 2>/dev/null | jq -s 'flatten | length'; }
reserved() { cxl list -M -m mem0 -D -u 2>/dev/null | grep -c '"mode":"ram"'; }
untouched() {
	is "$(regions) $(vmstat nr_memmap_pages)" "0 $memmap" "$1: nothing is left"
	is "$(reserved)" 0 "$1: no capacity is reserved"
}
conf=/usr/local/etc/daxctl-memmap.conf.d
status_of() { "$@" >/dev/null 2>&1; echo $?; }

echo "# dry run"
memdev_of() { cxl list -M | jq -r ".[] | select(.serial == $1).memdev"; }
granularity=$(cxl list -D -d decoder0.0 | jq '.[0].interleave_granularity')
is "$($P onboard --dry-run --memmap=block --persist mem0 mem1 2>&1)" \
	"would make a region of 2.00 GiB in decoder0.0, granularity $granularity:
  position 0: $(memdev_of 1), serial 0x1
  position 1: $(memdev_of 2), serial 0x2
would set its memmap policy: block
would make system RAM of its dax device and online it movable
would verify it
mem0: would be kept for the next boot in $conf/50-cxl.serial-0x1__0x2.conf" \
	"says what it would do"
nothing "$(ls -A $conf 2>/dev/null)" "and keeps nothing"
untouched "dry run"

echo "# wrong"
fails "no such CXL memory device" "unknown device" $P onboard mem0 mem7
fails "named twice" "twice the same" $P onboard mem0 mem0
fails "no size such as" "no size" $P onboard -s many mem0 mem1
fails "must be a multiple" "odd size" $P onboard -s 257M mem0 mem1
fails "the devices have" "absurd size" $P onboard -s 8E mem0 mem1
fails "power of two" "granularity" $P onboard -g 300 mem0 mem1
fails "no such root decoder" "decoder" $P onboard -d decoder9.9 mem0 mem1
is "$(status_of $P onboard)" 2 "no device"
is "$(status_of $P onboard --memmap=best mem0)" 2 "no policy"
fails "takes root" "no permission" setpriv --reuid=1000 --clear-groups $P onboard mem0 mem1
untouched "refused"

echo "# a step fails"
modprobe memory-notifier-error-inject
inject=$DEBUG/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error
echo -12 >$inject
fails "does not go online" "memory cannot be onlined" $P onboard --memmap=range mem0 mem1
echo 0 >$inject
untouched "failed midway"
# Pages that nobody manages: the node is not in there yet.
cat /proc/zoneinfo >/tmp/zoneinfo
mount --bind /tmp/zoneinfo /proc/zoneinfo
fails "managed_pages is 0, expected" "it is not as requested" \
	$P onboard --memmap=range mem0 mem1
umount /proc/zoneinfo
untouched "not verified"

echo "# what was made cannot be taken apart: memory that is online stays whole"
echo online_movable >$SYS_MEMORY/auto_online_blocks
echo none >/tmp/none
mount --bind /tmp/none $SYS_MEMORY/block_size_bytes
fails "stays: its memory may be online" "nobody can tell" $P onboard --memmap=range mem0 mem1
umount $SYS_MEMORY/block_size_bytes
dax=$(basename /sys/bus/dax/devices/dax*)
is "$(regions) $(basename "$(readlink "$(dax_dir "$dax")/driver")")" "1 kmem" \
	"the region and its driver stay"
wait_for_kmem "$dax"
offline_blocks "$dax"
cxl destroy-region -f all >/dev/null 2>&1
untouched "taken apart by hand"
offline_error=$DEBUG/notifier-error-inject/memory/actions/MEM_GOING_OFFLINE/error
echo -16 >$offline_error
fails "stays: some of its memory is online" "nor offlined, as -N asks" \
	$P onboard -N --memmap=range mem0 mem1
echo 0 >$offline_error
echo offline >$SYS_MEMORY/auto_online_blocks
dax=$(basename /sys/bus/dax/devices/dax*)
is "$(regions) $(basename "$(readlink "$(dax_dir "$dax")/driver")")" "1 kmem" \
	"the region and its driver stay"
works "and are whole" $P verify "$dax"
works "as the hint says: devdax" $P reconfigure-device -m devdax -f "$dax"

echo "# a region that was there, disabled"
region=region${dax#dax}; region=${region%.*}
works "disable-region" cxl disable-region "$region"
echo -12 >$inject
fails "does not go online" "memory cannot be onlined" $P onboard --memmap=range mem0 mem1
echo 0 >$inject
is "$(regions) $(cxl list -R -i -r "$region" | jq -r '.[0].state')" "0 disabled" \
	"it is there, and disabled as before"
works "destroy-region" cxl destroy-region -f "$region"
untouched "taken apart by hand"

echo "# interrupted"
interrupt() { # DESCRIPTION FILE: when that is there
	local out advice
	out=$(signal_when INT "[ -e $2 ]" $P onboard --memmap=range mem0 mem1 2>&1)
	sed 's/^/# /' <<<"$out"
	is "$(grep -o interrupted <<<"$out" | head -n 1)" interrupted "$1: it says so"
	advice=$(advice_of "$out")
	[ -z "$advice" ] || wait_for eval "$advice" || not_ok "$1: what stays goes as it says"
	untouched "$1"
}
interrupt "Ctrl-C" /sys/bus/cxl/devices/region0
interrupt "Ctrl-C later" /sys/bus/dax/drivers/kmem/dax0.0
echo online_movable >$SYS_MEMORY/auto_online_blocks
interrupt "Ctrl-C where the host onlines by itself" /sys/bus/cxl/devices/region0
echo offline >$SYS_MEMORY/auto_online_blocks

echo "# two, interleaved"
works "onboard" $P onboard --memmap=range mem1 mem0
dax=$(basename /sys/bus/dax/devices/dax*)
is "$(cxl list -R | jq '.[0].interleave_ways')" 2 "two ways"
is "$(effective "$dax") $(gigantic_possible "$dax")" \
	"range $(memmap_figure "$dax" gigantic_pages)" "range, all 1 GiB pages online"
works "verify" $P verify "$dax"
works "again: nothing to do" $P onboard --memmap=range mem0 mem1
region=region${dax#dax}; region=${region%.*}
fails "mem0: part of $region, which has 2 devices" "one of them alone" $P onboard mem0
is "$(reserved)" 1 "its capacity is reserved"
is "$(cat /sys/bus/cxl/devices/region*/memmap_policy)" range "the region has the policy"
fails "which has 2.00 GiB" "another size" $P onboard -s 1G mem0 mem1
fails "which has $(cxl list -R | jq '.[0].interleave_granularity')" "another granularity" \
	$P onboard -g 4096 mem0 mem1
fails "which is in decoder0.0" "another decoder" $P onboard -d decoder0.1 mem0 mem1
n=$(dax_blocks "$dax" | wc -l)
is "$($P onboard --memmap=block mem0 mem1 2>&1)" "error: $dax: $n of its $n memory blocks are \
online; another memmap policy needs them offline
  reconfigure-device -f takes them offline first" "another policy"
fails "another memmap policy needs them offline" "another policy, in a dry run" \
	$P onboard -n --memmap=block mem0 mem1
is "$($P onboard -n --memmap=range mem0 mem1 2>&1 | tail -n 1)" "$dax: would be verified" \
	"the same one"
granularity=$(cxl list -R | jq '.[0].interleave_granularity')
works "what it has" \
	$P onboard --memmap=range -s 2G -g "$granularity" -d decoder0.0 mem0 mem1

echo "# undo"
is "$($P undo -n 2>&1)" "$dax: would become disabled
$region: would be taken apart" "it would take apart what onboard has made"
touch /tmp/read-only
mount --bind /tmp/read-only /sys/bus/cxl/drivers/cxl_region/unbind
mount -o remount,bind,ro /sys/bus/cxl/drivers/cxl_region/unbind
fails "$region: cannot be disabled: it stays" "a region that cannot be disabled" $P undo
umount /sys/bus/cxl/drivers/cxl_region/unbind
is "$(regions) $(effective "$dax") $(blocks_online "$dax")" "1 range all" "keeps its memory"
is "$(cd /run/daxctl-memmap && echo *)" "$region.json" "and can be undone later"
mkdir -p $conf
printf '[pair]\ncxl.serial = 2, 1\n' >$conf/20-pair.conf
is "$($P undo 2>&1 | tail -n 3)" "$region: is gone again
$region: [pair] at $conf/20-pair.conf:1 is for it, and does the same at the next boot
  if not: daxctl-memmap forget 'cxl.serial=2, 1'" "undo, and what brings it back"
rm $conf/20-pair.conf
untouched "undone"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
fails "nothing to undo" "once" $P undo
works "onboard" $P onboard --memmap=range mem1 mem0
dax=$(basename /sys/bus/dax/devices/dax*)
region=region${dax#dax}; region=${region%.*}
works "to block" $P reconfigure-device --memmap=block -f "$dax"
works "undo" $P undo
is "$(effective "$dax") $(blocks_online "$dax")" "range all" "the later change is first"
sed -i 's/1/3/' /run/daxctl-memmap/"$region".json
fails "is made of other devices now" "a region of other devices" $P undo
is "$(regions)" 1 "stays"

echo "# configuration"
mkdir -p /tmp/conf
cat >/tmp/conf/10-a.conf <<-'EOF'
[pair]
cxl.serial = 2, 0x1
memmap = block
EOF
$P check-config -c /tmp/conf | sed 's/^/# /'
fails "memory blocks are online" "apply-config does not force" $P apply-config -c /tmp/conf mem0
fails "memory blocks are online" "and check-config says so" $P check-config -c /tmp/conf
offline_blocks "$dax"
works "check-config" $P check-config -c /tmp/conf
works "apply-config" $P apply-config -c /tmp/conf mem0
is "$(effective "$dax")" block "is in force"
works "for its dax device: nothing to do" $P apply-config -c /tmp/conf "$dax"
echo 'memmap = fast' >>/tmp/conf/10-a.conf
fails "/tmp/conf/10-a.conf:4" "a mistake is named with file and line" $P check-config -c /tmp/conf
works "to devdax" $P reconfigure-device -m devdax -f "$dax"
cxl destroy-region -f all >/dev/null 2>&1
untouched "destroyed"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"

echo "# from nothing, by configuration"
sed -i '$d' /tmp/conf/10-a.conf
refused() { # WORDS LINE: what is wrong with the section if it has that line
	echo "$2" >>/tmp/conf/10-a.conf
	fails "$1" "check-config, $2" $P check-config -c /tmp/conf
	fails "$1" "apply-config, $2" $P apply-config -c /tmp/conf mem0
	sed -i '$d' /tmp/conf/10-a.conf
	untouched "$2"
}
refused "size: must be a multiple of 512.00 MiB" "size = 300M"
refused "size: the devices have 2.00 GiB" "size = 300T"
refused "no such root decoder" "decoder = decoder9.9"
printf '[more]\ncxl.serial = 1, 3\n' >/tmp/conf/20-b.conf
fails "/tmp/conf/20-b.conf:1 is for it, but [pair] at" "two sections for one device" \
	$P check-config -c /tmp/conf
mv /tmp/conf/10-a.conf /tmp
fails "waits for the device with serial number 0x3" "one is missing" $P check-config -c /tmp/conf
works "apply-config waits for it" $P apply-config -c /tmp/conf all
untouched "a set that is not complete"
rm /tmp/conf/20-b.conf
mv /tmp/10-a.conf /tmp/conf
works "check-config: a region would be made" \
	sh -c "$P check-config -c /tmp/conf | grep 'would make a region of 2.00 GiB'"
works "apply-config all" $P apply-config -c /tmp/conf all
dax=$(basename /sys/bus/dax/devices/dax*)
is "$(effective "$dax")" block "the pair is there"
works "verify" $P verify all

if kernel_from 7.3; then
	skip "sections by other names, on a host that onlines by itself" \
		"what goes to a kernel zone first cannot go offline again"
	finish
fi
echo "# sections by other names, on a host that onlines by itself"
echo online >$SYS_MEMORY/auto_online_blocks
now() {
	$P list -d "$dax" | jq -r --arg effective "$(effective "$dax")" \
		'.[0] | "\($effective) \(.online_memblocks) \(.movable)"'
}
works "to devdax" $P reconfigure-device -m devdax -f "$dax"
region=region${dax#dax}; region=${region%.*}
printf '[a]\ncxl.region = %s\nmemmap = range\nmovable = true\n' "$region" >/tmp/conf/10-a.conf
works "cxl.region" $P apply-config -c /tmp/conf "$dax"
is "$(now), $(blocks_online "$dax")" "range 15 true, all" "is in force"
works "to devdax" $P reconfigure-device -m devdax -f "$dax"
printf '[a]\ndax.device = %s\nmemmap = block\nonline = false\n' "$dax" >/tmp/conf/10-a.conf
works "dax.device" $P apply-config -c /tmp/conf "$dax"
is "$(now)" "block 0 null" "is in force, and offline"
echo offline >$SYS_MEMORY/auto_online_blocks

echo "# half of it, and kept so"
works "to devdax" $P reconfigure-device -m devdax -f "$dax"
cxl destroy-region -f all >/dev/null 2>&1
mkdir -p $conf
works "onboard -s -g -d --persist" \
	$P onboard -s 1G -g "$granularity" -d decoder0.0 --persist mem0 mem1
dax=$(basename /sys/bus/dax/devices/dax*)
is "$(dax_size "$dax") $(cxl list -R | jq '.[0].size')" "$((1 << 30)) $((1 << 30))" "has that size"
is "$(grep -hE '^(size|granularity|decoder)' $conf/*)" "size = $((1 << 30))
granularity = $granularity
decoder = decoder0.0" "and so has the file"
$P reconfigure-device -m devdax -f "$dax" >/dev/null 2>&1
cxl destroy-region -f all >/dev/null 2>&1
works "apply-config" $P apply-config mem1
is "$(cxl list -R | jq '.[0].size')" $((1 << 30)) "makes the same again"
dax=$(basename /sys/bus/dax/devices/dax*)
works "kept once more, the devices in another order" $P onboard -s 1G --persist mem1 mem0
is "$(cd $conf && echo *)" 50-cxl.serial-0x1__0x2.conf "in the same file"
works "as devdax" $P reconfigure-device -m devdax -f "$dax"
works "with another policy, kept" $P reconfigure-device --memmap=block --persist "$dax"
is "$(grep -hE '^(size|granularity|decoder|memmap)' $conf/* | paste -sd' ')" \
	"memmap = block size = $((1 << 30)) granularity = $granularity decoder = decoder0.0" \
	"the rest of the section is as it was"
printf '# mine\n[mine]\ncxl.serial = 2\n' >$conf/60-mine.conf
before=$(cat $conf/*) was=$(effective "$dax")
fails "[mine] at $conf/60-mine.conf:2 is for it already" "not beside a section of mine" \
	$P reconfigure-device --memmap=dram -f --persist "$dax"
is "$(effective "$dax") $(cat $conf/*)" "$was $before" "nothing was changed"
$P reconfigure-device -m devdax -f "$dax" >/dev/null 2>&1
cxl destroy-region -f all >/dev/null 2>&1
fails "[mine] at $conf/60-mine.conf:2 is for it already" "nor onboard" \
	$P onboard --persist mem0 mem1
is "$(regions) $(cat $conf/*)" "0 $before" "which makes no region"
finish
