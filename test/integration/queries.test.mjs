// queries - what every statement of sql/queries has in common: a true head
// comment, one row in docs/queries.md, one statement.  Their effects are in
// queries_*.test.mjs.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TOP } from './harness.mjs';
import { STEMS, TEXT, pool, head, run, begin } from './queries_kit.mjs';

test('the head comment of every statement tells its parameters', async () => {
	const c = await pool.connect();
	try {
		for (const stem of STEMS) {
			assert.ok(TEXT[stem].startsWith(`-- ${stem}: `), stem);
			await c.query(`prepare check_${stem} as ${TEXT[stem]}`);
			const r = await c.query('select parameter_types::text[] as t from pg_prepared_statements where name = $1', [`check_${stem}`]);
			const want = head(stem).params.map((t) => (t === 'timestamptz' ? 'timestamp with time zone' : t)
				.replace(/^int4/, 'integer').replace(/^int8/, 'bigint').replace(/^bool\b/, 'boolean'));
			assert.deepEqual(r.rows[0].t, want, stem);
		}
	} finally {
		c.release();
	}
});

test('docs/queries.md lists the same statements', () => {
	const doc = fs.readFileSync(path.join(TOP, 'docs/queries.md'), 'utf8');
	const listed = [...doc.matchAll(/^\| ([a-z][a-z_]+) \|/gm)].map((m) => m[1]).filter((s) => s !== 'stem' && s !== 'what');
	assert.deepEqual(listed.sort(), STEMS);
});

test('every write is one statement with "returning", none begins a transaction', () => {
	for (const stem of STEMS) {
		const sql = TEXT[stem].replace(/--.*$/gm, '');
		const writes = (sql.match(/\b(insert into|update (?!of)[a-z_]+ |delete from)/g) ?? []).filter((w) => !/update (set|skip) /.test(w));
		const returning = sql.match(/\breturning\b/g) ?? [];
		assert.ok(returning.length >= writes.length, `${stem}: ${writes.length} writes, ${returning.length} returning`);
		assert.doesNotMatch(sql, /\b(begin|commit|rollback)\b|select \*/);
	}
});

test('every function that gives rows says how many to expect', async () => {
	// Else the planner takes one row for a thousand and joins a whole table to it.
	const { rows } = await pool.query(`select p.oid::regprocedure::text as f from pg_proc p
		where p.pronamespace = 'public'::regnamespace and p.proretset and p.prorows = 1000
		and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by 1`);
	assert.deepEqual(rows.map((r) => r.f), []);
});

test('every statement is run by a test', () => {
	const files = fs.readdirSync(path.join(TOP, 'test/integration')).filter((f) => /\.m?js$/.test(f));
	const text = files.map((f) => fs.readFileSync(path.join(TOP, 'test/integration', f), 'utf8')).join('\n');
	const ran = new Set([...text.matchAll(/\brun1?\('([a-z_]+)'/g)].map((m) => m[1]));
	assert.deepEqual(STEMS.filter((s) => !ran.has(s)), []);
});
