// queries_password - forgotten and changed passwords: their statements.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { db, run, run1, hash, makeApp, makeUser, succeed, audits, randomId, code, session, vocabularyHolds, ORIGIN } from './queries_kit.mjs';

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

test('only events of the vocabulary were written', vocabularyHolds);
