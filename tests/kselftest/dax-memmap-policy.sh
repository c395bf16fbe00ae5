#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Where the memmap of a dax device goes when kmem adds it as system RAM:
#   /sys/bus/dax/devices/daxX.Y/memmap_policy, memmap_effective and memmap/
#
# With each policy that the device can have, its memory is added, counted and
# removed, twice. One that it cannot have must be refused.
#
# This adds and removes all memory of a device that is bound to kmem. So the
# device has to be named, and whatever uses its memory has to be able to migrate:
#
#   DAX_KMEM_TEST_DEV=daxX.Y ./dax-memmap-policy.sh
#
# State and policy are restored at the end. A device whose policy had not been
# written has its own afterwards, with the word that it showed before.
#
# Not shown here: in which page frames the struct pages are. For policy "range",
# mhp_altmap/ranges in debugfs has that.

# shellcheck disable=SC1091
. "$(dirname "$(readlink -f "$0")")/../kselftest/ktap_helpers.sh"

export LC_ALL=C		# error texts are compared
CYCLES=2
RESULTS_PER_CYCLE=5
dax=${DAX_KMEM_TEST_DEV:-}
dir=/sys/bus/dax/devices/$dax
kmem=/sys/bus/dax/drivers/kmem
memory=/sys/devices/system/memory
old_state='' old_policy=''

attr() { cat "$dir/$1" 2>&1; }

# number ATTRIBUTE: -1 if it has none
number() {
	local value

	value=$(attr "$1")
	[[ $value =~ ^[0-9]+$ ]] || value=-1
	echo "$value"
}

# put ATTRIBUTE VALUE: prints what the shell says if it fails.
put() { { echo "$2" >"$dir/$1"; } 2>&1; }

skip_all() {
	ktap_skip_all "$1"
	exit "$KSFT_SKIP"
}

# result DESCRIPTION, with what is not as it should be in $wrong
wrong=''
result() {
	if [ -z "$wrong" ]; then
		ktap_test_pass "$1"
	else
		ktap_test_fail "$1:$wrong"
	fi
	wrong=''
}

# expect WHAT OBSERVED EXPECTED
expect() {
	[ "$2" = "$3" ] || wrong+=" $1 is '$2', expected '$3';"
}

# A node without memory has no directory.
node_bytes() {
	local kib

	kib=$(awk '$3 == "MemTotal:" { print $4 }' \
		"/sys/devices/system/node/node$node/meminfo" 2>/dev/null)
	echo $((${kib:-0} * 1024))
}

# It counts the memmap of hot-added memory wherever that is, and with page_ext
# some more.
nr_memmap_pages() { awk '$1 == "nr_memmap_pages" { print $2 }' /proc/vmstat; }

# "PRESENT OF": memory blocks of the device that exist, and that it has room for.
memory_blocks() {
	local mapping start end b present=0 of=0

	for mapping in "$dir"/mapping[0-9]*; do
		start=$(cat "$mapping/start") end=$(cat "$mapping/end")
		for ((b = (start + block - 1) / block; (b + 1) * block <= end + 1; b++)); do
			of=$((of + 1))
			[ ! -d "$memory/memory$b" ] || present=$((present + 1))
		done
	done
	echo "$present $of"
}

figures() {
	local name

	for name in memmap head usable dram; do
		echo "$name=$(attr memmap/$name)"
	done
}

# What cannot be restored is said, but is no test result.
# shellcheck disable=SC2317,SC2329	# called by the trap
restore() {
	[ -n "$old_state" ] || return
	# Policies are written while unplugged only.
	if [ "$old_state" != unplugged ] && [ "$(attr state)" = "$old_state" ]; then
		return
	fi
	put state unplugged >/dev/null
	put memmap_policy "$old_policy" >/dev/null
	case $old_state in
	unplugged)
		;;
	offline)	# cannot be written, but is what kmem was bound with
		echo "$dax" >$kmem/unbind && echo "$dax" >$kmem/bind
		;;
	*)
		put state "$old_state" >/dev/null
		;;
	esac
	[ "$(attr state) $(attr memmap_policy)" = "$old_state $old_policy" ] ||
		ktap_print_msg "$dax: state $(attr state), memmap_policy $(attr memmap_policy);" \
			"before this test $old_state, $old_policy"
}

cannot_be_had() { # POLICY
	local said before

	before=$(attr memmap_policy)
	said=$(put memmap_policy "$1") && wrong+=" it was accepted;"
	expect "the error" "${said##*: }" "Operation not supported"
	expect memmap_policy "$(attr memmap_policy)" "$before"
	result "$1: not supported, refused"
}

cycle() { # POLICY NUMBER
	local policy=$1 name="$1, cycle $2" other=dram
	local said before memmap head usable dram blocks present more

	# 1: while nothing is added, the policy can be chosen, and is planned.
	said=$(put memmap_policy "$policy") || wrong+=" write failed: $said;"
	expect memmap_policy "$(attr memmap_policy)" "$policy"
	expect memmap_effective "$(attr memmap_effective)" none
	memmap=$(number memmap/memmap) head=$(number memmap/head)
	usable=$(number memmap/usable) dram=$(number memmap/dram)
	before=$(figures)
	read -r _ blocks <<<"$(memory_blocks)"
	expect "head + usable" "$((head + usable))" "$((blocks * block))"
	case $policy in
	dram)
		expect memmap/dram "$dram" "$memmap"
		expect memmap/head "$head" 0
		;;
	*)
		expect memmap/dram "$dram" 0
		[ "$head" -ge "$memmap" ] || wrong+=" head $head < memmap $memmap;"
		;;
	esac
	result "$name: chosen while unplugged, usable $usable, dram $dram bytes"

	# 2, 3, 4: added.
	if ! said=$(put state online_movable); then
		if [[ $said == *"Cannot allocate memory" ]]; then
			ktap_test_skip "$name: not enough memory for a memmap of $memmap bytes"
		else
			wrong+=" $said;"
			result "$name: online_movable"
		fi
		ktap_test_skip "$name: nr_memmap_pages, nothing was added"
		ktap_test_skip "$name: change while added, nothing was added"
	else
		expect state "$(attr state)" online_movable
		expect memmap_effective "$(attr memmap_effective)" "$policy"
		expect "MemTotal of node $node" "$(($(node_bytes) - base_bytes))" "$usable"
		expect "figures" "$(figures)" "$before"
		# With range, what is all memmap has no memory block. How the head is
		# spread over several ranges of a device is not known here.
		[ "$policy" != range ] || blocks=$((blocks - head / block))
		if [ "$policy" != range ] || [ ! -e "$dir/mapping1" ]; then
			read -r present _ <<<"$(memory_blocks)"
			expect "number of memory blocks" "$present" "$blocks"
		fi
		result "$name: added, MemTotal of node $node +$usable"

		more=$((($(nr_memmap_pages) - base_memmap) * page))
		[ $more -ge "$memmap" ] || wrong+=" $more bytes more, expected $memmap;"
		result "$name: nr_memmap_pages counts the memmap of $memmap bytes"

		[ "$policy" != dram ] || other=auto
		said=$(put memmap_policy "$other") && wrong+=" it was accepted;"
		expect "the error" "${said##*: }" "Device or resource busy"
		expect memmap_policy "$(attr memmap_policy)" "$policy"
		expect memmap_effective "$(attr memmap_effective)" "$policy"
		result "$name: change while added, refused"
	fi

	# 5: removed, or never added.
	said=$(put state unplugged) || wrong+=" $said;"
	expect state "$(attr state)" unplugged
	expect memmap_effective "$(attr memmap_effective)" none
	expect memmap_policy "$(attr memmap_policy)" "$policy"
	expect "MemTotal of node $node" "$(node_bytes)" "$base_bytes"
	expect nr_memmap_pages "$(nr_memmap_pages)" "$base_memmap"
	expect "number of memory blocks" "$(memory_blocks)" "$base_blocks"
	[ "$(cat /proc/iomem)" = "$base_iomem" ] || wrong+=" /proc/iomem differs;"
	result "$name: unplugged, nothing is left"

	[ "$(attr state)" = unplugged ] ||
		ktap_exit_fail_msg "$dax cannot be unplugged"
}

ktap_print_header

[ "$UID" = 0 ] || skip_all "must be run as root"
[ -n "$dax" ] || skip_all "set DAX_KMEM_TEST_DEV=daxX.Y (all its memory is removed)"
[ -d "$dir" ] || skip_all "no dax device '$dax'"
[ -e "$dir/memmap_policy" ] || skip_all "no memmap_policy: CONFIG_MHP_ALTMAP is not set"
[ -e "$dir/state" ] || skip_all "$dax has no state: not bound to kmem"

old_policy=$(attr memmap_policy)
old_state=$(attr state)
trap restore EXIT
trap 'exit 1' INT TERM

said=$(put state unplugged) || skip_all "$dax: its memory is in use: $said"

node=$(attr target_node)
page=$(awk '$1 == "KernelPageSize:" { print $2 * 1024; exit }' /proc/self/smaps)
block=$((16#$(cat $memory/block_size_bytes)))
base_bytes=$(node_bytes)
base_memmap=$(nr_memmap_pages)
base_blocks=$(memory_blocks)
base_iomem=$(cat /proc/iomem)
supported=$(attr memmap/supported)

ktap_print_msg "$dax was $old_state with policy $old_policy, supported: $supported"
plan=0
for policy in dram block range; do
	case " $supported " in
	*" $policy "*) plan=$((plan + CYCLES * RESULTS_PER_CYCLE)) ;;
	*) plan=$((plan + 1)) ;;
	esac
done
ktap_set_plan $plan

for policy in dram block range; do
	case " $supported " in
	*" $policy "*)
		for ((i = 1; i <= CYCLES; i++)); do
			cycle $policy $i
		done
		;;
	*)
		cannot_be_had $policy
		;;
	esac
done

ktap_finished
