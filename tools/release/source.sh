# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tools that package the plugin.

# The source package: the plugin with the files of the kernel layer that it shares;
# nothing else of the project.
plugin_source() { # DIR
	mkdir -p "$1/daxctl-plugin"
	(cd "$ROOT/daxctl-plugin" && cp -r Makefile VERSION COPYING.LESSER Documentation \
		completion include lib src systemd udev "$1/daxctl-plugin/")
	cp "$ROOT/COPYING" "$1/daxctl-plugin/"
	(cd "$ROOT" && cp --parents -r daxctl-plugin/tests/Makefile daxctl-plugin/tests/unit \
		lib/tests/*.h lib/plan.c lib/policy.c include/linux/mhp_memmap.h "$1/")
}
