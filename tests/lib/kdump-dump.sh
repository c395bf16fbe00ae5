#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The script of the crash kernel's guest: write the dumps to the folder of the host.
#
#	kdump-dump.sh [plain]
for m in virtio_pci 9pnet_virtio 9p; do modprobe $m || exit 1; done
mkdir -p /out
mount -t 9p -o trans=virtio,version=9p2000.L out /out || exit 1
# ELF header and program headers.
dd if=/proc/vmcore of=/out/headers bs=64K count=1 status=none || exit 1
makedumpfile -E -d 31 /proc/vmcore /out/filtered >/out/makedumpfile.log 2>&1
echo "filtered $?" >/out/status
if [ "${1:-}" = plain ]; then
	dd if=/proc/vmcore of=/out/plain bs=1M conv=sparse status=none
	echo "plain $?" >>/out/status
fi
sync
