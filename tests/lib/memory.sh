# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the kernel counts, memory blocks, and pages: to be read in a guest.

SYS_MEMORY=/sys/devices/system/memory
DEBUG=/sys/kernel/debug

settle() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 0.2
	echo 3 >/proc/sys/vm/drop_caches
}

# Free pages of a node, those in per-CPU lists included: MemFree alone moves by
# tens of MiB when onlining drains them.
node_free_pages() {
	awk -v node="$1," '
		/^Node/ { in_node = ($2 == node) }
		in_node && ($1 == "nr_free_pages" || $1 == "count:") { n += $2 }
		END { print n + 0 }' /proc/zoneinfo
}

# Fields of zoneinfo: zone_field NODE ZONE FIELD
zone_field() {
	awk -v node="$1," -v zone="$2" -v field="$3" '
		/^Node/ { in_zone = ($2 == node && $4 == zone) }
		in_zone && $1 == field { print $2; exit }' /proc/zoneinfo
}

node_kib() { # NODE FIELD
	awk -v f="$2:" '$3 == f { print $4 }' "/sys/devices/system/node/node$1/meminfo"
}

vmstat() { awk -v f="$1" '$1 == f { print $2 }' /proc/vmstat; }

kernel_from() { # VERSION
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}
has_config() { zcat /proc/config.gz | grep -q "^CONFIG_$1=y"; }
debug_kernel() { has_config KASAN; }

block_size() { echo $((16#$(cat $SYS_MEMORY/block_size_bytes))); }

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

set_block() { echo "$2" >"$SYS_MEMORY/memory$1/state"; }

# Flags of a pfn in /proc/kpageflags, as a number. Bits: NOPAGE 20,
# RESERVED 32, OWNER_PRIVATE 37 (self-hosted, on a reserved page), BUDDY 10.
kpageflags() { pfn_word flags "$1"; }
kpagecount() { pfn_word count "$1"; }
# dd seeks in a file without a size, od -j reads all that is before.
pfn_word() { dd if=/proc/kpage$1 bs=8 skip="$2" count=1 2>/dev/null | od -An -tu8 | tr -d ' '; }
# A page that is not online has no flags, or the one that says so.
pfn_offline() { # PFN
	local flags
	flags=$(kpageflags "$1")
	[ "$flags" = 0 ] || has_bit "$flags" 20
}
has_bit() { [ $((($1 >> $2) & 1)) = 1 ]; }
