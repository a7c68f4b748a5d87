#!/usr/bin/env bash
# A Rust compiler for the thread sanitizer, which needs the standard library built anew and so a compiler with the sources
# of its own standard library: Debian's rustc-web and rust-web-src, unpacked into .tools/tsan, nothing installed. Prints
# the compiler's path; where that cannot be had, says in one line what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
to=$PWD/.tools/tsan
least=1.95

missing() { echo "missing $*"; exit 1; }

if [ -x "$to/bin/rustc" ] && "$to/bin/rustc" -vV >/dev/null 2>&1; then echo "$to/bin/rustc"; exit 0; fi

[ "$(uname -m)" = x86_64 ] || missing "an x86_64 machine"
for program in apt-get apt-cache dpkg; do
    command -v $program >/dev/null || missing "$program: this is no Debian"
done
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keys ] || missing "$keys: this is no Debian"

# Lists and state of its own, so that nothing of this machine's apt is touched.
rm -rf "$to"
mkdir -p "$to"/apt/lists/partial "$to"/apt/cache/archives/partial "$to"/apt/state "$to"/debs "$to"/root "$to"/bin
: >"$to/apt/status"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's,^(URIs:|deb( \[[^]]*\])?) *(https?://[^ ]*)/debian/?( .*)?$,\3,p' | head -1) || true
mirror=${mirror:-http://deb.debian.org}
for suite in "debian bookworm" "debian-security bookworm-security"; do
    echo "deb [signed-by=$keys] $mirror/${suite% *} ${suite#* } main"
done >"$to/apt/sources.list"
cat >"$to/apt/apt.conf" <<END
Dir::Etc::sourcelist "$to/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$to/apt/state";
Dir::State::lists "$to/apt/lists";
Dir::State::status "$to/apt/status";
Dir::Cache "$to/apt/cache";
APT::Architecture "amd64";
APT::Architectures {"amd64";};
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "root";
END
export APT_CONFIG=$to/apt/apt.conf
apt-get -qq update >"$to/apt/log" 2>&1 || missing "Debian's package lists from $mirror"

needs() { # package, pattern: the package that it depends on
    apt-cache depends "$1" | sed -nE "s/^ *Depends: *($2)\$/\1/p" | head -1 || true
}
std=$(needs rustc-web 'libstd-rust-web-dev')
runtime=$(needs "${std:-rustc-web}" 'libstd-rust-web-[0-9.]+')
llvm=$(needs "${runtime:-rustc-web}" 'libllvm[0-9.]+')
[ -n "$std" ] && [ -n "$runtime" ] && [ -n "$llvm" ] || missing "Debian's package rustc-web"
(cd "$to/debs" && apt-get -qq download rustc-web rust-web-src "$std" "$runtime" "$llvm") >>"$to/apt/log" 2>&1 ||
    missing "one of Debian's packages rustc-web, rust-web-src, $std, $runtime, $llvm"
for package in "$to"/debs/*.deb; do dpkg -x "$package" "$to/root"; done
# Of the sources the standard library is enough.
find "$to"/root/usr/src/rustc-* -mindepth 1 -maxdepth 1 ! -name library -exec rm -rf {} +
rm -rf "$to/debs" "$to/root/usr/share"
cat >"$to/bin/rustc" <<END
#!/bin/sh
LD_LIBRARY_PATH=$to/root/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH} exec $to/root/usr/bin/rustc "\$@"
END
chmod +x "$to/bin/rustc"
version=$("$to/bin/rustc" -V 2>/dev/null | cut -d' ' -f2) || true
if [ -z "$version" ] || [ "$(printf '%s\n%s\n' "$least" "$version" | sort -V | head -1)" != "$least" ]; then
    rm -f "$to/bin/rustc"
    missing "a compiler of Debian's that runs here and is $least or newer (found: ${version:-none})"
fi
echo "$to/bin/rustc"
