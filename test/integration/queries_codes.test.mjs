// queries_codes - codes and second factors: their statements.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
	db, run, run1, ORIGIN, hash, makeApp, makeUser, succeed, audits, begin, newId, code, session, vocabularyHolds, NONE,
} from './queries_kit.mjs';

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

test('only events of the vocabulary were written', vocabularyHolds);
