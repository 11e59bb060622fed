// Tampering: each change to the log, by somebody with the database's password,
// is found by "identityd audit verify", and in an export by a verifier that was
// written from docs/PROTOCOL.audit.md alone.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { consoleLogin, makeCast, run, signIn, startService, tempDir, waitUntil } from './harness.mjs';

// ---- the verifier: what an auditor would write -----------------------------

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest();

// null, or what is wrong first.
function verifyExport(text) {
	if (!text.endsWith('\n')) return 'cut off';
	const lines = text.slice(0, -1).split('\n');
	const head = JSON.parse(lines.shift());
	if (head.audit_export !== 1 || head.is_chain !== true) return 'no chain';
	const last = JSON.parse(lines.pop() ?? '{}');
	if (!Number.isInteger(last.end)) return 'cut off';
	const seals = lines.filter((l) => l.startsWith('{"seal":')).map((l) => JSON.parse(JSON.parse(l).seal));
	const gone = Math.max(0, ...seals.filter((s) => s.kind === 'purge').map((s) => s.up_to));
	let marks = [], before = null, hash = null;
	for (const line of lines) {
		if (line.startsWith('{"id":')) {
			const id = Buffer.alloc(8);
			id.writeBigInt64BE(BigInt(/^\{"id":(\d+),/.exec(line)[1]));
			marks.push(Buffer.concat([id, sha256(line)]));
			continue;
		}
		const o = JSON.parse(line), s = JSON.parse(o.seal);
		hash = sha256(o.seal).toString('hex');
		if (hash !== o.hash) return `hash of seal ${s.no}`;
		if (before && (s.no !== before.no + 1 || s.previous !== before.hash)) return `link of seal ${s.no}`;
		if (s.no === 1 && s.previous !== '0'.repeat(64)) return 'link of seal 1';
		if (before && s.total !== before.total + (s.kind === 'rows' ? s.n : 0)) return `total of seal ${s.no}`;
		if (s.kind === 'rows' && s.no > gone && (marks.length !== s.n || sha256(...marks).toString('hex') !== s.digest)) return `rows of seal ${s.no}`;
		if (s.kind !== 'rows' && marks.length > 0) return `rows before seal ${s.no}`;
		marks = [];
		before = { ...s, hash };
	}
	return marks.length > 0 ? 'rows without a seal' : (before?.no ?? 0) === last.end ? null : 'seals missing at the end';
}

// ---- a log ------------------------------------------------------------------

const svc = await startService({ settings: { audit_seal_s: 1 } });
const cast = await makeCast(svc);
const admin = await consoleLogin(svc);
await signIn(svc, cast);
// What follows fills seals of its own, behind a first one that is not |big|.
const sealed = async () => {
	const c = (await admin.get('/audit/chain')).body;
	return c.unsealed === 0 && c.last_seal !== null;
};
await waitUntil(sealed, { what: 'the first rows are sealed', timeoutMs: 20_000 });
await svc.db.query(`insert into audit (event, category, detail) select 'register_checked', 'api', jsonb_build_object('n', i) from generate_series(1, 2100) i`);
await waitUntil(sealed, { what: 'all is sealed', timeoutMs: 20_000 });
const exported = (await admin.get('/audit/export?format=ndjson')).text;
await svc.stop();

const verify = (env, ...args) => run(['audit', 'verify', '--json', ...args], { env });
const DB = { ...svc.env };
const truth = (await verify(DB)).json();
assert.equal(truth.ok, true, truth.problem);
const seals = await svc.db.rows('select no::int, kind, n_rows::int as n, line from audit_seal order by no');
const big = seals.find((s) => s.n === 1000).no;
const [row, next] = (await svc.db.rows('select id::int from audit_sealed($1) offset 10 limit 2', [big])).map((r) => r.id);

// By somebody who owns the tables, so that no trigger helps; undone afterwards.
for (const t of ['audit', 'audit_seal', 'audit_mark'])
	await svc.db.query(`create table was_${t} as select * from ${t}; alter table ${t} disable trigger user`);
async function restored() {
	await svc.db.query('truncate audit, audit_seal, audit_mark; insert into audit overriding system value select * from was_audit; '
	    + 'insert into audit_seal select * from was_audit_seal; insert into audit_mark select * from was_audit_mark');
}
const resealed = (no, from, to) => `update audit_seal set line = replace(line, '${from}', '${to}'),
    hash = sha256(convert_to(replace(line, '${from}', '${to}'), 'UTF8')) where no = ${no}`;

const TAMPERED = [
	['a changed row', `update audit set outcome = 'other' where id = ${row}`, `row ${row} was changed`],
	['a changed time', `update audit set at = at + interval '1 microsecond' where id = ${row}`, `row ${row} was changed`],
	['a changed detail', `update audit set detail = '{"n":0}' where id = ${row}`, `row ${row} was changed`],
	['a removed row', `delete from audit where id = ${row}`, `row ${row} of seal ${big} was removed`],
	['an added row', `insert into audit (id, event, category, xid) overriding system value select 900000, 'logout', 'sign_in', min(xid::text::int8)::text::xid8 from audit`,
		/row 900000 was put in among those of seal \d+/],
	['two exchanged rows', `create temp table x as select * from audit where id in (${row}, ${next}); delete from audit where id in (${row}, ${next});
	    update x set id = ${row} + ${next} - id; insert into audit overriding system value select * from x; drop table x`, `row ${row} was changed`],
	['a row moved to another place', `update audit set xid = '1' where id = ${row}`, /was put in|was removed|changed/],
	['all rows of a seal removed', `delete from audit where id in (select id from audit_sealed(${big}))`, `of seal ${big} was removed`],
	['rows and marks removed', `delete from audit where id in (select id from audit_sealed(${big})); delete from audit_mark where no = ${big}`, `rows of seal ${big} are not those`],
	['changed marks', `update audit_mark set marks = overlay(marks placing '\\x00' from 20 for 1) where no = ${big}; delete from audit where id = ${row}`, `marks are missing or changed`],
	['a removed seal', `delete from audit_seal where no = ${big}`, `seal ${big} is missing`],
	['a changed seal', `update audit_seal set line = replace(line, '"n":1000', '"n":999') where no = ${big}`, /columns do not say|hash is another/],
	['a seal that was made anew', `${resealed(big, '"n":1000', '"n":1001')}; update audit_seal set n_rows = 1001 where no = ${big}`, 'its MAC is wrong'],
	['exchanged MACs', `update audit_seal set mac = (select mac from audit_seal where no = 1) where no = ${big}`, 'its MAC is wrong'],
	['a purge that never was', `insert into audit_seal select no + 1, replace(line, '"rows"', '"purge"'), hash, mac, key_id, 'purge', at, after_id, xid, id, n_rows, total, first_at, last_at, ${big}
	    from audit_seal order by no desc limit 1`, /columns do not say|hash|cannot be read/],
	['columns that lie', `update audit_seal set after_id = 5 where no = ${big}`, `columns do not say`],
];

test('the untouched log is whole for both verifiers', async () => {
	const file = path.join(tempDir('chain'), 'audit.ndjson');
	fs.writeFileSync(file, exported);
	assert.equal(verifyExport(exported), null);
	// Without a database, without a key.
	const r = await run(['audit', 'verify', '--json', '--export', file], { env: {} });
	assert.equal(r.code, 0, r.stderr);
	assert.deepEqual([r.json().rows, r.json().seals, r.json().head], [truth.rows, truth.seals, truth.head]);
});

for (const [name, sql, want] of TAMPERED) {
	test(`in the database, ${name}: found`, async () => {
		await svc.db.query(sql);
		const r = await verify(DB);
		await restored();
		assert.equal(r.code, 1, name);
		assert.ok(want instanceof RegExp ? want.test(r.json().problem) : r.json().problem.includes(want), r.json().problem);
		assert.match(r.stderr, /audit verify: /);
	});
}

test('an end that was cut off is found by who noted the head', async () => {
	const [no] = truth.head.split(':').map(Number);
	await svc.db.query(`delete from audit where id in (select id from audit_sealed(${no})); delete from audit_mark where no = ${no}; delete from audit_seal where no = ${no}`);
	const blind = await verify(DB);
	const r = await verify(DB, '--head', truth.head);
	await restored();
	assert.equal(blind.code, 0, 'nothing inside the log can tell');
	assert.equal(r.code, 1);
	assert.match(r.json().problem, /end of the log was cut off/);
	const other = await verify(DB, '--head', `${no}:${'0'.repeat(64)}`);
	assert.match(other.json().problem, /written anew/);
	assert.equal((await verify(DB, '--head', 'x')).code, 2);
	assert.equal((await verify(DB)).code, 0);
});

test('another master key checks the hashes and says so', async () => {
	const r = await verify({ ...DB, IDENTITY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') });
	assert.deepEqual([r.code, r.json().other_key], [0, truth.seals]);
});

test('in an export, each change is found', async () => {
	const lines = exported.trimEnd().split('\n');
	const rows = lines.map((l, i) => [l, i]).filter(([l]) => l.startsWith('{"id":')).map(([, i]) => i);
	const sealAt = lines.map((l, i) => [l, i]).filter(([l]) => l.startsWith('{"seal":')).map(([, i]) => i);
	const a = rows[30];
	const edits = {
		'a changed row': (l) => { l[a] = l[a].replace('"outcome":"', '"outcome":"x'); },
		'a removed row': (l) => { l.splice(a, 1); },
		'a doubled row': (l) => { l.splice(a, 0, l[a]); },
		'exchanged rows': (l) => { [l[a], l[a + 1]] = [l[a + 1], l[a]]; },
		'a removed seal': (l) => { l.splice(sealAt[1], 1); },
		'a changed seal': (l) => { l[sealAt[1]] = l[sealAt[1]].replace('\\"n\\":', '\\"n\\":1'); },
		'exchanged seals': (l) => { [l[sealAt[0]], l[sealAt[1]]] = [l[sealAt[1]], l[sealAt[0]]]; },
		'no end': (l) => { l.pop(); },
		'an end that is cut off': (l) => { l.splice(sealAt.at(-2) + 1, l.length - sealAt.at(-2) - 2); },
		'another head': (l) => { l[0] = l[0].replace('true', 'false'); },
		'something behind the end': (l) => { l.push(l[a]); },
		'nothing but the head': (l) => { l.length = 1; },
	};
	const file = path.join(tempDir('chain'), 'bad.ndjson');
	for (const [name, edit] of Object.entries(edits)) {
		const l = [...lines];
		edit(l);
		const text = `${l.join('\n')}\n`;
		assert.notEqual(text, exported, name);
		fs.writeFileSync(file, text);
		const r = await run(['audit', 'verify', '--export', file], { env: {} });
		assert.equal(r.code, 1, `${name}: ${r.stdout}`);
		assert.ok(r.stderr.length > 20, name);
		let found;
		try {
			found = verifyExport(text);
		} catch (e) {
			found = e.message;
		}
		assert.ok(found, `${name}: not found by the other verifier`);
	}
	fs.writeFileSync(file, exported.replace(/"outcome":"ok"(.*"n": 7\b)/, '"outcome":"no"$1'));
	const r = await run(['audit', 'verify', '--export', file], { env: {} });
	assert.match(r.stderr, /row \d+ was changed after seal \d+/);
});
