# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# TAP for tests that run in the toolbox: the guest's, without its devices.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export BUILD=${BUILD:-$ROOT/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
