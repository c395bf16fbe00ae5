#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# onboard for a rack of expanders: a region for each, how far it is for a program that
# reads along, and huge pages reserved on what came of it.
# vm: CXL='4G 2G 1G' DRAM=2G
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
load_cxl
modprobe kmem
status_of() { "$@" >/dev/null 2>&1; echo $?; }
all_dax() { (cd /sys/bus/dax/devices && echo dax*); }
destroy() {
	$P reconfigure-device -m devdax -f all >/dev/null 2>&1
	cxl destroy-region -f all >/dev/null 2>&1
}
hugepages() { cat /sys/devices/system/node/node"$1"/hugepages/hugepages-"$2"kB/nr_hugepages; }

echo "# all"
fails "one by one, or interleaved?" "all of them, but how?" $P onboard all
is "$(status_of $P onboard --each all mem0)" 2 "all, and one of them"
is "$($P onboard --each --dry-run all 2>&1 | grep -c 'would make a region')" 3 \
	"three regions would be made"
$P onboard --each --memmap=range --progress=json all >/tmp/out 2>/tmp/err
is $? 0 "a region for each"
is "$(jq -r 'map(.chardev) | sort | join(" ")' /tmp/out)" "$(all_dax)" "all are listed"
is "$(for d in $(all_dax); do effective "$d"; blocks_online "$d"; done | sort | uniq -c |
	awk '{ print $1, $2 }' | paste -sd,)" "3 all,3 range" "with policy range, online"
is "$(tail -n 1 /tmp/err)" "onboarded 3 of 3 devices" "how many there were"
works "verify" $P verify all
is "$(status_of $P onboard --each --memmap=range all)" 0 "once more is nothing to do"

echo "# progress"
grep '^{' /tmp/err >/tmp/progress
is "$(jq -r 'select(.total == null) | .step' /tmp/progress | sort | uniq -c |
	awk '{ print $1, $2 }' | paste -sd,)" "3 enabling,3 making,3 verifying" \
	"three steps for each"
is "$(jq -s 'map(select(.total and .done == .total)) | length' /tmp/progress)" 3 \
	"and blocks, up to the last one"
is "$(jq -s 'map(select(.seconds_left and .seconds_left < 0)) | length' /tmp/progress)" 0 \
	"the time left is none that has passed"
nothing "$($P reconfigure-device --progress=none -m devdax -f all 2>&1 >/dev/null |
	grep -v '^reconfigured')" "none, where none is wanted"
is "$(status_of $P reconfigure-device --progress=loud all)" 2 "there is no other"
destroy

echo "# one that is not there"
$P onboard --each --memmap=range mem0 mem9 mem1 >/tmp/out 2>/tmp/err
is "$? $(tail -n 1 /tmp/err)" "1 onboarded 2 of 3 devices" "does not keep the others from it"
grep -q "mem9: no such CXL memory device" /tmp/err && ok "it is named" ||
	not_ok "it is named" "$(cat /tmp/err)"
is "$(jq length /tmp/out)" 2 "two are listed"
destroy


echo "# huge pages"
fails "there are no pages of that size" "of another size" $P onboard --hugepages=3M mem0
fails "not SIZE or SIZE:N" "none" $P onboard --hugepages=2M:0 mem0
fails "not SIZE or SIZE:N" "more than can be counted" \
	$P onboard --hugepages=2M:18446744073709551615 mem0
fails "--no-online exclude each other" "offline" $P onboard -N --hugepages=2M mem0
if [ -e /proc/sys/vm/movable_gigantic_pages ]; then
	write /proc/sys/vm/movable_gigantic_pages 0
	fails "sysctl vm.movable_gigantic_pages=1" "1 GiB, where movable zones have none" \
		$P onboard --hugepages=1G mem0
	write /proc/sys/vm/movable_gigantic_pages 1
	zone=--movable
else
	fails "with --no-movable" "1 GiB, where movable zones have none" \
		$P onboard --hugepages=1G mem0
	zone=--no-movable
fi
nothing "$(all_dax | grep -v 'dax\*')" "nothing was made"
big=$(cxl list -M | jq -r ".[] | select(.ram_size == $((4 << 30))).memdev")
$P onboard --memmap=range --hugepages=2M:100 "$big" >/tmp/out 2>/tmp/err
is $? 0 "100 of 2 MiB"
dax=$(all_dax)
node=$(dax_node "$dax")
possible=$(($(memmap_figure "$dax" usable) >> 21))
grep -qx "$dax: reserved 100 of $possible possible huge pages of 2.00 MiB on node $node" /tmp/err &&
	ok "got of possible" || not_ok "got of possible" "$(cat /tmp/err)"
is "$(hugepages "$node" 2048)" 100 "the node has them"
$P onboard --memmap=range --hugepages=2M:9999 "$big" >/tmp/out 2>/tmp/err
is "$? $(grep -c '9999 huge pages were requested' /tmp/err) $(jq length /tmp/out)" "1 1 1" \
	"more than there can be: an error, and the memory stays in use"
echo 0 >/sys/devices/system/node/node"$node"/hugepages/hugepages-2048kB/nr_hugepages
destroy
$P onboard --memmap=range $zone --hugepages=1G "$big" >/tmp/out 2>/tmp/err
is $? 0 "all of 1 GiB"
dax=$(all_dax)
is "$(hugepages "$node" 1048576)" "$(memmap_figure "$dax" gigantic_pages)" \
	"as many as plan has said"
grep -q "reserved 3 of 3 possible huge pages of 1.00 GiB" /tmp/err && ok "got of possible" ||
	not_ok "got of possible" "$(cat /tmp/err)"
finish
