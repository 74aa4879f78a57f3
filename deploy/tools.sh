#!/bin/sh
# Says in one line each what a machine lacks before anything is built.
missing=0
need() { # program, what to do
  command -v "$1" >/dev/null 2>&1 && return
  echo "missing: $1 — $2" >&2
  missing=1
}
need cargo "install Rust 1.95 or newer with rustup"
need cc "install a C compiler, such as gcc or clang"
need make "install make"
need node "install Node.js 20 or newer"
need npm "install npm, which comes with Node.js"
need python3 "install Python 3 with pip"
python3 -m pip --version >/dev/null 2>&1 || { echo "missing: pip — install pip for python3" >&2; missing=1; }
exit $missing
