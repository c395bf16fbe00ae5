#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that runs the kernel's selftests, for tests/host/kselftest.sh.
#
#	kselftest-guest.sh POLICY PROGRAM ...
. /job/lib/guest.sh
policy=$1
shift
setup_device
works "policy $policy" set_policy "$dax" "$policy"
works "added" kmem_bind "$dax"
works "online" online_blocks "$dax" online_movable
bash /job/mem-on-off-test.sh -r 25 >/tmp/said 2>&1
status=$?
sed 's/^/# /' /tmp/said
is $status 0 "mem-on-off-test.sh"
at_least "$(grep -c "^-> Success" /tmp/said)" 8 "blocks that went offline and online"

node=$(dax_node "$dax")
pool() { # PAGES, of the expander alone
	echo 0 >/proc/sys/vm/nr_hugepages
	echo "$1" >"/sys/devices/system/node/node$node/hugepages/hugepages-2048kB/nr_hugepages"
}
for program; do
	case $program in
	*_madv*) pool 1 ;;
	*) pool 200 ;;
	esac
	chmod +x "/job/$program"
	"/job/$program" >/tmp/said 2>&1
	status=$?
	sed 's/^/# /' /tmp/said
	is $status 0 "$program"
done
pool 0
works "offline" offline_blocks "$dax"
works "removed" kmem_unbind "$dax"
finish
