#!/usr/bin/env bash
# test.sh - "make test": everything that says whether this tree is sound.
# Owns: the order of the steps and one test cluster for both integration runs.
# Stops at the first step that fails.  Logs stay in var/test/.
#
#   test.sh [FILE...]   with files: only these integration tests, both builds
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/var/test
mkdir -p "$out"
summary=()
step() { # name, command...
	local name=$1 log started=$SECONDS code=0
	shift
	log=$out/${name// /-}.log
	printf '\n== %s\n' "$name"
	"$@" 2>&1 </dev/null | tee "$log" || code=$?
	if [ "$code" != 0 ]; then
		printf '\n== %s failed after %d s (%s)\n' "$name" $((SECONDS - started)) "${log#"$PWD"/}"
		exit "$code"
	fi
	summary+=("$(printf '%-28s %4d s' "$name" $((SECONDS - started)))")
}

files=("$@")
[ ${#files[@]} -gt 0 ] || files=(test/integration/*.test.mjs)

# One file at a time: many of them look at times and at a whole cluster.
integration() { # binary
	timeout --kill-after=30 1500 env IDENTITYD_BIN="$1" \
	    node --test --test-reporter=spec --test-concurrency=1 "${files[@]}"
}
no_warning() { # a build that says "warning" has failed
	local log=$out/build.out
	"$@" 2>&1 | tee "$log" || return 1
	! grep -q 'warning:' "$log" || { echo "the build has warnings"; return 1; }
}

export CLUSTER_DIR=$out/pg
export TEST_CLUSTER_DIR=$CLUSTER_DIR
trap 'tools/cluster.sh stop' EXIT

step 'setup' tools/setup.sh
step 'build prod, gcc' no_warning make --no-print-directory
step 'build asan, clang' no_warning env CC=clang tools/build.sh asan build/identityd-asan
step 'check' make --no-print-directory check
step 'openapi' make --no-print-directory openapi
step 'cluster' tools/cluster.sh start --fast
step 'integration prod' integration build/identityd
step 'integration asan' integration build/identityd-asan

{
	printf '\n== summary\n'
	printf '%s\n' "${summary[@]}"
	printf '\n'
	# The closing lines of both runs, once more, for whoever reads the end.
	for run in prod asan; do
		echo "integration, $run:"
		tail -n 40 "$out/integration-$run.log" | grep -E '^. (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) '
	done
} | tee "$out/summary"
