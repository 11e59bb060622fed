// tools/style.awk finds what it is there to find: one breach a line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TOP, tempDir } from './harness.mjs';

const OWNERS = 'base/buf.h core/token.h db/db.h http/api.h store/user_store.h api/session_api.h';

// What style.awk says of |text| as src/|layer|/x.c, without the place.
function breaches(layer, text) {
	const dir = tempDir('style');
	fs.mkdirSync(path.join(dir, 'src', layer), { recursive: true });
	fs.writeFileSync(path.join(dir, 'src', layer, 'x.c'), `/* x - a file. */\n${text}\n`);
	const r = spawnSync('awk', ['-v', `owners=${OWNERS}`, '-f', path.join(TOP, 'tools/style.awk'), `src/${layer}/x.c`],
		{ cwd: dir, encoding: 'utf8' });
	assert.equal(r.status, 0, r.stderr);
	return r.stdout.trim().split('\n').filter(Boolean).map((l) => l.replace(/^[^:]+:\d+: /, ''));
}

const lines = (n) => Array.from({ length: n }, () => '\tx();').join('\n');

const CASES = [
	['core', '\tstrcpy(a, b);', /strcpy\(\) is banned/],
	['core', '\tn = strtol(a, NULL, 10);', /str_int/],
	['core', '\tnow = time(NULL);', /clock_us/],
	['core', '\tp = malloc(4);', /mem_new/],
	['http', '\tfree (p);', /mem_new/],
	['api', '\thttp_response(req, 200, NULL, 0);', /api_reply/],
	['http', '\tkore_pgsql_query(a, b);', /db\.h/],
	['store', '\tPQexec(c, s);', /db\.h/],
	['db', '\tkore_pgsql_setup(a, KORE_PGSQL_SYNC);', /blocks the worker/],
	['api', '\treturn (HTTP_STATE_RETRY);', /only src\/http waits/],
	['base', '#include "token.h"', /base must not include token\.h of core/],
	['core', '#include "db.h"', /core must not include/],
	['store', '#include "api.h"', /store must not include/],
	['console', '#include "session_api.h"', /console must not include/],
	['core', '#include <kore/kore.h>', /must not know Kore/],
	['http', '#include <libpq-fe.h>', /only src\/db/],
	['core', '#include "base/buf.h"', /basename only/],
	['core', '#include "nowhere.h"', /no folder of src owns/],
	['core', '\treturn 0;', /without parentheses/],
	['core', '\tif(a)', /no blank after/],
	['core', '\tx();\t// why', /\/\/ comment/],
	['core', '  x();', /indented with blanks/],
	['core', '\tx(); ', /ends in blanks/],
	['core', 'typedef struct a a;', /typedef/],
	['core', `\tx(${'a'.repeat(80)});`, /columns wide/],
	['core', 'int\nf(int a, int b, int c, int d, int e, int f)\n{\n}', /6 parameters/],
	['core', `int\nf(void)\n{\n${lines(61)}\n}`, /61 lines/],
];

for (const [layer, text, want] of CASES) {
	test(`${layer}: ${text.split('\n')[0].trim().slice(0, 40)}`, () => {
		const found = breaches(layer, text);
		assert.equal(found.length, 1, found.join('\n'));
		assert.match(found[0], want);
	});
}

test('what is allowed passes', () => {
	assert.deepEqual(breaches('http', [
		'#include <kore/http.h>', '#include "user_store.h"', '#include "buf.h"', '',
		'/* strcpy(a, b) and return 0; are words here */',
		'int', 'f(const char *s, int n)', '{', '\tif (n > 0)', '\t\tlog_msg(LOG_LEVEL_INFO, "free(%d)", n);',
		'\thttp_response(req, 200, s,', '\t    n);', '\tmem_free(p);', '\treturn (0);', '}',
	].join('\n')), []);
	assert.deepEqual(breaches('base', `int\nf(void)\n{\n${lines(60)}\n}`), []);
});
