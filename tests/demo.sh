#!/usr/bin/env bash
# The main job on the embedded default: lint and apply an example directory on SQLite, once refused
# and once done. Needs Rust and a C compiler, nothing else; leaves nothing behind but target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo build --quiet
export PATH="$PWD/target/debug:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
database="sqlite:$scratch/shop.db"

say() { printf '\n\033[1m$ %s\033[0m\n' "${*//$scratch/\/tmp/shop}"; }
expect() { # code command...
  local want=$1 got=0
  shift
  say "$@"
  "$@" || got=$?
  [ "$got" = "$want" ] || { echo "demo: expected exit code $want, got $got" >&2; exit 1; }
  printf '(exit code %s)\n' "$got"
}

expect 1 lockgate lint tests/example --engine sqlite
expect 1 lockgate apply tests/example --database "$database"
expect 0 lockgate apply tests/example --database "$database" --to 003
expect 0 lockgate status tests/example --database "$database"
