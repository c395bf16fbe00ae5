#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The static checks of what is the same for each kernel, as tests.
# needs: tree
exec "$(dirname "$0")/../../tools/check/user-code"
