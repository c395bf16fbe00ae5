#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each allocation fails in turn: while memory is added, goes online and offline, by
# blocks and in one piece, and is removed. What was asked for is done, or nothing of it is;
# and then it works. SOAK=1 takes each allocation; without it, some of them, and on a debug
# kernel those of policy range.
# vm: CXL=512M
# debug: CXL=512M
. /job/lib/guest.sh
setup_device
modprobe mhp_altmap_calls
for f in failslab fail_page_alloc; do
	for setting in ignore-gfp-wait=N verbose=2 verbose_ratelimit_interval_ms=0; do
		write "$DEBUG/$f/${setting%=*}" "${setting#*=}" ||
			bail_out "no fault injection in this kernel"
	done
done
write $DEBUG/failslab/cache-filter N
write $DEBUG/fail_page_alloc/min-order 0
# What users have is not what is tested here.
write $DEBUG/fail_page_alloc/ignore-gfp-highmem Y

dir=$(dax_dir "$dax") node=$(dax_node "$dax")
kmem=/sys/bus/dax/drivers/kmem
# Every one, or up to as many of a kind as this.
most=12 policies="dram block range"
! debug_kernel || most=6 policies=range
[ -z "${SOAK:-}" ] || most= policies="dram block range"

# All that memory hotplug leaves behind it. No forks, as it is asked for often; the kernel
# keeps pages of a zone in lists of each processor, which are of no interest.
census() {
	local f line text=() all=()
	for f in /proc/iomem /sys/devices/system/node/{online,has_memory,has_normal_memory} \
		$DEBUG/mhp_altmap/ranges $DEBUG/mhp_altmap_zones; do
		mapfile -t text <"$f"
		all+=("${text[@]}")
	done
	for line in $SYS_MEMORY/memory*/state; do
		mapfile -t text <"$line"
		all+=("$line ${text[*]}")
	done
	mapfile -t text </proc/vmstat
	for line in "${text[@]}"; do
		case $line in nr_memmap*) all+=("$line") ;; esac
	done
	mapfile -t text </proc/zoneinfo
	for line in "${text[@]}"; do
		case $line in Node* | *spanned* | *present* | *managed*) all+=("$line") ;; esac
	done
	all+=(/sys/firmware/memmap/* "$dir"/driver "$(<"$dir/memmap_effective")")
	printf -v census '%s\n' "${all[@]}"
}

# One write with its N-th allocation failing. Sets "hit" if there were as many, "failed" to
# the status of the write.
write_with() { # N FILE WORD
	exec 7>"$2" 8>/proc/self/fail-nth 9</proc/self/fail-nth
	echo "$1" >&8
	failed=0
	echo "$3" >&7 || failed=1
	read -r -u 9 hit
	# The shell's own are not to fail.
	echo 0 >&8
	exec 7>&- 8>&- 9<&-
	if [ "$hit" = 0 ]; then hit=1; else hit=; fi
} 2>/dev/null

# Where the allocations were that failed, outermost last.
sites=/tmp/sites
stacks() {
	dmesg -c | awk -v what="$1" '
		/FAULT_INJECTION: forcing a failure/ { if (s) print what s; s = "" ; on = 1 }
		on && / \? / { next }
		on && match($0, /[a-zA-Z0-9_.]+\+0x[0-9a-f]+\/0x[0-9a-f]+/) {
			f = substr($0, RSTART, RLENGTH)
			sub(/\/.*/, "", f)
			s = s " " f
		}
		/<\/TASK>/ { on = 0 }
		END { if (s) print what s }' >>$sites
}

# WHAT: a write, and how it is undone; the state before is the state after both.
sweep() { # DESCRIPTION FILE WORD UNDO ...
	local what=$1 file=$2 word=$3 n=1 step=1 hits=0 finished=0 before after wrong=
	shift 3
	census; before=$census
	write "$file" "$word" || {
		not_ok "$what: nothing fails, and it does not work"
		return
	}
	census; after=$census
	"$@" || not_ok "$what: cannot be undone"
	census
	is "$census" "$before" "$what: is undone"
	dmesg -C
	while :; do
		write_with $n "$file" "$word"
		stacks "$what"
		[ -n "$hit" ] || break
		hits=$((hits + 1))
		census
		if [ $failed = 0 ]; then
			finished=$((finished + 1))
			[ "$census" = "$after" ] || wrong="$wrong $n:succeeded,differs"
			"$@" || wrong="$wrong $n:not-undone"
			census
		fi
		if [ "$census" != "$before" ]; then
			wrong="$wrong $n"
			diff <(echo "$before") <(echo "$census") | head -n 8 | sed 's/^/#   /'
			# As far as possible, for the next one.
			"$@" || :
			census
			[ "$census" = "$before" ] || break
		fi
		[ -z "$most" ] || [ $hits -lt $((most / 2)) ] ||
			step=$(((n + most - 1) / most * 2))
		n=$((n + step))
	done
	[ $failed = 0 ] || wrong="$wrong $n:nothing-failed-but-the-write"
	[ -n "$hit" ] || "$@" || wrong="$wrong $n:not-undone"
	census
	[ "$census" = "$before" ] || wrong="$wrong end"
	nothing "$wrong" \
		"$what: $hits of $((n - step)) allocations failed, $finished times it was done"
	total=$((total + hits))
}
total=0

bound() { kmem_bind "$dax"; }
unbound() { kmem_unbind "$dax"; }
for p in $policies; do
	echo "# $p"
	works "policy $p" set_policy "$dax" $p
	# What is made once, and stays.
	works "once" eval "bound && online_blocks $dax online_movable &&
		offline_blocks $dax && unbound"
	sweep "$p: add" $kmem/bind "$dax" unbound
	works "add" bound
	blocks=($(dax_blocks "$dax"))
	state=$SYS_MEMORY/memory${blocks[1]}/state
	sweep "$p: a block online" "$state" online_movable write "$state" offline
	works "online" online_blocks "$dax" online_movable
	sweep "$p: a block offline" "$state" offline write "$state" online_movable
	works "offline" offline_blocks "$dax"
	if [ $p = range ]; then
		sweep "$p: online in one piece" "$dir/memory_state" online_movable \
			write "$dir/memory_state" offline
		works "online" write "$dir/memory_state" online_movable
		sweep "$p: offline in one piece" "$dir/memory_state" offline \
			write "$dir/memory_state" online_movable
		works "offline" write "$dir/memory_state" offline
	fi
	if [ -e "$dir/state" ]; then
		works "unplugged" write "$dir/state" unplugged
		sweep "$p: state, online" "$dir/state" online_movable write "$dir/state" unplugged
		works "online" write "$dir/state" online_movable
		sweep "$p: state, unplugged" "$dir/state" unplugged \
			write "$dir/state" online_movable
		works "offline" offline_blocks "$dax"
	fi
	sweep "$p: remove" $kmem/unbind "$dax" bound
	works "remove" unbound
done
echo "# $total allocations failed, at $(sort -u $sites | wc -l) places"
# Each section, and each memory block, has its own: the first, one between, and the last.
if [ -z "$most" ]; then
	sections=$(($(dax_size "$dax") >> 27)) nr=${#blocks[@]}
	for f in arch_add_memory=$sections add_memory_block=$nr; do
		at_least "$(grep -c "^$p: add .* ${f%=*}+" $sites)" "${f#*=}" \
			"allocations below ${f%=*}() failed"
	done
fi
finish
