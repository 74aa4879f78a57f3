#!/bin/sh
# Compiles every checked query against a freshly migrated Postgres and writes what it learned to the folder named by $1.
set -eu
target=$1
mkdir -p "$target"
target=$(cd "$target" && pwd)
rm -f "$target"/query-*.json
for crate in platform tenants-svc inbox-svc catalog-svc; do find "$crate/src" -name lib.rs -exec touch {} +; done
# shellcheck disable=SC2016
TARGET="$target" target/debug/chatdesk with-postgres -- sh -c '
  DATABASE_URL=$TEST_DATABASE_URL SECRET_KEY=only-for-compiling-queries-against-it target/debug/chatdesk migrate >/dev/null
  SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$TARGET DATABASE_URL=$TEST_DATABASE_URL cargo build --workspace --all-targets'
