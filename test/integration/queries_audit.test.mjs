// Statements of the audit log: sealing, purging, looking, exporting.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NONE, ORIGIN, audits, db, hash, makeUser, pool, run, run1 } from './queries_kit.mjs';

const MAX = '9223372036854775807';
const add = (n, o = {}) => db.query(`insert into audit (event, category, outcome, subject_id, ip, at)
    select $2, 'sign_in', $3, $4, $5, coalesce($6, clock_timestamp()) from generate_series(1, $1)`,
[n, o.event ?? 'login_succeeded', o.outcome ?? 'ok', o.subject ?? null, o.ip ?? null, o.at ?? null]);
const seal = async (rows = 1000, age = 0) => {
	const n = await run1('audit_seal_next', [rows, age]);
	if (n.line === null) return n;
	const { no } = await run1('audit_seal_add', [n.line, hash(), 'key', n.marks]);
	return { ...n, ...JSON.parse(n.line), no: Number(no) };
};
const sealAll = async () => { let last, s; while ((s = await seal()).line) last = s; return last; };
const doc = (r) => JSON.parse(r.body);
const list = async (filter = {}, before = MAX, n = 50, count = false) => doc(await run1('audit_list', [JSON.stringify(filter), before, n, count]));

test('rows are sealed when they are many or old, each once', async () => {
	await sealAll();
	await add(5);
	assert.equal((await run1('audit_seal_next', [1000, 3600])).line, null);
	const five = await run1('audit_seal_next', [5, 3600]);
	assert.equal(five.marks.length, 200);
	const first = await run1('audit_seal_add', [five.line, hash(), 'key', five.marks]);
	assert.equal(Number(first.no), JSON.parse(five.line).no);
	// Somebody else had the same seal to add.
	assert.equal((await run1('audit_seal_add', [five.line, hash(), 'key', five.marks])).no, '0');
	assert.equal((await seal()).line, null);
	const sums = await db.rows('select n::int from stat_hour where hour > \'epoch\' and metric = \'login_succeeded\'');
	assert.equal(sums.reduce((a, b) => a + b.n, 0), 5);
});

test('a row that commits late is not passed over', async () => {
	await sealAll();
	const slow = await pool.connect();
	await slow.query('begin');
	await slow.query('insert into audit (event, category) values (\'login_failed\', \'sign_in\')');
	await add(3);
	assert.equal((await seal()).line, null, 'nothing behind a transaction that may still write');
	await slow.query('commit');
	slow.release();
	assert.equal((await seal()).n, 4);
});

test('a purge by age goes by whole seals', async () => {
	await add(4, { at: new Date(Date.now() - 40 * 86_400_000), event: 'otp_failed' });
	const old = await sealAll();
	await add(2);
	const young = await sealAll();
	assert.equal(young.no, old.no + 1);
	// The seals before these are young.
	assert.equal(doc(await run1('audit_purge_preview', [30])).rows, 0);
	const all = doc(await run1('audit_purge_preview', [null]));
	assert.equal(all.rows, (await audits('true')).length);
	const wrong = await run1('audit_purge_begin', [null, 10_000, null, ...ORIGIN]);
	assert.equal(wrong.outcome, 'rows_changed');
	const user = await makeUser();
	const n = doc(await run1('audit_purge_preview', [null])).rows;
	const r = await run1('audit_purge_begin', [null, n, user.user_id, ...ORIGIN]);
	assert.deepEqual([r.outcome, doc(r).rows, doc(r).before], ['ok', n, null]);
	assert.equal((await run1('audit_purge_begin', [null, 0, null, ...NONE])).outcome, 'purge_running');
	// Hidden at once; deleted only when the seal says so.
	assert.deepEqual((await list()).data.map((a) => a.event), ['audit_purged']);
	assert.equal((await run1('audit_purge_batch', [10])).n, '0');
	const sealed = [];
	for (let s = await seal(); s.line; s = await seal()) sealed.push(s);
	assert.ok(sealed.some((s) => s.kind === 'purge' && s.n === n && s.before === null));
	assert.equal((await run1('audit_seal_next', [1000, 0])).is_purging, true);
	assert.equal((await run1('audit_purge_batch', [4])).n, '4');
	assert.equal(Number((await run1('audit_purge_batch', [1000])).n), n - 4);
	assert.equal((await run1('audit_purge_batch', [1000])).n, '0');
	assert.deepEqual((await audits('true')).map((a) => [a.event, a.actor_id, a.request_id]), [['audit_purged', user.user_id, 'req-1']]);
	const gone = (await run('audit_verify_seals', [0, 1000])).at(-1).gone;
	assert.ok(Number(gone) > 0);
});

test('the retention begins once there is a day\'s worth', async () => {
	await sealAll();
	assert.equal((await run1('audit_retain', NONE)).n, '0');
	await db.query('update setting set value = \'30\' where name = \'audit_days\'');
	assert.equal((await run1('audit_retain', NONE)).n, '0');
	await db.query('update setting set value = null where name = \'audit_days\'');
});

test('what is verified is what was sealed', async () => {
	await add(7);
	const s = await sealAll();
	const rows = await run('audit_verify_rows', [s.no]);
	assert.equal(rows.length, 7);
	const [line] = await run('audit_verify_seals', [s.no - 1, 1]);
	assert.deepEqual([line.line, line.agrees, line.marks], [s.line, true, s.marks]);
	const c = doc(await run1('audit_chain', []));
	assert.deepEqual([c.ok, c.unsealed, c.last_seal.no], [true, 0, s.no]);
	assert.equal(c.last_seal.chain, line.hash.toString('hex'));
});

test('exports come in pages', async () => {
	await add(2500, { event: 'register_checked' });
	await sealAll();
	const user = await makeUser();
	const filter = JSON.stringify({ events: ['register_checked'] });
	const begun = await run1('audit_export_begin', ['csv', filter, user.user_id, ...ORIGIN]);
	assert.equal(begun.outcome, 'ok');
	assert.equal((await run1('audit_export_begin', ['csv', '{"ip":"x"}', user.user_id, ...ORIGIN])).outcome, 'invalid');
	assert.equal((await audits('event = \'audit_exported\'')).length, 1);
	for (const [form, f, lines] of [['csv', filter, 2501], ['ndjson', filter, 2501]]) {
		let next = null, text = '', pages = 0;
		do {
			const p = await run1('audit_export', [form, f, next]);
			text += p.piece;
			next = p.next;
			pages++;
		} while (next !== null);
		assert.equal(text.trimEnd().split('\n').length, lines, form);
		assert.ok(pages >= 3);
	}
});

test('a page costs little, whatever is asked of many rows', async () => {
	const user = await makeUser();
	await db.query(`insert into audit (event, category, outcome, subject_id, application_id, ip, at, request_id)
	    select (array['login_succeeded', 'token_refreshed', 'otp_sent'])[1 + i % 3], 'sign_in', 'ok', uuid_v7(), null,
	    '10.0.0.0'::inet + i % 60000, now() - (120000 - i) * interval '10 seconds', 'r' || i from generate_series(1, 120000) i`);
	await add(3, { event: 'refresh_reused', outcome: 'refresh_reused', subject: user.user_id, ip: '192.0.2.1' });
	await add(200);
	await db.query('analyze audit');
	const cost = async (filter, before = MAX) => {
		const r = await db.rows(`explain (analyze, buffers, format json) select * from audit_list($1, ${before}, 50, false)`, [JSON.stringify(filter)]);
		const p = r[0]['QUERY PLAN'][0].Plan;
		return p['Shared Hit Blocks'] + p['Shared Read Blocks'];
	};
	const blocks = (await db.rows('select relpages from pg_class where relname = \'audit\''))[0].relpages;
	const day = new Date(Date.now() - 7 * 86_400_000).toISOString();
	for (const f of [{}, { events: ['refresh_reused'] }, { events: ['login_succeeded', 'refresh_reused', 'logout'] }, { user: user.user_id },
		{ ip: '192.0.2.1' }, { request_id: 'r777' }, { to: day }, { from: day, to: day }, { events: ['otp_sent'], to: day }])
		assert.ok(await cost(f) < 2500, `${JSON.stringify(f)}: ${await cost(f)} of ${blocks} blocks`);
	// No index leads to these: the search ends after 20 000 rows and says where.
	for (const f of [{ outcome: 'nothing_like_it' }, { q: 'nothing like it' }, { ip: '192.0.0.0/16' }]) {
		const page = await list(f);
		assert.equal(page.page.has_more, true);
		const n = await cost(f, page.page.next_cursor);
		assert.ok(n < 25_000, `${JSON.stringify(f)}: ${n} blocks`);
	}
	let found = [], cursor = MAX;
	while (cursor !== null) {
		const p = await list({ outcome: 'refused', from: new Date(Date.now() - 86_400_000).toISOString() }, cursor);
		found = found.concat(p.data);
		cursor = p.page.next_cursor;
	}
	assert.equal(found.filter((a) => a.event === 'refresh_reused').length, 3);
	const shown = doc(await run1('audit_show', [found[0].id]));
	assert.ok(Array.isArray(shown.related));
	assert.equal((await run1('audit_show', [MAX])).outcome, 'not_found');
});

test('sums, the overview and metrics', async () => {
	assert.equal((await run1('stat_add', [JSON.stringify([{ metric: 'latency_us', label: '1000', n: 7 }])])).n, '1');
	await run1('stat_add', [JSON.stringify([{ metric: 'latency_us', label: '1000', n: 3 }, { metric: 'latency_us', label: 'inf', n: 1 }])]);
	assert.match((await run1('stat_codes', [])).n, /^\d+$/);
	const o = doc(await run1('overview', ['24h', '{"version":"1","dev_otp":true,"db_waiting":0}']));
	assert.deepEqual(o.charts.latency.map((l) => [l.p50_ms, l.p95_ms]), [[1, 60_000]]);
	assert.ok(o.health.some((h) => h.id === 'dev_otp' && h.state === 'bad'));
	assert.equal((await run1('metrics', ['203.0.113.7'])).is_allowed, false);
	const m = await run1('metrics', ['127.0.0.1']);
	assert.match(m.body, /^# HELP identityd_sign_ins_total/);
});

test('what a backup and a restore write', async () => {
	await add(3);
	assert.equal((await run('audit_seal_rest', [2])).length, 1);
	const rest = await run1('audit_seal_rest', [1000]);
	assert.equal(JSON.parse(rest.line).kind, 'rows');
	await run1('audit_seal_add', [rest.line, hash(), 'key', rest.marks]);
	const { line } = await run1('audit_seal_restore', []);
	const [{ max }] = await db.rows('select max(id)::int from audit');
	assert.deepEqual([JSON.parse(line).kind, JSON.parse(line).after_id], ['restore', max]);
	await run1('audit_seal_add', [line, hash(), 'key', null]);
	const [{ epoch }] = await db.rows('select epoch from sync_feed');
	assert.equal((await run1('database_restored', ['{"rows":1}', ...NONE])).n, '0');
	assert.notEqual((await db.rows('select epoch from sync_feed'))[0].epoch, epoch);
	await run1('backup_made', ['123456', '1500', '{"rows":1}', ...ORIGIN]);
	assert.deepEqual(await db.rows('select bytes::int, seconds from backup_run'), [{ bytes: 123_456, seconds: 1.5 }]);
	const s = await sealAll();
	assert.equal(s.after_id, max);
	assert.equal((await run('audit_verify_rows', [s.no])).length, s.n);
});
