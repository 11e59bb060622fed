// queries_directory - people, applications, their keys: the statements about them.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { db, run, run1, ORIGIN, NONE, hash, makeApp, makeUser, audits, randomId, vocabularyHolds } from './queries_kit.mjs';

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
	assert.equal((await run1('key_touch', ['{Abcdefghij01,unknown00000}', at, '{192.0.2.7,192.0.2.8}', '{3,1}'])).n, '1');
	assert.equal((await run1('key_touch', ['{Abcdefghij01}', new Date(at - 1000), '{192.0.2.7}', '{4}'])).n, '0', 'never backwards');
	assert.deepEqual((await db.rows('select hour, count::int from key_use order by hour')), [{ hour: new Date(at - 3600_000), count: 4 }, { hour: at, count: 3 }]);
	assert.deepEqual((await db.rows('select last_used_at from application_key'))[0].last_used_at, at);
	const [row] = await audits('event = \'api_key_created\'');
	assert.deepEqual([row.key_id, row.application_id, row.detail.label], ['Abcdefghij01', a.app_id, 'blue']);
	assert.equal(JSON.stringify(row).includes(h.toString('hex')), false);
});

test('user_create: the person, the assignments, the audit row, or nothing', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	const u = await run1('user_create', ['Asha Rao', 'Asha@Example.org', '+919876543210', 'E-7', true, '$argon2id$x', `{${a.app_id},${b.app_id},${a.app_id}}`, false, ...ORIGIN]);
	assert.deepEqual([u.name, u.email, u.mobile_number, u.emp_id, u.is_active, u.mfa_enabled], ['Asha Rao', 'Asha@Example.org', '+919876543210', 'E-7', true, true]);
	assert.equal(u.sync_hash, createHash('sha256').update(JSON.stringify({ email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: 'active' })).digest('hex'));
	assert.equal((await db.rows('select from assignment where person_id = $1', [u.user_id])).length, 2);
	const [row] = await audits('subject_id = $1', [u.user_id]);
	assert.equal(row.event, 'user_created');
	assert.deepEqual(await db.rows('select source from person where auth_user_id = $1', [u.user_id]), [{ source: 'cli' }]);
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

test('only events of the vocabulary were written', vocabularyHolds);
