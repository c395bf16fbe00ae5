#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest: bring a device to a state, then record it. For record-all.
#
#	record-guest.sh cxl-range|cxl-devdax|pmem-mem|pmem-dev|stock
# shellcheck source=/dev/null
. /job/lib/guest.sh
quiet() { "$@" >/dev/null 2>&1 || bail_out "failed: $*"; }

case $1 in
cxl-range)
	setup_range online_movable
	;;
cxl-devdax)
	setup_device
	set_policy "$dax" range
	quiet daxctl reconfigure-device -m devdax -f "$dax"
	;;
pmem-*)
	for m in nfit nd_pmem dax_pmem device_dax; do modprobe $m; done
	wait_for eval "ndctl list -Ri | jq -e 'length > 0'" || bail_out "no PMEM region"
	quiet ndctl create-namespace -f -m devdax -M "${1#pmem-}" -e namespace0.0
	;;
stock)
	load_cxl
	modprobe kmem
	dax=$(create_region) || bail_out "no region"
	wait_for test "$(readlink -f "$(dax_dir "$dax")/driver")" = /sys/bus/dax/drivers/kmem ||
		bail_out "kmem did not take the device"
	sleep 1
	;;
*)
	bail_out "what is $1?"
	;;
esac
exec bash /job/record
