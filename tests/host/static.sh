#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The static checks of a kernel's wiring and of our files in it, as tests.
# needs: tree kernel
# kernels: all
export FLAVOUR='test'
exec "$(dirname "$0")/../../tools/check/kernel-code"
