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

# One file at a time: many of them look at times and at a whole cluster.  A file
# that fails is run once more at the end and is named in the summary.  Whatever
# is named there is to be looked into: a real race passes the second time too.
one_file() { # binary, file, log: 0 when it passed; adds to the counts
	local log=$3 code=0
	timeout --kill-after=30 900 env IDENTITYD_BIN="$1" \
	    node --test --test-reporter=spec "$2" > "$log" 2>&1 || code=$?
	cat "$log"
	passed=$((passed + $(sed -n 's/^. pass \([0-9]*\)$/\1/p' "$log" | tail -n 1 | grep . || echo 0)))
	return "$code"
}
why() { # log: what a person wants to know of a failure, in a few lines
	sed -n '/failing tests:/,$p' "$1" | grep -v '^ *at \|^ *$\|failing tests:' |
	    cut -c1-200 | head -n 12
}
integration() { # binary
	local f failed=() twice=() passed=0 log=$out/one_file.out
	rm -f "$out"/failed-*.log
	for f in "${files[@]}"; do
		printf '\n-- %s\n' "$f"
		one_file "$1" "$f" "$log" && continue
		failed+=("$f")
		mv "$log" "$out/failed-$(basename "$f").log"
	done
	for f in "${failed[@]}"; do
		printf '\n-- %s, once more\n' "$f"
		one_file "$1" "$f" "$log" || twice+=("$f")
	done
	# At the end, where it is read: what went wrong the first time.
	for f in "${failed[@]}"; do
		printf '\n-- %s failed the first time:\n' "$f"
		why "$out/failed-$(basename "$f").log"
	done
	[ ${#failed[@]} = 0 ] || printf 'failed the first time: %s\n' "${failed[*]}"
	[ ${#twice[@]} = 0 ] || printf 'failed twice: %s\n' "${twice[*]}"
	printf '%d passed, %d failed\n' "$passed" "${#twice[@]}"
	[ ${#twice[@]} = 0 ]
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
if [ $# = 0 ]; then
	files=(test/browser/*.test.mjs)
	step 'browser' integration build/identityd
fi

{
	printf '\n== summary\n'
	printf '%s\n' "${summary[@]}"
	printf '\n'
	# The closing lines of the runs, once more, for whoever reads the end.
	for run in integration-prod integration-asan browser; do
		[ -f "$out/$run.log" ] || continue
		echo "${run/-/, }:"
		grep -E '^(failed the first time: .*|[0-9]+ passed, [0-9]+ failed)$' "$out/$run.log"
	done
} | tee "$out/summary"
