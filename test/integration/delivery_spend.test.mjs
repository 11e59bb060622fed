// Attacks that want to spend money: whatever they do, the ceiling holds, and
// people who use their codes go on signing in.  And Fast2SMS, which is paid.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, makeCast, makeUser, setSetting, startService, waitUntil } from './harness.mjs';
import { EGRESS, applyProvider, fast2sms, genericDoc, outboxEnds, outboxRow, startHttp } from './delivery_kit.mjs';

const svc = await startService({
	env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { otp_resend_s: 10, otp_window_max: 100, otp_day_max: 1000 },
});
const { app, key } = await makeCast(svc);
let counter = 0;
const mobile = (prefix) => (prefix ? `${prefix}${String(1000 + (++counter))}` : `+9197${String(10_000_000 + (++counter) * 10_007)}`);
const person = (prefix) => makeUser(svc, { apps: [app], mobile: mobile(prefix), email: null, password: null });
const ask = (u, ip) => svc.post('/auth/otp/request', { identifier: u.mobile_number, ...(ip && { client_ip: ip }) }, { key });
const sms = await startHttp();
await applyProvider(svc, genericDoc(sms));
// Nothing that happened counts any more.
async function afresh() {
	await svc.db.query('truncate outbox, spend_hour; delete from challenge');
	sms.requests.length = 0;
}
// Somebody who gets a code and uses it.
async function signsIn(u) {
	await svc.db.query(`update challenge set created_at = created_at - interval '1 minute' where person_id = $1`, [u.auth_user_id]);
	const r = await ask(u, '198.51.100.1');
	if (r.status !== 200) return r;
	const got = await waitUntil(() => sms.requests.filter((q) => q.json.to === u.mobile_number).at(-1), { timeoutMs: 10_000 * SLOW });
	await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id);
	const code = sms.requests.filter((q) => q.json.to === u.mobile_number).at(-1).json.code ?? got.json.code;
	return svc.post('/auth/otp/verify', { challenge_id: r.body.challenge_id, code }, { key });
}
const honest = [await person(), await person(), await person()];
for (const u of honest) assert.equal((await signsIn(u)).status, 200);
const victims = await Promise.all(Array.from({ length: 30 }, () => person()));
const block = await Promise.all(Array.from({ length: 20 }, () => person('+91981234')));

const attacks = {
	'rotating addresses': (i) => ask(victims[i % victims.length], `203.0.${i % 250}.${(i * 7) % 250}`),
	'one address': (i) => ask(victims[i % victims.length], '203.0.113.66'),
	'one prefix': (i) => ask(block[i % block.length], `2001:db8:${i}::1`),
	'no address at all': (i) => ask(victims[i % victims.length]),
};
for (const [name, attack] of Object.entries(attacks)) {
	test(`${name}: never more than the ceiling, and honest people sign in`, async () => {
		await afresh();
		await setSetting(svc.db, 'sms_hour_max', 20);
		const counts = {};
		for (let i = 0; i < 45; i++) {
			const r = await attack(i);
			counts[r.body.code ?? r.status] = (counts[r.body.code ?? r.status] ?? 0) + 1;
			if (i % 15 === 7) {
				const v = await signsIn(honest[(i / 15) | 0]);
				assert.equal(v.status, 200, `${v.text} ${JSON.stringify(counts)}`);
			}
		}
		assert.ok(45 - (counts[200] ?? 0) >= 45 - 20, JSON.stringify(counts));
		assert.ok(counts.delivery_unavailable > 0, JSON.stringify(counts));
		await waitUntil(async () => (await svc.db.rows(`select 1 from outbox where state in ('queued', 'sending')`)).length === 0, { timeoutMs: 20_000 * SLOW });
		assert.ok(sms.requests.length <= 20, `${sms.requests.length} were sent`);
		// Each decision is kept: what was sent and what was refused.
		const [h] = await svc.db.rows(`select sum(sent)::int as sent, sum(refused)::int as refused from spend_hour where key = 'all'`);
		assert.equal(h.sent, sms.requests.length);
		const [o] = await svc.db.rows(`select count(*)::int as n from outbox where state = 'refused' and last_error is not null and payload is null`);
		assert.equal(o.n, h.refused);
		await setSetting(svc.db, 'sms_hour_max', 500);
	});
}

test('the refusal tells a caller no more than before, and nothing changed for the person', async () => {
	await afresh();
	const u = await person();
	const first = await ask(u);
	assert.equal(first.status, 200, first.text);
	await svc.db.query(`update challenge set created_at = created_at - interval '1 minute' where person_id = $1`, [u.auth_user_id]);
	await setSetting(svc.db, 'sms_hour_max', 0);
	const r = await ask(u);
	assert.equal(r.status, 503, r.text);
	assert.equal(r.body.code, 'delivery_unavailable');
	assert.ok(Number(r.headers['retry-after']) > 0);
	assert.doesNotMatch(r.text, /ceiling|hour|breaker/);
	await setSetting(svc.db, 'sms_hour_max', 500);
	// The earlier code is still good.
	const code = (await waitUntil(() => sms.requests.find((q) => q.json.to === u.mobile_number), { timeoutMs: 10_000 * SLOW })).json.code;
	const v = await svc.post('/auth/otp/verify', { challenge_id: first.body.challenge_id, code }, { key });
	assert.equal(v.status, 200, v.text);
});

// What each answer of Fast2SMS does to the message and to the provider.
const codes = {
	411: ['failed', false], 995: ['failed', false], 412: ['queued', true], 413: ['queued', true], 416: ['queued', true],
	424: ['queued', true], 996: ['queued', true], 406: ['queued', true],
};
test('Fast2SMS: a good answer, and what each code means', async () => {
	await afresh();
	await svc.db.query('update provider set is_enabled = false');
	const f2s = await startHttp({ answer: (r) => (r.url.includes('wallet') ? [200, { return: true, wallet: '250.50' }] : fast2sms()) });
	await applyProvider(svc, { name: 'india', type: 'fast2sms', enabled: true, priority: 1, timeout_s: 5, api_key: 'F2SKEY123', route: 'otp', base_url: f2s.url });
	const good = await outboxEnds(svc.db, 'challenge_id', (await ask(await person())).body.challenge_id);
	assert.deepEqual([good.state, good.provider_ref], ['sent', 'lwdtp7cjyqxvfe9']);
	const r = f2s.requests.find((q) => q.url === '/dev/bulkV2');
	assert.deepEqual([r.method, r.url, r.headers.authorization, r.form.route], ['POST', '/dev/bulkV2', 'F2SKEY123', 'otp']);
	assert.match(r.form.variables_values, /^\d{6}$/);
	assert.match(r.form.numbers, /^97\d{8}$/, 'ten digits, no +91');
	assert.ok(!r.url.includes('F2SKEY'), 'no key in the URL');
	// The balance is asked for soon after the start, and shown.
	const shown = await waitUntil(async () => (await svc.cli(['provider', 'list', '--json'])).json().find((p) => p.name === 'india').balance,
		{ timeoutMs: 20_000 * SLOW, stepMs: 500, what: 'the balance' });
	assert.equal(shown, 25050);
	for (const [code, [state, isPaused]] of Object.entries(codes)) {
		await svc.db.query(`update provider set paused_until = null, last_error = null; update outbox set state = 'failed', payload = null, ended_at = now() where state = 'queued'`);
		f2s.answer = (q) => (q.url.includes('wallet') ? [200, { return: true, wallet: '250.50' }] : fast2sms(Number(code), `said ${code}`));
		const c = await ask(await person());
		assert.equal(c.status, 200, c.text);
		const row = await waitUntil(async () => {
			const o = await outboxRow(svc.db, 'challenge_id', c.body.challenge_id);
			return o.last_error && o.state !== 'sending' && o;
		}, { timeoutMs: 10_000 * SLOW, what: `what ${code} means` });
		assert.equal(row.state, state, `${code}: ${row.last_error}`);
		const [p] = await svc.db.rows(`select paused_until from provider where name = 'india'`);
		assert.equal(p.paused_until !== null, isPaused, code);
		assert.match(row.last_error, new RegExp(code), row.last_error);
	}
});
