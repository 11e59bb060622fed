#!/usr/bin/env bash
# bench.sh - "make bench" and "make bench-smoke" (--smoke): measures the release
# build with bench/run.mjs on a PostgreSQL cluster of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
exec node bench/run.mjs "$@"
