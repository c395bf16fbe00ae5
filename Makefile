# SPDX-License-Identifier: GPL-2.0
# mhp-altmap: see README.md. 'make help' lists every goal.

KERNEL	?= 6.12
BUILD	?= $(CURDIR)/build
CACHE	?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mhp-altmap
JOBS	?= $(shell nproc)

# Tests are for two kernels, if one is not asked for.
KERNELS	?= $(if $(filter file,$(origin KERNEL)),both,$(KERNEL))

export KERNEL KERNELS FLAVOUR BUILD CACHE JOBS
export SIZES POLICIES
export KERNEL_SRC WITHOUT MIRROR ACCEL DRAM CXL INTERLEAVE PMEM HMEM MONITOR SMP APPEND
export QEMU_EXTRA TIMEOUT CPU TESTS ROUNDS DISK SIGNOFF REROLL ARCH
export SOAK SEED SEEDS FIRST KCONFIG LSMOD DEBUG_INFO

.PHONY: help quick kunit check soak races minimise mutants check-code check-configs check-newest \
	check-series system-test toolbox kernel-tree kernel stock-kernel image vm shell demo bench \
	bench-compare docs plugin install-plugin uninstall-plugin daxctl deb deb-plugin \
	deb-test-kernel rpm rpm-plugin series clean distclean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#? \{0,1\}//p' Makefile

#? Goals
#?   make demo         hot-add a CXL expander with each policy, show what it costs
#?   make bench        instructions to add, online, offline and remove one, with each policy,
#?                     and DRAM; RESULTS=DIR: not into build/
#?   make bench-compare A=FILE B=FILE  ratios of two of its results
#?
#?   make quick        what needs no kernel: unit tests, golden output, shellcheck, docs; seconds
#?   make kunit        the KUnit tests, in a guest; a minute with a built kernel
#?   make check        the tests on 6.12, its debug kernel, and 7.3; FLAVOUR=debug: only the second;
#?                     ends with "N passed, N failed, N skipped"
#?   make check TESTS='cxl-range kunit'    some of them; builds only what they need
#?   make check KERNEL=7.3     those of one kernel
#?   make check ARCH=arm64     those that can run on arm64, on 7.3
#?   make soak [MINUTES=30]    stress tests and fuzzers, each for that long; FLAVOUR=debug
#?   make races [MINUTES=5]    data races in ours, by KCSAN, in a stress and a soak test
#?   make minimise FILE=F      the shortest part of a sequence (tests/vm/sequences.sh) that
#?                     still breaks something
#?   make mutants      that the tests notice faults: MUTANTS='NAME ...', PART=1/3, BASELINE=1
#?   make check-code   checkpatch, sparse and W=1 on the kernel code, cppcheck
#?   make check-configs    that it builds with other configurations: one option each off, as a
#?                     module, built in, then at random: SEEDS=20 FIRST=1, NAMES='no-numa ...'
#?   make system-test  a server with a disk, EFI, GRUB and Debian 13, from the installation of
#?                     packages to a crash dump and the removal; it builds a kernel for that
#?   make check-series     that each patch of the series builds without warnings, and boots
#?   make check-newest     that the wiring fits Debian's newest kernel source, of today
#?
#?   make vm SCRIPT=FILE    run FILE as root in a guest; its exit status is yours
#?   make shell        an interactive guest
#?
#?   make plugin       daxctl-memmap and libdaxctl-memmap, in build/plugin
#?   make install-plugin [prefix=/usr/local] [DESTDIR=DIR]    install them here;
#?                     uninstall-plugin: and away
#?   make deb KCONFIG=debian|cloud|FILE    Debian packages of them, and of the wired kernel
#?                     with that configuration, in build/deb; LSMOD=FILE: only the modules that
#?                     lsmod has listed there; DEBUG_INFO=1
#?   make rpm KCONFIG=...      the same as RPMs, in build/rpm
#?   make deb-plugin   only those of daxctl-memmap and libdaxctl-memmap
#?   make deb-test-kernel      of the kernel that is tested here, which boots no real machine,
#?                     in build/kernel-6.12-deb/deb
#?   make rpm-plugin   the same as RPMs, and as a source package
#?   make daxctl       ndctl's daxctl with --memmap, in build/daxctl
#?   make series       a series of patches to mail, in build/series-6.12; PART=fixes, layer, dax,
#?                     cxl, acpi: one that goes by itself; NDCTL=1: that for daxctl
#?   make docs         the API reference as man pages, in build/docs/man
#?
#?   make kernel       wire and build the kernel
#?   make stock-kernel     unpack Debian's own kernel
#?   make kernel-tree  only put our files and the wiring into a kernel tree
#?   make image        the guest's user space
#?   make toolbox      the Debian root that all of this is done in
#?   make clean        remove kernels and test results; distclean: everything
#?
#? Variables
#?   CXL=16G DRAM=2G PMEM=8G SMP=2     hardware of the guest; CXL='8G 8G': two devices
#?   HMEM=4G INTERLEAVE=1 MONITOR=1    soft-reserved memory, interleaved CXL, QEMU's monitor
#?   APPEND='...' QEMU_EXTRA='...'     more kernel arguments, more QEMU options
#?   TIMEOUT=900                       seconds that a guest may take
#?   ACCEL=tcg|icount|kvm              tcg, unless KVM is asked for; icount: the guest's clock
#?                                     counts instructions
#?   ROUNDS=2 SIZES='8G 32G 128G 512G' POLICIES='dram block range piece unwired-dram
#?   unwired-block'                    of the benchmark
#?   SEED=N                            repeat what stress tests and fuzzers chose at random;
#?                                     check has 1
#?   KERNEL=6.12|7.3                   which of Debian's kernel sources
#?   KERNEL_SRC=DIR                    your own tree: it is wired in place
#?   WITHOUT='NAME ...'                patches that it has in other words: left out
#?   ARCH=arm64                        for kernel, image, vm, shell and check: cross-compiled,
#?                                     and QEMU's machine 'virt'; FLAVOUR=64k: 64 KiB pages
#?   FLAVOUR=test|debug|stock          test, unless the debug kernel is asked for: KASAN,
#?                                     lockdep, DEBUG_VM, kmemleak; or Debian's own
#?   BUILD=DIR CACHE=DIR               default: ./build, ~/.cache/mhp-altmap; CACHE= for none.
#?                                     The cache keeps toolbox, compiled objects, built kernels
#?   MIRROR=URI                        Debian mirror; default: the one in apt's sources

toolbox:
	@tools/box/toolbox

kernel-tree:
	@tools/in-toolbox tools/build/kernel-tree >/dev/null
	@echo "wired: $(or $(KERNEL_SRC),$(BUILD)/linux-$(KERNEL))"

ifeq ($(FLAVOUR),stock)
kernel: stock-kernel
else
kernel:
	@tools/in-toolbox tools/build/kernel-build >/dev/null
endif

stock-kernel:
	@tools/in-toolbox tools/build/stock-kernel >/dev/null

image:
	@[ "$(ARCH)" != arm64 ] || tools/box/arm64-root
	@tools/in-toolbox tools/guest/image

vm: kernel image plugin
	@[ -n "$(SCRIPT)" ] || { echo "usage: make vm SCRIPT=FILE [CXL=16G] [DRAM=2G] ..." >&2; exit 2; }
	@[ -r "$(SCRIPT)" ] || { echo "error: cannot read $(SCRIPT)" >&2; exit 2; }
	@mkdir -p $(BUILD)/vm && cp "$(SCRIPT)" $(BUILD)/vm/script
	@tools/in-toolbox tools/guest/vm -c build/vm/script

shell: kernel image plugin
	@tools/in-toolbox tools/guest/vm -s

plugin:
	@tools/in-toolbox make -s -C daxctl-plugin OUT=/src/build/plugin WERROR=1

# Built in the toolbox, with the paths that it will have here.
prefix	?= /usr/local
install-plugin:
	@rm -rf $(BUILD)/plugin-root $(BUILD)/plugin-root.here
	@tools/in-toolbox make -s -C daxctl-plugin OUT=/src/build/plugin-install WERROR=1 \
		DESTDIR=/src/build/plugin-root prefix=$(prefix) install
	@prefix=$(prefix) DESTDIR=$(DESTDIR) tools/release/install-plugin $(BUILD)/plugin-root

uninstall-plugin:
	@make -s -C daxctl-plugin prefix=$(prefix) DESTDIR=$(DESTDIR) uninstall

deb-plugin:
	@tools/in-toolbox tools/release/deb plugin

rpm-plugin:
	@tools/in-toolbox tools/release/rpm plugin

# The kernel first: it says at once if something is wrong with KCONFIG.
deb:
	@tools/release/for-machine tools/release/deb kernel
	@tools/in-toolbox tools/release/deb plugin

rpm:
	@tools/release/for-machine tools/release/rpm kernel
	@tools/in-toolbox tools/release/rpm plugin

deb-test-kernel:
	@tools/in-toolbox tools/release/deb test-kernel

daxctl:
	@tools/in-toolbox tools/build/daxctl-build >/dev/null

# The modules that the machine uses are what its kernel has.
system-test:
	@tools/box/machine-root
	@[ -s $(BUILD)/machine/lsmod ] || LSMOD=ask tools/in-toolbox tests/run-one system/life
	@LSMOD=$(BUILD)/machine/lsmod KCONFIG=$(or $(KCONFIG),cloud) $(MAKE) --no-print-directory deb
	@tools/in-toolbox tests/run-one system/life

demo: kernel image
	@tools/in-toolbox tools/measure/demo

bench: kernel image
	@tools/in-toolbox tools/measure/bench $(RESULTS)

bench-compare:
	@tools/in-toolbox tools/measure/bench-compare $(A) $(B)

# What needs no kernel, no tree of one, and no guest.
QUICK	:= unit/ host/plugin host/plugin-machine host/shell host/plugin-options host/figures host/links
quick:
	@TESTS="$(QUICK)" KERNELS=$(KERNEL) FLAVOUR=test tools/in-toolbox tests/run

kunit:
	@TESTS=vm/kunit KERNELS=$(KERNEL) FLAVOUR=test tools/in-toolbox tests/run

check:
	@[ "$(ARCH)" != arm64 ] || tools/box/arm64-root
	@FLAVOUR=$(or $(FLAVOUR),both) tools/in-toolbox tests/run

# Minutes for each of these.
SOAK_TESTS ?= soak stress sequences attributes plugin-vanish plugin-fuzz
soak:
	@TESTS="$(or $(TESTS),$(SOAK_TESTS))" SOAK=$(or $(MINUTES),$(SOAK),30) tools/in-toolbox tests/run

races:
	@SOAK=$(or $(MINUTES),5) tools/in-toolbox tools/check/races

minimise: kernel image
	@[ -r "$(FILE)" ] || { echo "usage: make minimise FILE=FILE [KERNEL=] [FLAVOUR=]" >&2; exit 2; }
	@mkdir -p $(BUILD)/vm && cp "$(FILE)" $(BUILD)/vm/sequence
	@tools/in-toolbox tools/check/minimise build/vm/sequence

mutants:
	@tools/in-toolbox tools/check/mutants $(if $(BASELINE),--baseline) \
		$(if $(PART),--part=$(PART)) $(MUTANTS)

check-configs: kernel
	@tools/in-toolbox tools/check/configs $(NAMES)

check-newest:
	@tools/in-toolbox tools/build/newest

# NDCTL=1: that for daxctl.
ifeq ($(NDCTL),)
series: kernel image
	@tools/in-toolbox tools/release/series $(PART)
else
series:
	@tools/in-toolbox tools/release/daxctl-series
endif

check-series: series
	@tools/in-toolbox tools/release/check-series

docs:
	@tools/in-toolbox tools/release/docs

check-code: kernel
	@tools/in-toolbox tools/check/kernel-code
	@tools/in-toolbox tools/check/user-code

# All but the toolbox.
clean:
	@[ ! -d $(BUILD) ] || find $(BUILD) -mindepth 1 -maxdepth 1 ! -name 'toolbox*' -exec rm -rf {} +

distclean:
	rm -rf $(BUILD)
