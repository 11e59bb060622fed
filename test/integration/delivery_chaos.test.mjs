// Chaos: the service and its provider are killed at random while codes are
// asked for.  In the end every message was delivered, or ended with its
// reason; none is lost.  DELIVERY_CHAOS_S: how long (default 25 s).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, makeCast, makeUser, startService, waitUntil } from './harness.mjs';
import { EGRESS, applyProvider, genericDoc, smtpDoc, startHttp, startSmtp } from './delivery_kit.mjs';

const SECONDS = Number(process.env.DELIVERY_CHAOS_S ?? 25);
const svc = await startService({
	env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { sms_breaker: false, sms_hour_max: 1_000_000, sms_day_max: 1_000_000, sms_app_hour_max: 1_000_000, sms_app_day_max: 1_000_000,
		sms_country_hour_max: 1_000_000, sms_country_day_max: 1_000_000, sms_person_day_max: 10_000, sms_destination_day_max: 10_000, otp_ttl_s: 600 },
});
const { app, key } = await makeCast(svc);
const people = await Promise.all(Array.from({ length: 24 }, (_, i) => makeUser(svc, {
	apps: [app], mobile: `+9196${String(10_000_000 + i * 10_007)}`, password: null })));
const pause = (ms) => new Promise((go) => { setTimeout(go, ms); });
const dice = (n) => Math.floor(Math.random() * n);

test(`${SECONDS} s of kills: every message is accounted for`, async () => {
	const seen = new Map();		// id of a message -> how often a provider took it
	const took = (id) => seen.set(id, (seen.get(id) ?? 0) + 1);
	// One in six answers breaks off after the message was taken.
	const answer = (r, res) => {
		took(r.headers['idempotency-key']);
		if (dice(6) === 0) { res.destroy(); return undefined; }
		return dice(6) === 0 ? [503, 'busy'] : [200, { ok: true }];
	};
	let sms = await startHttp({ answer });
	let smtp = await startSmtp();
	const mails = [smtp.mails];
	const ports = { sms: sms.port, smtp: smtp.port };
	await applyProvider(svc, genericDoc(sms, { timeout_s: 2 }));
	await applyProvider(svc, smtpDoc(smtp, { timeout_s: 2 }));
	const until = performance.now() + SECONDS * 1000;
	const asked = [];		// challenges that the service promised
	let isOver = false;

	const asking = (async () => {
		for (let i = 0; !isOver; i++) {
			const u = people[i % people.length];
			await svc.db.query('delete from challenge where person_id = $1 and used_at is null and created_at < now() - interval \'1 second\'', [u.auth_user_id]);
			try {
				const r = await svc.post('/auth/otp/request', { identifier: u.mobile_number, channel: dice(3) === 0 ? 'email' : 'sms' }, { key, timeoutMs: 3_000 * SLOW });
				if (r.status === 200) asked.push(r.body.challenge_id);
			} catch {
				// it was just killed
			}
			await pause(20);
		}
	})();
	const kills = { service: 0, worker: 0, sms: 0, smtp: 0 };
	while (performance.now() < until) {
		await pause(700 + dice(1200));
		switch (dice(4)) {
		case 0:
			kills.service++;
			svc.kill();
			await svc.ended;
			await pause(dice(400));
			svc.spawn();
			await svc.ready(40_000 * SLOW);
			break;
		case 1:
			kills.worker++;
			svc.allowDeaths();
			process.kill(svc.workerPids()[0], 'SIGKILL');
			break;
		case 2:
			kills.sms++;
			await sms.close();
			await pause(dice(1500));
			sms = await startHttp({ answer, port: ports.sms });
			break;
		default:
			kills.smtp++;
			await smtp.close();
			await pause(dice(1500));
			smtp = await startSmtp({ port: ports.smtp });
			mails.push(smtp.mails);
			break;
		}
	}
	isOver = true;
	await asking;
	await svc.ready(40_000 * SLOW);
	await waitUntil(async () => (await svc.db.rows(`select 1 from outbox where state in ('queued', 'sending') limit 1`)).length === 0,
		{ timeoutMs: 90_000 * SLOW, stepMs: 250, what: 'the outbox is empty' });

	for (const m of mails.flat()) took(m.messageId.slice(1, 37));
	const rows = await svc.db.rows('select id, challenge_id, state, last_error, payload, provider_ref from outbox');
	const byChallenge = new Map(rows.map((r) => [r.challenge_id, r]));
	const lost = asked.filter((c) => !byChallenge.has(c));
	assert.deepEqual(lost, [], 'promised, and not in the outbox');
	const states = {};
	for (const r of rows) {
		states[r.state] = (states[r.state] ?? 0) + 1;
		assert.equal(r.payload, null, 'nothing of an ended message is kept');
		if (r.state === 'sent') assert.ok(seen.get(r.id) >= 1, `${r.id} says sent, and no provider has it`);
		else assert.ok(r.last_error, `${r.id} is ${r.state} without a reason`);
	}
	const twice = [...seen.values()].filter((n) => n > 1).length;
	console.log(`# ${asked.length} codes, ${JSON.stringify(states)}, taken more than once: ${twice}, kills: ${JSON.stringify(kills)}`);
	assert.ok((states.sent ?? 0) > asked.length / 2, JSON.stringify(states));
	assert.ok(asked.length >= SECONDS, `${asked.length} codes in ${SECONDS} s`);
});
