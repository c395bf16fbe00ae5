#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 'make rpm-plugin': each file is in one of the packages and none is left out, what is in
# them runs, and the source package has all that it takes, and nothing else of the project.
# needs:
. "$(dirname "$0")/../lib/host.sh"
BUILD=$work "$ROOT/tools/release/rpm" plugin >"$work/list" 2>"$work/err" ||
	bail_out "no packages: $(tail -n 5 "$work/err")"
version=$(<"$ROOT/daxctl-plugin/VERSION")
package() { echo "$work"/rpm/RPMS/*/"$1-$version"-1.*.rpm; }
files() { rpm -qpl "$(package "$1")" 2>/dev/null | grep -v '^/usr/lib/\.build-id'; }
is "$(wc -l <"$work/list")" 4 "three packages, and their source"
# Pages may be packed, and the folder of the licence may have the version.
is "$(files daxctl-memmap | sed "s/\.gz\$//; s/-$version//" | sort)" "$({
	echo /etc/daxctl-memmap.conf.d
	echo /usr/bin/daxctl-memmap
	echo /usr/lib/systemd/system/daxctl-memmap@.service
	echo /usr/lib/udev/rules.d/90-daxctl-memmap.rules
	echo /usr/share/bash-completion/completions/daxctl-memmap
	echo /usr/share/fish/vendor_completions.d/daxctl-memmap.fish
	echo /usr/share/zsh/site-functions/_daxctl-memmap
	echo /usr/share/licenses/daxctl-memmap
	echo /usr/share/licenses/daxctl-memmap/COPYING
	(cd "$ROOT/daxctl-plugin/Documentation" && for page in *.[15].adoc; do
		page=${page%.adoc}
		echo "/usr/share/man/man${page##*.}/$page"
	done)
} | sort)" "daxctl-memmap: these files"
is "$(files libdaxctl-memmap | grep -c '/libdaxctl-memmap\.so\.1')" 2 "the library, and its name"
is "$(files libdaxctl-memmap-devel | sed 's,.*/,,' | sort | paste -sd' ')" \
	"libdaxctl-memmap.3.gz libdaxctl-memmap.a libdaxctl-memmap.h libdaxctl-memmap.pc \
libdaxctl-memmap.so" "what it takes to build with it"
for library in libcxl.so.1 libdaxctl.so.1 libiniparser.so libjson-c.so; do
	works "daxctl-memmap needs $library" grep -q "^$library" \
		<(rpm -qp --requires "$(package daxctl-memmap)" 2>/dev/null)
done
nothing "$(for p in daxctl-memmap libdaxctl-memmap libdaxctl-memmap-devel; do
	rpm -qp --scripts "$(package $p)" 2>/dev/null; done)" "nothing runs when they are installed"
mkdir "$work/root"
(cd "$work/root" && rpm2archive -n "$(package daxctl-memmap)" | tar -x) ||
	not_ok "it can be unpacked"
is "$("$work/root/usr/bin/daxctl-memmap" --version)" "$version" "the command runs"
is "$("$work/root/usr/bin/daxctl-memmap" check-config --help | grep -o '/.*conf.d')" \
	/etc/daxctl-memmap.conf.d "with its configuration in /etc"
nothing "$(tar -t -f "$work/rpm/SOURCES/daxctl-memmap-$version.tar.gz" | sed 's,[^/]*/,,' |
	grep -vE '^$|^(daxctl-plugin|lib|lib/tests|include|include/linux)/' )" "its source: no more"
before=$(for p in daxctl-memmap libdaxctl-memmap libdaxctl-memmap-devel; do files $p; done)
works "it builds by itself" rpmbuild --rebuild --nodeps --define "_topdir $work/rpm" \
	"$work/rpm/SRPMS/daxctl-memmap-$version-1.src.rpm"
is "$(for p in daxctl-memmap libdaxctl-memmap libdaxctl-memmap-devel; do files $p; done)" \
	"$before" "into the same files"
finish
