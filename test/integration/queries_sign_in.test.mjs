// queries_sign_in - sign-in by password: the statements behind it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from './harness.mjs';
import {
	db, pool, run, run1, hash, makeApp, makeUser, succeed, audits, randomId, begin, session, vocabularyHolds, NONE, ORIGIN,
} from './queries_kit.mjs';

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

test('login_succeed: no session by one factor for who wants two', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a], mfa: true });
	assert.deepEqual(await succeed(u, a), []);
});

test('only events of the vocabulary were written', vocabularyHolds);
