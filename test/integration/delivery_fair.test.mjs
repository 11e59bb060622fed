// A provider that answers nobody takes half of a worker's places, and the
// messages of the others go out beside it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, makeCast, makeUser, startService, waitUntil } from './harness.mjs';
import { EGRESS, applyProvider, genericDoc, outboxEnds, smtpDoc, startHttp, startSmtp } from './delivery_kit.mjs';

const N = 80;		// more than a worker has places
const HALF = 32;
const svc = await startService({
	env: { ...EGRESS, IDENTITY_WORKERS: '1', IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { sms_app_hour_max: 100_000, sms_breaker: false, otp_ttl_s: 600, email_fallback: false },
});
const { app, key } = await makeCast(svc);
const person = (i) => makeUser(svc, { apps: [app], mobile: `+9195${String(10_000_000 + i * 10_007)}`, password: null });
const ask = (u, channel) => svc.post('/auth/otp/request', { identifier: u.mobile_number, channel }, { key });

test('one provider hangs: the other delivers at once; afterwards all is delivered', async () => {
	const held = [];
	let isHolding = true;
	let most = 0;
	const sms = await startHttp({
		answer: (r, res) => {
			if (!isHolding) return [200, { ok: true }];
			held.push(res);
			most = Math.max(most, held.length);
			return undefined;
		},
	});
	const mail = await startSmtp();
	await applyProvider(svc, genericDoc(sms, { timeout_s: 60 }));
	await applyProvider(svc, smtpDoc(mail));
	const people = await Promise.all(Array.from({ length: N }, (_, i) => person(i)));
	for (const u of people) assert.equal((await ask(u, 'sms')).status, 200);
	await waitUntil(() => held.length === HALF, { timeoutMs: 20_000 * SLOW, what: 'half of the places are taken' });

	// All that wait have been looked at once, and went back.
	await waitUntil(async () => (await svc.db.rows(`select 1 from outbox where state = 'queued' and last_error like '%busy%'`)).length === N - HALF,
		{ timeoutMs: 20_000 * SLOW, what: 'the rest is in the outbox' });
	const began = performance.now();
	const r = await ask(await person(N), 'email');
	assert.equal(r.status, 200, r.text);
	const row = await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id, undefined, 20_000 * SLOW);
	assert.equal(row.state, 'sent', row.last_error);
	assert.ok(performance.now() - began < 30_000, 'long before the hanging ones are given up');
	assert.equal(mail.mails.length, 1);
	assert.equal(most, HALF, 'no more than half');

	isHolding = false;
	for (const res of held) { res.writeHead(200, { 'content-type': 'application/json' }); res.end('{"ok":true}'); }
	await waitUntil(async () => (await svc.db.rows(`select 1 from outbox where state <> 'sent'`)).length === 0, { timeoutMs: 30_000 * SLOW, what: 'all are sent' });
	const [o] = await svc.db.rows(`select max(attempts) as attempts, count(*)::int as n from outbox`);
	assert.deepEqual(o, { attempts: 1, n: N + 1 }, 'who had no room was not tried');
	assert.equal(sms.requests.length, N, 'each once');
});
