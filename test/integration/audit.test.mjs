// The audit log in the console: pages and filters, one row, the vocabulary,
// exports, the chain, purges and retention.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeCast, newDatabase, signIn, startService, tempDir, waitUntil } from './harness.mjs';

const svc = await startService({ settings: { audit_seal_s: 1 } });
const cast = await makeCast(svc);
const admin = await consoleLogin(svc);
const tokens = await signIn(svc, cast);
await svc.post('/auth/login', { identifier: cast.user.email, password: 'not the password' }, { key: cast.key });

await waitUntil(() => auditRows(svc.db, { event: 'login_failed' }).then((r) => r.length > 0), { what: 'the refusal is written' });

const list = async (query = '', o) => admin.get(`/setup/api/audit${query}`, o);
const chain = async () => (await admin.get('/setup/api/audit/chain')).body;
const sealed = (o) => waitUntil(async () => {
	const c = await chain();
	return c.unsealed === 0 && !c.is_purging && c;
}, { what: 'everything is sealed', timeoutMs: 20_000, ...o });

async function exported(query) {
	const r = await admin.get(`/setup/api/audit/export?${query}`);
	assert.equal(r.status, 200, r.text);
	const file = path.join(tempDir('audit'), 'audit.ndjson');
	fs.writeFileSync(file, r.text);
	return { file, text: r.text, headers: r.headers };
}
const verify = (...args) => svc.cli(['audit', 'verify', '--json', ...args]);

test('nobody without a console session reads the log', async () => {
	for (const p of ['', '/1', '/events', '/chain', '/export?format=csv']) {
		const r = await svc.get(`/setup/api/audit${p}`);
		assert.equal(r.status, 401);
		assert.equal(r.body.code, 'console_session_required');
	}
});

test('a page shows who did what from where, newest first', async () => {
	const r = await list('?limit=200');
	assert.equal(r.status, 200);
	const ids = r.body.data.map((a) => a.id);
	assert.deepEqual(ids, [...ids].sort((a, b) => b - a));
	const ok = r.body.data.find((a) => a.event === 'login_succeeded' && a.session_id === tokens.session.id);
	assert.equal(ok.outcome, 'ok');
	assert.deepEqual(ok.actor, { id: cast.user.auth_user_id, name: cast.user.name });
	assert.deepEqual(ok.application, { id: cast.app.id, name: cast.app.name });
	assert.equal(ok.ip, '127.0.0.1');
	assert.match(ok.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	assert.deepEqual(r.body.page, { next_cursor: null, has_more: false });
});

test('pages follow each other without a gap and without a double', async () => {
	const whole = (await list('?limit=200')).body.data.map((a) => a.id);
	const ids = [];
	let cursor = '';
	do {
		const r = await list(`?limit=3${cursor && `&cursor=${cursor}`}`);
		assert.equal(r.status, 200);
		ids.push(...r.body.data.map((a) => a.id));
		cursor = r.body.page.next_cursor;
	} while (cursor);
	assert.deepEqual(ids.slice(-whole.length), whole);
});

test('each filter leaves what it says', async () => {
	const rows = await auditRows(svc.db);
	const failed = rows.find((a) => a.event === 'login_failed');
	const cases = {
		'event=login_failed': (a) => a.event === 'login_failed',
		'event=login_failed,login_succeeded': (a) => ['login_failed', 'login_succeeded'].includes(a.event),
		'category=admin': (a) => a.category === 'admin',
		'category=sign_in&event=login_failed': (a) => a.event === 'login_failed',
		'category=denied&event=login_failed': () => false,
		[`user=${cast.user.auth_user_id}`]: (a) => [a.actor_id, a.subject_id].includes(cast.user.auth_user_id),
		[`application=${cast.app.id}`]: (a) => a.application_id === cast.app.id,
		'ip=127.0.0.1': (a) => a.ip === '127.0.0.1',
		'ip=127.0.0.0/8': (a) => a.ip === '127.0.0.1',
		'ip=10.0.0.0/8': () => false,
		'outcome=ok': (a) => a.outcome === 'ok',
		'outcome=refused': (a) => a.outcome !== 'ok',
		'outcome=wrong_password': (a) => a.outcome === 'wrong_password',
		[`request_id=${failed.request_id}`]: (a) => a.request_id === failed.request_id,
		'request_id=cli': (a) => a.request_id === 'cli',
		'from=2001-01-01T00:00:00Z&to=2099-01-01T00:00:00Z': () => true,
		'to=2001-01-01T00:00:00Z': () => false,
		[`q=${encodeURIComponent(cast.user.name)}`]: (a) => [a.actor_id, a.subject_id].includes(cast.user.auth_user_id)
			|| JSON.stringify(a.detail)?.includes(cast.user.name),
		'q=login_fail': (a) => a.event === 'login_failed',
		'q=%25': () => false,
		[`user=${cast.user.auth_user_id}&outcome=wrong_password&application=${cast.app.id}`]: (a) => a.outcome === 'wrong_password',
	};
	for (const [query, keep] of Object.entries(cases)) {
		const r = await list(`?limit=200&count=1&${query}`);
		assert.equal(r.status, 200, `${query}: ${r.text}`);
		const want = rows.filter(keep).map((a) => Number(a.id)).reverse();
		assert.deepEqual(r.body.data.map((a) => a.id).filter((id) => id <= Number(rows.at(-1).id)), want, query);
		assert.equal(r.body.page.count, r.body.data.length, query);
		assert.equal(r.body.page.count_capped, false);
	}
});

test('a bad value is told by its name', async () => {
	for (const [query, field] of [['user=x', 'user'], ['application=1', 'application'], ['ip=10.0.0.0%2F99', 'ip'], ['from=yesterday', 'from'],
		['to=now', 'to'], ['limit=0', 'limit'], ['limit=201', 'limit'], ['cursor=a', 'cursor'], [`q=${'x'.repeat(201)}`, 'q']]) {
		const r = await list(`?${query}`);
		assert.equal(r.status, 422, query);
		assert.deepEqual(r.body.errors.map((e) => e.field), [field]);
	}
	const r = await admin.get('/setup/api/audit/export?format=xml');
	assert.deepEqual([r.status, r.body.errors[0].field], [422, 'format']);
});

test('following the log costs a 304 while nothing happens', async () => {
	const query = `?application=${cast.app.id}&limit=5`;
	const a = await list(query);
	assert.match(a.headers.etag, /^"\d+"$/);
	const same = await list(query, { headers: { 'if-none-match': a.headers.etag } });
	assert.equal(same.status, 304);
	await signIn(svc, cast);
	const other = await list(query, { headers: { 'if-none-match': a.headers.etag } });
	assert.equal(other.status, 200);
	assert.notEqual(other.headers.etag, a.headers.etag);
});

test('one row comes with what happened around it', async () => {
	const [row] = (await list('?event=login_failed')).body.data;
	const r = await admin.get(`/setup/api/audit/${row.id}`);
	assert.equal(r.status, 200);
	const { related, ...self } = r.body;
	assert.deepEqual(self, row);
	assert.ok(related.length > 0);
	assert.ok(related.every((a) => a.id !== row.id && a.ip === '127.0.0.1'));
	for (const id of ['999999999', '0', 'x', '-1'])
		assert.equal((await admin.get(`/setup/api/audit/${id}`)).status, 404, id);
});

test('the vocabulary is that of the source', async () => {
	const def = fs.readFileSync(new URL('../../src/core/audit_event.def', import.meta.url), 'utf8');
	const want = [...def.matchAll(/^AUDIT\(\w+,\s*"(\w+)",\s*"(\w+)"\)/gm)].map(([, event, category]) => ({ event, category }));
	assert.deepEqual((await admin.get('/setup/api/audit/events')).body.data, want);
});

test('a CSV holds the filter\'s rows and no formula', async () => {
	await svc.db.query(`insert into audit (event, category, user_agent, detail) values
	    ('service_started', 'system', '=cmd|''/c calc''!A1', '{"a":"b,\\"c\\""}')`);
	const { text, headers } = await exported('format=csv&event=service_started');
	assert.equal(headers['content-type'], 'text/csv; charset=utf-8');
	assert.match(headers['content-disposition'], /filename="audit.csv"/);
	const lines = text.trimEnd().split('\r\n');
	assert.match(lines[0], /^id,at,event,/);
	assert.match(lines[1], /,'=cmd\|/);
	assert.ok(lines[1].includes('"{""a"": ""b,\\""c\\""""}"'), lines[1]);
	const [row] = await auditRows(svc.db, { event: 'audit_exported' });
	assert.equal(row.actor_id, admin.admin.auth_user_id);
	assert.deepEqual(row.detail, { format: 'csv', filter: { events: ['service_started'] } });
});

test('a filtered export says that it is no chain', async () => {
	const { text, file } = await exported(`format=ndjson&application=${cast.app.id}`);
	const [head, ...rows] = text.trimEnd().split('\n').map((l) => JSON.parse(l));
	assert.equal(head.is_chain, false);
	assert.ok(rows.length > 2 && rows.every((a) => a.application_id === cast.app.id));
	const r = await verify('--export', file);
	assert.equal(r.code, 1);
	assert.match(r.json().problem, /filter/);
});

test('a log of many pages is exported whole', async () => {
	await svc.db.query(`insert into audit (event, category, request_id)
	    select 'register_checked', 'api', 'bulk-' || i from generate_series(1, 4200) i`);
	await sealed();
	const csv = await exported('format=csv&event=register_checked');
	assert.equal(csv.text.trimEnd().split('\r\n').length, 4201);
	const { file, text } = await exported('format=ndjson');
	const ids = text.split('\n').filter((l) => l.startsWith('{"id"')).map((l) => JSON.parse(l).id);
	const rows = await auditRows(svc.db);
	const sealedIds = rows.map((a) => Number(a.id)).filter((id) => ids.includes(id));
	assert.deepEqual([...ids].sort((a, b) => a - b), sealedIds);
	assert.ok(ids.length > 4200);
	const r = await verify('--export', file);
	assert.equal(r.code, 0, r.stderr);
	assert.equal(r.json().rows, ids.length);
});

test('the chain tells how far it goes, and the database verifies', async () => {
	const c = await sealed();
	assert.equal(c.ok, true);
	const r = await verify();
	assert.equal(r.code, 0, r.stderr);
	const v = r.json();
	assert.deepEqual([v.ok, v.rows, v.purged, v.other_key], [true, c.sealed_rows, 0, 0]);
	assert.equal(v.head, `${c.last_seal.no}:${c.last_seal.chain}`);
	assert.ok(svc.logContains(new RegExp(c.last_seal.chain)), 'the head is in the log');
	assert.equal((await verify('--head', v.head)).code, 0);
	const text = (await svc.cli(['audit', 'verify'])).stdout;
	assert.match(text, /are as they were sealed/);
});

test('the hourly sums are those of the sealed rows', async () => {
	await sealed();
	const sums = await svc.db.rows(`select metric, label, n::int from stat_hour where hour > 'epoch' and metric in ('login_failed', 'register_checked') order by 1`);
	const failed = await auditRows(svc.db, { event: 'login_failed' });
	assert.deepEqual(sums, [{ metric: 'login_failed', label: 'wrong_password', n: failed.length },
		{ metric: 'register_checked', label: 'ok', n: 4200 }]);
});

test('a purge by age leaves what is younger', async () => {
	await admin.stepUp();
	const preview = await admin.post('/setup/api/audit/purge/preview', { older_than_days: 30 });
	assert.equal(preview.status, 200);
	assert.equal(preview.body.rows, 0);
	assert.match(preview.body.before, /:00:00\.000Z$/);
	const before = (await auditRows(svc.db)).length;
	const r = await admin.post('/setup/api/audit/purge', { older_than_days: 30, confirm_rows: 0 });
	assert.deepEqual([r.status, r.body.rows], [200, 0]);
	assert.ok((await auditRows(svc.db)).length >= before);
	assert.equal((await auditRows(svc.db, { event: 'audit_purged' })).length, 0);
});

test('a purge wants a fresh proof, the right number and one way to say how much', async () => {
	await svc.db.query('update console_session set step_up_at = null');
	let r = await admin.post('/setup/api/audit/purge', { everything: true, confirm_rows: 1 });
	assert.deepEqual([r.status, r.body.code], [403, 'step_up_required']);
	await svc.db.query('update console_session set step_up_at = clock_timestamp()');
	r = await admin.post('/setup/api/audit/purge', { everything: true, confirm_rows: 1 });
	assert.deepEqual([r.status, r.body.code], [409, 'rows_changed']);
	assert.ok(r.body.rows > 4000);
	for (const body of [{}, { everything: true, older_than_days: 3 }, { older_than_days: 0 }, { older_than_days: '3' }, { everything: false }]) {
		r = await admin.post('/setup/api/audit/purge/preview', body);
		assert.deepEqual([r.status, r.body.errors[0].field], [422, 'older_than_days'], JSON.stringify(body));
	}
	r = await admin.post('/setup/api/audit/purge', { everything: true });
	assert.equal(r.body.errors[0].field, 'confirm_rows');
});

test('everything purged starts afresh with the purge, and the chain goes on', async () => {
	const head = (await verify()).json().head;
	const { rows } = (await admin.post('/setup/api/audit/purge/preview', { everything: true })).body;
	const r = await admin.post('/setup/api/audit/purge', { everything: true, confirm_rows: rows });
	assert.equal(r.status, 200, r.text);
	// Gone for everybody at once, however long deleting takes.
	const left = (await list('?limit=200')).body.data;
	assert.ok(left.length <= 2 && left.some((a) => a.event === 'audit_purged'), JSON.stringify(left));
	const purge = left.find((a) => a.event === 'audit_purged');
	assert.deepEqual(purge.actor, { id: admin.admin.auth_user_id, name: admin.admin.name });
	assert.equal(purge.detail.before, null);
	assert.ok(purge.detail.rows >= rows);
	await sealed();
	assert.ok((await auditRows(svc.db)).length < 10);
	assert.equal((await svc.db.rows('select count(*)::int as n from audit_mark m where m.no <= (select max(up_to) from audit_seal)'))[0].n, 0);
	const v = (await verify('--head', head)).json();
	assert.deepEqual([v.ok, v.purged], [true, Number(v.purged)]);
	assert.ok(v.purged >= rows);
	const file = (await exported('format=ndjson')).file;
	const off = (await verify('--export', file)).json();
	assert.deepEqual([off.ok, off.purged], [true, v.purged]);
});

test('what the setting calls too old is removed by itself', async () => {
	const db = await newDatabase();
	await db.query(`insert into audit (at, event, category) select now() - interval '40 days', 'register_checked', 'api' from generate_series(1, 1000)`);	// one seal, of nothing else
	const old = await startService({ db, settings: { audit_seal_s: 1, audit_days: 30 } });
	const other = await makeCast(old);
	await signIn(old, other);
	await waitUntil(async () => (await auditRows(db, { event: 'register_checked' })).length === 0,
		{ timeoutMs: 60_000, what: 'the retention\'s purge' });
	const [purge] = await auditRows(db, { event: 'audit_purged' });
	assert.deepEqual([purge.request_id, purge.actor_id, purge.detail.rows], ['retention', null, 1000]);
	assert.equal((await auditRows(db, { event: 'login_succeeded' })).length, 1);
	const v = (await old.cli(['audit', 'verify', '--json'])).json();
	assert.deepEqual([v.ok, v.purged], [true, 1000]);
});
