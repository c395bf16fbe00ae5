#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory of a program that is bound to the node survives the offlining of
# blocks around and under it.
# vm: CXL=2G
. /job/lib/guest.sh
setup_range online_movable
node=$(dax_node "$dax")

mkfifo /tmp/ask /tmp/answer
# Bound, not preferred: what it touches first is on this node or not at all.
numactl --membind="$node" awk '
	function fill(i,  s) {
		s = sprintf("%016d", i * 7919)
		while (length(s) < 4000) s = s s
		return s
	}
	BEGIN {
		for (i = 0; i < 20000; i++) a[i] = fill(i)
		print "ready" > "/tmp/answer"; fflush("/tmp/answer")
		while ((getline line < "/tmp/ask") > 0) {
			bad = 0
			for (i = 0; i < 20000; i++) if (a[i] != fill(i)) bad++
			print bad > "/tmp/answer"; fflush("/tmp/answer")
		}
	}' &
pid=$!
exec 3<>/tmp/ask 4<>/tmp/answer
read -r -t 300 line <&4
is "$line" ready "a program has filled its memory"
pages=$(grep -o "N$node=[0-9]*" /proc/$pid/numa_maps | awk -F= '{ n += $2 } END { print n }')
at_least "$pages" 20000 "pages of it on node $node"

blocks=($(dax_blocks "$dax"))
for i in "${!blocks[@]}"; do
	# Every other block: the rest has to have room for what moves.
	[ $((i % 2)) = 0 ] || works "block ${blocks[i]} goes offline" set_block "${blocks[i]}" \
		offline
done
echo check >&3
read -r -t 300 line <&4
is "$line" 0 "all of its memory is intact"
for i in "${!blocks[@]}"; do
	[ $((i % 2)) = 0 ] || works "block ${blocks[i]} goes online" set_block "${blocks[i]}" \
		online_movable
	[ $((i % 2)) = 1 ] || works "block ${blocks[i]} goes offline" set_block "${blocks[i]}" \
		offline
done
echo check >&3
read -r -t 300 line <&4
is "$line" 0 "and is so after all of it had to move"
is "$(range_field "$dax" self_hosted)" "$(range_field "$dax" sections)" "the memmap is in place"
kill $pid
wait $pid 2>/dev/null
works "offline" offline_blocks "$dax"
works "unbind" kmem_unbind "$dax"
finish
