# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sequences of what can be done to two devices, one operation a line, made at random and
# carried out in a guest. An operation may fail; what must hold after each is in "holds".
#
#	policy N WORD		write the policy of device N, 1 or 2
#	region-policy N WORD	that of its region
#	default WORD		that of CXL devices
#	bind N, unbind N	give it to kmem, and back if none of it is online: kmem keeps
#				what is online
#	block N I STATE		the state of its block I
#	piece N STATE		of all of it, by memory_state
#	state N STATE		by its attribute "state", where there is one
#	disable N, enable N	its region, if none of it is online
#	huge N			so many 2 MiB pages on their node
#	poison N I		a page of its block I has gone bad; "heal" undoes it
#	say TEXT		to the kernel's log: for the test of what makes sequences shorter

# shellcheck disable=SC2034 # for tools/check/minimise
sequence_operations='policy region-policy default bind unbind block piece state disable enable
	huge poison heal say'
sequence_policies=(dram block range auto)
# Not "online": the kernel keeps what goes to a kernel zone.
sequence_states=(online_movable offline)
random_operation() {
	local n=$((RANDOM % 2 + 1)) word=${sequence_policies[RANDOM % 4]}
	local state=${sequence_states[RANDOM % 2]}
	case $((RANDOM % 16)) in
	0 | 1) echo "policy $n $word" ;;
	2) echo "region-policy $n $word" ;;
	3) echo "default $word" ;;
	4 | 5 | 6) echo "bind $n" ;;
	7) echo "unbind $n" ;;
	8 | 9) echo "block $n $((RANDOM % 4)) $state" ;;
	10 | 11) echo "piece $n $state" ;;
	12) [ $((RANDOM % 2)) = 0 ] || state=unplugged
		echo "state $n $state" ;;
	13) if [ $((RANDOM % 2)) = 0 ]; then echo "disable $n"; else echo "enable $n"; fi ;;
	14) echo "huge $((RANDOM % 3 * 8))" ;;
	15) if [ $((RANDOM % 2)) = 0 ]; then echo "poison $n $((RANDOM % 4))"; else echo heal; fi ;;
	esac
}

#--- in the guest ------------------------------------------------------------------

# shellcheck disable=SC2154 # d1, d2: setup_two_devices
set_up_sequence() {
	setup_two_devices
	modprobe hwpoison-inject
	sequence_huge=/sys/devices/system/node/node$(dax_node "$d1")/hugepages
	sequence_huge=$sequence_huge/hugepages-2048kB/nr_hugepages
	sequence_first=$(census_of_sequence)
	sequence_poisoned=() sequence_devices=("$d1" "$d2")
	read -r sequence_tainted </proc/sys/kernel/tainted
}
# What has to be the same before, and after all is undone.
census_of_sequence() {
	cat /proc/iomem /sys/devices/system/node/{online,has_memory} $DEBUG/mhp_altmap/ranges
	awk '/^Node/ || /spanned|present|managed/' /proc/zoneinfo
	grep -E '^nr_memmap' /proc/vmstat
	ls $SYS_MEMORY
	grep HardwareCorrupted /proc/meminfo
}
dax_of() { echo "${sequence_devices[$1 - 1]}"; }
region_of() { local r=${1%.*}; echo "${r/dax/region}"; }
any_online() { # DAX
	local b
	[ -e "$(dax_dir "$1")" ] || return
	for b in $(dax_blocks "$1"); do [ "$(block_state "$b")" != online ] || return 0; done
	return 1
}
heal() {
	local pfn
	for pfn in "${sequence_poisoned[@]}"; do write $DEBUG/hwpoison/unpoison-pfn "$pfn"; done
	sequence_poisoned=()
}
operation() { # OPERATION ARGUMENT ...
	local d b pfn
	case $2 in [12]) d=$(dax_of "$2") ;; esac
	case $1 in
	policy) set_policy "$d" "$3" ;;
	region-policy) write "/sys/bus/cxl/devices/$(region_of "$d")/memmap_policy" "$3" ;;
	default) write "$(class_default cxl)" "$2" ;;
	bind) kmem_bind "$d" ;;
	unbind) any_online "$d" || kmem_unbind "$d" ;;
	block | poison)
		[ -e "$(dax_dir "$d")" ] || return
		b=$(($(dax_start "$d") / $(block_size) + $3))
		if [ "$1" = block ]; then
			set_block $b "$4"
		elif [ "$(block_state $b)" = online ]; then
			pfn=$((b * $(block_size) / 4096 + 77))
			write $DEBUG/hwpoison/corrupt-pfn $pfn && sequence_poisoned+=("$pfn")
		fi
		;;
	piece) write "$(dax_dir "$d")/memory_state" "$3" ;;
	state) write "$(dax_dir "$d")/state" "$3" ;;
	disable) any_online "$d" || cxl disable-region "$(region_of "$d")" ;;
	# Its DAX device comes later, and goes to kmem at once: bind waits for the end of that.
	enable) cxl enable-region "$(region_of "$d")" && wait_for test -e "$(dax_dir "$d")" &&
		{ write /sys/bus/dax/drivers/kmem/bind "$d" || :; } ;;
	huge) write "$sequence_huge" "$2" ;;
	heal) heal ;;
	say) shift; echo "$*" >/dev/kmsg; [ "$1" != WARNING: ] || sequence_said=1 ;;
	*) echo "no operation: $*"; exit 2 ;;
	esac
} >/dev/null 2>&1
# Prints what does not.
holds() {
	local d line tainted
	awk 'NR > 1 && (NF != 9 || $7 != $8) { print "a range without all of its memmap: " $0 }' \
		$DEBUG/mhp_altmap/ranges
	for d in "${sequence_devices[@]}"; do
		[ -e "$(dax_dir "$d")" ] || continue
		case $(effective "$d") in
		range) line=$(range_line "$d")
			[ -n "$line" ] || echo "$d is said to have a range, and there is none" ;;
		dram | block) line=$(range_line "$d")
			[ -z "$line" ] || echo "$d is said to have no range, and there is one" ;;
		none) [ -z "$(dax_blocks "$d")" ] ||
			echo "$d is said to have no memmap, and there are blocks" ;;
		*) echo "$d: memmap_effective is '$(effective "$d")'" ;;
		esac
	done
	read -r tainted </proc/sys/kernel/tainted
	# What poison does to it, 5, is no bug.
	[ $(((tainted & ~32) == (sequence_tainted & ~32))) = 1 ] ||
		echo "the kernel is tainted: $tainted"
	[ -z "$sequence_said" ] || echo "a line in the log"
}
# A file of operations. Prints the first that broke something, and fails. Leaves how many did
# what they are for in sequence_worked.
run_sequence() { # FILE
	local line n=0 wrong
	sequence_said= sequence_worked=0
	while read -r line; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		operation $line </dev/null && sequence_worked=$((sequence_worked + 1))
		wrong=$(holds)
		[ -z "$wrong" ] || { echo "operation $n, $line: $wrong"; return 1; }
	done <"$1"
	wrong=$(undo_sequence)
	[ -z "$wrong" ] || { echo "$wrong"; return 1; }
}
# Everything back. Prints what does not go, and what is left.
undo_sequence() {
	local d r f
	heal
	[ ! -e "$sequence_huge" ] || write "$sequence_huge" 0
	for d in "${sequence_devices[@]}"; do
		r=$(region_of "$d")
		if [ ! -e "$(dax_dir "$d")" ]; then
			cxl enable-region "$r" >/dev/null 2>&1
			wait_for test -e "$(dax_dir "$d")" ||
				{ echo "$d does not come back"; continue; }
			# It gives its device to kmem at once.
			wait_for_kmem "$d" >/dev/null 2>&1
		fi
		kmem_bind "$d" 2>/dev/null
		[ -z "$(dax_blocks "$d")" ] || wait_for offline_blocks "$d" ||
			echo "$d does not go offline"
		kmem_unbind "$d" || echo "$d cannot be removed"
	done
	write "$(class_default cxl)" default
	f=$(census_of_sequence)
	[ "$f" = "$sequence_first" ] || diff <(echo "$sequence_first") <(echo "$f")
}
