#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Several devices in one command of daxctl-memmap, of which one fails: it goes on
# with the others, says which one failed, and does not lose the failure.
# vm: CXL='32G 1G' DRAM=512M
# x86: the program is built for the machine that builds it
# file: @build/plugin/daxctl-memmap
. /job/lib/guest.sh
P=/job/daxctl-memmap
chmod +x $P
state_of() { echo "$($P list "$1" | jq -r '.[0].mode') $(effective "$1")"; }
# Sets status, and what was said of each device.
run() {
	$P "$@" >/tmp/out 2>/tmp/err
	status=$?
	sed 's/^/# /' /tmp/err
	done_of=$(jq -r '[.] | flatten | map(.chardev) | sort | join(" ")' /tmp/out)
}

load_cxl
modprobe kmem
modprobe device_dax
# Not dram while other things run: they could be killed for memory that kmem takes.
write "$(class_default cxl)" range
for gib in 32 1; do
	mem=$(cxl list -M | jq -r ".[] | select(.ram_size == $((gib << 30))).memdev")
	dax=$(create_region "$mem") || bail_out "no region of $gib GiB"
	[ $gib = 1 ] || large=$dax
	wait_for_kmem "$dax"
	$P reconfigure-device -m devdax -f "$dax" >/dev/null 2>&1
done
small=$dax
is "$(state_of "$large"), $(state_of "$small")" "devdax none, devdax none" "two devices"
iomem=$(cat /proc/iomem) memmap=$(vmstat nr_memmap_pages)

echo "# DRAM for the memmap of one of them, the second"
run reconfigure-device -m system-ram --memmap=dram all
is $status 1 "the command fails"
is "$(state_of "$large"), $(state_of "$small")" "devdax none, system-ram dram" \
	"one is system RAM, the other is as it was"
is "$done_of" "$small" "the one that was done is printed"
is "$(grep -o "^error: $large" /tmp/err; grep "$small" /tmp/err)" "error: $large" \
	"the error names the other"
works "the one that was done verifies" $P verify "$small"

echo "# another policy, for which the memory of the second would have to go"
run reconfigure-device -m system-ram --memmap=range all
is $status 1 "the command fails"
is "$(state_of "$large"), $(state_of "$small")" "system-ram range, system-ram dram" \
	"the first is system RAM now, the second as it was"
is "$done_of" "$large" "the one that was done is printed"
works "both verify" $P verify all

echo "# back, with a page of the second in use"
works "the second goes to a kernel zone" \
	$P reconfigure-device -f --memmap=range --no-movable "$small"
works "a page is in use" pin_page "$(dax_node "$small")"
run reconfigure-device -m devdax -f all
is $status 1 "the command fails"
is "$(state_of "$large"), $(state_of "$small")" "devdax none, system-ram range" \
	"the first is devdax, the second as it was"
is "$(blocks_online "$small")" all "with all of its memory online"
works "and verifies" $P verify "$small"
works "no longer" unpin_page
run reconfigure-device -m devdax -f all
is $status 0 "without it, the command does not fail"
is "$(state_of "$large"), $(state_of "$small")" "devdax none, devdax none" "both are devdax"
is "$(nr_ranges) $(vmstat nr_memmap_pages)" "0 $memmap" "nothing is left"
is "$(cat /proc/iomem)" "$iomem" "/proc/iomem is as before"
finish
