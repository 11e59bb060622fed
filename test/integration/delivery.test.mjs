// Delivery of codes: a message goes from the outbox through a real server, and
// what comes back decides what happens next.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, auditRows, makeCast, makeUser, setSetting, startService, waitUntil } from './harness.mjs';
import { EGRESS, applyProvider, genericDoc, makeCerts, outboxEnds, outboxRow, smtpDoc, startHttp, startSmtp } from './delivery_kit.mjs';

const certs = makeCerts();
const svc = await startService({
	env: { ...EGRESS, IDENTITY_CA_FILE: certs.ca, IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { otp_address_max: 1000, sms_app_hour_max: 100000, sms_breaker: false },
});
const { app, key } = await makeCast(svc);
let counter = 0;
const person = (o = {}) => makeUser(svc, { apps: [app], mobile: `+9198${String(20_000_000 + (++counter))}`, password: null, ...o });
const ask = (u, body = {}) => svc.post('/auth/otp/request', { identifier: u.email ?? u.mobile_number, ...body }, { key });
async function asked(u, body) {
	const r = await ask(u, body);
	assert.equal(r.status, 200, r.text);
	return r.body;
}
const setProvider = (name, o) => svc.db.query(`update provider set is_enabled = $2, priority = $3 where name = $1`, [name, o.enabled, o.priority ?? 10]);
const only = async (name) => {
	await svc.db.query('update provider set is_enabled = (name = $1), paused_until = null', [name]);
};
const provider = async (name) => (await svc.db.rows('select * from provider where name = $1', [name]))[0];

test('without a provider nothing can be sent', async () => {
	const r = await ask(await person());
	assert.equal(r.status, 503, r.text);
	assert.equal(r.body.code, 'delivery_unavailable');
});

test('a text message by a generic provider, at once, and the code signs in', async () => {
	const sms = await startHttp({ answer: () => [200, { ok: true, id: 'm-17' }] });
	const doc = await applyProvider(svc, genericDoc(sms));
	assert.deepEqual(doc.auth, { kind: 'bearer', token: { set: true } });
	const u = await person();
	const began = performance.now();
	const c = await asked(u);
	assert.equal(c.channel, 'sms');
	assert.equal(c.dev_code, undefined);
	const [r] = await waitUntil(() => sms.requests.length > 0 && sms.requests, { timeoutMs: 5_000 * SLOW });
	assert.ok(performance.now() - began < 2_000 * SLOW, 'at once');
	const row = await outboxEnds(svc.db, 'challenge_id', c.challenge_id);
	assert.deepEqual([row.state, row.attempts, row.provider_ref, row.payload, row.last_error], ['sent', 1, 'm-17', null, null]);
	assert.equal(r.headers['idempotency-key'], row.id);
	assert.equal(r.headers.authorization, 'Bearer sekret-token-1');
	assert.equal(r.json.to, u.mobile_number);
	assert.match(r.json.code, /^\d{6}$/);
	assert.ok(r.json.text.includes(r.json.code), r.json.text);
	assert.match(r.json.text, new RegExp(`@id\\.example\\.org #${r.json.code}$`));
	const v = await svc.post('/auth/otp/verify', { challenge_id: c.challenge_id, code: r.json.code }, { key });
	assert.equal(v.status, 200, v.text);
	assert.ok((await provider('gateway')).last_ok_at);
	assert.ok(!svc.log.includes(r.json.code) && !svc.log.includes('sekret-token-1'), 'neither code nor key in the log');
});

test('an e-mail over STARTTLS with sign-in', async () => {
	const smtp = await startSmtp({ certs, user: 'mailer', pass: 'p w "1"' });
	await applyProvider(svc, smtpDoc(smtp, { name: 'mail-auth', host: 'localhost', security: 'starttls', username: 'mailer', password: 'p w "1"' }));
	const u = await person({ mobile: undefined });
	const c = await asked(u);
	assert.equal(c.channel, 'email');
	const row = await outboxEnds(svc.db, 'challenge_id', c.challenge_id);
	assert.equal(row.state, 'sent', row.last_error);
	const [mail] = smtp.mails;
	assert.deepEqual(mail.envelope, { from: 'codes@example.org', to: [u.email] });
	assert.equal(mail.isTls, true);
	assert.equal(mail.user, 'mailer');
	assert.equal(mail.from.value[0].name, 'Identity');
	assert.equal(mail.messageId, `<${row.id}@example.org>`);
	assert.ok(mail.subject.length > 0);
	assert.ok(mail.html.includes('<'), 'an HTML part');
	const [code] = mail.text.match(/\b\d{6}\b/);
	const v = await svc.post('/auth/otp/verify', { challenge_id: c.challenge_id, code }, { key });
	assert.equal(v.status, 200, v.text);
	await smtp.close();
});

test('an e-mail over TLS from the start; a certificate of nobody is refused', async () => {
	await only('gateway');
	const smtp = await startSmtp({ certs, secure: true });
	await applyProvider(svc, smtpDoc(smtp, { security: 'tls' }));
	const u = await person({ mobile: undefined });
	const row = await outboxEnds(svc.db, 'challenge_id', (await asked(u)).challenge_id);
	assert.equal(row.state, 'sent', row.last_error);
	assert.equal(smtp.mails[0].isTls, true);
	const other = await startSmtp({ certs: makeCerts(), secure: true });
	await applyProvider(svc, smtpDoc(other, { security: 'tls' }));
	const c = await asked(await person({ mobile: undefined }));
	const bad = await waitUntil(async () => {
		const r = await outboxRow(svc.db, 'challenge_id', c.challenge_id);
		return r.last_error && r;
	}, { timeoutMs: 10_000 * SLOW });
	assert.match(bad.last_error, /certificate|TLS/i);
	assert.equal(other.mails.length, 0);
	// Mended, it goes out without anybody asking again.
	await applyProvider(svc, smtpDoc(smtp, { security: 'tls' }));
	assert.equal((await outboxEnds(svc.db, 'challenge_id', c.challenge_id, ['sent'], 60_000 * SLOW)).state, 'sent');
	await smtp.close();
});

test('a mailbox that does not exist ends it; a busy server does not', async () => {
	let busy = 1;
	const smtp = await startSmtp({ rcpt: (a) => (a.startsWith('gone') ? { code: 550, message: '5.1.1 no such user' }
		: busy-- > 0 ? { code: 451, message: '4.3.0 try again' } : null) });
	await applyProvider(svc, smtpDoc(smtp));
	const gone = await person({ email: 'gone@example.org', mobile: undefined });
	const row = await outboxEnds(svc.db, 'challenge_id', (await asked(gone)).challenge_id);
	assert.equal(row.state, 'failed');
	assert.match(row.last_error, /no such user/);
	assert.equal((await waitUntil(async () => (await auditRows(svc.db, { event: 'message_failed', subject_id: gone.auth_user_id }))[0])).outcome, 'failed');
	const again = await outboxEnds(svc.db, 'challenge_id', (await asked(await person({ mobile: undefined }))).challenge_id);
	assert.deepEqual([again.state, again.attempts], ['sent', 2]);
	await smtp.close();
});

// What a provider may say, and what follows from it.
const answers = {
	'200 with an error body': [() => [200, { ok: false, error: 'x' }], 'retry'],
	'garbage': [() => [200, '\u0000\u0001<not json'], 'retry'],
	'500': [() => [500, 'oops'], 'retry'],
	'429': [() => [429, 'slow down', { 'retry-after': '1' }], 'retry'],
	'a redirect to a private address': [() => [302, '', { location: 'http://169.254.169.254/latest/meta-data/' }], 'config'],
	'cut off': [(r, res) => { res.writeHead(200, { 'content-length': '100' }); res.write('{"ok":'); setTimeout(() => res.destroy(), 20); }, 'retry'],
	'no answer at all': [(r, res) => { res.destroy(); }, 'retry'],
	'oversized': [(r, res) => { res.writeHead(200); res.on('error', () => {}); res.end(Buffer.alloc(200_000, 0x61)); }, 'retry'],
	'oversized headers': [(r, res) => { res.writeHead(200, { x: 'y'.repeat(90_000) }); res.end('{"ok":true}'); }, 'retry'],
	'401': [() => [401, 'who are you'], 'config'],
};
for (const [name, [answer, kind]] of Object.entries(answers)) {
	test(`a provider that answers ${name}: the next one sends it`, async () => {
		const bad = await startHttp({ answer });
		const good = await startHttp();
		await only('none');
		await applyProvider(svc, genericDoc(bad, { name: 'bad', priority: 1, timeout_s: 3 }));
		await applyProvider(svc, genericDoc(good, { name: 'good', priority: 2 }));
		const c = await asked(await person());
		const row = await outboxEnds(svc.db, 'challenge_id', c.challenge_id, ['sent', 'failed', 'expired'], 40_000 * SLOW);
		assert.equal(row.state, 'sent', row.last_error);
		assert.ok(bad.requests.length >= 1 && good.requests.length === 1, `${bad.requests.length} ${good.requests.length}`);
		const p = await provider('bad');
		assert.ok(p.last_error_at, 'the provider shows it');
		assert.equal(p.paused_until !== null, kind !== 'retry', p.last_error);
		// Every attempt has the same id.
		const ids = new Set([...bad.requests, ...good.requests].map((r) => r.headers['idempotency-key']));
		assert.deepEqual([...ids], [row.id]);
		await bad.close();
		await good.close();
	});
}

test('a slow provider is given up in time', async () => {
	const slow = await startHttp({ answer: () => undefined });
	const good = await startHttp();
	await only('none');
	await applyProvider(svc, genericDoc(slow, { name: 'bad', priority: 1, timeout_s: 1 }));
	await applyProvider(svc, genericDoc(good, { name: 'good', priority: 2 }));
	const row = await outboxEnds(svc.db, 'challenge_id', (await asked(await person())).challenge_id, ['sent'], 40_000 * SLOW);
	assert.equal(row.state, 'sent');
	await slow.close();
	await good.close();
});

test('an address that nobody allowed is not connected to', async () => {
	await only('none');
	const inner = await startHttp();
	const strict = await startService({ db: svc.db, env: { IDENTITY_PUBLIC_URL: 'https://id.example.org', IDENTITY_DATA_DIR: svc.env.IDENTITY_DATA_DIR }, ready: false });
	await svc.stop();	// the strict one alone takes messages now
	await strict.ready();
	// A name, so that saving does not decide; it resolves to this machine.
	const doc = genericDoc(inner, { name: 'bad', url: `http://localhost:${inner.port}/send` });
	await applyProvider(svc, doc);
	const u = await makeUser(strict, { apps: [app], mobile: '+919820999999', password: null, email: null });
	const r = await strict.post('/auth/otp/request', { identifier: u.mobile_number }, { key });
	assert.equal(r.status, 200, r.text);
	const row = await waitUntil(async () => {
		const o = await outboxRow(svc.db, 'challenge_id', r.body.challenge_id);
		return o.last_error && o;
	}, { timeoutMs: 10_000 * SLOW });
	assert.equal(inner.requests.length, 0);
	assert.notEqual(row.state, 'sent');
	await strict.stop();
	svc.spawn();
	await svc.ready();
});

test('past its time a message expires with the reason, and nothing of it is kept', async () => {
	const down = await startHttp({ answer: () => [503, 'down'] });
	await only('none');
	await applyProvider(svc, genericDoc(down, { name: 'bad', priority: 1 }));
	await setSetting(svc.db, 'otp_ttl_s', 60);
	const c = await asked(await person());
	await svc.db.query(`update outbox set expires_at = now() + interval '2 seconds' where challenge_id = $1`, [c.challenge_id]);
	const row = await outboxEnds(svc.db, 'challenge_id', c.challenge_id);
	assert.ok(['expired', 'failed'].includes(row.state), row.state);
	assert.equal(row.payload, null);
	assert.match(row.last_error, /503/);
	await setSetting(svc.db, 'otp_ttl_s', 300);
	await down.close();
});

test('both workers deliver a crowd, each message once', async () => {
	const sms = await startHttp();
	await only('none');
	await applyProvider(svc, genericDoc(sms, { name: 'good' }));
	const people = [];
	for (let i = 0; i < 40; i++) people.push(person());
	const codes = await Promise.all((await Promise.all(people)).map((u) => asked(u)));
	const mine = new Set();
	for (const c of codes) {
		const row = await outboxEnds(svc.db, 'challenge_id', c.challenge_id);
		assert.equal(row.state, 'sent');
		mine.add(row.id);
	}
	const ids = sms.requests.map((r) => r.headers['idempotency-key']).filter((id) => mine.has(id));
	assert.equal(new Set(ids).size, codes.length);
	assert.equal(ids.length, codes.length, 'none twice');
	await sms.close();
});

test('where text messages fail, the code goes by e-mail if that is allowed', async () => {
	const down = await startHttp({ answer: () => [500, 'down'] });
	const smtp = await startSmtp();
	await only('none');
	await applyProvider(svc, genericDoc(down, { name: 'bad', priority: 1 }));
	await applyProvider(svc, smtpDoc(smtp));
	const u = await person();
	const row = await outboxEnds(svc.db, 'challenge_id', (await asked(u, { channel: 'sms' })).challenge_id, ['sent', 'failed', 'expired'], 60_000 * SLOW);
	assert.equal(row.state, 'sent', row.last_error);
	assert.deepEqual(smtp.mails[0].envelope.to, [u.email]);
	await down.close();
	await smtp.close();
	await setProvider('mail', { enabled: false });
});
