#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# PMEM as RAM: a devdax namespace with its own memmap in DRAM (map=mem) or on
# the device (map=dev), turned into system RAM with range and with block.
# vm: PMEM=4G APPEND='mhp_altmap.pmem=range'
# debug: PMEM=1G
# file: /usr/bin/perl
# file: /usr/lib/*-linux-gnu/libcrypt.so.1
. /job/lib/guest.sh
for m in nfit nd_pmem dax_pmem device_dax kmem; do modprobe $m; done
wait_for eval "ndctl list -Ni | jq -e 'length > 0'" || bail_out "no PMEM namespace"
is "$(cat "$(class_default pmem)")" range "mhp_altmap.pmem, from the command line"

# The test kernel has no hibernation to refuse; the debug kernel has.
hibernation() { # refused|allowed DESCRIPTION
	if ! has_config HIBERNATION; then
		skip "$2" "no CONFIG_HIBERNATION in this kernel"
	elif [ "$1" = refused ]; then
		is "$(cat /sys/power/disk)" "[disabled]" "$2"
	else
		is "$(grep -c disabled /sys/power/disk)" 0 "$2"
	fi
}
# What a program does that has /dev/snapshot open as fd 8. SNAPSHOT_FREEZE,
# _CREATE_IMAGE, _UNFREEZE. perl, because no command makes these calls.
snapshot() {
	LD_LIBRARY_PATH=/job /job/perl -e '
		open(S, "<&=8") && ioctl(S, 0x3301, 0) or die "not frozen: $!\n";
		my $made = ioctl(S, 0x40043311, my $image = pack("i", 0));
		my $error = $!;
		ioctl(S, 0x3302, 0);
		die "no image: $error\n" unless $made;'
}
hibernation allowed "hibernation is not refused yet"

for map in mem dev; do
	out=$(ndctl create-namespace -f -m devdax -M $map -e namespace0.0 2>&1) ||
	out=$(ndctl create-namespace -f -m devdax -M $map \
		-e "$(ndctl list -Ni | jq -r '[.] | flatten | .[0].dev')" 2>&1)
	dax=$(ls /sys/bus/dax/devices | head -n 1)
	if [ -z "$dax" ]; then
		not_ok "map=$map: a dax device" "$out"
		continue
	fi
	ok "map=$map: $dax, $(($(dax_size "$dax") >> 20)) MiB at $(dax_value "$dax" resource)"
	is "$(policy "$dax") $(memmap_figure "$dax" dram)" "range 0" \
		"map=$map: with mhp_altmap.pmem=range"
	write "$(class_default pmem)" default
	is "$(policy "$dax")" dram "map=$map: upstream's default for PMEM"
	write "$(class_default pmem)" range
	iomem=$(cat /proc/iomem) structs=$(vmstat nr_memmap_pages)
	for request in unwritten range block; do
		p=$request
		if [ $request = unwritten ]; then
			p=range
		else
			works "map=$map: policy $p" set_policy "$dax" $p
		fi
		# Open before there is a range, as hibernation is allowed then.
		! has_config HIBERNATION_SNAPSHOT_DEV || exec 8</dev/snapshot
		works "map=$map: daxctl makes it system RAM" \
			daxctl reconfigure-device -m system-ram "$dax"
		is "$(effective "$dax")" $p "map=$map: effective, $request"
		# What daxctl onlined counts as memory of the node.
		blocks=$(dax_blocks "$dax" | wc -l)
		is "$(blocks_online "$dax")" all "map=$map: all $blocks blocks are online"
		if [ $p = range ]; then
			is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" \
				"map=$map: the memmap is in the range"
			is "$(($(node_kib "$(dax_node "$dax")" MemTotal) >> 10))" \
				$((blocks * 128)) \
				"map=$map: usable memory"
		else
			is "$(($(node_kib "$(dax_node "$dax")" MemTotal) >> 10))" \
				$((blocks * 126)) \
				"map=$map: usable memory"
		fi
		if [ $p = range ]; then
			hibernation refused "map=$map: hibernation is refused"
			if has_config HIBERNATION_SNAPSHOT_DEV; then
				fails "no image: Device or resource busy" \
					"map=$map: also to who began before" snapshot
			else
				skip "map=$map: also to who began before" \
					"no CONFIG_HIBERNATION_SNAPSHOT_DEV in this kernel"
			fi
		fi
		exec 8<&-
		works "map=$map: and back" daxctl reconfigure-device -m devdax -f "$dax"
		is "$(effective "$dax")" none "map=$map: effective"
		is "$(nr_ranges)" 0 "map=$map: no range is left"
		# device_dax has it again, as in the beginning.
		is "$(vmstat nr_memmap_pages)" "$structs" "map=$map: nr_memmap_pages is as before"
		is "$(cat /proc/iomem)" "$iomem" "map=$map: /proc/iomem is as before"
		hibernation allowed "map=$map: hibernation is allowed again"
		# device_dax has its own memmap while it is bound, and only then.
		write "/sys/bus/dax/drivers/device_dax/unbind" "$dax"
	done
	ndctl disable-namespace all >/dev/null 2>&1
	ndctl destroy-namespace -f all >/dev/null 2>&1
done
finish
