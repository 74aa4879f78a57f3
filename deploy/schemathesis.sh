#!/bin/sh
# Puts Schemathesis into the home folder, pinned by deploy/schemathesis.txt with the hash of every file, and prints the folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=$("$here/embedded/home.sh")
target=$home/schemathesis
if ! cmp -s "$here/schemathesis.txt" "$target/.installed"; then
  echo "installing schemathesis" >&2
  rm -rf "$target"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-warn-script-location --require-hashes --no-deps \
    --only-binary=:all: --target "$target" -r "$here/schemathesis.txt" >&2 ||
    { echo "could not install schemathesis: pip needs to reach its package index once" >&2; exit 1; }
  cp "$here/schemathesis.txt" "$target/.installed"
fi
echo "$target"
