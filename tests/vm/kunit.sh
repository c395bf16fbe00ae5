#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel that is tested, and its KUnit suites.
# vm: DRAM=1G
# debug: SMP=1
. /job/lib/guest.sh

# A kernel without BUG reports nothing, and every other test would pass.
for option in BUG DEBUG_BUGVERBOSE PRINTK MHP_ALTMAP MEMORY_FAILURE MEMORY_HOTREMOVE; do
	is "$(zcat /proc/config.gz | grep "^CONFIG_$option=")" "CONFIG_$option=y" \
		"kernel has $option=y"
done
nothing "$(zcat /proc/config.gz | grep '^CONFIG_SLUB_TINY=')" "kernel has no SLUB_TINY"

# With pages of 4 KiB there is nothing that a case could not do.
skipped() { # DESCRIPTION REASON
	if [ "$(page_size)" = 4096 ]; then not_ok "$1" "skipped: $2"; else skip "$1" "$2"; fi
}

dmesg -C
works "the suites load" modprobe mhp_altmap_kunit
# The arithmetic, and what is asked of this machine.
for suite in mhp_memmap mhp_altmap; do
	# Its size says nothing, in debugfs.
	wait_for grep -qE "^(not )?ok .* $suite" $DEBUG/kunit/$suite/results
done
results=/tmp/results
cat $DEBUG/kunit/mhp_memmap/results $DEBUG/kunit/mhp_altmap/results >$results
# Flatten KTAP: one line of ours per case and parameter.
while read -r line; do
	case $line in
	"ok "*' mhp_altmap' | "ok "*' mhp_memmap') ok "suite ${line##* }" ;;
	"not ok "*' mhp_altmap' | "not ok "*' mhp_memmap') not_ok "suite ${line##* }" ;;
	*) case $line in
	   "not ok "*) not_ok "kunit: ${line#not ok }" "$(grep -B 6 -F "$line" $results)" ;;
	   "ok "*SKIP*) skipped "kunit: ${line#ok }" "as KUnit says" ;;
	   "ok "*) ok "kunit: ${line#ok }" ;;
	   esac ;;
	esac
done < <(sed 's/^ *//' $results | grep -E '^(not )?ok ')
at_least "$tap_nr" 50 "all cases ran"
# What the cases provoke, each with its line in the log.
while read -r n line; do
	if grep -q 'SKIP no range can hold' $results; then
		skipped "log: $line" "as KUnit says: no range can hold its memmap here"
	else is "$(dmesg | grep -c "mhp_altmap: .*$line")" "$n" "log: $line"; fi
done <<'EOF'
2 refused .*: empty, or beyond the address space
2 refused .*: not whole memory blocks
1 refused .*: too small
2 refused .*: overlaps with another range
2 refused .*: not a plan for policy range
1 \bmark out of order: no memmap, head not marked
1 unmark out of order: no memmap, head not marked
2 release: no such range
2 \bmark: no such range
1 unmark: no such range
EOF
works "the suites unload" rmmod mhp_altmap_kunit
finish
