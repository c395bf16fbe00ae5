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
# What a dump has of the device, as "NAME NUMBER" of tests/lib/dump-pages.py.
look_at() { # DUMP START END
	python3 "$ROOT/tests/lib/dump-pages.py" "$out/$1" \
		"$built/samples/mhp_altmap_pci.ko" "$2" "$3" >"$out/$1.has" 2>&1 ||
		not_ok "$what: drgn reads the $1 dump" "$(tail -n 5 "$out/$1.has")"
}
has() { awk -v n="$2" '$1 == n { print $2 }' "$out/$1.has"; } # DUMP NAME

crash() { # POLICY STATE CALL WHEN
	local policy=$1 state=$2 call=$3 when=$4 what="$*" said first end first2 end2 usable
	local expected dump dumps=filtered
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
	if ! read -r first end first2 end2 usable <"$out/state" || [ ! -s "$out/status" ]; then
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
	if [ -e "$out/plain" ]; then
		is "$(grep plain "$out/status")" "plain 0" "$what: a plain copy"
		dumps="filtered plain"
	fi
	for dump in $dumps; do
		look_at $dump "$first" "$end"
		is "$(has $dump struct_pages)" $((expected / 4096)) \
			"$what: drgn reads each struct page of the device ($dump)"
	done
	case $state in added | garbage) return ;; esac
	for dump in $dumps; do
		at_least "$(has $dump file)" 2048 "$what: those of a file ($dump)"
		is "$(has $dump pin)" 1 "$what: a page of the kernel's is there ($dump)"
		[ $state != all ] || is "$(has $dump reserved)" $(((expected - usable) / 4096)) \
			"$what: what is not usable is reserved ($dump)"
	done
	# A few are in lists of a processor, for nobody.
	at_most "$(has filtered user)" 128 "$what: of pages of user space, next to none are"
	[ "$dumps" = filtered ] ||
		at_least "$(has plain user)" 2048 "$what: all are in the plain copy"
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
