#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The static checks, as tests.
cd "$(dirname "$0")/../.." || exit 1
FLAVOUR=test tools/check/code | awk '
	/^(not )?ok - / { n++; sub(/ok -/, "ok " n " -") }
	{ print }
	END { print "1.." n }'
exit "${PIPESTATUS[0]}"
