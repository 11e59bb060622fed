#!/usr/bin/env bash
# build.sh - builds the floor of the benchmark at build/bench/bare and the
# argon2 limit at build/bench/bench_argon2, with the service's own flags and
# wraps (build.conf).
set -euo pipefail
cd "$(dirname "$0")/../.."
top=$PWD
work=$top/build/bench/work/bare
mkdir -p "$work"/{conf,assets,cert,.objs}
cd "$work"
rm -rf src
mkdir -p src
ln -s "$top/src/base" "$top/src/core" src/
mkdir src/kore src/bare
ln -s "$top/bench/bare/bare.c" src/bare/
for f in "$top"/src/kore/*.[ch]; do
	case $(basename "$f") in kore_config.c) ;; *) ln -s "$f" src/kore/ ;; esac
done

# Kore's configuration comes from bare.c; the embedded one may not be empty.
echo '# bench/bare/bare.c' >conf/bare.conf
# Wraps whose other half lies in the files above.
wraps=$(grep -v '^[[:space:]]*#' "$top/build.conf" | grep -oE -- '--wrap=[A-Za-z0-9_]+' | sort -u |
	while read -r w; do
		grep -qrE "__wrap_${w#--wrap=}\(" -R src --include='*.c' && printf ' -Wl,%s' "$w"
	done || true)
libs=$(sed -n 's/^ldflags=//p' "$top/build.conf" | tr ' ' '\n' | grep -- '^-l' | tr '\n' ' ')
cat >conf/build.conf <<CONF
single_binary=yes
kore_flavor=CURL=1 PGSQL=1 TASKS=1
cflags=-std=c11 -D_DEFAULT_SOURCE -DIDENTITYD -O2 -DNDEBUG
cflags=-Wall -Wextra -Werror -Isrc/base -Isrc/core -Isrc/kore
ldflags=-Wl,-z,relro -Wl,-z,now -pie
ldflags=$libs
ldflags=$wraps

dev {
}
CONF
export KORE_FLAVOR="CURL=1 PGSQL=1 TASKS=1 KORE_CURL_INC=-include$top/src/kore/kore_limits.h"
if ! kodev build >build.log 2>&1; then
	grep -v '^\(CFLAGS\|LDFLAGS\|compiling\|adding\|using\|building\) *' build.log >&2
	exit 1
fi
install -s bare "$top/build/bench/bare"
gcc -std=c11 -D_DEFAULT_SOURCE -O2 -Wall -Wextra -Werror -o "$top/build/bench/bench_argon2" \
    "$top/bench/bench_argon2.c" -largon2 -lpthread
