# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For scripts that run in the guest, where this folder is /job/lib.

# Bash leaves out a command whose arithmetic is wrong, a whole loop if it is in one, and
# goes on: a value that is missing would take test points with it that nobody misses.
# POSIX has the script end.
set -o posix

for part in tap memory devices qmp; do
	. "${BASH_SOURCE[0]%/*}/$part.sh"
done
unset part
