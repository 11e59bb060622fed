#!/bin/sh
#
# build.sh FLAVOR OUTPUT [EXTRA] - builds identityd with kodev and leaves the
# binary at OUTPUT.  FLAVOR: dev, prod (stripped copy) or asan.  EXTRA: a
# folder of more sources, for experiments.  CC chooses the compiler.
#
# kodev wants a folder named like the program, with src/, conf/ and assets/ in
# it, so a workspace of symlinks is made under build/; the name of the checkout
# does not matter.  kodev looks at the time of .c files only and compiles one
# after the other, so objects whose headers changed are dropped first, and what
# is to be compiled is compiled in parallel, as kodev would.
set -eu

[ $# -ge 2 ] || { echo "usage: build.sh FLAVOR OUTPUT [EXTRA]" >&2; exit 2; }
flavor=$1
output=$2
extra=${3-}
CC=${CC:-gcc}
export CC

cd "$(dirname "$0")/.."
top=$(pwd)
case $top in
*[[:space:]]*)
	echo "build.sh: blanks in \"$top\": Kore cannot be built there;" \
	    "move the checkout" >&2
	exit 1;;
esac

case $CC in
gcc|cc)	variant=$flavor;;
*)	variant=$flavor-$(basename "$CC");;
esac
base=$top/build/$variant
work=$base/identityd
objs=$work/.objs
mkdir -p "$work/src" "$work/conf" "$work/cert" "$objs" "$top/build/gen"

# One build at a time in one workspace.
exec 9> "$base/.lock"
flock 9

limits=$top/src/kore/kore_limits.h
words="CURL=1 PGSQL=1 TASKS=1"
if [ "$flavor" = asan ]; then
	limits=$top/src/kore/kore_limits_asan.h
	words="$words SANITIZE=address"
fi
KORE_FLAVOR="$words KORE_CURL_INC=-include$limits"
KORE_BUILD_FLAVOR=$flavor
MAKEFLAGS=-j2
export KORE_FLAVOR KORE_BUILD_FLAVOR MAKEFLAGS
unset CFLAGS CXXFLAGS LDFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES OBJDIR 2>/dev/null

workspace()
{
	rm -rf "$work/src.new"
	mkdir "$work/src.new"
	for d in "$top"/src/*/; do
		d=$(basename "$d")
		ln -s "$top/src/$d" "$work/src.new/$d"
	done
	ln -s "$top/build/gen" "$work/src.new/gen"
	if [ -n "$extra" ]; then
		ln -s "$(cd "$extra" && pwd)" "$work/src.new/extra"
	fi
	rm -rf "$work/src"
	mv "$work/src.new" "$work/src"
	# kodev compiles these; what browsers load is packed by genasset.sh.
	rm -rf "$work/assets"
	mkdir "$work/assets"
	find "$top/assets/console" -type f -name '*.html' \
	    ! -path '*/console/docs/*' |
	    xargs -I @ ln -s @ "$work/assets/"
	ln -sfn "$top/conf/build.conf" "$work/conf/build.conf"
	ln -sfn "$top/conf/identityd.conf" "$work/conf/identityd.conf"
}

# Everything that an object depends on besides its sources.
stamp()
{
	cat "$top/build.conf" "$top/src/kore"/kore_limits*.h
	echo "$KORE_FLAVOR"
	$CC --version
	kodev source
	cat "$(kodev source)/RELEASE"
	dpkg-query -W kore libssl-dev libpq-dev libcurl4-openssl-dev 2>/dev/null
}

# Flags of build.conf for our own files, as kodev puts them together.
our_cflags()
{
	awk -v flavor="$flavor" '
	/^[[:space:]]*#/ { next }
	/\{[[:space:]]*$/ { section = $1; next }
	/^[[:space:]]*\}/ { section = ""; next }
	/^[[:space:]]*cflags=/ {
		sub(/^[[:space:]]*cflags=/, "")
		if (section == "")
			common = common " " $0
		else if (section == flavor)
			own = own " " $0
	}
	END { print common, own }' "$top/build.conf"
	echo "-fPIC -Isrc -Isrc/includes -I$(kodev source)/include"
	cat "$objs/features"
}

# Objects that a header made stale.  An object carries its source's time, so
# the time of its .d file tells when it was compiled.
drop_stale()
{
	for d in "$objs"/*.c.d; do
		[ -f "$d" ] || continue
		for h in $(sed -e 's/^[^:]*://' -e 's/\\$//' "$d"); do
			# Made anew each time; its symbols do not depend on it.
			[ "$h" != .objs/assets.h ] || continue
			if [ ! -e "$work/$h" ] && [ ! -e "$h" ] ||
			    [ "$work/$h" -nt "$d" ] || [ "$h" -nt "$d" ]; then
				rm -f "${d%.d}.o" "$d"
				break
			fi
		done
	done
}

# Compiles what kodev would compile, two at a time, and gives each object the
# time of its source, which is how kodev knows that it is current.
precompile()
{
	[ -f "$objs/features" ] || return 0
	cd "$work"
	find -L src -name '*.c' | while read -r c; do
		# assets.h is kodev's own, made when it builds.
		if grep -q '^#include "assets.h"' "$c"; then
			continue
		fi
		o=.objs/$(basename "$c").o
		# kodev makes assets.h, so what needs it is left to kodev.
		if { [ ! -f "$o" ] || [ "$(stat -Lc %Y "$c")" != \
		    "$(stat -c %Y "$o")" ]; } &&
		    ! grep -q '^#include "assets.h"' "$c"; then
			echo "$c"
		fi
	done > .objs/todo
	if [ -s .objs/todo ]; then
		flags=$(our_cflags | tr '\n' ' ')
		export flags
		xargs -P "$(nproc)" -I @ sh -c '
			o=.objs/$(basename "$1").o
			echo "compiling $1"
			if $CC $flags -I .objs -c "$1" -o "$o"; then
				touch -r "$(readlink -f "$1")" "$o"
			else
				rm -f "$o"
				exit 255
			fi' sh @ < .objs/todo
	fi
	cd "$top"
}

sh tools/gensql.sh "$top/build/gen"
sh tools/genasset.sh "$top/build/gen"
workspace
stamp > "$base/stamp.new"
if ! cmp -s "$base/stamp.new" "$base/stamp"; then
	rm -rf "$objs"
	mkdir "$objs"
fi
mv "$base/stamp.new" "$base/stamp"
if [ ! -f "$objs/features" ]; then
	echo "compiling Kore ($variant)"
	(cd "$(kodev source)" && make -s objects OBJDIR="$objs" \
	    KORE_SINGLE_BINARY=1 $KORE_FLAVOR)
fi
drop_stale
precompile
log=$base/kodev.log
if ! (cd "$work" && kodev build) > "$log" 2>&1; then
	grep -v '^\(CFLAGS\|LDFLAGS\|compiling\|adding\|using\|building\) *' \
	    "$log" >&2
	exit 1
fi
grep -i 'warning' "$log" >&2 || true

mkdir -p "$(dirname "$output")"
if [ "$flavor" = prod ]; then
	strip -o "$output.new" "$work/identityd"
else
	cp "$work/identityd" "$output.new"
fi
mv "$output.new" "$output"
