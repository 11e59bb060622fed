// queries - each statement of sql/queries on a migrated database: its head
// comment is true, its rows are right, its audit row is there.

import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { TOP, newDatabase, onTeardown, waitUntil } from './harness.mjs';

const DIR = path.join(TOP, 'sql/queries');
const STEMS = fs.readdirSync(DIR).filter((f) => f.endsWith('.sql')).map((f) => f.slice(0, -4)).sort();
const TEXT = Object.fromEntries(STEMS.map((s) => [s, fs.readFileSync(path.join(DIR, `${s}.sql`), 'utf8')]));
const OIDS = { uuid: 2950, text: 25, bool: 16, int4: 23, int8: 20, timestamptz: 1184, bytea: 17 };
const TYPE = '(uuid\\[\\]|text\\[\\]|uuid|text|int4|int8|bool|bytea|timestamptz|jsonb)';

const db = await newDatabase();
const pool = new pg.Pool({ connectionString: db.url, max: 55 });
onTeardown(() => pool.end());

// What the head comment of |stem| says: { params: [types], columns: [[name, type]] }.
function head(stem) {
	const lines = TEXT[stem].split('\n');
	const text = lines.slice(0, lines.findIndex((l) => !l.startsWith('--'))).map((l) => l.slice(2)).join(' ');
	const params = [];
	for (const m of text.matchAll(/\$(\d+)\.\.\$(\d+) origin/g))
		for (let i = Number(m[1]); i <= Number(m[2]); i++) params[i - 1] = 'text';
	for (const m of text.matchAll(new RegExp(`\\$(\\d+) \\w+ ${TYPE}`, 'g'))) params[m[1] - 1] = m[2];
	const returns = /returns: (.*?)\s+rows:/.exec(text)[1].replace(/\([^)]*\)/g, '');
	const columns = [];
	let type = null;
	for (const item of returns.split(',').map((s) => s.trim()).reverse()) {
		const [name, t] = item.split(/\s+/);
		type = t?.replace('?', '') ?? type;
		columns.unshift([name, type]);
	}
	return { params, columns };
}

const ran = new Set();
// Runs |stem| as the service does, prepared; checks the columns every time.
async function run(stem, params, on = pool) {
	ran.add(stem);
	const r = await on.query({ name: stem, text: TEXT[stem], values: params });
	assert.deepEqual(r.fields.map((f) => [f.name, f.dataTypeID]), head(stem).columns.map(([n, t]) => [n, OIDS[t]]), stem);
	return r.rows;
}
const run1 = async (stem, params, on) => {
	const rows = await run(stem, params, on);
	assert.equal(rows.length, 1, stem);
	return rows[0];
};

const ORIGIN = ['req-1', '203.0.113.9', '172.18.0.2', '203.0.113.9', '198.51.100.7', 'Agent/1'];
const NONE = [null, null, null, null, null, null];
const hash = () => randomBytes(32);
let counter = 0;

const makeApp = (name = `App ${++counter}`, allow = '127.0.0.1') => run1('app_create', [name, allow, ...NONE]);
function makeUser(o = {}) {
	const n = ++counter;
	return run1('user_create', [o.name ?? `User ${n}`, o.email === undefined ? `u${n}@example.org` : o.email, o.mobile ?? null, o.empId ?? null,
		o.mfa ?? false, o.hash === undefined ? `$argon2id$${n}` : o.hash, `{${(o.apps ?? []).map((a) => a.app_id)}}`, o.isAdmin ?? false, ...NONE]);
}
const succeed = (u, a, o = {}, on) => run('login_succeed', [u.user_id, a.app_id, o.device ?? null, o.deviceName ?? null, o.refresh ?? hash(),
	o.ttl ?? 3600, o.refreshTtl ?? 7200, o.absolute ?? 86400, 'password', o.newHash ?? null, ...(o.origin ?? ORIGIN), o.checked ?? null,
	o.notice ?? null, o.notice ? randomBytes(60) : null, o.isDev ?? false], on);
const audits = (where, params) => db.rows(`select * from audit where ${where} order by id`, params);

test('the head comment of every statement tells its parameters', async () => {
	const c = await pool.connect();
	try {
		for (const stem of STEMS) {
			assert.ok(TEXT[stem].startsWith(`-- ${stem}: `), stem);
			await c.query(`prepare check_${stem} as ${TEXT[stem]}`);
			const r = await c.query('select parameter_types::text[] as t from pg_prepared_statements where name = $1', [`check_${stem}`]);
			const want = head(stem).params.map((t) => (t === 'timestamptz' ? 'timestamp with time zone' : t)
				.replace(/^int4/, 'integer').replace(/^int8/, 'bigint').replace(/^bool$/, 'boolean'));
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

test('app_create, app_list, app_find', async () => {
	const a = await run1('app_create', ['Café', ' 10.0.0.0/8, 192.0.2.1\n2001:db8::/32,10.0.0.0/8 ', ...ORIGIN]);
	assert.equal(a.name, 'Café');
	assert.equal(a.allow, '10.0.0.0/8,192.0.2.1/32,2001:db8::/32');
	const b = await run1('app_create', ['Nobody may call', '', ...ORIGIN]);
	assert.equal(b.allow, '');
	await assert.rejects(run('app_create', ['café', '', ...ORIGIN]), { code: '23505', constraint: 'application_name_key' });
	await assert.rejects(run('app_create', ['bad list', '10.0.0.1/8', ...ORIGIN]), { code: '22P02' });
	const u = await makeUser({ apps: [a] });
	const list = await run('app_list', []);
	const row = list.find((r) => r.app_id === a.app_id);
	assert.deepEqual([row.name, row.is_enabled, row.allow, row.users, row.keys], ['Café', true, a.allow, '1', '0']);
	assert.deepEqual((await run('app_find', ['CAFÉ'])).map((r) => r.app_id), [a.app_id]);
	assert.deepEqual((await run('app_find', [a.app_id.toUpperCase()])).map((r) => r.name), ['Café']);
	assert.deepEqual(await run('app_find', ['caf']), []);
	const [row1] = await audits('event = $1 and application_id = $2', ['application_created', a.app_id]);
	assert.equal(row1.category, 'admin');
	assert.equal(row1.outcome, 'ok');
	assert.deepEqual([row1.request_id, row1.ip, row1.remote, row1.forwarded, row1.client_ip, row1.user_agent], ORIGIN);
	assert.deepEqual(row1.detail, { name: 'Café', allow: a.allow.split(',') });
	assert.ok(u.user_id);
});

test('key_create, guard_key, key_touch', async () => {
	const a = await makeApp(undefined, '10.0.0.0/8,::1');
	const h = hash();
	const until = new Date('2030-01-02T03:04:05.678Z');
	const k = await run1('key_create', [a.app_id, 'Abcdefghij01', h, 'wxyz', 'blue', until, ...ORIGIN]);
	assert.deepEqual(k.expires_at, until);
	assert.deepEqual(await run('key_create', [randomId(), 'Abcdefghij02', h, 'wxyz', null, null, ...ORIGIN]), []);
	await assert.rejects(run('key_create', [a.app_id, 'Abcdefghij01', h, 'wxyz', null, null, ...ORIGIN]), { code: '23505' });
	const g = await run1('guard_key', ['Abcdefghij01']);
	assert.deepEqual(g, { key_hash: h, key_enabled: true, key_expires_at: until, app_id: a.app_id, app_name: a.name, app_enabled: true,
		allow: '10.0.0.0/8,::1/128', rate_per_minute: null });
	assert.deepEqual(await run('guard_key', ['abcdefghij01']), []);
	const at = new Date('2026-11-23T10:00:00Z');
	assert.equal((await run1('key_touch', ['{Abcdefghij01,unknown00000}', at])).n, '1');
	assert.equal((await run1('key_touch', ['{Abcdefghij01}', new Date(at - 1000)])).n, '0', 'never backwards');
	assert.deepEqual((await db.rows('select last_used_at from application_key'))[0].last_used_at, at);
	const [row] = await audits('event = \'api_key_created\'');
	assert.deepEqual([row.key_id, row.application_id, row.detail.label], ['Abcdefghij01', a.app_id, 'blue']);
	assert.equal(JSON.stringify(row).includes(h.toString('hex')), false);
});

const randomId = () => '01900000-0000-7000-8000-000000000000';

test('user_create: the person, the assignments, the audit row, or nothing', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await run1('user_create', ['Asha Rao', 'Asha@Example.org', '+919876543210', 'E-7', true, '$argon2id$x', `{${a.app_id},${b.app_id},${a.app_id}}`, false, ...ORIGIN]);
	assert.deepEqual([u.name, u.email, u.mobile_number, u.emp_id, u.is_active, u.mfa_enabled], ['Asha Rao', 'Asha@Example.org', '+919876543210', 'E-7', true, true]);
	assert.equal(u.sync_hash, createHash('sha256').update(JSON.stringify({ email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: 'active' })).digest('hex'));
	assert.equal((await db.rows('select from assignment where person_id = $1', [u.user_id])).length, 2);
	const [row] = await audits('subject_id = $1', [u.user_id]);
	assert.equal(row.event, 'user_created');
	assert.equal(JSON.stringify(row).includes('argon2id'), false);
	await assert.rejects(run('user_create', ['X', 'asha@example.org', null, null, false, null, '{}', false, ...NONE]), { code: '23505', constraint: 'person_email_key' });
	await assert.rejects(run('user_create', ['X', null, '+919876543210', null, false, null, '{}', false, ...NONE]), { code: '23505', constraint: 'person_mobile_number_key' });
	await assert.rejects(run('user_create', ['Half', 'half@example.org', null, null, false, null, `{${randomId()}}`, false, ...NONE]), { code: '23503', constraint: 'assignment_application_id_fkey' });
	assert.equal((await db.rows('select from person where name = \'Half\'')).length, 0);
});

test('register_check: the answer and its audit row', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a], mobile: '+919876500099' });
	const outcome = async (kind, value, app) => {
		const rows = await run('register_check', [kind, value, app.app_id, ...ORIGIN]);
		const [row] = (await audits('event = \'register_checked\'')).slice(-1);
		assert.equal(row.category, 'api');
		assert.equal(row.application_id, app.app_id);
		assert.equal(row.subject_id, rows[0]?.user_id ?? null);
		return [row.outcome, rows[0]?.is_assigned];
	};
	assert.deepEqual(await outcome('email', u.email.toUpperCase(), a), ['ok', true]);
	assert.deepEqual(await outcome('phone', '+919876500099', a), ['ok', true]);
	assert.deepEqual(await outcome('phone', u.email, a), ['user_not_found', undefined]);
	assert.deepEqual(await outcome('email', 'nobody@example.org', a), ['user_not_found', undefined]);
	assert.deepEqual(await outcome('email', u.email, b), ['not_assigned', false]);
	await db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.user_id]);
	assert.deepEqual(await outcome('email', u.email, a), ['user_disabled', true]);
	await db.query('update person set deleted_at = now() where auth_user_id = $1', [u.user_id]);
	assert.deepEqual(await outcome('email', u.email, a), ['user_not_found', undefined]);
});

const begin = (u, a, on, o = {}) => run1('login_begin', ['email', u.email, a.app_id, ...ORIGIN, o.device ?? null, o.nobody ?? u.email.slice(0, 5), o.isBraked ?? false], on);

test('login_begin: what will be checked', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a], mfa: true, hash: '$argon2id$secret' });
	assert.deepEqual(await begin(u, a), { user_id: u.user_id, password_hash: '$argon2id$secret', is_active: true, mfa_enabled: true, is_assigned: true, retry_after_s: 0 });
	assert.equal((await begin(u, b)).is_assigned, false);
	const none = await makeUser({ hash: null });
	assert.equal((await begin(none, a)).password_hash, null);
	assert.deepEqual(await begin({ email: 'nobody@example.org' }, a),
		{ user_id: null, password_hash: null, is_active: null, mfa_enabled: null, is_assigned: null, retry_after_s: 0 });
});

test('login_begin: of 50 tries at once five get through, for somebody and nobody alike', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	for (const who of [u, { email: 'flooded.nobody@example.org' }]) {
		const tries = await Promise.all(Array.from({ length: 50 }, () => begin(who, a)));
		assert.equal(tries.filter((t) => t.retry_after_s === 0).length, 5);
		assert.ok(tries.every((t) => t.retry_after_s >= 0 && t.retry_after_s <= 2));
		assert.ok(tries.every((t) => t.user_id === (who.user_id ?? null)));
	}
	assert.equal((await db.rows('select failures from person_login where person_id = $1', [u.user_id]))[0].failures, 5);
});

test('login_begin: the wait doubles, ends at 15 minutes, and the right password ends it', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const over = () => db.query(`update person_login set wait_until = now() - interval '1 ms' where person_id = $1`, [u.user_id]);
	const waits = [];
	for (let i = 1; i <= 18; i++) {
		assert.equal((await begin(u, a)).retry_after_s, 0, `try ${i}`);
		if (i >= 5) waits.push((await begin(u, a)).retry_after_s);
		await over();
	}
	assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
	await db.query(`update person_login set failures = 2147483600, wait_until = null where person_id = $1`, [u.user_id]);
	assert.equal((await begin(u, a)).retry_after_s, 0, 'no overflow');
	await over();
	await succeed(u, a);
	assert.deepEqual((await db.rows('select failures, wait_until from person_login where person_id = $1', [u.user_id]))[0], { failures: 0, wait_until: null });
});

test('login_begin: a wait that passes lets the next one through', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	for (let i = 0; i < 5; i++) await begin(u, a);
	const blocked = await begin(u, a);
	assert.equal(blocked.retry_after_s, 1);
	await waitUntil(async () => (await begin(u, a)).retry_after_s === 0, { stepMs: 100 });
});

test('login_failed', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	for (const [reason, event, left] of [['wrong_password', 'login_failed', 1], ['no_password', 'login_failed', 2],
		['not_assigned', 'login_refused', 0], ['user_disabled', 'login_refused', 0], ['mfa_required', 'login_refused', 0]]) {
		await begin(u, a);
		const { audit_id } = await run1('login_failed', [u.user_id, a.app_id, reason, ...ORIGIN]);
		const [row] = await audits('id = $1', [audit_id]);
		assert.deepEqual([row.event, row.category, row.outcome, row.subject_id, row.actor_id], [event, 'sign_in', reason, u.user_id, null]);
		assert.equal((await db.rows('select failures from person_login where person_id = $1', [u.user_id]))[0].failures, left, reason);
	}
	await run1('login_failed', [null, a.app_id, 'wrong_password', ...NONE]);
});

test('login_succeed opens a session that session_check sees', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	await begin(u, a);
	const refresh = hash();
	const [s] = await succeed(u, a, { device: 'dev-1', deviceName: 'Asha\'s phone', refresh });
	assert.match(s.session_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
	assert.deepEqual([s.device_id, s.device_name, s.device_user_agent, s.device_ip], ['dev-1', 'Asha\'s phone', 'Agent/1', '198.51.100.7']);
	assert.equal(s.session_expires_at - s.session_created_at, 3600_000);
	assert.equal(s.refresh_expires_at - s.session_created_at, 7200_000);
	assert.deepEqual([s.user_id, s.name, s.is_active, s.sync_hash, s.app_name], [u.user_id, u.name, true, u.sync_hash, a.name]);
	const c = await run1('session_check', [s.session_id, a.app_id]);
	assert.equal(c.is_assigned, true);
	assert.equal(c.is_revoked, false);
	for (const k of Object.keys(c)) if (k in s) assert.deepEqual(c[k], s[k], k);
	assert.deepEqual(await run('session_check', [s.session_id, (await makeApp()).app_id]), [], 'another application\'s session');
	const [t] = await db.rows('select generation, session_id, spent_at from refresh_token where hash = $1', [refresh]);
	assert.deepEqual(t, { generation: 1, session_id: s.session_id, spent_at: null });
	const [row] = await audits('event = \'login_succeeded\' and subject_id = $1', [u.user_id]);
	assert.deepEqual([row.session_id, row.actor_id, row.detail], [s.session_id, u.user_id, { method: 'password' }]);
	// Without the person's address the caller's; without a device none is made.
	const [plain] = await succeed(u, a, { origin: ['r', '203.0.113.9', null, null, null, null] });
	assert.deepEqual([plain.device_id, plain.device_name, plain.device_ip], [null, null, '203.0.113.9']);
	const [again] = await succeed(u, a, { device: 'dev-1' });
	assert.equal(again.device_name, 'Asha\'s phone', 'as it was told before');
	const devices = await db.rows('select device_id, name from device where person_id = $1', [u.user_id]);
	assert.deepEqual(devices, [{ device_id: 'dev-1', name: 'Asha\'s phone' }]);
	// The absolute end caps both.
	const [capped] = await succeed(u, a, { ttl: 1000, refreshTtl: 1000, absolute: 100 });
	assert.deepEqual([capped.session_expires_at - capped.session_created_at, capped.refresh_expires_at - capped.session_created_at], [100_000, 100_000]);
});

test('login_succeed: nothing for who was disabled, unassigned or got another password meanwhile', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], hash: '$argon2id$old' });
	const sessions = async () => (await db.rows('select from session where person_id = $1', [u.user_id])).length;
	assert.equal((await succeed(u, a, { checked: '$argon2id$other' })).length, 0);
	assert.equal((await succeed(u, a, { checked: '$argon2id$old', newHash: '$argon2id$new' })).length, 1);
	assert.equal((await db.rows('select password_hash from person where auth_user_id = $1', [u.user_id]))[0].password_hash, '$argon2id$new');
	assert.equal((await audits('event = \'password_rehashed\' and subject_id = $1', [u.user_id])).length, 1);
	// A rehash of the old password cannot undo the new one.
	assert.equal((await succeed(u, a, { checked: '$argon2id$old', newHash: '$argon2id$old2' })).length, 0);
	await db.query('update application set is_enabled = false where id = $1', [a.app_id]);
	assert.equal((await succeed(u, a)).length, 0);
	await db.query('update application set is_enabled = true where id = $1', [a.app_id]);
	await db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.user_id]);
	assert.equal((await succeed(u, a)).length, 0);
	await db.query('update person set status = \'active\' where auth_user_id = $1', [u.user_id]);
	await db.query('delete from assignment where person_id = $1', [u.user_id]);
	assert.equal((await succeed(u, a)).length, 0);
	assert.equal(await sessions(), 1);
	assert.equal((await audits('event = \'login_succeeded\' and subject_id = $1', [u.user_id])).length, 1);
});

test('login_succeed and a disabling at the same time: no session survives', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const c = await pool.connect();
	try {
		await c.query('begin');
		await c.query('update person set status = \'disabled\' where auth_user_id = $1', [u.user_id]);
		const login = succeed(u, a);
		await waitUntil(async () => (await db.rows('select from pg_locks where not granted')).length > 0);
		await c.query('commit');
		assert.equal((await login).length, 0);
	} finally {
		c.release();
	}
	assert.equal((await db.rows('select from session where person_id = $1 and revoked_at is null', [u.user_id])).length, 0);
});

test('session_check: revoked, unassigned, assigned again, disabled', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const [s] = await succeed(u, a);
	const state = async () => {
		const c = await run1('session_check', [s.session_id, a.app_id]);
		return [c.is_assigned, c.is_revoked, c.is_active];
	};
	assert.deepEqual(await state(), [true, false, true]);
	await db.query('delete from assignment where person_id = $1', [u.user_id]);
	assert.deepEqual(await state(), [false, false, true]);
	await db.query('insert into assignment (application_id, person_id) values ($1, $2)', [a.app_id, u.user_id]);
	assert.deepEqual(await state(), [true, true, true]);
	await db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.user_id]);
	assert.deepEqual(await state(), [true, true, false]);
	assert.deepEqual(await run('session_check', [randomId(), a.app_id]), []);
});

test('session_touch: forwards only, leaves what is held', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const [[s], [t]] = [await succeed(u, a), await succeed(u, a)];
	const at = new Date(Date.now() + 60_000);
	assert.equal((await run1('session_touch', [`{${s.session_id},${t.session_id},${randomId()}}`, at])).n, '2');
	assert.equal((await run1('session_touch', [`{${s.session_id}}`, new Date(at - 1)])).n, '0');
	assert.deepEqual((await run1('session_check', [s.session_id, a.app_id])).session_last_seen_at, at);
	const c = await pool.connect();
	try {
		await c.query('begin');
		await c.query('select from session where id = $1 for update', [s.session_id]);
		assert.equal((await run1('session_touch', [`{${s.session_id},${t.session_id}}`, new Date(+at + 1)])).n, '1');
	} finally {
		await c.query('rollback');
		c.release();
	}
});

test('session_revoke: by id, by any refresh token, all devices, once', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a, b] });
	const refresh = hash();
	const [s] = await succeed(u, a, { refresh });
	const [t] = await succeed(u, a);
	const [v] = await succeed(u, a);
	const [other] = await succeed(u, b);
	const revoke = (id, h, app, all) => run1('session_revoke', [id, h, app.app_id, all, ...ORIGIN]);
	assert.deepEqual(await revoke(s.session_id, null, b, true), { n: '0', user_id: null, session_ids: null }, 'another application\'s');
	assert.deepEqual(await revoke(null, hash(), a, true), { n: '0', user_id: null, session_ids: null });
	assert.deepEqual(await revoke(null, refresh, a, false), { n: '1', user_id: u.user_id, session_ids: `{${s.session_id}}` });
	assert.deepEqual(await revoke(s.session_id, null, a, true), { n: '0', user_id: null, session_ids: null }, 'a dead session ends no others');
	const all = await revoke(t.session_id, null, a, true);
	assert.equal(all.n, '2');
	assert.deepEqual(all.session_ids.slice(1, -1).split(',').sort(), [t.session_id, v.session_id].sort());
	assert.equal((await run1('session_check', [other.session_id, b.app_id])).is_revoked, false);
	assert.equal((await run1('session_check', [v.session_id, a.app_id])).is_revoked, true);
	const rows = await audits('event = \'logout\' and subject_id = $1', [u.user_id]);
	assert.deepEqual(rows.map((r) => [r.session_id, r.detail]), [[s.session_id, { sessions: 1, all_devices: false }], [t.session_id, { sessions: 2, all_devices: true }]]);
	const [w] = await succeed(u, a, { ttl: 0 });
	assert.equal((await revoke(w.session_id, null, a, false)).n, '0', 'it has expired');
	const [x] = await succeed(u, a);
	const parallel = await Promise.all(Array.from({ length: 10 }, () => revoke(x.session_id, null, a, false)));
	assert.equal(parallel.filter((r) => r.n === '1').length, 1);
});

const rotate = (h, next, a, o = {}) => run1('refresh_rotate', [h, next, a.app_id, o.ttl ?? 3600, o.refreshTtl ?? 7200, o.grace ?? 10, ...ORIGIN]);

test('refresh_rotate: one successor, whoever comes; sliding and absolute ends', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const [h, next] = [hash(), hash()];
	const [s] = await succeed(u, a, { refresh: h });
	const all = await Promise.all(Array.from({ length: 30 }, () => rotate(h, next, a)));
	assert.deepEqual(new Set(all.map((r) => r.verdict)), new Set(['ok']));
	assert.equal(new Set(all.map((r) => +r.refresh_expires_at)).size, 1);
	for (const c of ['session_id', 'user_id', 'name', 'sync_hash', 'app_name', 'device_ip']) assert.deepEqual(all[0][c], s[c], c);
	assert.deepEqual((await db.rows('select generation, spent_at is null as live from refresh_token where session_id = $1 order by generation', [s.session_id])),
		[{ generation: 1, live: false }, { generation: 2, live: true }]);
	const rows = await audits('event = \'token_refreshed\' and session_id = $1', [s.session_id]);
	assert.deepEqual([rows.length, rows.filter((r) => !r.detail.retry).length], [30, 1]);
	// The absolute end caps what slides.
	const r = await rotate(next, hash(), a, { ttl: 999_999, refreshTtl: 999_999 });
	assert.equal(r.session_expires_at - s.session_created_at, 86_400_000);
	assert.equal(+r.refresh_expires_at, +r.session_expires_at);
	// Made under another key: there is no same successor to give.
	assert.equal((await rotate(h, hash(), a)).verdict, 'refresh_invalid');
});

test('refresh_rotate: later use ends the family, once; every other reason', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a, b] });
	const [h, next] = [hash(), hash()];
	const [s] = await succeed(u, a, { refresh: h });
	assert.deepEqual(await rotate(h, next, b).then((r) => [r.verdict, r.user_id]), ['refresh_invalid', null], 'another application\'s');
	assert.equal((await rotate(hash(), hash(), a)).verdict, 'refresh_invalid');
	await rotate(h, next, a);
	await db.query('update refresh_token set spent_at = now() - interval \'11 seconds\' where hash = $1', [h]);
	const again = await Promise.all(Array.from({ length: 8 }, () => rotate(h, next, a)));
	assert.deepEqual(new Set(again.map((r) => r.verdict)), new Set(['refresh_reused']));
	assert.equal(again.filter((r) => r.is_ended).length, 1);
	assert.equal((await audits('event = \'refresh_reused\' and session_id = $1', [s.session_id])).length, 1);
	assert.equal((await rotate(next, hash(), a)).verdict, 'refresh_invalid');
	assert.equal((await run1('session_check', [s.session_id, a.app_id])).is_revoked, true);
	const cases = [
		['refresh_expired', 'update refresh_token set expires_at = now() where session_id = $1'],
		['refresh_expired', 'update session set expires_at = now() where id = $1'],
		['refresh_invalid', 'update session set revoked_at = now(), revoke_reason = \'admin\' where id = $1'],
		['user_disabled', 'update person set status = \'disabled\' where auth_user_id = (select person_id from session where id = $1)'],
		['refresh_invalid', 'update person set status = \'active\' where auth_user_id = (select person_id from session where id = $1)'],
		['not_assigned', 'delete from assignment where person_id = (select person_id from session where id = $1)'],
		['refresh_invalid', 'update person set deleted_at = now() where auth_user_id = (select person_id from session where id = $1)'],
	];
	let t = null;
	for (const [verdict, sql] of cases) {
		if (!/status = 'active'|deleted_at/.test(sql)) {
			const p = await makeUser({ apps: [a] });
			const refresh = hash();
			const [x] = await succeed(p, a, { refresh });
			t = { refresh, id: x.session_id };
		}
		await db.query(sql, [t.id]);
		const r = await rotate(t.refresh, hash(), a);
		assert.deepEqual([r.verdict, r.is_ended, r.refresh_expires_at], [verdict, false, null], sql);
	}
	assert.equal((await db.rows('select from refresh_token where session_id = $1', [t.id])).length, 1);
});

test('refresh_rotate and a logout at the same time: no token survives', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const h = hash();
	const [s] = await succeed(u, a, { refresh: h });
	const c = await pool.connect();
	try {
		await c.query('begin');
		await c.query('update session set revoked_at = now(), revoke_reason = \'logout\' where id = $1', [s.session_id]);
		const refresh = rotate(h, hash(), a);
		await waitUntil(async () => (await db.rows('select from pg_locks where not granted')).length > 0);
		await c.query('commit');
		assert.equal((await refresh).verdict, 'refresh_invalid');
	} finally {
		c.release();
	}
});

test('refresh_peek: only what could be used now', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a, b] });
	const [h, next] = [hash(), hash()];
	const [s] = await succeed(u, a, { refresh: h });
	const peek = (x, app = a) => run('refresh_peek', [x, app.app_id]);
	const [r] = await peek(h);
	assert.deepEqual([r.user_id, r.username, r.session_id, +r.expires_at], [u.user_id, u.email, s.session_id, +s.session_expires_at]);
	assert.deepEqual(await peek(h, b), []);
	await rotate(h, next, a);
	assert.deepEqual([(await peek(h)).length, (await peek(next)).length], [0, 1]);
	await db.query('delete from assignment where person_id = $1', [u.user_id]);
	assert.deepEqual(await peek(next), []);
});

test('session_list and session_end', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const [u, v] = [await makeUser({ apps: [a, b] }), await makeUser({ apps: [a] })];
	const [[s], [t], [other], [theirs]] = [await succeed(u, a, { device: 'd1' }), await succeed(u, a), await succeed(u, b), await succeed(v, a)];
	await succeed(u, a, { ttl: 0 });
	const list = (limit = 100) => run('session_list', [s.session_id, u.user_id, a.app_id, limit]);
	assert.deepEqual((await list()).map((r) => [r.session_id, r.device_id, r.total]), [[s.session_id, 'd1', '2'], [t.session_id, null, '2']]);
	assert.deepEqual((await list(1)).map((r) => [r.session_id, r.total]), [[s.session_id, '2']]);
	const end = (id, by = s, p = u, app = a) => run('session_end', [id, by.session_id, p.user_id, app.app_id, ...ORIGIN]);
	for (const x of [theirs, other, { session_id: randomId() }]) assert.deepEqual(await end(x.session_id), []);
	assert.deepEqual(await end(t.session_id, theirs), [], 'asked for by a session of somebody else');
	const ended = (await Promise.all(Array.from({ length: 8 }, () => end(t.session_id)))).flat();
	assert.deepEqual(ended, [{ session_id: t.session_id }]);
	const [row] = await audits('event = \'session_ended\' and subject_id = $1', [u.user_id]);
	assert.deepEqual([row.session_id, row.actor_id, row.detail], [t.session_id, u.user_id, { by_session: s.session_id }]);
	assert.equal((await end(s.session_id)).length, 1, 'its own');
	assert.deepEqual(await end(s.session_id), []);
});

test('login_succeed: a new device is told, where there was another, through what can carry it', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a, b], mobile: '+919876533399' });
	const told = async (device, o = {}) => {
		const notice = randomId();
		await succeed(u, o.app ?? a, { device, notice, ...o });
		const rows = await db.rows('select * from outbox where person_id = $1', [u.user_id]);
		await db.query('delete from outbox');
		const [last] = await audits('event = \'login_succeeded\' and subject_id = $1', [u.user_id]).then((l) => l.slice(-1));
		assert.equal(last.detail.new_device === true, rows.length > 0 || o.isNew === true, device);
		return rows.map((r) => [r.id === notice, r.kind, r.channel, r.destination]);
	};
	assert.deepEqual(await told('d1', { isDev: true }), [], 'the first one ever');
	assert.deepEqual(await told('d1', { isDev: true }), [], 'known');
	assert.deepEqual(await told(null, { isDev: true }), [], 'nothing to recognise');
	assert.deepEqual(await told('d1', { isDev: true, app: b }), [], 'known from another application');
	assert.deepEqual(await told('d2', { isDev: true }), [[true, 'notice', 'email', u.email]]);
	assert.deepEqual(await told('d2', { isDev: true }), []);
	assert.deepEqual(await told('d3', { isNew: true }), [], 'no provider');
	await db.query(`insert into provider (name, type, is_enabled) values ('sms', 'fast2sms', true), ('mail', 'smtp', false)`);
	assert.deepEqual(await told('d4'), [[true, 'notice', 'sms', '+919876533399']]);
	await db.query('update provider set is_enabled = true');
	assert.deepEqual(await told('d5'), [[true, 'notice', 'email', u.email]]);
	assert.deepEqual(await told('d6', { notice: null, isNew: true }), []);
	await db.query('delete from provider');
	const parallel = await Promise.all(Array.from({ length: 8 }, () => succeed(u, a, { device: 'd7', notice: randomId(), isDev: true })));
	assert.equal(parallel.flat().length, 8);
	assert.equal((await db.rows('select from outbox')).length, 1);
	await db.query('delete from outbox');
});

test('audit_coalesced', async () => {
	const a = await makeApp();
	const rows = [
		{ event: 'ip_not_allowed', outcome: 'ip_not_allowed', app_id: a.app_id, key_id: 'Abcdefghij01', ip: '2001:db8::9', remote: '172.18.0.2', forwarded: '2001:db8::9',
			client_ip: '198.51.100.9', client_user_agent: 'Agent/2', request_id: 'req-77', count: 1234, first_us: 1763900000000001, last_us: 1763900005000002, detail: { note: 'é' } },
		{ event: 'service_started', category: 'system' },
		{ event: 'login_failed', outcome: 'wrong_password', count: 5 },
		{ event: 'api_key_missing', outcome: 'api_key_missing', app_id: null, key_id: null, user_id: null, ip: '', remote: '127.0.0.1', forwarded: '', request_id: '' },
	];
	assert.equal((await run1('audit_coalesced', [JSON.stringify(rows)])).n, '4');
	assert.equal((await run1('audit_coalesced', ['[]'])).n, '0');
	const [r] = await audits('request_id = \'req-77\'');
	assert.deepEqual([r.event, r.category, r.outcome, r.application_id, r.key_id, r.ip, r.remote, r.count, r.detail],
		['ip_not_allowed', 'denied', 'ip_not_allowed', a.app_id, 'Abcdefghij01', '2001:db8::9', '172.18.0.2', '1234', { note: 'é' }]);
	const [us] = await db.rows(`select (extract(epoch from at) * 1000000)::int8::text as at, (extract(epoch from first_at) * 1000000)::int8::text as first from audit where id = $1`, [r.id]);
	assert.deepEqual(us, { at: '1763900005000002', first: '1763900000000001' });
	assert.deepEqual([r.client_ip, r.user_agent], ['198.51.100.9', 'Agent/2']);
	assert.equal((await audits('event = \'login_failed\' and count = 5'))[0].category, 'sign_in');
	const [s] = await audits('event = \'service_started\'');
	assert.deepEqual([s.category, s.outcome, s.count, s.first_at], ['system', 'ok', '1', null]);
	const [m] = await audits('event = \'api_key_missing\'');
	assert.deepEqual([m.ip, m.forwarded, m.request_id], [null, null, null]);
});

test('token_key_create: one first key, whoever comes; token_key_list', async () => {
	const sealed = randomBytes(65);
	const made = (await Promise.all(Array.from({ length: 8 }, (_, i) => run('token_key_create', [`key-${i}`.padEnd(16, '0'), 'HS256', sealed, ...NONE])))).flat();
	assert.equal(made.length, 1);
	const [one] = await run('token_key_list', []);
	assert.deepEqual([one.kid, one.alg, one.secret, one.is_signing], [made[0].kid, 'HS256', sealed, true]);
	assert.ok(one.stands_ms > 0 && one.stands_ms <= 5000, one.stands_ms);
	await db.query('update token_key set created_at = now() - interval \'1 minute\'');
	assert.deepEqual(await run('token_key_list', []), [{ ...one, stands_ms: null }]);
	assert.equal((await audits('event = \'token_key_created\'')).length, 1);
	await db.query(`insert into token_key (kid, alg, secret, is_signing, retired_at, expires_at)
		values ('old-000000000000', 'HS256', $1, false, now(), now() + interval '1 hour'),
		('gone-00000000000', 'HS256', $1, false, now(), now() - interval '1 hour')`, [sealed]);
	const keys = await run('token_key_list', []);
	assert.deepEqual(keys.map((k) => [k.kid.slice(0, 3), k.is_signing]), [['key', true], ['old', false]]);
	assert.ok(Math.abs(keys[0].stands_ms - 3600_000) < 60_000, keys[0].stands_ms);
	await db.query('delete from token_key where kid <> $1', [made[0].kid]);
});

test('token_key_rotate: the old one signs until all know the new one; four at most; one of many at once', async () => {
	let n = 0;
	const rotateKey = (drop = false) => run1('token_key_rotate', [`rot-${++n}`.padEnd(16, '0'), randomBytes(65), drop, 4, ...ORIGIN]);
	const list = async () => (await run('token_key_list', [])).map((k) => k.kid.slice(0, 5));
	const show = async () => (await run('token_key_show', [])).map((k) => `${k.kid.slice(0, 5)} ${k.alg} ${k.state}`);
	const age = () => db.query('update token_key set created_at = created_at - interval \'1 minute\', retired_at = retired_at - interval \'1 minute\'');
	const [{ kid: first }] = await run('token_key_list', []);
	const old = first.slice(0, 5);
	await db.query('update setting set value = \'"EdDSA"\' where name = \'token_alg\'');
	const many = await Promise.all(Array.from({ length: 6 }, () => rotateKey()));
	const [made] = many.filter((r) => r.kid !== null);
	assert.equal(many.filter((r) => r.kid !== null).length, 1);
	assert.deepEqual([made.alg, made.n_alive], ['EdDSA', '1']);
	const one = made.kid.slice(0, 5);
	assert.deepEqual(await list(), [old, one], 'the new one does not sign yet');
	assert.equal((await rotateKey()).kid, null, 'too soon');
	await age();
	assert.deepEqual(await list(), [one, old]);
	const [k] = await db.rows('select expires_at - retired_at = interval \'86465 seconds\' as fits from token_key where kid = $1', [first]);
	assert.equal(k.fits, true);
	const two = (await rotateKey()).kid.slice(0, 5);
	await age();
	const three = (await rotateKey()).kid.slice(0, 5);
	await age();
	assert.deepEqual(await list(), [three, two, one, old]);
	assert.deepEqual(await rotateKey().then((r) => [r.kid, r.n_alive]), [null, '4']);
	const four = (await rotateKey(true)).kid.slice(0, 5);
	assert.deepEqual(await list(), [four], 'it signs at once');
	assert.deepEqual(await show(), [`${four} EdDSA signing`, `${three} EdDSA expired`, `${two} EdDSA expired`, `${one} EdDSA expired`, `${old} HS256 expired`]);
	assert.equal((await audits('event = \'token_key_rotated\'')).length, 4);
	await db.query('delete from token_key');
	assert.equal((await rotateKey()).n_alive, '0');
	await db.query('update setting set value = null where name = \'token_alg\'');
});

test('setting_all gives defaults where nothing is set', async () => {
	const all = async () => JSON.parse((await run1('setting_all', [])).settings);
	const before = await all();
	assert.equal(before.default_country_code, '91');
	assert.equal(before.access_ttl_s, 900);
	assert.deepEqual(before.metrics_allow, ['127.0.0.0/8', '::1']);
	assert.equal(Object.keys(before).length, Number((await db.rows('select count(*) as n from setting'))[0].n));
	await db.query('update setting set value = \'"44"\' where name = \'default_country_code\'');
	assert.equal((await all()).default_country_code, '44');
});

test('ready tells the version of the schema', async () => {
	const r = await run1('ready', []);
	assert.equal(r.version, fs.readdirSync(path.join(TOP, 'sql/migrations')).length);
	assert.ok(Math.abs(r.now - Date.now()) < 60_000);
});

test('the setup link: made while there is no administrator, used once, by one', async () => {
	const token = hash();
	const create = (h, ttl = 900) => run('setup_token_create', [h, ttl, ...NONE]);
	const peek = (h) => run('setup_token_peek', [h]);
	const use = (h, email) => run('setup_token_use', [h, 'Root', email, null, '$argon2id$x', ...ORIGIN]);
	const first = hash();
	await create(first);
	const [t] = await create(token);
	assert.ok(Math.abs(t.expires_at - Date.now() - 900_000) < 60_000);
	assert.deepEqual(await peek(first), [], 'replaced');
	assert.deepEqual(await use(first, 'a@admin.example'), []);
	assert.deepEqual(await peek(token), [t]);
	await create(token, 0);
	assert.deepEqual(await peek(token), [], 'expired');
	assert.deepEqual(await use(token, 'a@admin.example'), []);
	await create(token);
	// A failure leaves the link good.
	const taken = await makeUser({ email: 'taken@admin.example' });
	await assert.rejects(use(token, 'taken@admin.example'), { code: '23505', constraint: 'person_email_key' });
	assert.equal((await peek(token)).length, 1);
	const used = (await Promise.all(Array.from({ length: 8 }, (_, i) => use(token, `a${i}@admin.example`)))).flat();
	assert.equal(used.length, 1);
	assert.equal((await db.rows('select from person where is_admin')).length, 1);
	assert.deepEqual(await peek(token), []);
	assert.deepEqual(await create(hash()), [], 'there is an administrator');
	const [row] = await audits('event = \'admin_created\'');
	assert.deepEqual([row.subject_id, row.actor_id], [used[0].user_id, used[0].user_id]);
	assert.equal((await audits('event = \'setup_link_created\'')).length, 4);
	assert.ok(taken.user_id);
});

test('admin_promote: enabled, without a wait, with a new password and no old session', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], mobile: '+919876511111' });
	for (let i = 0; i < 6; i++) await begin(u, a);
	const [s] = await succeed(u, a);
	const plain = await run1('admin_promote', ['email', u.email.toUpperCase(), null, ...NONE]);
	assert.deepEqual([plain.user_id, plain.is_active], [u.user_id, true]);
	assert.equal((await run1('session_check', [s.session_id, a.app_id])).is_revoked, false);
	await db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.user_id]);
	await db.query('update person_login set failures = 9, wait_until = now() + \'1 hour\' where person_id = $1', [u.user_id]);
	const p = await run1('admin_promote', ['phone', '+919876511111', '$argon2id$rescue', ...NONE]);
	assert.deepEqual([p.user_id, p.is_active], [u.user_id, true]);
	assert.deepEqual(await begin(u, a), { user_id: u.user_id, password_hash: '$argon2id$rescue', is_active: true, mfa_enabled: false, is_assigned: true, retry_after_s: 0 });
	assert.equal((await run1('session_check', [s.session_id, a.app_id])).is_revoked, true);
	assert.deepEqual(await run('admin_promote', ['email', 'nobody@example.org', null, ...NONE]), []);
	assert.equal((await audits('event = \'admin_promoted\' and subject_id = $1', [u.user_id])).length, 2);
});

test('login_begin: a known device is counted for itself', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a, b] });
	await succeed(u, a, { device: 'dev-1' });
	for (let i = 0; i < 5; i++) await begin(u, a);
	assert.equal((await begin(u, a)).retry_after_s, 1);
	assert.equal((await begin(u, a, pool, { device: 'dev-2' })).retry_after_s, 1, 'not known');
	assert.equal((await begin(u, b, pool, { device: 'dev-1' })).retry_after_s, 1, 'not known there');
	const tries = await Promise.all(Array.from({ length: 30 }, () => begin(u, a, pool, { device: 'dev-1' })));
	assert.equal(tries.filter((t) => t.retry_after_s === 0).length, 5);
	const failures = async () => (await db.rows('select failures from person_login where person_id = $1', [u.user_id]))[0].failures;
	assert.equal(await failures(), 5);
	// Braked: only the device, and its own wait counts.
	await db.query("update throttle set wait_until = null where bucket = 'login_device'");
	await db.query('update person_login set failures = 0, wait_until = null where person_id = $1', [u.user_id]);
	assert.equal((await begin(u, a, pool, { isBraked: true })).retry_after_s, 1);
	assert.equal((await begin({ email: 'braked.nobody@example.org' }, a, pool, { isBraked: true, nobody: 'brake' })).retry_after_s, 1);
	assert.equal((await begin(u, a, pool, { device: 'dev-1', isBraked: true })).retry_after_s, 0);
	assert.equal(await failures(), 0);
	assert.equal((await db.rows("select from throttle where subject = 'brake'")).length, 0);
	await succeed(u, a, { device: 'dev-1' });
	assert.equal((await db.rows("select from throttle where bucket = 'login_device' and subject like $1", [`${u.user_id}%`])).length, 0);
});

test('login_begin: the hundredth failure is the last, of each count', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	await succeed(u, a, { device: 'dev-1' });
	await db.query('update person_login set failures = 99, last_failed_at = now() where person_id = $1', [u.user_id]);
	await db.query("insert into throttle (bucket, subject, n) values ('login_device', login_device($1, $2, 'dev-1'), 99), ('login', 'ninet', 99)", [u.user_id, a.app_id]);
	for (const [who, o] of [[u, {}], [u, { device: 'dev-1' }], [{ email: 'ninety@example.org' }, { nobody: 'ninet' }]]) {
		assert.equal((await begin(who, a, pool, o)).retry_after_s, 0);
		assert.equal((await begin(who, a, pool, o)).retry_after_s, 900);
	}
	const t = await run1('password_try', [u.user_id, a.app_id, null, false]);
	assert.equal(t.retry_after_s, 900);
	assert.equal((await run1('password_try', [u.user_id, a.app_id, 'dev-1', false])).retry_after_s, 900);
	await run1('admin_promote', ['email', u.email, null, ...NONE]);
	await db.query('update person set is_admin = true where auth_user_id = $1', [u.user_id]);
	for (const o of [{}, { device: 'dev-1' }]) assert.equal((await begin(u, a, pool, o)).retry_after_s, 0);
});

test('password_try counts as login_begin does', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const try1 = (device = null, braked = false) => run1('password_try', [u.user_id, a.app_id, device, braked]);
	assert.equal((await try1(null, true)).retry_after_s, 1);
	for (let i = 0; i < 4; i++) assert.equal((await try1()).password_hash.startsWith('$argon2id$'), true);
	assert.equal((await begin(u, a)).retry_after_s, 0);
	assert.equal((await try1()).retry_after_s, 1);
	await succeed(u, a, { device: 'dev-1' });
	assert.equal((await try1('dev-1', true)).retry_after_s, 0);
	await db.query("update person set status = 'disabled' where auth_user_id = $1", [u.user_id]);
	assert.deepEqual(await run('password_try', [u.user_id, a.app_id, null, false]), []);
});

const reset = (u, a, o = {}) => run1('reset_request', [o.kind ?? 'email', o.value ?? u.email, a.app_id, o.id ?? randomUUID(), o.token ?? hash(), o.mac ?? hash(), o.ttl ?? 600,
	randomUUID(), Buffer.from('token'), Buffer.from('code'), o.nobody ?? 'abcde', 3, 6, o.dev ?? true, ...ORIGIN]);
const check = (a, o) => run('reset_check', [o.token ?? null, o.id ?? null, o.mac ?? null, a.app_id, ...ORIGIN]);
const use = (id, a, h = '$argon2id$reset') => run('reset_use', [id, h, a.app_id, randomUUID(), Buffer.from('notice'), ...ORIGIN]);

test('reset_request: which way, for whom', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], mobile: '+919876522222' });
	assert.equal((await reset(u, a, { dev: false })).channel, null, 'no provider');
	await db.query("insert into provider (name, type, is_enabled) values ('sms one', 'generic', true), ('mail off', 'smtp', false)");
	assert.equal((await reset(u, a, { dev: false })).channel, 'sms', 'the other way when there is but one');
	await db.query("update provider set is_enabled = true where name = 'mail off'");
	assert.equal((await reset(u, a, { dev: false })).channel, 'email');
	const [row] = await db.rows('select * from password_reset where person_id = $1', [u.user_id]);
	assert.deepEqual([row.channel, row.code_mac, row.attempts], ['email', null, 0]);
	const sent = await db.rows("select channel, destination, convert_from(payload, 'UTF8') as text from outbox where person_id = $1 order by created_at", [u.user_id]);
	assert.deepEqual(sent.map((m) => [m.channel, m.destination, m.text]), [['sms', '+919876522222', 'code'], ['email', u.email, 'token']]);
	await db.query('delete from provider');
	const outcomes = await audits("event = 'password_reset_requested' and subject_id = $1", [u.user_id]);
	assert.deepEqual(outcomes.map((r) => r.outcome), ['delivery_unavailable', 'ok', 'ok']);
});

test('reset_request: many at once leave one reset, and keep to the cap', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const made = await Promise.all(Array.from({ length: 20 }, () => reset(u, a)));
	assert.equal(made.filter((r) => r.channel === 'email').length, 3);
	assert.equal((await db.rows('select from password_reset where person_id = $1', [u.user_id])).length, 1);
	assert.equal((await db.rows('select from outbox where person_id = $1', [u.user_id])).length, 3);
});

test('reset_check and reset_use: right, wrong, used, expired, disabled', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await makeUser({ apps: [a], mobile: '+919876533333', mfa: true });
	const [id, mac] = [randomUUID(), hash()];
	await reset(u, a, { kind: 'phone', value: '+919876533333', id, mac });
	const found = await check(a, { id, mac });
	assert.deepEqual([found[0].reset_id, found[0].user_id, found[0].mfa_enabled], [id, u.user_id, true]);
	assert.deepEqual(await check(b, { id, mac }), [], 'another application');
	assert.deepEqual(await check(a, {}), []);
	for (let i = 0; i < 4; i++) assert.deepEqual(await check(a, { id, mac: hash() }), []);
	assert.equal((await check(a, { id, mac })).length, 1, 'four wrong ones');
	await db.query("update person set status = 'disabled' where auth_user_id = $1", [u.user_id]);
	assert.deepEqual(await check(a, { id, mac }), []);
	assert.deepEqual(await use(id, a), []);
	await db.query("update person set status = 'active' where auth_user_id = $1", [u.user_id]);
	const used = (await Promise.all(Array.from({ length: 8 }, (_, i) => use(id, a, `$argon2id$r${i}`)))).flat();
	assert.equal(used.length, 1);
	assert.deepEqual(await check(a, { id, mac }), []);
	const refused = await audits("event = 'password_reset_refused' and application_id = any($1::uuid[])", [[a.app_id, b.app_id]]);
	assert.deepEqual(refused.map((r) => r.subject_id !== null), [false, false, true, true, true, true, true, false]);
	// The fifth wrong one ends it, expiry too.
	const second = { id: randomUUID(), mac: hash() };
	await reset(u, a, { kind: 'phone', value: '+919876533333', ...second });
	await Promise.all(Array.from({ length: 12 }, () => check(a, { id: second.id, mac: hash() })));
	assert.deepEqual(await check(a, second), []);
	assert.deepEqual(await use(second.id, a), []);
	const third = { token: hash() };
	await reset(u, a, { ...third, ttl: 0 });
	assert.deepEqual(await check(a, third), []);
});

test('password_change and reset_use end what the old password opened', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], hash: '$argon2id$one' });
	const ticket = () => db.query("insert into mfa_ticket (hash, person_id, expires_at) values ($1, $2, now() + '1 hour')", [hash(), u.user_id]);
	const desk = () => db.query("insert into console_session (hash, person_id, expires_at, absolute_expires_at) values ($1, $2, now() + '1 hour', now() + '1 hour')", [hash(), u.user_id]);
	const open = async () => [(await db.rows('select from session where person_id = $1 and revoked_at is null', [u.user_id])).length,
		(await db.rows('select from mfa_ticket where person_id = $1 and used_at is null', [u.user_id])).length,
		(await db.rows('select from console_session where person_id = $1 and revoked_at is null', [u.user_id])).length];
	const [mine] = await succeed(u, a);
	await succeed(u, a, { device: 'dev-1' });
	const change = (checked, sid = mine.session_id) => run('password_change', [u.user_id, sid, a.app_id, '$argon2id$two', checked, randomUUID(), Buffer.from('n'), ...ORIGIN]);
	await ticket();
	await desk();
	assert.deepEqual(await change('$argon2id$other'), [], 'changed meanwhile');
	assert.deepEqual(await change('$argon2id$one', randomId()), [], 'signed out meanwhile');
	assert.deepEqual(await open(), [2, 1, 1]);
	assert.deepEqual(await change('$argon2id$one'), [{ user_id: u.user_id, n: '1' }]);
	assert.deepEqual(await open(), [1, 0, 0]);
	await ticket();
	await desk();
	const id = randomUUID();
	await reset(u, a, { id });
	assert.deepEqual(await use(id, a), [{ user_id: u.user_id, n: '1' }]);
	assert.deepEqual(await open(), [0, 0, 0]);
	assert.deepEqual((await db.rows('select kind, channel, destination from outbox where person_id = $1 order by created_at', [u.user_id])).map((m) => m.kind), ['notice', 'reset', 'notice']);
});

test('throttle_purge: some at a time, what no longer counts', async () => {
	await db.query("insert into throttle (bucket, subject, n, window_start) select 'login', 'purge' || i, 1, now() - interval '40 days' from generate_series(1, 5) i");
	assert.equal((await run1('throttle_purge', [3])).n, '3');
	assert.equal((await run1('throttle_purge', [3])).n, '2');
	assert.equal((await run1('throttle_purge', [3])).n, '0');
});

// As the service makes them: limits look at recent ids only.
const newId = () => {
	const h = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
	return `${h.slice(0, 8)}-${h.slice(8, 12)}-7${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20)}`;
};
// Parameters of a code over |channel| for otp_request and mfa_resend.
const code = (u, a, o = {}) => [o.id ?? newId(), u.user_id, a.app_id, o.channel ?? 'email', o.to ?? u.email, o.mac ?? hash(), o.ttl ?? 300, 5,
	o.resend ?? 30, o.windowMax ?? 3, o.dayMax ?? 6, 20, newId(), Buffer.from('sealed'), ...(o.origin ?? ORIGIN)];
const session = () => [null, null, hash(), 3600, 7200, 86400];

test('otp_options: by contact, by id, by ticket; what can be sent', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], mobile: '+919876522221', mfa: true });
	const none = await makeUser({ email: 'no-phone@example.org' });
	const by = (kind, value, id, ticket) => run('otp_options', [kind, value, id, ticket, a.app_id]);
	const [p] = await by('email', u.email.toUpperCase(), null, null);
	assert.deepEqual(p, { user_id: u.user_id, email: u.email, mobile_number: '+919876522221', is_active: true, is_assigned: true, mfa_enabled: true,
		has_totp: false, has_recovery: false, can_sms: false, can_email: false, email_fallback: true });
	assert.deepEqual(await by('phone', '+919876522221', null, null), [p]);
	assert.deepEqual(await by(null, null, u.user_id, null), [p]);
	assert.deepEqual(await by('email', 'nobody@example.org', null, null), []);
	const [n] = await by(null, null, none.user_id, null);
	assert.deepEqual([n.is_assigned, n.can_sms], [false, false]);
	const ticket = hash();
	assert.deepEqual(await by(null, null, null, ticket), []);
	await run1('mfa_open', [ticket, u.user_id, a.app_id, null, null, 300, true, null, null, null, null, 300, 5, 3, 6, 20, null, null, ...NONE]);
	assert.deepEqual(await by(null, null, null, ticket), [p]);
	await db.query('insert into totp (person_id, secret, confirmed_at) values ($1, $2, now())', [u.user_id, randomBytes(53)]);
	await db.query('insert into recovery_code (person_id, code_mac) values ($1, $2)', [u.user_id, hash()]);
	await db.query('insert into provider (name, type, is_enabled) values (\'q mail\', \'smtp\', true), (\'q sms\', \'generic\', true)');
	await db.query('update setting set value = \'["1", "91"]\' where name = \'sms_countries\'');
	const [q] = await by(null, null, u.user_id, null);
	assert.deepEqual([q.has_totp, q.has_recovery, q.can_sms, q.can_email], [true, true, true, true]);
	await db.query('update setting set value = \'["44"]\' where name = \'sms_countries\'');
	assert.equal((await by(null, null, u.user_id, null))[0].can_sms, false);
	await db.query('update setting set value = null where name = \'sms_countries\'');
	await db.query('delete from provider');
});

test('otp_request, otp_find, otp_verify: one code, one session', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const [id, mac] = [newId(), hash()];
	assert.deepEqual(await run('otp_find', ['email', u.email, a.app_id]), []);
	const all = await Promise.all(Array.from({ length: 20 }, (_, i) => run1('otp_request', code(u, a, i === 0 ? { id, mac } : {}))));
	assert.equal(all.filter((r) => r.outcome === 'sent').length, 1);
	assert.ok(all.filter((r) => r.outcome === 'otp_cooldown').every((r) => r.retry_after_s >= 1 && r.retry_after_s <= 30));
	await db.query('delete from challenge where person_id = $1', [u.user_id]);
	assert.deepEqual(await run1('otp_request', code(u, a, { id, mac })), { outcome: 'sent', retry_after_s: 0 });
	assert.deepEqual(await run('otp_find', ['email', u.email, a.app_id]), [{ challenge_id: id }]);
	const verify = (m, app = a, origin = ORIGIN) => run1('otp_verify', [id, app.app_id, m, 30, ...session(), ...origin, null, null, false]);
	assert.equal((await verify(mac, await makeApp())).outcome, 'otp_invalid');
	const no = await verify(hash());
	assert.deepEqual([no.outcome, no.attempts_left, no.session_id], ['otp_invalid', 4, null]);
	const rs = await Promise.all(Array.from({ length: 50 }, () => verify(mac)));
	const [ok] = rs.filter((r) => r.outcome === 'ok');
	assert.equal(rs.filter((r) => r.session_id !== null).length, 1);
	assert.deepEqual([ok.user_id, ok.device_ip], [u.user_id, '198.51.100.7']);
	const [row] = await audits('event = \'otp_sent\' and detail ->> \'challenge_id\' = $1', [id]);
	assert.deepEqual([row.request_id, row.ip, row.client_ip, row.detail.channel], ['req-1', '203.0.113.9', '198.51.100.7', 'email']);
});

test('otp_request: parallel requests for many people at one address do not pass its limit, nor wait for each other for ever', async () => {
	const a = await makeApp();
	const people = [];
	while (people.length < 30) people.push(await makeUser({ apps: [a] }));
	const origin = ['req-1', '203.0.113.9', null, null, '192.0.2.99', null];
	const rs = await Promise.all(people.map((u) => run1('otp_request', code(u, a, { origin }))));
	assert.equal(rs.filter((r) => r.outcome === 'sent').length, 20);
	assert.equal(rs.filter((r) => r.outcome === 'otp_limit').length, 10);
});

test('mfa_open, mfa_look, mfa_resend, mfa_verify', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], mfa: true });
	const [ticket, id, mac] = [hash(), newId(), hash()];
	const open = (h, hasOther, c) => run1('mfa_open', [h, u.user_id, a.app_id, 'dev-7', 'Desk', 300, hasOther, ...c, 300, 5, 3, 6, 20,
		c[1] === null ? null : newId(), c[1] === null ? null : Buffer.from('sealed'), ...ORIGIN]);
	const bare = await open(hash(), false, [null, null, null, null]);
	assert.deepEqual(bare, { is_open: false, outcome: 'none', retry_after_s: 0, challenge_id: null, channel: null, destination: null, expires_in_s: null });
	await begin(u, a);
	assert.deepEqual(await open(ticket, false, [id, 'email', u.email, mac]),
		{ is_open: true, outcome: 'sent', retry_after_s: 0, challenge_id: id, channel: 'email', destination: u.email, expires_in_s: 300 });
	assert.equal((await db.rows('select failures from person_login where person_id = $1', [u.user_id]))[0].failures, 0);
	assert.equal((await audits('event = \'mfa_required\' and subject_id = $1', [u.user_id])).length, 1);
	assert.deepEqual(await run('mfa_look', [ticket, a.app_id]), [{ user_id: u.user_id, challenge_id: id, totp_secret: null, totp_step: null, device_id: 'dev-7', device_name: 'Desk' }]);
	assert.deepEqual(await run('mfa_look', [ticket, (await makeApp()).app_id]), []);
	assert.equal((await run1('mfa_resend', [...code(u, a), ticket])).outcome, 'otp_cooldown');
	assert.deepEqual(await run('mfa_resend', [...code(u, a), hash()]), []);
	const [again, mac2] = [newId(), hash()];
	assert.equal((await run1('mfa_resend', [...code(u, a, { id: again, mac: mac2, resend: 0 }), ticket])).outcome, 'sent');
	assert.equal((await run1('mfa_look', [ticket, a.app_id])).challenge_id, again);
	const verify = (m) => run1('mfa_verify', [ticket, a.app_id, m, null, null, null, 30, ...session(), ...ORIGIN, null, null, false]);
	const no = await verify(mac);
	assert.deepEqual([no.outcome, no.attempts_left, no.session_id], ['otp_invalid', 4, null]);
	const ok = await verify(mac2);
	assert.deepEqual([ok.outcome, ok.user_id, ok.device_id, ok.device_name], ['ok', u.user_id, 'dev-7', 'Desk']);
	assert.equal((await verify(mac2)).outcome, 'otp_invalid');
	const [row] = await audits('event = \'login_succeeded\' and session_id = $1', [ok.session_id]);
	assert.deepEqual(row.detail, { method: 'password_otp' });
});

test('login_succeed: no session by one factor for who wants two', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], mfa: true });
	assert.deepEqual(await succeed(u, a), []);
});

test('totp_begin, totp_confirm, factor_look, recovery_replace, totp_remove', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], hash: '$argon2id$one' });
	const [[s], [t]] = [await succeed(u, a), await succeed(u, a)];
	const at = [s.session_id, a.app_id];
	const [old, secret] = [randomBytes(53), randomBytes(53)];
	const notice = () => [newId(), 'email', u.email, Buffer.from('sealed')];
	const none = [null, null, null, null];
	assert.deepEqual(await run('totp_begin', [...at, old, ...ORIGIN]), [{ user_id: u.user_id }]);
	assert.deepEqual(await run('totp_begin', [...at, secret, ...ORIGIN]), [{ user_id: u.user_id }]);
	const f = await run1('factor_look', [u.user_id]);
	assert.deepEqual([f.is_confirmed, f.is_stale, f.email, f.recovery_left], [false, false, u.email, 0]);
	assert.deepEqual(f.totp_secret, secret);
	assert.deepEqual(await run('totp_confirm', [...at, old, 5, ...none, ...ORIGIN]), []);
	const first = await Promise.all(Array.from({ length: 10 }, () => run('totp_confirm', [...at, secret, 5, ...notice(), ...ORIGIN])));
	assert.equal(first.flat().length, 1);
	assert.deepEqual(await run('totp_begin', [...at, old, ...ORIGIN]), [], 'one is in force');
	assert.equal((await db.rows('select mfa_enabled from person where auth_user_id = $1', [u.user_id]))[0].mfa_enabled, true);

	const replace = (proof) => run1('recovery_replace', [...at, ...proof, ...notice(), ...ORIGIN, randomBytes(320)]);
	assert.deepEqual(await replace([null, secret, 5, null]), { outcome: 'otp_invalid', attempts_left: 4, retry_after_s: 0, sessions: 0 });
	assert.equal((await replace([null, secret, 6, null])).outcome, 'ok');
	assert.equal((await replace(['$argon2id$other', null, null, null])).outcome, 'otp_invalid');
	assert.equal((await replace(['$argon2id$one', null, null, null])).outcome, 'ok');
	assert.equal((await run1('factor_look', [u.user_id])).recovery_left, 10);

	const remove = (proof) => run1('totp_remove', [...at, ...proof, ...notice(), ...ORIGIN]);
	assert.equal((await remove([null, old, 7, null])).outcome, 'otp_invalid');
	assert.deepEqual(await remove([null, secret, 7, null]), { outcome: 'ok', attempts_left: 0, retry_after_s: 0, sessions: 1 });
	assert.equal((await remove([null, secret, 8, null])).outcome, 'not_found');
	assert.equal((await run1('session_check', [t.session_id, a.app_id])).is_revoked, true);
	assert.equal((await run1('session_check', [s.session_id, a.app_id])).is_revoked, false);
	const events = (await audits('subject_id = $1 and event ~ \'^(totp|recovery)\'', [u.user_id])).map((r) => r.event);
	assert.deepEqual(events, ['totp_begun', 'totp_begun', 'totp_confirmed', 'recovery_codes_made', 'recovery_codes_made', 'totp_removed']);
	assert.equal((await db.rows('select from outbox where person_id = $1 and kind = \'notice\'', [u.user_id])).length, 4);
	await db.query('update session set revoked_at = now(), revoke_reason = \'admin\' where id = $1', [s.session_id]);
	assert.equal((await replace(['$argon2id$one', null, null, null])).outcome, 'not_found');
	assert.deepEqual(await run('totp_begin', [...at, secret, ...ORIGIN]), []);
});

test('every statement ran above, and wrote only events of the vocabulary', async () => {
	assert.deepEqual([...ran].sort(), STEMS);
	const def = fs.readFileSync(path.join(TOP, 'src/core/audit_event.def'), 'utf8');
	const known = new Set([...def.matchAll(/^AUDIT\(\w+,\s*"(\w+)",\s*"(\w+)"\)/gm)].map((m) => `${m[1]}/${m[2]}`));
	for (const r of await db.rows('select distinct event, category from audit'))
		assert.ok(known.has(`${r.event}/${r.category}`), `${r.event}/${r.category}`);
});
