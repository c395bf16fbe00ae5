#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel that is tested, and its KUnit suite.
# vm: DRAM=1G
# debug: DRAM=1G
. /job/lib.sh

# A kernel without BUG reports nothing, and every other test would pass.
for option in BUG DEBUG_BUGVERBOSE PRINTK MHP_ALTMAP MEMORY_FAILURE MEMORY_HOTREMOVE; do
	is "$(zcat /proc/config.gz | grep "^CONFIG_$option=")" "CONFIG_$option=y" "kernel has $option=y"
done
is "$(zcat /proc/config.gz | grep '^CONFIG_SLUB_TINY=')" "" "kernel has no SLUB_TINY"

works "the suite loads" modprobe mhp_altmap_kunit
results=$DEBUG/kunit/mhp_altmap/results
wait_for test -s $results
# Flatten KTAP: one line of ours per case and parameter.
while read -r line; do
	case $line in
	"ok "*' mhp_altmap') ok "suite mhp_altmap" ;;
	"not ok "*' mhp_altmap') not_ok "suite mhp_altmap" ;;
	*) case $line in
	   "not ok "*) not_ok "kunit: ${line#not ok }" "$(grep -B 6 -F "$line" $results)" ;;
	   "ok "*SKIP*) skip "kunit: ${line#ok }" "as KUnit says" ;;
	   "ok "*) ok "kunit: ${line#ok }" ;;
	   esac ;;
	esac
done < <(sed 's/^ *//' $results | grep -E '^(not )?ok ')
at_least "$tap_nr" 50 "all cases ran"
works "the suite unloads" rmmod mhp_altmap_kunit
finish
