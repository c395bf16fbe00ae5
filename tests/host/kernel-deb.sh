#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The test kernel's packages ('make deb-test-kernel'): dpkg installs and removes them, what is in
# them boots, has the layer, and builds a module of a third party.
# needs: deb-kernel plugin image
. "$(dirname "$0")/../lib/host.sh"
export BUILD=${BUILD:-$ROOT/build}
deb=$BUILD/kernel-${KERNEL:-6.12}-deb/deb
image=$(echo "$deb"/linux-image-*-mhp-altmap_*.deb)
headers=$(echo "$deb"/linux-headers-*-mhp-altmap_*.deb)
if [ ! -f "$image" ] || [ ! -f "$headers" ]; then
	skip "the kernel's packages" "there are none: make deb-test-kernel"
	finish
fi
make -s -C "$ROOT/daxctl-plugin" OUT="$BUILD/plugin" WERROR=1 >/dev/null 2>&1
release=${image##*/linux-image-} release=${release%%_*}

# A root of its own, with a database of its own; scripts run outside of it.
mkdir -p "$work/image/var/lib/dpkg/info" "$work/image/var/lib/dpkg/updates" "$work/image/boot"
touch "$work/image/var/lib/dpkg/status"
in_root() {
	dpkg --root="$work/image" --force-script-chrootless --force-depends --log=/dev/null "$@"
}
works "dpkg installs linux-image" in_root -i "$image"
is "$(dpkg-query --admindir="$work/image/var/lib/dpkg" -W -f '${Status}' "linux-image-$release")" \
	"install ok installed" "it is installed"
is "$(cd "$work/image/boot" && ls | paste -sd' ')" \
	"System.map-$release config-$release vmlinuz-$release" "it has a kernel of its own name"
cmp -s "$work/image/boot/vmlinuz-$release" \
	"$BUILD/kernel-${KERNEL:-6.12}-deb/arch/x86/boot/bzImage" &&
	ok "it is the one that is booted now" || not_ok "it is the one that is booted now"
cat >"$work/script" <<'END'
#!/bin/bash
. /job/lib/guest.sh
load_cxl
modprobe kmem
uname -r
/job/daxctl-memmap onboard --memmap=range mem0 2>/dev/null | jq -r '.[].memmap_effective'
/job/daxctl-memmap verify all >/dev/null && echo verified
END
boot() {
	CXL=1G DRAM=1G PMEM='' FLAVOUR=deb "$ROOT/tools/guest/vm" -n kernel-deb \
		-f "$ROOT/tests/lib" -f "$BUILD/plugin/daxctl-memmap" "$work/script"
}
is "$(boot 2>"$work/said" | paste -sd' ')" \
	"$release range verified" "it boots, and an expander has its memmap on itself"

works "dpkg removes it" in_root -P "linux-image-$release"
nothing "$(ls "$work/image/boot" 2>/dev/null)" "and nothing is left in /boot"
works "linux-headers can be unpacked" dpkg-deb -x "$headers" "$work/headers"
cp -r "$ROOT/samples" "$work/samples"
works "samples/ builds against them" \
	make -C "$work/headers/usr/src/linux-headers-$release" M="$work/samples" modules
is "$(modinfo -F vermagic "$work"/samples/*.ko | cut -d' ' -f1)" "$release" "for this kernel"
finish
