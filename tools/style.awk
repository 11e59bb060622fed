# style.awk - what style.sh can see in a C file line by line: bans, include
# directions, lengths, KNF.  Prints "file:line: what is wrong".
# Comments, strings and character constants are blanked first (code()), so a
# word in a comment is no call.  Limits: README.md, docs/internals.md.

function bad(text) { printf "%s:%d: %s\n", FILENAME, FNR, text }

function starts_with(s, prefix) { return substr(s, 1, length(prefix)) == prefix }

# The line without comments and literals.  in_comment lives across lines.
function code(s,	out, i, c, quote, n) {
	out = ""
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		if (in_comment) {
			if (c == "*" && substr(s, i + 1, 1) == "/") {
				in_comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote) {
				quote = ""
				out = out c
			}
		} else if (c == "/" && substr(s, i + 1, 1) == "*") {
			in_comment = 1
			i++
		} else {
			if (c == "\"" || c == "'")
				quote = c
			out = out c
		}
	}
	return out
}

function width(s,	i, w, n) {
	if (s !~ /\t/)
		return length(s)
	n = length(s)
	for (i = w = 0; i < n; ) {
		i++
		w = substr(s, i, 1) == "\t" ? w + 8 - w % 8 : w + 1
	}
	return w
}

# ban(regex of names, folders where they are allowed, what to use)
function ban(names, where, instead) {
	n_bans++
	ban_re[n_bans] = "(^|[^A-Za-z0-9_>.])(" names ")[ \t]*\\("
	ban_where[n_bans] = " " where " "
	ban_instead[n_bans] = instead
}

function allow_include(layer, layers) { direction[layer] = " " layer " " layers " " }

BEGIN {
	ban("v?sprintf|strcpy|strcat|strncpy|strncat|stpcpy", "", "str_copy, str_printf or buf_*")
	ban("strtok|strtok_r|strsep", "", "walk with a length (core/form.c)")
	ban("ato[il]|atoll|atof|strto(l|ul|ll|ull|imax|umax|d)|sscanf", "", "str_int")
	ban("gmtime|localtime|ctime|asctime|time|gettimeofday|clock_gettime|strftime", "base/clock.c", "clock_us, clock_mono_us, clock_format")
	ban("rand|random|srand|srandom|rand_r|getrandom|RAND_bytes", "base/rnd.c", "rnd_bytes, rnd_below")
	ban("malloc|calloc|realloc|reallocarray|free|strdup|strndup|v?asprintf|alloca", "base/mem.c", "mem_new, mem_dup, mem_free, buf_*")
	ban("kore_(malloc|calloc|realloc|free|strdup|buf_append|buf_appendf)", "kore/", "mem_* and buf_*")
	ban("kore_pgsql_[a-z_]+|PQ[a-zA-Z]+", "db/ kore/", "db.h")
	ban("http_response(_[a-z]+)?", "http/ kore/", "api_reply (http/api.h)")
	ban("http_request_(sleep|wakeup)|http_state_[a-z]+", "http/ kore/", "http/api.h")
	ban("http_state_cleanup|http_runlock[a-z_]*", "", "nothing: Kore cleans up (docs/internals.md)")
	ban("gets|system|popen|mktemp|tmpnam", "", "nothing of the kind")
	ban("kore_json[a-z_]*|http_populate_[a-z_]+|http_argument_get_[a-z]+", "kore/", "http/decode.h")

	allow_include("base", "")
	allow_include("core", "base")
	allow_include("db", "core base gen")
	allow_include("kore", "core base gen")
	allow_include("store", "core db base gen")
	allow_include("http", "store core db base kore gen")
	allow_include("proof", "deliver http store core db base kore gen")
	allow_include("deliver", "http store core db base kore gen")
	allow_include("api", "deliver proof http store core db base kore gen")
	allow_include("console", "deliver proof http store core db base kore gen")
	allow_include("app", "api console deliver proof http store core db base kore gen")
	# owner[basename] = layer, given by style.sh as -v owners="layer/x.h ..."
	n = split(owners, list, " ")
	for (i = 1; i <= n; i++) {
		split(list[i], part, "/")
		owner[part[2]] = part[1]
	}
}

FNR == 1 {
	in_comment = 0
	fn = ""
	depth = 0
	is_src = FILENAME ~ /^src\//
	name = FILENAME
	sub(/^src\//, "", name)
	layer = name
	sub(/\/.*/, "", layer)
	if ($0 !~ /^\/\*/)
		bad("starts without the comment that says what the file owns")
}

{
	line = $0
	is_comment = in_comment || line ~ /^[ \t]*\/?\*/
	s = code(line)

	w = width(line)
	# tables and the comments behind their rows may be wider
	is_table = line ~ /^\t*(\{|[A-Z_]+\(|\[|")/ || line ~ /[^ \t].*\/\*.*\*\/$/
	if (w > 100 || (w > 80 && !is_table))
		bad("is " w " columns wide (80; tables 100)")
	if (line ~ /[ \t]$/)
		bad("ends in blanks")
	# KNF: tabs, then four blanks for a continued line
	if (line ~ /^\t* +[^ *]/ && line !~ /^\t*    [^ ]/ && !is_comment)
		bad("is indented with blanks (tabs; four blanks for a continuation)")
	if (s ~ /(^|[^A-Za-z0-9_])return[ \t]+[^(; \t]/)
		bad("return value without parentheses")
	if (s ~ /(^|[ \t])(if|for|while|switch)\(/)
		bad("no blank after the keyword")
	if (s ~ /\/\//)
		bad("// comment")
	if (s ~ /^[ \t]*typedef/ && s !~ /\(\*?[a-z_0-9]+_fn\)|\(\*|_fn\(/)
		bad("typedef of something else than a function pointer")
}

is_src {
	for (i = 1; i <= n_bans; i++) {
		if (s !~ ban_re[i])
			continue
		allowed = 0
		m = split(ban_where[i], list, " ")
		for (k = 1; k <= m; k++)
			if (starts_with(name, list[k]))
				allowed = 1
		# a prototype or a definition of our own is no call
		if (!allowed) {
			match(s, ban_re[i])
			what = substr(s, RSTART, RLENGTH - 1)
			gsub(/[^A-Za-z0-9_]/, "", what)
			bad(what "() is banned here: use " ban_instead[i])
		}
	}
	if (s ~ /KORE_PGSQL_SYNC/)
		bad("KORE_PGSQL_SYNC blocks the worker")
	if (s ~ /HTTP_STATE_RETRY/ && layer != "http")
		bad("only src/http waits")
}

is_src && line ~ /^[ \t]*#[ \t]*include/ {
	inc = line
	sub(/^[^<"]*[<"]/, "", inc)
	sub(/[>"].*/, "", inc)
	if (line ~ /^[^<"]*"/) {
		# kore_limits*.h are read with Kore's own sources
		if (name ~ /^kore\/kore_limits/)
			next
		if (inc ~ /\//)
			bad("include by basename only")
		else if (!(inc in owner))
			bad("includes " inc ", which no folder of src owns")
		else if (index(direction[layer], " " owner[inc] " ") == 0)
			bad(layer " must not include " inc " of " owner[inc])
	} else {
		if (inc ~ /^kore\// && (layer == "base" || layer == "core" || layer == "store"))
			bad(layer " must not know Kore")
		if (inc ~ /libpq|kore\/pgsql\.h/ && layer != "db" && layer != "kore")
			bad("only src/db knows PostgreSQL's library")
	}
}

# A function in KNF: its name in column one, its body between { and } there.
s ~ /^[a-z_][a-zA-Z0-9_]*\(/ && s !~ /;/ {
	fn = s
	sub(/\(.*/, "", fn)
	n_params = 0
	in_params = 1
	paren = 0
}
in_params {
	m = length(s)
	for (i = 1; i <= m; i++) {
		c = substr(s, i, 1)
		if (c == "(")
			paren++
		else if (c == ")")
			paren--
		else if (c == "," && paren == 1)
			n_params++
	}
	if (paren == 0) {
		in_params = 0
		if (n_params + 1 > 5 && layer != "kore")
			bad(fn " has " n_params + 1 " parameters (5; else an args struct)")
	}
}
s ~ /^\{/ && fn != "" { body = FNR; depth = 0 }
body {
	m = gsub(/\{/, "{", s) - gsub(/\}/, "}", s)
	depth += m
	if (depth > 5)
		bad("is nested deeper than 4 blocks")
}
s ~ /^\}/ && body {
	# tests hold tables: they may be longer
	if (FNR - body - 1 > 60 && is_src)
		bad(fn " has " FNR - body - 1 " lines (60)")
	body = 0
	fn = ""
}
