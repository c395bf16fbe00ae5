#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make install of the plugin: every path is right for the prefix.
# needs:
. "$(dirname "$0")/../lib/host.sh"
plugin=$ROOT/daxctl-plugin
pages=$(for f in "$plugin"/Documentation/*.[1-9].adoc; do
	f=${f%.adoc}
	echo "share/man/man${f##*.}/${f##*/}"
done)

for prefix in /usr/local /usr; do
	etc=/etc
	[ $prefix = /usr ] || etc=$prefix/etc
	dest=$work/${prefix//\//-}
	# In one folder: what was built for another prefix is built anew.
	make -s -C "$plugin" OUT="$work/out" CFLAGS=-O0 prefix=$prefix DESTDIR="$dest" \
		install >"$work/log" 2>&1 &&
		ok "$prefix: installed" || not_ok "$prefix: installed" "$(tail -n 5 "$work/log")"
	is "$(cd "$dest" && find . ! -type d | sort)" "$({
		for f in bin/daxctl-memmap lib/libdaxctl-memmap.{a,so,so.1,so.1.0.0} \
			include/daxctl/libdaxctl-memmap.h \
			lib/pkgconfig/libdaxctl-memmap.pc lib/udev/rules.d/90-daxctl-memmap.rules \
			lib/systemd/system/daxctl-memmap@.service \
			share/bash-completion/completions/daxctl-memmap \
			share/zsh/site-functions/_daxctl-memmap \
			share/fish/vendor_completions.d/daxctl-memmap.fish $pages; do
			echo ".$prefix/$f"
		done
	} | sort)" "$prefix: these files and no others"
	[ -d "$dest$etc/daxctl-memmap.conf.d" ] && ok "$prefix: the configuration is in $etc" ||
		not_ok "$prefix: the configuration is in $etc"
	is "$("$dest$prefix/bin/daxctl-memmap" check-config --help | grep -o '/.*conf.d')" \
		$etc/daxctl-memmap.conf.d "$prefix: the command looks there"
	is "$(man -l "$dest$prefix/share/man/man5/daxctl-memmap.conf.5" 2>/dev/null | col -bx |
		grep -oE '/[a-z/]+/daxctl-memmap.conf.d' | sort -u)" \
		$etc/daxctl-memmap.conf.d "$prefix: so does the man page"
	unit=$dest$prefix/lib/systemd/system/daxctl-memmap@.service
	is "$(sed -n 's/^ConditionDirectoryNotEmpty=//p; s/^ExecStart=\([^ ]*\) .*/\1/p' "$unit")" \
		"$etc/daxctl-memmap.conf.d"$'\n'"$prefix/bin/daxctl-memmap" \
		"$prefix: and so does the unit"
	nothing "$(grep -rIlE '@[a-zA-Z]+@' "$dest")" "$prefix: no placeholder is left"
	is "$(pkg-config --variable=libdir "$dest$prefix/lib/pkgconfig/libdaxctl-memmap.pc")" \
		$prefix/lib "$prefix: pkg-config says where"
done
# The command is built from what programs of others can have.
make -s -C "$plugin" OUT="$work/out" CFLAGS=-O0 prefix=$prefix "$work/out/daxctl-memmap" \
	>"$work/log" 2>&1
# shellcheck disable=SC2046
works "the command links with the shared library" gcc -o "$work/linked" "$work"/out/cmd-*.o \
	"$dest$prefix/lib/libdaxctl-memmap.so" \
	$(pkg-config --libs libdaxctl libcxl json-c iniparser)
is "$(nm "$dest$prefix/lib/libdaxctl-memmap.a" | awk '$2 ~ /^[TDBR]$/ { print $3 }' | sort)" \
	"$(sed -n 's/^\t\(daxctl_.*\);/\1/p' "$plugin/lib/libdaxctl-memmap.sym" | sort)" \
	"the static library has the public names, and no others"
works "udev takes the rule" udevadm verify "$dest$prefix/lib/udev/rules.d/90-daxctl-memmap.rules"
# The command is not in /usr/bin here.
sed 's,^ExecStart=[^ ]*,ExecStart=/bin/true,' "$unit" >"$work/daxctl-memmap@.service"
works "systemd takes the unit" systemd-analyze verify --man=no "$work/daxctl-memmap@.service"
nothing "$(systemd-analyze verify --man=no "$work/daxctl-memmap@.service" 2>&1 | grep daxctl)" \
	"without a remark"
# Of 100: what it needs, to write to sysfs as root, is little.
works "and finds it hardened" systemd-analyze security --offline=yes --threshold=15 \
	"$work/daxctl-memmap@.service"

echo "# where what the toolbox has built does not start"
tree=$work/tree
mkdir -p "$tree/tools/release" "$tree/built$work/prefix/bin" \
	"$tree/built$work/prefix/share/man/man1"
cp "$ROOT/tools/release/install-plugin" "$tree/tools/release/"
ln -s "$ROOT/daxctl-plugin" "$ROOT/lib" "$ROOT/include" "$tree/"
old=$tree/built$work/prefix/bin/daxctl-memmap
printf '#!/bin/sh\necho "%s" >&2\nexit 1\n' "libc.so.6: version GLIBC_2.38 not found" >"$old"
chmod +x "$old"
echo page >"$tree/built$work/prefix/share/man/man1/page.1"
install_here() { prefix=$work/prefix "$@" "$tree/tools/release/install-plugin" "$tree/built"; }
fails "GLIBC_2.38 not found" "nor can it be built: refused" install_here env PKG_CONFIG=false
nothing "$(ls "$work/prefix" 2>/dev/null)" "nothing was installed"
works "with this machine's libraries it is built" install_here env
is "$("$work/prefix/bin/daxctl-memmap" --version)" "$(cat "$plugin/VERSION")" "and starts"
is "$(cat "$work/prefix/share/man/man1/page.1")" page "with the man pages"
works "it is uninstalled" make -s -C "$plugin" prefix="$work/prefix" uninstall
is "$(cd "$work/prefix" && find . ! -type d)" ./share/man/man1/page.1 "all of it"
fails "libcxl" "an old libcxl is named" make -s -C "$plugin" OUT="$work/out" LEAST="libcxl >= 9999"
finish
