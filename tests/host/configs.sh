#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel without the layer, and one without memory hotplug, build from the same files. All
# other configurations: make check-configs.
# needs: tree kernel
# kernels: all
exec "$(dirname "$0")/../../tools/check/configs" no-layer no-hotplug
