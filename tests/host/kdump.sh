#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Crash dumps with a CXL expander as system RAM: what the crash kernel is told of it, what
# makedumpfile takes and leaves out. Another expander was removed before: the crash kernel
# knows nothing of it. One case; with SOAK in the environment all of them.
# needs: kernel image programs
# kernels: all
. "$(dirname "$0")/../lib/host.sh"
. "$ROOT/tools/common.sh"
out=$work/out
built=$(kernel_dir test)

# The crash kernel's user space: the guest's, with a job of its own.
crash_initramfs() { # [plain]
	mkdir -p "$work/crash/job"
	cp "$ROOT/tests/lib/kdump-dump.sh" "$work/crash/job/main"
	chmod +x "$work/crash/job/main"
	echo "set -- $*" >"$work/crash/job/call"
	(cd "$work/crash" && find . | cpio -o -H newc -R 0:0 --quiet) >"$work/job.cpio"
	cat "$(guest_image)" "$built/modules.cpio" "$work/job.cpio" >"$work/crash.cpio"
}
# Bytes of [START, END) that are in a PT_LOAD.
dumped() { # START END
	readelf -lW "$out/headers" 2>/dev/null | gawk -v start="$1" -v end="$2" '
		$1 == "LOAD" {
			from = strtonum($4)
			to = from + strtonum($6)
			if (from < start) from = start
			if (to > end) to = end
			if (to > from) n += to - from
		}
		END { print n + 0 }'
}
# How many pages of the device in a dump hold a text, so often in a row that it is no
# program's?
pages_with() { # FILE TEXT START END
	python3 - "$@" <<-'END'
	import mmap, struct, sys
	text = sys.argv[2].encode() * 32
	start, end = int(sys.argv[3]), int(sys.argv[4])
	n = 0
	with open(sys.argv[1], "rb") as f:
	    m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
	    phoff, = struct.unpack_from("<Q", m, 32)
	    for i in range(struct.unpack_from("<H", m, 56)[0]):
	        kind, _, offset, _, paddr, filesz = struct.unpack_from("<IIQQQQ", m, phoff + i * 56)
	        if kind == 1 and paddr < end and paddr + filesz > start:
	            at = m.find(text, offset, offset + filesz)
	            while at >= 0:
	                n += 1
	                page = (at - offset) // 4096 + 1
	                at = m.find(text, offset + page * 4096, offset + filesz)
	print(n)
	END
}

crash() { # POLICY STATE CALL WHEN
	local policy=$1 state=$2 call=$3 when=$4 what="$*" said first end first2 end2 expected
	echo "# $what"
	rm -rf "$out"
	mkdir -p "$out"
	said=$(DRAM=1G CXL='512M 512M' SMP=2 APPEND=crashkernel=320M \
		"$ROOT/tools/guest/vm" -n "$KERNEL-kdump" -k -o "$out" -f "$ROOT/tests/lib" \
		-f "$BUILD/programs/soak-memory" \
		-f "$work/crash.cpio" -f "$built/arch/x86/boot/bzImage" \
		"$ROOT/tests/lib/kdump-guest.sh" "$@" 2>&1)
	is $? 0 "$what: the crash kernel comes to its end"
	guest_points "$what" <<<"$said"
	if ! read -r first end first2 end2 <"$out/state" || [ ! -s "$out/status" ]; then
		not_ok "$what: there is a dump" "$(tail -n 20 <<<"$said")"
		return
	fi 2>/dev/null
	is "$(grep filtered "$out/status")" "filtered 0" "$what: makedumpfile -d 31"
	echo "# the dump has $(($(stat -c %s "$out/filtered") >> 20)) MiB"
	# What kexec_load once got is what there is, if the kernel is not to change it.
	case $state$call$when in
	none* | *kexec_loadbefore) expected=0 ;;
	*) expected=$((end - first)) ;;
	esac
	is "$(dumped "$first" "$end")" $expected "$what: bytes of the device in a PT_LOAD"
	is "$(dumped "$first2" "$end2")" 0 "$what: and of the one that was removed"
	[ $expected != 0 ] || return 0
	case $state in added | garbage) return ;; esac
	is "$(pages_with "$out/filtered" 'mhp_pin!' "$first" "$end")" 1 \
		"$what: a page of the kernel's in the device is in the dump"
	# A few are in lists of a processor, for nobody.
	at_most "$(pages_with "$out/filtered" 'mhp_user!' "$first" "$end")" 128 \
		"$what: of 2048 pages of user space, next to none is"
	[ -e "$out/plain" ] || return 0
	is "$(grep plain "$out/status")" "plain 0" "$what: a plain copy"
	at_least "$(pages_with "$out/plain" 'mhp_user!' "$first" "$end")" 2000 \
		"$what: pages of user space are in it"
}

# 1.7.7 and older take free pages of Linux 6.12 for slab.
version=$(makedumpfile -v | awk 'NR == 1 { print $3 }')
if [ "$(printf '%s\n' 1.7.8 "$version" | sort -V | head -n 1)" != 1.7.8 ]; then
	skip "crash dumps" "makedumpfile is ${version:-not there}, and has to be 1.7.8"
	finish
fi
if [ -z "${SOAK:-}" ]; then
	crash_initramfs
	crash range all kexec_file_load before
	finish
fi
crash_initramfs plain
for call in kexec_load kexec_load+hotplug kexec_file_load; do
	for when in before after; do
		crash range none $call $when
		for policy in dram block range; do
			for state in added garbage part all; do
				crash $policy $state $call $when
			done
		done
	done
done
finish
