#!/bin/sh
# Prints the folder that holds what a fresh machine needs: Postgres, its data, the model.
# CHATDESK_HOME, else .chatdesk in the checkout. Postgres refuses to run as root, so root's lies under /var/lib, where another
# user can enter; .chatdesk/home points there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ -n "${CHATDESK_HOME:-}" ]; then
  home=$CHATDESK_HOME
elif [ -f "$root/.chatdesk/home" ]; then
  home=$(cat "$root/.chatdesk/home")
elif [ "$(id -u)" = 0 ]; then
  home=/var/lib/chatdesk-$(printf %s "$root" | cksum | cut -d' ' -f1)
  mkdir -p "$root/.chatdesk"
  printf '%s\n' "$home" >"$root/.chatdesk/home"
else
  home=$root/.chatdesk
fi
mkdir -p "$home"
printf '%s\n' "$home"
