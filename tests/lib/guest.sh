# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For scripts that run in the guest, where this folder is /job/lib.

for part in tap memory devices qmp; do
	. "${BASH_SOURCE[0]%/*}/$part.sh"
done
unset part
