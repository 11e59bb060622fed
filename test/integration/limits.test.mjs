// What the RateLimit fields say of the limits that are no budget of requests
// (api.md s.1: rate-limited routes carry RateLimit and RateLimit-Policy).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApp, makeCast, makeKey, makeUser, startService, waitUntil } from './harness.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const { app, key, user } = await makeCast(svc);
const policies = (r) => r.headers['ratelimit-policy']?.split(', ') ?? [];

test('codes: each policy with its numbers, and what is left of the tightest', async () => {
	const body = { identifier: user.email };
	const r = await svc.post('/auth/otp/request', body, { key });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(policies(r), ['"otp-resend";q=1;w=30', '"otp-address";q=20;w=900', '"otp-window";q=3;w=900', '"otp-day";q=6;w=86400']);
	assert.equal(r.headers.ratelimit, '"otp-resend";r=0;t=30');
	const soon = await svc.post('/auth/otp/request', body, { key });
	assert.equal(soon.body.code, 'otp_cooldown');
	assert.equal(soon.headers.ratelimit, `"otp-resend";r=0;t=${soon.headers['retry-after']}`);
});

test('tries of a code count down, and the end says when to ask for another', async () => {
	const other = await makeUser(svc, { apps: [app] });
	const { body: { challenge_id, dev_code } } = await svc.post('/auth/otp/request', { identifier: other.email }, { key });
	const code = dev_code === '000000' ? '111111' : '000000';
	for (let left = 4; left >= 0; left--) {
		const r = await svc.post('/auth/otp/verify', { challenge_id, code }, { key });
		assert.equal(r.body.attempts_left, left);
		assert.equal(r.headers.ratelimit, `"otp-attempts";r=${left}`);
		assert.ok(policies(r).includes('"otp-attempts";q=5;w=300'), r.headers['ratelimit-policy']);
	}
	const r = await svc.post('/auth/otp/verify', { challenge_id, code: dev_code }, { key });
	assert.equal(r.body.code, 'otp_locked');
	assert.equal(r.headers.ratelimit, `"otp-attempts";r=0;t=${r.headers['retry-after']}`);
});

test('the caps: three in 15 minutes, then the window says when', async () => {
	const other = await makeUser(svc, { apps: [app] });
	for (let i = 0; i < 3; i++) {
		assert.equal((await svc.post('/auth/otp/request', { identifier: other.email }, { key })).status, 200);
		await svc.db.query(`update challenge set created_at = created_at - interval '31 seconds' where person_id = '${other.auth_user_id}'`);
	}
	const r = await svc.post('/auth/otp/request', { identifier: other.email }, { key });
	assert.equal(r.body.code, 'otp_limit');
	assert.equal(r.headers.ratelimit, `"otp-window";r=0;t=${r.headers['retry-after']}`);
});

test('passwords: the policies before and after, the same for somebody and nobody', async () => {
	const seen = [];
	for (const identifier of [(await makeUser(svc, { apps: [app] })).email, 'nobody.at.all@example.org']) {
		const rs = [];
		for (let i = 0; i < 6; i++) rs.push(await svc.post('/auth/login', { identifier, password: 'wrong' }, { key }));
		assert.ok(policies(rs[0]).includes('"sign-in";q=5'), rs[0].headers['ratelimit-policy']);
		assert.ok(policies(rs[0]).includes('"address";q=20;w=300'));
		assert.equal(rs[0].headers.ratelimit, undefined);
		const last = rs.at(-1);
		assert.equal(last.body.code, 'too_many_attempts');
		assert.equal(last.headers.ratelimit, `"sign-in";r=0;t=${last.headers['retry-after']}`);
		seen.push(rs.map((r) => [r.status, r.headers['ratelimit-policy']]));
	}
	assert.deepEqual(seen[0], seen[1]);
});

test('a reset tells its caps alone, whoever it is for', async () => {
	const heads = [];
	for (const identifier of [user.email, 'nobody.at.all@example.org']) {
		const r = await svc.post('/auth/password/request-reset', { identifier }, { key });
		assert.equal(r.status, 202);
		heads.push([r.headers['ratelimit-policy'], r.headers.ratelimit]);
	}
	assert.deepEqual(heads[0], heads[1]);
	assert.deepEqual(heads[0], ['"reset-window";q=3;w=900, "reset-day";q=6;w=86400', undefined]);
});

test('the settings decide; a budget stands beside them; what has no limit says nothing', async () => {
	const budgeted = await makeApp(svc, {});
	const { key: k } = await makeKey(svc, budgeted);
	await svc.db.query('update application set rate_per_minute = 1000 where id = $1', [budgeted.id]);
	await svc.db.query("update setting set value = '7' where name = 'otp_window_max'");
	const r = await waitUntil(async () => {
		const a = await svc.post('/auth/otp/request', { identifier: 'nobody.at.all@example.org' }, { key: k });
		return policies(a).includes('"otp-window";q=7;w=900') && policies(a).includes('"application";q=1000;w=60') && a;
	}, { what: 'both are told' });
	assert.match(r.headers.ratelimit, /^"application";r=\d+;t=\d+$/);
	const plain = await svc.post('/auth/register', { identifier: user.email }, { key });
	assert.equal(plain.headers['ratelimit-policy'], undefined);
});
