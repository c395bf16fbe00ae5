#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's own selftests of dax devices: that of "state", with each policy, and
# ours of the policies.
# kernel: 7.3
# vm: CXL=2G DRAM=2G
# file: @tree/tools/testing/selftests/dax/*.sh
# file: @tree/tools/testing/selftests/kselftest/ktap_helpers.sh
. /job/lib/guest.sh
mkdir -p /ks/dax /ks/kselftest
cp /job/dax-*.sh /ks/dax
cp /job/ktap_helpers.sh /ks/kselftest
load_cxl
modprobe kmem
dax=$(create_region) || bail_out "no region"
wait_for test -e "$(dax_dir "$dax")/state" || bail_out "kmem did not take $dax"
export DAX_KMEM_TEST_DEV=$dax
selftest() { # SCRIPT DESCRIPTION
	local status
	bash "/ks/dax/$1" >/tmp/out 2>&1
	status=$?
	sed 's/^/# /' /tmp/out
	is "$status $(grep -c '^not ok' /tmp/out)" "0 0" "$2"
	at_least "$(grep -c '^ok .*' /tmp/out)" "$3" "$2: results"
}

write "$(dax_dir "$dax")/state" unplugged
for policy in dram block range; do
	works "policy $policy" set_policy "$dax" $policy
	selftest dax-kmem-hotplug.sh "dax-kmem-hotplug.sh with policy $policy" 8
	write "$(dax_dir "$dax")/state" unplugged 2>/dev/null
	is "$(nr_ranges)" 0 "nothing is left"
done
selftest dax-memmap-policy.sh "dax-memmap-policy.sh" 20
is "$(grep -c '# SKIP' /tmp/out)" 0 "nothing is skipped"
works "unbind" kmem_unbind "$dax"
is "$(nr_ranges)" 0 "nothing is left"
finish
