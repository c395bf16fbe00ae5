# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For scripts that run in the guest: TAP, devices, and where to look.

SYS_MEMORY=/sys/devices/system/memory
DEBUG=/sys/kernel/debug

#--- TAP ---------------------------------------------------------------------

# What next_boot kept, on the disk of a guest that is booted more than once.
TAP_STATE=/var/lib/mhp-altmap-test/tap
tap_nr=0 tap_failed=0
[ ! -f $TAP_STATE ] || read -r tap_nr tap_failed <$TAP_STATE

ok() { # DESCRIPTION
	tap_nr=$((tap_nr + 1))
	echo "ok $tap_nr - $1"
}

not_ok() { # DESCRIPTION [DETAIL ...]
	tap_nr=$((tap_nr + 1)) tap_failed=$((tap_failed + 1))
	echo "not ok $tap_nr - $1"
	shift
	printf '#   %s\n' "$@"
}

skip() { # DESCRIPTION REASON
	tap_nr=$((tap_nr + 1))
	echo "ok $tap_nr - $1 # SKIP $2"
}

is() { # GOT EXPECTED DESCRIPTION
	if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "got:      $1" "expected: $2"; fi
}

# Numbers: "at_most 5 10 'free memory'".
at_most() { # GOT LIMIT DESCRIPTION
	if [ "$1" -le "$2" ]; then ok "$3 ($1)"; else not_ok "$3" "got: $1, at most: $2"; fi
}

at_least() { # GOT LIMIT DESCRIPTION
	if [ "$1" -ge "$2" ]; then ok "$3 ($1)"; else not_ok "$3" "got: $1, at least: $2"; fi
}

# A command that must fail, with a word of its error: the shell names errno.
fails() { # ERROR-TEXT DESCRIPTION COMMAND ...
	local text=$1 desc=$2 out
	shift 2
	if out=$( { "$@"; } 2>&1 ); then
		not_ok "$desc" "succeeded: $*" "output: $out"
	elif [[ $out == *"$text"* ]]; then
		ok "$desc ($text)"
	else
		not_ok "$desc" "failed with: $out" "expected:    $text"
	fi
}

works() { # DESCRIPTION COMMAND ...
	local desc=$1 out
	shift
	if out=$( { "$@"; } 2>&1 ); then ok "$desc"; else not_ok "$desc" "command: $*" "output: $out"; fi
}

finish() {
	echo "1..$tap_nr"
	exit $((tap_failed > 0))
}

# Ends a boot that is not the last: numbers go on in the next, and so does the
# count of failures, which finish reports.
next_boot() {
	mkdir -p ${TAP_STATE%/*}
	echo "$tap_nr $tap_failed" >$TAP_STATE
	exit 0
}

# Nothing more can be tested here. Not TAP's "Bail out!": that ends the whole run,
# other tests and all.
bail_out() {
	not_ok "$*"
	finish
}

#--- small things ------------------------------------------------------------

write() { echo "$2" >"$1"; }

# Wait until a command succeeds, for 10 s.
wait_for() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	return 1
}

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

# KASAN and page_owner take memory for every page that is onlined, and take it
# from the node that it is onlined to.
kernel_from() { # VERSION
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}
debug_kernel() { zcat /proc/config.gz | grep -q '^CONFIG_KASAN=y'; }

block_size() { echo $((16#$(cat $SYS_MEMORY/block_size_bytes))); }

#--- devices -----------------------------------------------------------------

load_cxl() {
	local m
	for m in cxl_acpi cxl_pci cxl_port cxl_mem dax_cxl device_dax; do
		modprobe $m || bail_out "cannot load $m"
	done
	wait_for cxl_memdev || bail_out "no CXL memory device"
}

# All that there are, each with its endpoint: they are found on their own.
cxl_memdev() {
	local pci=(/sys/bus/pci/drivers/cxl_pci/0000:*) mem=(/sys/bus/cxl/drivers/cxl_mem/mem*)
	local endpoint=(/sys/bus/cxl/drivers/cxl_port/endpoint*)
	[ -e "${pci[0]}" ] && [ ${#pci[@]} = ${#mem[@]} ] && [ -e "${endpoint[0]}" ] &&
		[ ${#pci[@]} = ${#endpoint[@]} ]
}

# Region out of one memdev; prints the name of its dax device. kmem is not
# loaded yet, or is told not to take it, so that a policy can be written.
create_region() { # [MEMDEV [SIZE]]
	local region
	region=$(cxl create-region -t ram -d decoder0.0 -m "${1:-mem0}" ${2:+-s "$2"} 2>/dev/null |
		 jq -r .region) || return 1
	wait_for test -e "/sys/bus/dax/devices/dax${region#region}.0" || return 1
	echo "dax${region#region}.0"
}

#--- QEMU's monitor, for tests with MONITOR=1 ----------------------------------

# Once, not in a sub-shell: those inherit the open port.
open_monitor() {
	local line i
	stty -F /dev/ttyS3 raw -echo
	exec 9<>/dev/ttyS3
	# What is left of the greeting, what QEMU says to the part of it that was
	# echoed before stty, then the answer. That part may have opened a bracket:
	# 0xff, which is no JSON, has QEMU read on as if nothing had been.
	for ((i = 0; i < 30; i++)); do
		printf '\xff{"execute": "qmp_capabilities"}\n' >&9
		while read -r -t 2 line <&9; do
			[[ $line != *'"return"'* ]] || return 0
		done
	done
	bail_out "no answer from QEMU's monitor"
}

# A command of the human monitor; prints its answer.
monitor() {
	local line
	# -M: the port is a terminal.
	jq -nMc --arg c "$1" '{execute: "human-monitor-command", arguments: {"command-line": $c}}' >&9
	while read -r -t 60 line <&9; do
		case $line in
		# Not always at the start: the port can lose the end of an event
		# that comes at the same time.
		*'{"return": '*)
			line=$(jq -r .return <<<"{\"return\": ${line##*\{\"return\": }" | tr -d '\r')
			[ -z "$line" ] || echo "$line"
			[[ $line != Error* ]]
			return
			;;
		*'{"error": '*) echo "$line" >&2; return 1 ;;
		esac
	done
	echo "no answer from QEMU's monitor to '$1'" >&2
	return 1
}

#--- devices, continued --------------------------------------------------------

memmap_figure() { cat "$(dax_dir "$1")/memmap/$2"; }
class_default() { echo "/sys/module/mhp_altmap/parameters/$1"; }

dax_dir() { echo "/sys/bus/dax/devices/$1"; }
dax_start() { echo $(($(cat "$(dax_dir "$1")/resource"))); }
dax_size() { cat "$(dax_dir "$1")/size"; }
dax_node() { cat "$(dax_dir "$1")/target_node"; }
policy() { cat "$(dax_dir "$1")/memmap_policy"; }
effective() { cat "$(dax_dir "$1")/memmap_effective"; }
set_policy() { write "$(dax_dir "$1")/memmap_policy" "$2"; }

# Give a device to kmem without onlining anything.
kmem_bind() {
	modprobe kmem 2>/dev/null
	[ "$(basename "$(readlink "$(dax_dir "$1")/driver")")" = kmem ] && return
	if [ -e "$(dax_dir "$1")/driver" ]; then
		write "$(dax_dir "$1")/driver/unbind" "$1" || return
	fi
	write /sys/bus/dax/drivers/kmem/bind "$1"
}

# Wait until kmem has taken a device and has done with adding it, which is later than
# its link: binding waits for that, and is refused then.
wait_for_kmem() {
	wait_for test -L "$(dax_dir "$1")/driver" || return
	write /sys/bus/dax/drivers/kmem/bind "$1" 2>/dev/null || :
}

kmem_unbind() { write /sys/bus/dax/drivers/kmem/unbind "$1"; }

# A region that kmem does not hold (it takes each new one, or fails to): sets dax.
setup_device() {
	load_cxl
	modprobe kmem
	dax=$(create_region) || bail_out "no region"
	wait_for test -L "$(dax_dir "$dax")/driver" && kmem_unbind "$dax"
}

# The same as system RAM with policy range, all blocks online.
setup_range() { # ONLINE-TYPE
	setup_device
	set_policy "$dax" range && kmem_bind "$dax" && online_blocks "$dax" "$1" ||
		bail_out "cannot set up a range"
}

# Blocks of a device: those that lie in it and exist.
dax_blocks() {
	local start size bs b
	start=$(dax_start "$1") size=$(dax_size "$1") bs=$(block_size)
	for ((b = (start + bs - 1) / bs; (b + 1) * bs <= start + size; b++)); do
		[ ! -e "$SYS_MEMORY/memory$b" ] || echo "$b"
	done
}

# Builtins only: a fork for each of a thousand blocks takes longer than onlining.
block_state() {
	local state=none
	read -r state 2>/dev/null <"$SYS_MEMORY/memory$1/state"
	echo "$state"
}

set_block() { echo "$2" >"$SYS_MEMORY/memory$1/state"; }

online_blocks() { # DAX TYPE
	local b state rc=0
	for b in $(dax_blocks "$1"); do
		read -r state <"$SYS_MEMORY/memory$b/state"
		[ "$state" = online ] || set_block "$b" "$2" || rc=1
	done
	return $rc
}

# The first memory of a node is what the kernel takes its threads' memory from, if
# it is in a kernel zone, and cannot go offline then. Give the node a movable block.
first_memory() { # DAX
	set_block "$(dax_blocks "$1" | tail -n 1)" online_movable
}

offline_blocks() { # DAX
	local b state rc=0
	for b in $(dax_blocks "$1"); do
		read -r state <"$SYS_MEMORY/memory$b/state"
		[ "$state" = offline ] || set_block "$b" offline || rc=1
	done
	return $rc
}

# A page of a kernel zone of the node, in use: it cannot move, and its block not go
# offline.
pin_page() { # NODE
	modprobe mhp_altmap_calls
	write $DEBUG/mhp_altmap_calls "pin $1"
}

unpin_page() { write $DEBUG/mhp_altmap_calls unpin; }

# Line of the debugfs table for a device: start size node head memmap ...
range_line() {
	awk -v s="$(printf '%#x' "$(dax_start "$1")")" '$1 == s' $DEBUG/mhp_altmap/ranges
}

range_field() { # DAX FIELD
	local -a names values
	read -ra names < <(head -n 1 $DEBUG/mhp_altmap/ranges)
	read -ra values < <(range_line "$1")
	local i
	for i in "${!names[@]}"; do
		[ "${names[i]}" != "$2" ] || { echo $((values[i])); return; }
	done
}

nr_ranges() { awk 'NR > 1' $DEBUG/mhp_altmap/ranges | wc -l; }

# 1 GiB pieces, aligned, of which all memory blocks are online.
gigantic_possible() { # DAX
	local start size bs g b state
	start=$(dax_start "$1") size=$(dax_size "$1") bs=$(block_size)
	local gib=$((1 << 30)) n=0
	for ((g = (start + gib - 1) / gib; (g + 1) * gib <= start + size; g++)); do
		for ((b = g * gib / bs; b * bs < (g + 1) * gib; b++)); do
			state=none
			[ ! -e "$SYS_MEMORY/memory$b" ] || read -r state <"$SYS_MEMORY/memory$b/state"
			[ "$state" = online ] || continue 2
		done
		n=$((n + 1))
	done
	echo $n
}

# How many 1 GiB pages does the node give? They stay allocated.
gigantic_allocate() { # NODE COUNT
	local file=/sys/devices/system/node/node$1/hugepages/hugepages-1048576kB/nr_hugepages
	echo "$2" >"$file"
	cat "$file"
}

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
