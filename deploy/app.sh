#!/usr/bin/env bash
# Builds the browser app into frontend/dist, from where the binary takes it. Does nothing when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/../frontend"
lock=$(cksum <package-lock.json)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$lock" ]; then
  # The npm that is there may be older than the Node that the lockfile brings along; its warning about that means nothing.
  npm ci --no-audit --no-fund --loglevel=error
  echo "$lock" >node_modules/.installed
fi
[ "${1:-}" = install ] && exit
built=dist/app/index.html
if [ -f "$built" ] && [ -z "$(find src public index.html vite.config.ts package-lock.json scripts -newer "$built" -print -quit)" ]; then
  exit
fi
npm run --silent build
