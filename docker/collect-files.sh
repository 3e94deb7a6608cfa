#!/bin/sh
# Puts what an image of Berth needs below the folder $1: run inside of the build, see Dockerfile.
set -eu
root=$1
berth=$root/opt/berth
mkdir -p "$berth" "$root/usr/local/bin" "$root/etc" "$root/tmp"
cp -R dist migrations config package.json LICENSE openapi.yaml node_modules "$berth/"
find "$berth/dist" -name '*.js.map' -exec rm -f {} +
# Sources of what is compiled already, other machines' binaries, descriptions for compilers: nothing of it runs.
sqlite=$berth/node_modules/better-sqlite3
rm -rf "$sqlite/deps" "$sqlite/src"
machine=$(node -p 'process.platform + "-" + process.arch')
find "$sqlite/prebuilds" -name '*.node' ! -name "$machine.node" -exec rm -f {} +
find "$berth/node_modules" -type f \
  \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -name '*.md' \) -exec rm -f {} +
# The node that npm brought for building was pruned; the image's own runs.
cp "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
# The libraries of node and of the native modules, with their loader, where they are looked for.
{
  ldd "$root/usr/local/bin/node"
  find "$berth/node_modules" -name '*.node' -exec ldd {} \; 2>/dev/null || true
} | grep -oE '/[^ ]+\.so[^ ]*' | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
# Names instead of numbers in messages, and users that may be named.
printf 'root:x:0:0:root:/root:/nologin\nberth:x:1000:1000:Berth:/var/lib/berth:/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nberth:x:1000:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
# CAs, where the image has more than node itself.
if [ -r /etc/ssl/certs/ca-certificates.crt ]; then
  mkdir -p "$root/etc/ssl/certs"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
mkdir -p "$root/var/lib/berth/storage"
chown -R 1000:1000 "$root/var/lib/berth"
chmod 0700 "$root/var/lib/berth" "$root/var/lib/berth/storage"
chmod 1777 "$root/tmp"
