// queries_platform - settings, token keys, the setup link, audit: their statements.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TOP } from './harness.mjs';
import { db, run, run1, ORIGIN, NONE, hash, makeApp, makeUser, succeed, audits, begin, session, vocabularyHolds } from './queries_kit.mjs';

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
	const rotateKey = (drop = false) => run1('token_key_rotate', [`rot-${++n}`.padEnd(16, '0'), randomBytes(65), drop, 4, ...ORIGIN, null]);
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

test('throttle_purge: some at a time, what no longer counts', async () => {
	await db.query("insert into throttle (bucket, subject, n, window_start) select 'login', 'purge' || i, 1, now() - interval '40 days' from generate_series(1, 5) i");
	assert.equal((await run1('throttle_purge', [3])).n, '3');
	assert.equal((await run1('throttle_purge', [3])).n, '2');
	assert.equal((await run1('throttle_purge', [3])).n, '0');
});

test('sign_in_purge: what has ended long ago, of each kind, some at a time; nothing that still counts', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const at = (days) => `uuid_v7_at(now() - interval '${days} days')`;
	const both = async (text) => { for (const days of [40, 1]) await db.query(text(days)); };
	await both((d) => `insert into challenge (id, person_id, purpose, channel, destination, code_mac, expires_at, ended_at)
		values (${at(d)}, '${u.user_id}', 'console', 'email', 'x@example.org', sha256('x'), now() - interval '${d} days', now())`);
	await both((d) => `insert into password_reset (id, person_id, channel, token_hash, expires_at, ended_at)
		values (${at(d)}, '${u.user_id}', 'link', sha256('${d}'), now() - interval '${d} days', now())`);
	await both((d) => `insert into mfa_ticket (hash, person_id, expires_at) values (sha256('${d}'), '${u.user_id}', now() - interval '${d} days')`);
	await both((d) => `insert into session (id, person_id, application_id, method, expires_at, absolute_expires_at)
		values (${at(d)}, '${u.user_id}', '${a.app_id}', 'otp', now() - interval '${d} days', now())`);
	await db.query(`insert into session (id, person_id, application_id, method, expires_at, absolute_expires_at)
		values (${at(50)}, '${u.user_id}', '${a.app_id}', 'otp', now() + interval '1 day', now() + interval '1 day')`);
	const live = `(select id from session where expires_at > now() and person_id = '${u.user_id}')`;
	await db.query(`insert into refresh_token (hash, session_id, generation, expires_at, spent_at, successor_hash)
		select sha256(n::text::bytea), ${live}, n, now() - interval '1 hour' * n * 20, now(), sha256('next') from generate_series(1, 4) n`);
	await both((d) => `insert into outbox (id, kind, channel, destination, state, expires_at, ended_at)
		values (${at(d)}, 'notice', 'email', 'x@example.org', 'sent', now(), now() - interval '${d} days')`);
	await db.query(`insert into outbox (id, kind, channel, destination, expires_at) values (${at(60)}, 'notice', 'email', 'x@example.org', now())`);
	await both((d) => `insert into console_session (hash, person_id, expires_at, absolute_expires_at)
		values (sha256('${d}'), '${u.user_id}', now() - interval '${d} days', now() + interval '1 day')`);
	await run1('key_create', [a.app_id, 'Purgeuses001', Buffer.alloc(32, 7), 'wxyz', null, null, ...ORIGIN]);
	await db.query(`insert into key_use select 'Purgeuses001', date_trunc('hour', now()) - interval '1 hour' * n, 1 from unnest(array[1, 23, 27]) n`);
	assert.equal((await run1('sign_in_purge', [1])).n, '1');
	assert.equal((await run1('sign_in_purge', [2])).n, '2', 'two more refresh tokens');
	assert.equal((await run1('sign_in_purge', [2])).n, '0');
	const counts = await Promise.all(['challenge', 'password_reset', 'mfa_ticket', `session where person_id = '${u.user_id}'`, `refresh_token where session_id = ${live}`,
		"outbox where destination = 'x@example.org'", 'console_session'].map(async (t) => (await db.rows(`select count(*)::int as n from ${t}`))[0].n));
	assert.deepEqual(counts, [1, 1, 1, 2, 1, 2, 1]);
	assert.equal((await db.rows('select count(*)::int as n from key_use'))[0].n, 2, 'uses of a day ago');
});

test('reseal_list, reseal_put: what is under another key, by pages; changed ones are left alone', async () => {
	const head = Buffer.from('0155555555', 'hex');
	const sealed = (first) => Buffer.concat([Buffer.from(first, 'hex'), randomBytes(60)]);
	const ids = [];
	for (let i = 0; i < 3; i++) {
		const u = await makeUser();
		ids.push(u.user_id ?? u);
		await db.query('insert into totp (person_id, secret) values ($1, $2)', [ids[i], sealed('0111111111')]);
	}
	ids.sort();
	const list = (after, n = 2) => run('reseal_list', ['totp/secret', head, after, n]);
	const one = await list(null);
	assert.deepEqual(one.map((r) => r.id), ids.slice(0, 2));
	assert.deepEqual((await list(ids[1])).map((r) => r.id), ids.slice(2));
	for (const place of ['outbox/payload', 'provider/secrets', 'token_key/secret', 'webhook/secret']) await run('reseal_list', [place, head, null, 5]);
	const now = sealed('0155555555');
	const rows = [{ id: ids[0], was: one[0].sealed.toString('hex'), now: now.toString('hex') }, { id: ids[1], was: '00', now: now.toString('hex') }];
	assert.equal((await run1('reseal_put', ['totp/secret', JSON.stringify(rows), ...ORIGIN])).n, '1');
	assert.deepEqual((await list(null, 9)).map((r) => r.id), ids.slice(1));
	const [a] = await audits('event = \'secrets_resealed\'');
	assert.deepEqual([a.category, a.detail], ['admin', { place: 'totp/secret', n: 1 }]);
	assert.equal((await run1('reseal_put', ['token_key/secret', JSON.stringify([{ id: 'no such kid', was: '00', now: '00' }]), ...ORIGIN])).n, '0');
	assert.equal((await audits('event = \'secrets_resealed\'')).length, 1);
});

test('only events of the vocabulary were written', vocabularyHolds);
