#!/usr/bin/env bash
# bench.sh - "make bench" and "make bench-smoke" (--smoke): measures the release
# build, each part on a PostgreSQL cluster of its own.
#
#   bench.sh [--smoke] [PART...]    all parts but peers when none is named
set -euo pipefail
cd "$(dirname "$0")/.."

smoke=()
if [ "${1-}" = --smoke ]; then
	smoke=(--smoke)
	shift
fi
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(requests copies people tokens codes)
for p in "${parts[@]}"; do
	case $p in
	requests | copies | people | import | directory | tokens | codes | peers) ;;
	*)
		echo "bench: no part $p: requests copies people (import directory) tokens codes peers" >&2
		exit 2
		;;
	esac
done
tools/setup.sh
for p in "${parts[@]}"; do
	case $p in
	requests) node bench/run.mjs "${smoke[@]}" ;;	# calls and refusals
	copies) node bench/copies.mjs "${smoke[@]}" ;;	# /users/sync
	people) node bench/directory.mjs "${smoke[@]}" ;;	# import, then its pages
	import | directory) node bench/directory.mjs "${smoke[@]}" "$p" ;;
	tokens) node bench/tokens.mjs "${smoke[@]}" ;;	# sessions at size, refresh
	codes) node bench/otp.mjs "${smoke[@]}" ;;	# one-time codes
	peers) node bench/peers.mjs "${smoke[@]}" ;;	# beside other services
	esac
done
