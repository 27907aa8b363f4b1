#!/usr/bin/env bash
# The whole test suite, on a machine that has nothing but Rust and Debian's package manager.
#
#   bash tests/run.sh              format, lints, every test, on SQLite and on private servers
#   bash tests/run.sh --all        the same, with PostgreSQL 10 and 14 and MySQL, and every statement proven
#   bash tests/run.sh --no-servers the same without PostgreSQL and MariaDB (says so at the end)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

more=()
case "${1:-}" in
  "") ;;
  --all) more=(10 14 mysql); export LOCKGATE_PROOFS=all ;;
  --no-servers) export LOCKGATE_SKIP_SERVERS=1 ;;
  *) echo "usage: bash tests/run.sh [--all | --no-servers]" >&2; exit 2 ;;
esac
command -v cargo >/dev/null || { echo "tests/run.sh: cargo is not on the PATH; install Rust 1.91 or newer first" >&2; exit 2; }
command -v cc >/dev/null || { apt-get update -qq && apt-get install -y -qq gcc libc6-dev; }

step() { printf '\n== %s\n' "$*"; }

step "format"
cargo fmt --check
step "lints"
cargo clippy --quiet --all-targets -- -D warnings
step "the linter alone, without drivers"
cargo check --quiet --no-default-features
if [ -z "${LOCKGATE_SKIP_SERVERS:-}" ]; then
  step "database servers for the tests"
  bash tests/servers/install.sh ${more[@]+"${more[@]}"}
fi
step "tests"
INSTA_UPDATE=no cargo test --no-fail-fast
if [ -n "${LOCKGATE_SKIP_SERVERS:-}" ]; then
  printf '\nThe tests on PostgreSQL and MariaDB servers were SKIPPED (LOCKGATE_SKIP_SERVERS is set).\n'
fi
