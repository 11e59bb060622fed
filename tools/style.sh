#!/usr/bin/env bash
# style.sh - the house style as far as a script can see it; "make style".
# Owns: the rules that no compiler knows.  Prints every breach and ends with 1
# if there is one.  No network, no build, a few seconds.
set -uo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

breaches=0
report() { # title, lines: counted when there are lines
	[ -n "$2" ] || return 0
	breaches=$((breaches + $(printf '%s\n' "$2" | wc -l)))
	printf '== %s\n%s\n' "$1" "$2"
}

mapfile -t c_files < <(find src test bench -name '*.[ch]' -not -path '*/node_modules/*' | sort)
mapfile -t headers < <(find src -name '*.h' | sort)
mapfile -t ours < <(git ls-files -co --exclude-standard | while read -r f; do [ -f "$f" ] && echo "$f"; done)

# ---- C, line by line
owners=$(printf '%s\n' "${headers[@]}" $(find src -name '*.def') | sed 's|^src/||')
# the generated ones: tools/gensql.sh, tools/genasset.sh, kodev
owners="$owners gen/sql.h gen/assets.h gen/asset_table.h"
report 'C' "$(awk -v owners="$(tr '\n' ' ' <<<"$owners")" -f tools/style.awk "${c_files[@]}")"

# ---- lengths
# Tests hold tables: they may be longer.
long=$(wc -l "${c_files[@]}" | awk '$2 != "total" && $1 > ($2 ~ /^src/ ? 600 : 1000) { print $2 ": " $1 " lines (600; tests 1000)" }')
report 'files too long' "$long"

# ---- names
report 'basenames that are not unique (kodev names objects and assets by them)' "$(
	find src assets -type f 2>/dev/null | sed 's|.*/||' | sort | uniq -d
	find test/unit test/fuzz bench -name '*.c' 2>/dev/null | sed 's|.*/||' | sort | uniq -d)"
report 'guards' "$(for h in "${headers[@]}"; do
	g=$(basename "$h" | tr 'a-z.' 'A-Z_')
	grep -q "^#ifndef $g\$" "$h" && grep -q "^#define $g\$" "$h" || echo "$h: no guard $g"
done)"

# ---- every header compiles alone
kore=$(kodev source 2>/dev/null || echo /usr/share/kore)
gen=$(mktemp -d)
trap 'rm -rf "$gen"' EXIT
sh tools/gensql.sh "$gen" >/dev/null 2>&1 || report 'tools/gensql.sh' "$(sh tools/gensql.sh "$gen" 2>&1)"
includes=$(find src -mindepth 1 -maxdepth 1 -type d | sed 's/^/-I/')
export CHECK="gcc -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c
	-DKORE_USE_CURL -DKORE_USE_PGSQL -DKORE_USE_TASKS -I$kore/include -I$gen -I/usr/include/postgresql $(echo $includes)"
report 'headers that do not compile alone' "$(printf '%s\n' "${headers[@]}" |
	xargs -P "$(nproc)" -I @ bash -c '
		case @ in */kore_limits*.h) exit 0 ;; esac	# included before everything, by the build
		out=$(echo "#include \"$(basename @)\"" | $CHECK - 2>&1) || printf "%s: %s\n" @ "$(head -n 2 <<<"$out" | tr "\n" " ")"')"

# ---- kore.conf and the code
prototypes() { # of a header
	[ -f "$1" ] && sed 's|/\*.*\*/||' "$1" | grep -oE '^(int|void)[[:space:]]+[a-z_0-9]+\(' | sed 's/.*[[:space:]]//; s/(//' | sort -u
}
conf_routes=$(awk '$1 == "route" { print $3 }' kore.conf | sort -u)
conf_validators=$(awk '$1 == "validator" && $3 == "function" { print $4 }' kore.conf | sort -u)
declared=$(prototypes src/http/routes.h)
report 'functions of kore.conf that src/http/routes.h does not declare' \
    "$(comm -23 <(printf '%s\n' "$conf_routes" "$conf_validators" | sort -u) <(echo "$declared"))"
report 'prototypes of src/http/routes.h that neither kore.conf nor Kore names' \
    "$(comm -13 <(printf '%s\n' "$conf_routes" "$conf_validators" | sort -u) <(echo "$declared" | grep -v '^kore_'))"
report 'directives of Kore that are unsafe or unused here (docs/internals.md)' \
    "$(grep -nE '^[[:space:]]*(filemap|redirect|return|accesslog|params)[[:space:]]|asset_serve' kore.conf)"

# ---- SQL
report 'SQL' "$(for f in sql/queries/*.sql; do
	[ -f "$f" ] || continue
	stem=$(basename "$f" .sql)
	head -n 1 "$f" | grep -q "^-- $stem: " || echo "$f: does not start with \"-- $stem: what it does\""
	body=$(sed 's/--.*//' "$f")
	[ "$(tr -cd ';' <<<"$body" | wc -c)" -le 1 ] || echo "$f: more than one statement"
	grep -qwiE 'begin|commit|rollback|savepoint' <<<"$body" && echo "$f: a transaction over statements"
	grep -qiE 'select[[:space:]]+\*' <<<"$body" && echo "$f: select *: name the columns"
	grep -qE '\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE)\b' <<<"$body" && echo "$f: keywords in lower case"
done
n=0
for f in sql/migrations/*.sql; do
	[ -f "$f" ] || continue
	n=$((n + 1))
	case $(basename "$f") in "$(printf %04d $n)"_*.sql) ;; *) echo "$f: expected number $(printf %04d $n)" ;; esac
	sed 's/--.*//' "$f" | grep -niE '^[[:space:]]*(begin|commit|rollback)([[:space:]]+(work|transaction))?[[:space:]]*;' | sed "s|^|$f: the runner owns the transaction: |"
done)"
report 'statements spelled in C' "$(grep -nwE '"(BEGIN|COMMIT|ROLLBACK)' -r src --include='*.c' | grep -v '^src/db/')"

# ---- everywhere
text=(); for f in "${ours[@]}"; do
	case $f in *package-lock.json|*/vendor/*|test/fuzz/*/*|*.png|*.svg) ;; *) text+=("$f") ;; esac
done
report 'registry hosts or paths of one machine' "$(
	printf '%s\n' "${ours[@]}" | xargs -d '\n' grep -nIE 'registry\.(npmjs|yarnpkg)|deb\.debian\.org|security\.debian\.org|"resolved"' 2>/dev/null | grep -v '^tools/style.sh:'
	printf '%s\n' "${text[@]}" | xargs -d '\n' grep -nIE '(^|[^A-Za-z0-9_.])/(work|farm|root|home/[a-z]+)/' | grep -v '^tools/style.sh:')"
report 'marks without an issue number' "$(printf '%s\n' "${text[@]}" |
	xargs -d '\n' grep -nIwE 'TODO|FIXME|XXX|HACK' | grep -vE '#[0-9]+|^tools/style.sh:|mktemp')"
report 'tests that do not run' "$(grep -rnE '\.(skip|only|todo)\(|[^a-z_]skip\(\)|\{ *(skip|todo|only):' test --include='*.mjs' --include='*.c' --exclude-dir=node_modules)"
report 'scripts that are not executable' "$(for f in tools/*.sh .ci/run; do [ ! -f "$f" ] || [ -x "$f" ] || head -n 1 "$f" | grep -q '^# sourced' || echo "$f"; done)"

# ---- a report, not a breach
printf 'longest functions: '
awk '/^[a-z_][a-zA-Z0-9_]*\(/ { fn = $0; sub(/\(.*/, "", fn) } /^\{/ { at = FNR }
    /^\}/ && at { print FNR - at - 1, fn; at = 0 }' $(find src -name '*.c') /dev/null | sort -rn | head -n 3 | awk '{ printf "%s %d  ", $2, $1 } END { print "" }'

if [ "$breaches" -gt 0 ]; then
	echo "style: $breaches breaches"
	exit 1
fi
echo "style: ${#c_files[@]} C files, ${#headers[@]} headers, fine"
