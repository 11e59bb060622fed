// queries_session - sessions and refresh tokens: the statements about them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from './harness.mjs';
import {
	db, pool, run, run1, hash, makeApp, makeUser, succeed, audits, randomId, begin, rotate, session, vocabularyHolds, ORIGIN,
} from './queries_kit.mjs';

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

test('only events of the vocabulary were written', vocabularyHolds);
