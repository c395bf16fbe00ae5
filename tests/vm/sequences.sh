#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can be done to two devices, in an order that nobody would think of; what must hold
# after each operation is looked at, and nothing may be left in the end. With SOAK=MINUTES in
# the environment, so long. A sequence that breaks something is printed: tools/check/minimise
# leaves out what it does not need.
# vm: CXL='512M 512M' DRAM=2G
# debug: CXL='512M 512M' DRAM=1G
. /job/lib/guest.sh
. /job/lib/sequence.sh
choose_seed
set_up_sequence
nr=2 length=80 worked=0
# For shellcheck: run_sequence sets it.
sequence_worked=0
! debug_kernel || nr=1 length=30
start=$SECONDS done=0 operations=0
until [ $done -ge $nr ] && [ $((SECONDS - start)) -ge $((${SOAK:-0} * 60)) ]; do
	for ((i = 0; i < length; i++)); do random_operation; done >/tmp/sequence
	run_sequence /tmp/sequence >/tmp/wrong 2>&1
	status=$?
	done=$((done + 1)) operations=$((operations + length)) worked=$((worked + sequence_worked))
	if [ $status != 0 ]; then
		not_ok "sequence $done" "$(cat /tmp/wrong)" "the sequence:"
		sed 's/^/#   /' /tmp/sequence
		break
	fi
	[ $done -gt $nr ] || ok "sequence $done: $length operations, and nothing is left"
	[ $((done % 100)) != 0 ] || echo "# $done sequences, $(((SECONDS - start) / 60)) min"
done
at_least $worked $((operations / 4)) "of $operations operations so many did what they are for"
echo "# $((SECONDS - start)) s"
finish
