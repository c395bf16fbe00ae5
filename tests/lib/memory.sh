# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the kernel counts, memory blocks, and pages: to be read in a guest.

SYS_MEMORY=/sys/devices/system/memory
# For who sources this.
# shellcheck disable=SC2034
DEBUG=/sys/kernel/debug

# Until dropping caches has freed next to nothing, twice in a row: what is freed comes
# back after a grace period of RCU.
settle() {
	local end=$((SECONDS + 60)) was now=0 quiet=0
	sync
	while [ $quiet -lt 2 ] && [ $SECONDS -lt $end ]; do
		was=$now
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.2
		now=$(node_free_pages 0)
		if [ $((now - was)) -gt 16 ]; then quiet=0; else quiet=$((quiet + 1)); fi
	done
}

# Builtins only where tests count often: starting awk takes 50 ms in a guest, and a
# pattern in these loops far less than a word that is split.

# Free pages of a node, those in per-CPU lists included: MemFree alone moves by
# tens of MiB when onlining drains them.
node_free_pages() {
	local line lines node='' n=0
	mapfile -t lines </proc/zoneinfo
	for line in "${lines[@]}"; do
		case $line in
		"Node "*) node=${line%%,*} ;;
		*" nr_free_pages "* | *" count: "*)
			[ "$node" != "Node $1" ] || n=$((n + ${line##* }))
			;;
		esac
	done
	echo $n
}

# Fields of zoneinfo: zone_field NODE ZONE FIELD
zone_field() {
	local line lines zone=''
	mapfile -t lines </proc/zoneinfo
	for line in "${lines[@]}"; do
		case $line in
		"Node "*) zone=$line ;;
		*" $3 "*)
			if [[ $zone == "Node $1, zone "*" $2" ]]; then
				echo "${line##* }"
				return
			fi
			;;
		esac
	done
}

node_kib() { # NODE FIELD
	local name value
	while read -r _ _ name value _; do
		[ "$name" != "$2:" ] || echo "$value"
	done <"/sys/devices/system/node/node$1/meminfo"
}

vmstat() { # FIELD
	local line lines
	mapfile -t lines </proc/vmstat
	for line in "${lines[@]}"; do
		[[ $line != "$1 "* ]] || echo "${line#* }"
	done
}

kernel_from() { # VERSION
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}
has_config() { zcat /proc/config.gz | grep -q "^CONFIG_$1=y"; }
debug_kernel() { has_config KASAN; }

block_size() {
	local hex
	read -r hex <$SYS_MEMORY/block_size_bytes
	echo $((16#$hex))
}

# Builtins only: a fork for each of a thousand blocks takes longer than onlining.
block_state() {
	local state=none
	read -r state 2>/dev/null <"$SYS_MEMORY/memory$1/state"
	echo "$state"
}

page_size() {
	getconf PAGESIZE 2>/dev/null ||
		awk '/^KernelPageSize/ { print $2 * 1024; exit }' /proc/self/smaps
}

# A write that would not end by itself, interrupted as soon as a command succeeds. With a
# handler of the signal, the shell lives and says what the write came to.
interrupted() { # FILE WORD COMMAND ...
	local pid
	bash -c 'trap : TERM; echo "$2" >"$1"' bash "$1" "$2" &
	pid=$!
	shift 2
	wait_for "$@"
	kill $pid
	wait $pid
}

# Run a program, and send it a signal as soon as a condition holds: in the midst of its
# work, however fast or busy the machine is. The condition is of builtins, and quick.
signal_when() { # SIGNAL CONDITION PROGRAM ...
	local signal=$1 condition=$2 status
	shift 2
	rm -f /tmp/signalled
	{
		until [ -s /tmp/signalled ] && eval "$condition"; do :; done
		kill -s "$signal" "$(</tmp/signalled)"
	} >/dev/null 2>&1 &
	# The program is in the foreground: one in the background ignores SIGINT.
	bash -c 'echo $$ >/tmp/signalled; exec "$@"' bash "$@"
	status=$?
	{ kill $! && wait $!; } 2>/dev/null
	return $status
}

# What daxctl-memmap, $P, says to type about a region that it could not take apart, as its
# memory may be going online just then: as a command of the shell; nothing if there is none.
advice_of() { # OUTPUT
	sed -n 's/^  daxctl-memmap \(.*\), then \(cxl .*\)$/$P \1 \&\& \2/p' <<<"$1"
}

# Have the kernel choose zones by a ratio that leaves room in ZONE_MOVABLE for LESS
# bytes more, but not for MORE. Whoever asks has no hot-added memory in a kernel zone.
auto_movable() { # LESS MORE
	local dir=/sys/module/memory_hotplug/parameters kernel movable percent
	read -r kernel movable < <(awk '/^Node/ { zone = $4 }
		$1 == "present" { n[zone == "Movable"] += $2 }
		END { print n[0], n[1] + 0 }' /proc/zoneinfo)
	percent=$(((100 * (movable + $1 / 4096) + kernel - 1) / kernel))
	[ $((percent * kernel / 100)) -lt $((movable + $2 / 4096)) ] || return
	write $dir/auto_movable_numa_aware N && write $dir/auto_movable_ratio $percent &&
		write $dir/online_policy auto-movable
}

set_block() { echo "$2" >"$SYS_MEMORY/memory$1/state"; }

# Flags of a pfn in /proc/kpageflags, as a number. Bits: NOPAGE 20,
# RESERVED 32, OWNER_PRIVATE 37 (self-hosted, on a reserved page), BUDDY 10.
kpageflags() { pfn_word flags "$1"; }
kpagecount() { pfn_word count "$1"; }
# dd seeks in a file without a size, od -j reads all that is before.
pfn_word() {
	local word
	read -r word < <(dd if=/proc/kpage$1 bs=8 skip="$2" count=1 2>/dev/null | od -An -tu8)
	echo "$word"
}
# A page that is not online has no flags, or the one that says so.
pfn_offline() { # PFN
	local flags
	flags=$(kpageflags "$1")
	[ "$flags" = 0 ] || has_bit "$flags" 20
}
has_bit() { [ $((($1 >> $2) & 1)) = 1 ]; }
