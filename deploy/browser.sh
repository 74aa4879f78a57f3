#!/bin/sh
# Says where a Chromium for the browser tests is: the one that is there or, as root on Debian and its kin, the distribution's,
# which is installed.
find_one() {
  for name in chromium chromium-browser google-chrome /usr/bin/chromium; do
    command -v "$name" && return
  done
  return 1
}
find_one && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  log=$(mktemp)
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >"$log" 2>&1 ||
    tail -5 "$log" >&2
  rm -f "$log"
  find_one && exit
fi
echo "missing: chromium — install it with the system's package manager; the browser tests drive it" >&2
exit 1
