#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Crash dumps with a CXL expander as system RAM: what the crash kernel is told of it, what
# makedumpfile takes and leaves out. One case; with SOAK in the environment all of them.
# needs: kernel image
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
value() { # KEY: of what the guest said
	awk -v key="$1" '{ for (i = 1; i < NF; i++) if ($i == key) print $(i + 1) }' "$out/state"
}
# Bytes of [START, START + SIZE) that are in a PT_LOAD.
dumped() { # START SIZE
	readelf -lW "$out/headers" 2>/dev/null | gawk -v start="$1" -v size="$2" '
		$1 == "LOAD" {
			from = strtonum($4)
			to = from + strtonum($6)
			if (from < start) from = start
			if (to > start + size) to = start + size
			if (to > from) n += to - from
		}
		END { print n + 0 }'
}
# How many pages of the device in a dump hold a text, so often in a row that it is no
# program's?
pages_with() { # FILE TEXT START SIZE
	python3 - "$@" <<-'END'
	import mmap, struct, sys
	text = sys.argv[2].encode() * 32
	start, end = int(sys.argv[3]), int(sys.argv[3]) + int(sys.argv[4])
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
	local policy=$1 state=$2 call=$3 when=$4 what="$*" said start size in_dump
	echo "# $what"
	rm -rf "$out"
	mkdir -p "$out"
	said=$(DRAM=1G CXL=512M SMP=2 APPEND=crashkernel=320M \
		"$ROOT/tools/guest/vm" -n "$KERNEL-kdump" -k -o "$out" -f "$ROOT/tests/lib" \
		-f "$work/crash.cpio" -f "$built/arch/x86/boot/bzImage" \
		"$ROOT/tests/lib/kdump-guest.sh" "$@" 2>&1)
	is $? 0 "$what: the crash kernel comes to its end"
	if [ ! -s "$out/status" ]; then
		not_ok "$what: there is a dump" "$said"
		return
	fi
	nothing "$(grep -A 3 -E '^not ok|^error' <<<"$said")" "$what: all is well before"
	is "$(grep filtered "$out/status")" "filtered 0" "$what: makedumpfile -d 31"
	start=$(value start) size=$(value size)
	in_dump=$(dumped "$start" "$size")
	echo "# $((in_dump >> 20)) MiB of it in the dump, which is" \
		"$(($(stat -c %s "$out/filtered") >> 20)) MiB; $(cat "$out/makedumpfile")"
	case $state in
	none | removed) is "$in_dump" 0 "$what: nothing of the device is in a PT_LOAD" ;;
	part | all)
		# From its first whole block on.
		is "$in_dump" $((start + size - $(value first))) \
			"$what: all of the device is in a PT_LOAD"
		is "$(pages_with "$out/filtered" 'mhp_pin!' "$start" "$size")" 1 \
			"$what: a page of the kernel's in the device is in the dump"
		# A few are in lists of a processor, for nobody.
		at_most "$(pages_with "$out/filtered" 'mhp_user!' "$start" "$size")" 128 \
			"$what: of 2048 pages of user space, next to none is"
		;;
	esac
	[ -z "${SOAK:-}" ] || tr '\r' '\n' <"$out/makedumpfile.log" | grep -v '%' | sed 's/^/#   /'
	if [ -e "$out/plain" ]; then
		is "$(grep plain "$out/status")" "plain 0" "$what: a plain copy"
		if [ "$state" = part ] || [ "$state" = all ]; then
			at_least "$(pages_with "$out/plain" 'mhp_user!' "$start" "$size")" 2000 \
				"$what: pages of user space are in it"
		fi
	fi
}

if [ -z "${SOAK:-}" ]; then
	crash_initramfs
	crash range all kexec_file_load before
	crash range removed kexec_file_load before
	finish
fi
crash_initramfs plain
for call in kexec_load kexec_file_load; do
	for when in before after; do
		crash range none $call $when
		for policy in dram block range; do
			for state in added part all removed; do
				crash $policy $state $call $when
			done
		done
	done
done
finish
