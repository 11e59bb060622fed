// Text messages by a carrier's mail gateway, and mails as a real parser reads
// them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, makeCast, makeUser, setSetting, startService } from './harness.mjs';
import { EGRESS, applyProvider, genericDoc, outboxEnds, outboxRow, smtpDoc, startHttp, startSmtp } from './delivery_kit.mjs';

const svc = await startService({
	env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { otp_address_max: 1000, sms_app_hour_max: 100000, sms_breaker: false, default_country_code: '1', email_fallback: false },
});
const { app, key } = await makeCast(svc, { app: { name: 'Löhne & Gehälter' } });
const smtp = await startSmtp();
let counter = 0;
async function person(o = {}) {
	const u = await makeUser(svc, { apps: [app], mobile: `+1212555${1000 + (++counter)}`, password: null, ...o });
	if (o.carrier) await svc.db.query('update person set carrier = $2 where auth_user_id = $1', [u.auth_user_id, o.carrier]);
	return u;
}
const ask = (u, body) => svc.post('/auth/otp/request', { identifier: u.mobile_number, ...body }, { key });

await applyProvider(svc, smtpDoc(smtp, { from: 'Löhne <codes@example.org>', reply_to: '"Help, desk" <help@example.org>' }));
await applyProvider(svc, {
	name: 'gateways', type: 'carrier_email', smtp: 'mail', priority: 1,
	carriers: [{ id: 'acme', domain: 'sms.acme.example', country_code: '1' }, { id: 'gone', domain: 'a.example', status: 'sunset', sunset: '2020-01-01' }],
});

test('a gateway is never the only way', async () => {
	const r = await ask(await person({ carrier: 'acme', email: null }), { channel: 'sms' });
	assert.equal(r.status, 503, r.text);
	assert.equal(r.body.code, 'delivery_unavailable');
	assert.equal(smtp.mails.length, 0);
});

test('with e-mail as a way out: one plain line to the number at the carrier', async () => {
	await setSetting(svc.db, 'email_fallback', true);
	// A worker that has not heard of it would put the message off for 15 s.
	await svc.restart();
	const u = await person({ carrier: 'acme' });
	const r = await ask(u, { channel: 'sms' });
	assert.equal(r.status, 200, r.text);
	const row = await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id);
	assert.equal(row.state, 'sent', row.last_error);
	const [mail] = smtp.mails;
	assert.deepEqual(mail.envelope.to, [`${u.mobile_number.slice(2)}@sms.acme.example`]);
	assert.equal(mail.subject, undefined);
	assert.equal(mail.html, false);
	const text = mail.text.trim();
	assert.ok([...text].length <= 140 && !text.includes('\n'), text);
	assert.ok(!text.includes('@id.example.org'), 'no last line for phones');
	const v = await svc.post('/auth/otp/verify', { challenge_id: r.body.challenge_id, code: text.match(/\d{6}/)[0] }, { key });
	assert.equal(v.status, 200, v.text);
});

test('a gateway that is shut down is not written to: the code goes by e-mail', async () => {
	for (const carrier of ['att', 'gone']) {
		smtp.mails.length = 0;
		const u = await person({ carrier });
		const r = await ask(u, { channel: 'sms' });
		assert.equal(r.status, 200, r.text);
		const row = await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id);
		assert.equal(row.state, 'sent', row.last_error);
		assert.deepEqual(smtp.mails.map((m) => m.envelope.to), [[u.email]]);
	}
});

test('another text message provider goes first, whatever the priority', async () => {
	const sms = await startHttp();
	smtp.mails.length = 0;
	await applyProvider(svc, genericDoc(sms, { priority: 900 }));
	const r = await ask(await person({ carrier: 'acme' }), { channel: 'sms' });
	assert.equal((await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id)).state, 'sent');
	assert.equal(sms.requests.length, 1);
	assert.equal(smtp.mails.length, 0);
	await svc.db.query(`update provider set is_enabled = false where name = 'gateway'`);
});

test('mails as a parser reads them: names, both parts, headers', async () => {
	smtp.mails.length = 0;
	const u = await person({ mobile: undefined, email: 'ümlaut@example.org' });
	const plain = await person({ mobile: undefined });
	const r = await svc.post('/auth/otp/request', { identifier: plain.email }, { key });
	const row = await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id);
	assert.equal(row.state, 'sent', row.last_error);
	const [m] = smtp.mails;
	assert.deepEqual(m.from.value, [{ address: 'codes@example.org', name: 'Löhne' }]);
	assert.deepEqual(m.replyTo.value, [{ address: 'help@example.org', name: 'Help, desk' }]);
	assert.equal(m.to.value[0].address, plain.email);
	assert.equal(m.messageId, `<${row.id}@example.org>`);
	assert.equal(m.headers.get('auto-submitted'), 'auto-generated');
	assert.ok(Math.abs(m.date - Date.now()) < 60_000 * SLOW, `${m.date}`);
	assert.match(m.subject, /^\d{6} is your Löhne & Gehälter sign-in code$/);
	const code = m.subject.slice(0, 6);
	assert.ok(m.text.includes(code) && m.text.includes('Löhne & Gehälter'));
	assert.ok(m.html.includes(code) && m.html.includes('Löhne &amp; Gehälter'));
	for (const line of m.raw.split('\r\n')) assert.ok(line.length <= 76 && !line.includes('\n'), line);
	// An address that plain SMTP cannot carry ends with its reason.
	const no = await svc.post('/auth/otp/request', { identifier: u.email }, { key });
	const bad = await outboxEnds(svc.db, 'challenge_id', no.body.challenge_id);
	assert.equal(bad.state, 'failed');
	assert.match(bad.last_error, /e-mail/);
	assert.equal((await outboxRow(svc.db, 'challenge_id', no.body.challenge_id)).payload, null);
});
