#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's own memory hotplug selftest, with a range device present.
# On movable_node, as what it takes offline may come back in a kernel zone otherwise.
# vm: CXL=2G APPEND=movable_node
# x86: boot memory of arm64 cannot go offline, and the selftest takes it for granted
# file: @tree/tools/testing/selftests/memory-hotplug/mem-on-off-test.sh
. /job/lib/guest.sh
setup_range online_movable
# Half of the hotpluggable blocks; the others have to take what moves.
bash /job/mem-on-off-test.sh -r 50 >/tmp/out 2>&1
status=$?
sed 's/^/# /' /tmp/out
is $status 0 "mem-on-off-test.sh -r 50"
at_least "$(grep -c 'online->offline' /tmp/out)" 1 "and it did take blocks offline"
is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" "the memmap is in place"
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
finish
