// queries_console - the statements of the console: sessions and sign-in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audits, db, hash, makeUser, newId, nextNumber, randomId, run, run1, NONE, ORIGIN, vocabularyHolds } from './queries_kit.mjs';

const admin = (o = {}) => makeUser({ isAdmin: true, ...o });
const open = async (u, o = {}) => {
	const h = hash();
	const r = await run1('console_open', [u.user_id, h, 'password', o.checked ?? null, o.newHash ?? null, ...ORIGIN]);
	return { hash: h, id: r.session_id };
};
const check = (s) => run('console_session_check', [s.hash]);
const begin = (value, nobody) => run1('console_begin', ['email', value, nobody ?? value.slice(0, 5)]);

test('console_begin: an administrator, and everybody else alike', async () => {
	const u = await admin();
	const r = await begin(u.email);
	assert.deepEqual([r.user_id, r.needs_factor, r.retry_after_s], [u.user_id, false, 0]);
	assert.match(r.password_hash, /^\$argon2id/);
	const plain = await makeUser();
	const off = await admin();
	await db.query(`update person set status = 'disabled' where auth_user_id = $1`, [off.user_id]);
	for (const [i, email] of [plain.email, off.email, 'nobody@example.org'].entries()) {
		const n = await begin(email, `n${i}`);
		assert.deepEqual(n, { user_id: null, password_hash: null, needs_factor: null, retry_after_s: 0 });
	}
	assert.equal((await db.rows('select 1 from person_login where person_id = $1', [plain.user_id])).length, 0);
	for (let i = 1; i < 5; i++) await begin(u.email), await begin('nobody@example.org', 'n2');
	assert.ok((await begin(u.email)).retry_after_s > 0);
	assert.ok((await begin('nobody@example.org', 'n2')).retry_after_s > 0);
	await db.query(`update setting set value = 'true' where name = 'mfa_admin_required'`);
	assert.equal((await begin((await admin()).email)).needs_factor, true);
	await db.query(`update setting set value = null where name = 'mfa_admin_required'`);
});

test('console_open, console_session_check: as long as the person may', async () => {
	const u = await admin();
	await begin(u.email);
	const s = await open(u);
	assert.deepEqual(await check(s), [{ session_id: s.id, person_id: u.user_id, name: u.name, step_up_at: null }]);
	assert.equal((await db.rows('select failures from person_login where person_id = $1', [u.user_id]))[0].failures, 0);
	const [row] = await audits(`event = 'login_succeeded' and session_id = $1`, [s.id]);
	assert.deepEqual([row.actor_id, row.detail, row.client_ip], [u.user_id, { method: 'password', console: true }, '198.51.100.7']);
	assert.equal((await open(u, { checked: 'another' })).id, null);
	assert.ok((await open(u, { newHash: '$argon2id$new' })).id);
	assert.equal((await audits(`event = 'password_rehashed' and subject_id = $1`, [u.user_id])).length, 1);
	assert.equal((await open(await makeUser())).id, null);
	assert.deepEqual(await check({ hash: hash() }), []);
	for (const change of [`status = 'disabled'`, 'is_admin = false', 'deleted_at = now()']) {
		const v = await admin();
		const t = await open(v);
		assert.equal((await check(t)).length, 1);
		await db.query(`update person set ${change} where auth_user_id = $1`, [v.user_id]);
		assert.deepEqual(await check(t), [], change);
	}
});

test('use prolongs a session, once a minute, never past its end', async () => {
	const s = await open(await admin());
	const times = async () => (await db.rows('select last_seen_at, expires_at, absolute_expires_at from console_session where id = $1', [s.id]))[0];
	const first = await times();
	await check(s);
	assert.deepEqual(await times(), first);
	await db.query(`update console_session set last_seen_at = now() - interval '2 minutes' where id = $1`, [s.id]);
	await Promise.all([check(s), check(s), check(s)]);
	assert.ok((await times()).expires_at > first.expires_at);
	await db.query(`update console_session set last_seen_at = now() - interval '2 minutes', absolute_expires_at = now() + interval '1 minute', expires_at = now() + interval '1 minute' where id = $1`, [s.id]);
	await check(s);
	const last = await times();
	assert.deepEqual(last.expires_at, last.absolute_expires_at);
	await db.query(`update console_session set expires_at = now() - interval '1 second' where id = $1`, [s.id]);
	assert.deepEqual(await check(s), []);
});

test('console_session_show, console_session_list, console_session_end', async () => {
	const u = await admin();
	const s = await open(u);
	const other = await open(u);
	const shown = JSON.parse((await run1('console_session_show', [s.id, 'token', '1.0', 'https://auth.example.org', true])).body);
	assert.deepEqual([shown.person.auth_user_id, shown.csrf_token, shown.idle_s, shown.step_up_until, shown.environment],
		[u.user_id, 'token', 1800, null, { dev_otp: true, public_url: 'https://auth.example.org' }]);
	const list = JSON.parse((await run1('console_session_list', [u.user_id, other.id])).body).data;
	assert.deepEqual(list.map((x) => [x.id, x.is_current]), [[other.id, true], [s.id, false]]);
	assert.deepEqual([list[0].ip, list[0].user_agent], ['203.0.113.9', 'Agent/1']);
	const end = (person, id) => run1('console_session_end', [person.user_id, id, other.id, ...ORIGIN]);
	assert.equal((await end(await admin(), s.id)).outcome, 'session_not_found');
	assert.equal((await end(u, s.id)).outcome, 'done');
	assert.equal((await end(u, s.id)).outcome, 'session_not_found');
	assert.equal((await end(u, other.id)).outcome, 'done');
	assert.deepEqual(await check(s), []);
	assert.deepEqual((await audits(`actor_id = $1 and event in ('logout', 'session_ended')`, [u.user_id])).map((a) => a.event), ['session_ended', 'logout']);
});

const ticket = async (u, o = {}) => {
	const h = hash();
	await db.query(`insert into mfa_ticket (hash, person_id, application_id, challenge_id, expires_at) values ($1, $2, $3, $4, now() + interval '5 minutes')`,
		[h, u.user_id, o.app ?? null, o.challenge ?? null]);
	return h;
};
const verify = (h, o = {}) => run1('console_factor_verify', [h, o.mac ?? null, o.secret ?? null, o.step ?? null, o.recovery ?? null, o.cookie ?? hash(), ...ORIGIN]);

test('console_factor_look, console_factor_verify', async () => {
	const u = await admin({ mfa: true, mobile: `+9198${String(nextNumber()).padStart(8, '0')}` });
	const h = await ticket(u);
	assert.deepEqual(await run('console_factor_look', [hash()]), []);
	assert.deepEqual(await run('console_factor_look', [h]), [{ user_id: u.user_id, challenge_id: null, totp_secret: null, totp_step: null, device_id: null, device_name: null }]);
	const recovery = hash();
	await db.query('insert into recovery_code (person_id, code_mac) values ($1, $2)', [u.user_id, recovery]);
	assert.deepEqual(await verify(hash(), { recovery }), { outcome: 'otp_invalid', retry_after_s: 0, session_id: null });
	assert.equal((await verify(h, { recovery: hash() })).outcome, 'otp_invalid');
	const cookie = hash();
	const good = await verify(h, { recovery, cookie });
	assert.equal(good.outcome, 'ok');
	assert.equal((await check({ hash: cookie }))[0].session_id, good.session_id);
	assert.equal((await audits('session_id = $1', [good.session_id]))[0].detail.method, 'password_recovery');
	assert.equal((await verify(h, { recovery })).outcome, 'otp_invalid');	// used up
	const five = await ticket(u);
	for (let i = 0; i < 5; i++) assert.equal((await verify(five, { mac: hash() })).outcome, 'otp_invalid');
	await db.query('insert into recovery_code (person_id, code_mac) values ($1, $2)', [u.user_id, cookie]);
	assert.equal((await verify(five, { recovery: cookie })).outcome, 'otp_invalid');
});

const sendCode = async (u, purpose, mac, o = {}) => {
	const id = newId();
	const r = await run1('console_code', [id, u.user_id, null, 'email', u.email, mac, 300, 5, 0, 100, 100, 20, newId(), Buffer.from('sealed'), ...ORIGIN, purpose]);
	return o.all ? r : id;
};

test('console_find, console_code, console_code_verify: a code as the first factor', async () => {
	const u = await admin();
	assert.deepEqual(await run('console_find', ['email', u.email]), [{ user_id: u.user_id }]);
	assert.deepEqual(await run('console_find', ['email', (await makeUser()).email]), []);
	const cookie = hash();
	const mac = hash();
	const id = await sendCode(u, 'console', mac);
	const attempt = (challenge, m, o = {}) => run1('console_code_verify', [challenge, m, o.cookie ?? hash(), o.ticket ?? hash(), 300, ...ORIGIN]);
	for (const [challenge, m] of [[id, hash()], [newId(), mac], [await sendCode(u, 'step_up', mac), mac]])
		assert.deepEqual(await attempt(challenge, m), { outcome: 'otp_invalid', session_id: null, has_totp: false });
	const ok = await attempt(id, mac, { cookie });
	assert.deepEqual([ok.outcome, (await check({ hash: cookie }))[0].session_id], ['ok', ok.session_id]);
	assert.equal((await attempt(id, mac)).outcome, 'otp_invalid');
	assert.equal((await audits(`event = 'otp_failed' and detail @> '{"console": true}'`)).length, 4);
	// Five wrong ones, and the right one is of no use.
	const five = await sendCode(u, 'console', mac);
	for (let i = 0; i < 5; i++) await attempt(five, hash());
	assert.equal((await attempt(five, mac)).outcome, 'otp_invalid');
	const v = await admin({ mfa: true });
	assert.equal((await attempt(await sendCode(v, 'console', mac), mac)).outcome, 'password_required');
	await db.query('insert into recovery_code (person_id, code_mac) values ($1, $2)', [v.user_id, mac]);
	const h = hash();
	assert.deepEqual(await attempt(await sendCode(v, 'console', mac), mac, { ticket: h }), { outcome: 'second_factor', session_id: null, has_totp: false });
	const done = await verify(h, { recovery: mac });
	assert.equal((await audits('session_id = $1', [done.session_id]))[0].detail.method, 'otp_recovery');
});

test('console_step_look, console_step_up: each proof once', async () => {
	const u = await admin();
	const s = await open(u);
	const look = (isPassword) => run1('console_step_look', [u.user_id, isPassword]);
	const up = (o = {}) => run1('console_step_up', [s.id, o.hash ?? hash(), o.checked ?? null, o.challenge ?? null, o.mac ?? null, null, null, o.recovery ?? null, ...ORIGIN]);
	const seen = await look(true);
	assert.deepEqual([seen.totp_secret, seen.retry_after_s], [null, 0]);
	assert.equal((await up({ checked: 'another' })).outcome, 'otp_invalid');
	const next = hash();
	const good = await up({ checked: seen.password_hash, hash: next });
	assert.equal(good.outcome, 'ok');
	assert.match(good.step_up_until, /Z$/);
	assert.equal((await db.rows('select failures from person_login where person_id = $1', [u.user_id]))[0].failures, 0);
	assert.equal((await check({ hash: next }))[0].session_id, s.id);
	assert.equal((await check(s))[0].step_up_at, null);	// for a moment, without it
	const mac = hash();
	const id = await sendCode(u, 'step_up', mac);
	const all = await Promise.all([1, 2, 3].map(() => up({ challenge: id, mac })));
	assert.deepEqual(all.map((r) => r.outcome).sort(), ['ok', 'otp_invalid', 'otp_invalid']);
	assert.equal((await up({ challenge: await sendCode(await admin(), 'step_up', mac), mac })).outcome, 'otp_invalid');
	const recovery = hash();
	await db.query('insert into recovery_code (person_id, code_mac) values ($1, $2)', [u.user_id, recovery]);
	assert.equal((await up({ recovery })).outcome, 'ok');
	assert.equal((await up({ recovery })).outcome, 'otp_invalid');
	for (let i = 0; i < 5; i++) assert.equal((await look(true)).retry_after_s, 0);
	assert.ok((await look(true)).retry_after_s > 0);
	assert.equal((await look(false)).retry_after_s, 0);
	assert.deepEqual((await audits(`event = 'console_step_up' and session_id = $1`, [s.id])).map((a) => a.detail.method), ['password', 'otp', 'recovery']);
});

test('totp_begin, totp_confirm of a console session; console_factors, console_totp_remove, console_recovery_replace', async () => {
	const u = await admin();
	const s = await open(u);
	const other = await open(u);
	const factors = async () => JSON.parse((await run1('console_factors', [u.user_id])).body);
	const remove = (isDev = true, session = s) => run1('console_totp_remove', [session.id, isDev, newId(), 'email', u.email, Buffer.from('sealed'), ...ORIGIN]);
	assert.deepEqual(await factors(), { mfa_enabled: false, is_required: false, totp: null, recovery_left: 0 });
	assert.equal((await remove()).outcome, 'totp_not_enrolled');
	const secret = Buffer.alloc(48, 7);
	assert.deepEqual(await run('totp_begin', [s.id, newId(), secret, ...ORIGIN]), []);	// an application's it is not
	assert.equal((await run1('totp_begin', [s.id, null, secret, ...ORIGIN])).user_id, u.user_id);
	assert.equal((await remove()).outcome, 'totp_not_enrolled');
	const confirm = (what) => run('totp_confirm', [s.id, null, what, 9, newId(), 'email', u.email, Buffer.from('sealed'), ...ORIGIN]);
	assert.deepEqual(await confirm(Buffer.alloc(48, 8)), []);
	assert.equal((await confirm(secret)).length, 1);
	const on = await factors();
	assert.equal(on.mfa_enabled, true);
	assert.match(on.totp.confirmed_at, /Z$/);
	const macs = Buffer.concat(Array.from({ length: 10 }, hash));
	const replace = (session) => run1('console_recovery_replace', [session.id, macs, newId(), null, null, null, ...ORIGIN]);
	assert.equal(JSON.parse((await replace(s)).body).recovery_left, 10);
	assert.equal((await remove(false)).outcome, 'last_factor', 'no provider could send a code');
	const gone = await remove();
	assert.equal(gone.outcome, 'ok');
	assert.equal(JSON.parse(gone.body).totp, null);
	assert.deepEqual(await check(other), [], 'other sessions have ended');
	assert.equal((await check(s)).length, 1);
	assert.equal((await remove(true, other)).outcome, 'console_session_required');
	assert.equal((await replace(other)).outcome, 'console_session_required');
	const told = await audits(`session_id = $1 and event in ('totp_begun', 'totp_confirmed', 'recovery_codes_made', 'totp_removed')`, [s.id]);
	assert.deepEqual(told.map((a) => a.event).sort(), ['recovery_codes_made', 'totp_begun', 'totp_confirmed', 'totp_removed']);
	assert.deepEqual(told.find((a) => a.event === 'totp_removed').detail, { by: 'step_up', console: true, sessions: 1 });
	assert.equal((await db.rows(`select 1 from outbox where kind = 'notice' and person_id = $1`, [u.user_id])).length, 2);
});

const doc = (r) => ({ outcome: r.outcome, version: r.version, ...JSON.parse(r.body ?? 'null') });

test('console_app_*: one application from its making to its end', async () => {
	const u = await admin();
	const by = [u.user_id, ...ORIGIN];
	const name = `Console ${nextNumber()}`;
	const a = doc(await run1('console_app_create', [{ name }, JSON.stringify([{ block: '10.0.0.0/8', label: 'x' }]), ...by]));
	assert.deepEqual([a.outcome, a.version, a.name, a.allowed_ips], ['created', 1, name, [{ block: '10.0.0.0/8', label: 'x' }]]);
	assert.equal((await run1('console_app_create', [{ name: name.toUpperCase() }, '[]', ...by])).outcome, 'conflict');
	assert.equal((await run1('console_app_create', [{}, '[]', ...by])).outcome, 'invalid');
	assert.equal(doc(await run1('console_app_show', [a.id])).name, name);
	assert.equal((await run1('console_app_show', [randomId()])).outcome, null);
	assert.deepEqual(doc(await run1('console_app_list', [name, 50, null, true])).page, { next_cursor: null, has_more: false, count: 1, count_capped: false });
	assert.equal((await run1('console_app_list', [null, 50, 'zz', false])).outcome, 'invalid');
	assert.equal((await run1('console_app_patch', [a.id, 9, { name: 'x' }, ...by])).outcome, 'precondition_failed');
	assert.equal(doc(await run1('console_app_patch', [a.id, 1, { rate_per_minute: 5 }, ...by])).rate_per_minute, 5);
	assert.equal(doc(await run1('console_app_allow', [a.id, 2, '[{"block":"::1"}]', ...by])).allowed_ips[0].block, '::1');
	assert.deepEqual(doc(await run1('console_app_test', [a.id, '::1'])), { outcome: 'ok', version: null, allowed: true, block: '::1' });
	await db.query(`insert into audit (event, category, application_id, ip, count) select 'ip_not_allowed', 'denied', $1, '192.0.2.9', 7`, [a.id]);
	await db.query(`insert into audit (event, category, application_id, ip, at) select 'ip_not_allowed', 'denied', $1, '192.0.2.10', now() - interval '2 days'`, [a.id]);
	assert.equal(doc(await run1('console_app_suggest', [a.id, '192.0.2.1'])).denied.find((d) => d.address === '192.0.2.9').count, 7);
	const made = doc(await run1('console_key_create', [a.id, { label: 'one' }, 'Console00001', hash(), 'abcd', null, ...by]));
	assert.deepEqual([made.outcome, made.prefix, made.last4, made.created_by.id], ['created', 'isk_Cons…', 'abcd', u.user_id]);
	assert.equal((await run1('console_key_create', [a.id, {}, 'Console00002', hash(), 'abcd', 'Unknown00000', ...by])).outcome, 'not_found');
	assert.equal((await run1('console_key_create', [a.id, { old_expires_in_s: 60 }, 'Console00002', hash(), 'abcd', 'Console00001', ...by])).outcome, 'created');
	assert.deepEqual(doc(await run1('console_key_list', [a.id])).data.map((k) => [k.id, k.expires_at === null]), [['Console00002', true], ['Console00001', false]]);
	assert.equal(doc(await run1('console_key_patch', [a.id, 'Console00001', { is_enabled: false }, ...by])).is_enabled, false);
	assert.equal((await run1('console_key_delete', [a.id, 'Console00001', ...by])).outcome, 'done');
	assert.equal((await run1('console_app_delete', [a.id, 2, ...by])).outcome, 'precondition_failed');
	assert.equal((await run1('console_app_delete', [a.id, 3, ...by])).outcome, 'done');
	assert.equal((await audits('application_id = $1 and category = \'admin\'', [a.id])).length, 8);
});

test('console_audit_since finds the first row of a time', async () => {
	for (const t of ['-infinity', 'infinity', '2020-01-01']) {
		const [r] = await db.rows(`select console_audit_since($1) as id, (select min(id) from audit where at >= $1) as want`, [t]);
		assert.ok(r.want === null ? r.id > 0 : BigInt(r.id) <= BigInt(r.want), t);
	}
});

test('console_setting_*, console_branding_*, console_logo_*, logo_show, console_token_keys', async () => {
	const by = [(await admin()).user_id, ...ORIGIN];
	assert.ok(doc(await run1('console_setting_list', [])).data.length > 20);
	assert.equal((await run1('console_setting_patch', [{ otp_length: 3 }, true, ...by])).outcome, 'invalid');
	assert.equal((await run1('console_setting_patch', [{ otp_length: 7 }, false, ...by])).outcome, 'step_up_required');
	assert.equal(doc(await run1('console_setting_patch', [{ otp_length: 7 }, true, ...by])).data.find((s) => s.name === 'otp_length').value, 7);
	assert.equal((await run1('console_setting_patch', [{ otp_length: null }, true, ...by])).outcome, 'ok');
	assert.equal((await run1('console_setting_patch', [{}, false, ...by])).outcome, 'ok');
	assert.deepEqual(doc(await run1('console_branding_patch', [{ name: '', other: 1 }, ...by]))[0].field, 'name');
	assert.equal(doc(await run1('console_branding_patch', [{ name: 'Acme' }, ...by])).name, 'Acme');
	assert.deepEqual(await run('logo_show', []), []);
	const put = doc(await run1('console_logo_put', ['image/png', Buffer.from('picture'), ...by]));
	const [seen] = await run('logo_show', []);
	assert.deepEqual([put.logo_url, seen.type, String(seen.data)], [`/setup/logo?v=${seen.hash}`, 'image/png', 'picture']);
	assert.equal(doc(await run1('console_branding_show', [])).logo_url, put.logo_url);
	assert.equal((await run1('console_logo_delete', by)).outcome, 'done');
	assert.equal((await run1('console_logo_delete', by)).outcome, 'done');
	assert.equal((await audits(`event = 'branding_changed'`)).length, 2);
	assert.equal((await audits(`event = 'settings_changed'`)).length, 3);
	assert.deepEqual(doc(await run1('console_token_keys', [])).data, []);
});

test('recovery_link_create, recovery_link_peek, recovery_link_use', async () => {
	const u = await admin();
	const make = (email, h) => run('recovery_link_create', ['email', email, h, 900, ...NONE]);
	assert.deepEqual(await make((await makeUser()).email, hash()), []);
	const [first, second, cookie] = [hash(), hash(), hash()];
	assert.equal((await make(u.email, first))[0].name, u.name);
	assert.equal((await make(u.email, second)).length, 1);
	assert.deepEqual(await run('recovery_link_peek', [first]), []);
	assert.equal((await run('recovery_link_peek', [second]))[0].email, u.email);
	const use = (h) => run1('recovery_link_use', [h, '$argon2id$x', cookie, ...ORIGIN]);
	assert.equal((await use(first)).session_id, null);
	const r = await use(second);
	assert.equal((await check({ hash: cookie }))[0].session_id, r.session_id);
	assert.equal((await use(second)).session_id, null);
});

test('contrast as WCAG counts it', async () => {
	const [r] = await db.rows(`select round(console_contrast('#ffffff')::numeric, 2)::text as white, round(console_contrast('#000000')::numeric, 2)::text as black, round(console_contrast('#777777')::numeric, 2)::text as grey`);
	assert.deepEqual(r, { white: '1.00', black: '21.00', grey: '4.48' });
});

test('what was written is of the vocabulary', vocabularyHolds);
