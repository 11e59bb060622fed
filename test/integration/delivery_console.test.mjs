// The console's providers, texts, prices, spend and outbox, and the command
// line's providers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, auditRows, makeCast, makeUser, startService } from './harness.mjs';
import { consoleLogin } from './harness_console.mjs';
import { EGRESS, applyProvider, genericDoc, outboxEnds, smtpDoc, startHttp, startSmtp } from './delivery_kit.mjs';

const svc = await startService({ env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'https://id.example.org' } });
const { app, key } = await makeCast(svc);
const admin = await consoleLogin(svc);
const sms = await startHttp({ answer: () => [200, { ok: true, id: 'm1', echo: 'sekret-token-1' }] });
const path = (name, rest = '') => `/providers/${encodeURIComponent(name)}${rest}`;

test('a provider: made, read, changed by its version, taken away; secrets stay inside', async () => {
	const doc = genericDoc(sms, { name: 'my gateway' });
	const made = await admin.put(path('my gateway'), doc);
	assert.equal(made.status, 201, made.text);
	assert.deepEqual(made.body.auth, { kind: 'bearer', token: { set: true } });
	assert.ok(!made.text.includes('sekret-token-1'));
	const list = await admin.get('/providers');
	assert.deepEqual(list.body.data.map((p) => [p.name, p.state, p.version]), [['my gateway', 'ready', 1]]);
	const one = await admin.get(path('my gateway'));
	assert.equal(one.headers.etag, '"1"');
	assert.equal((await admin.put(path('my gateway'), doc)).status, 428);
	assert.equal((await admin.put(path('my gateway'), doc, { version: 9 })).status, 412);
	const { auth, ...rest } = doc;
	const kept = await admin.put(path('my gateway'), { ...rest, auth: { kind: auth.kind }, priority: 3 }, { version: 1 });
	assert.equal(kept.status, 200, kept.text);
	assert.deepEqual([kept.body.priority, kept.body.auth.token, kept.body.version], [3, { set: true }, 2]);
	// What is read may be written back as it is, but for the secret's place.
	const same = await admin.put(path('my gateway'), (await admin.get(path('my gateway'))).body, { version: 2 });
	assert.equal(same.status, 200, same.text);
	const version = same.body.version;
	const bad = await admin.put(path('other'), { ...doc, name: 'other', url: 'ftp://x', success: { status: 'abc' } });
	assert.equal(bad.status, 422, bad.text);
	assert.ok(bad.body.errors.length >= 2, bad.text);
	const [row] = await svc.db.rows('select config::text as config, secrets from provider');
	assert.ok(!row.config.includes('sekret') && !row.secrets.toString('latin1').includes('sekret'), 'sealed');
	assert.equal((await admin.get(path('nobody'))).status, 404);
	assert.equal((await admin.del(path('my gateway'))).status, 428);
	assert.equal((await admin.del(path('my gateway'), { version })).status, 204);
	const saved = await auditRows(svc.db, { event: 'provider_saved' });
	assert.equal(saved[0].actor_id, admin.admin.auth_user_id);
	assert.equal((await auditRows(svc.db, { event: 'provider_deleted' })).length, 1);
});

test('a test message shows what was said, with nothing secret in it', async () => {
	await admin.put(path('gw'), genericDoc(sms, { name: 'gw' }));
	const r = await admin.post(path('gw', '/test'), { to: '9820012345' });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual([r.body.ok, r.body.message_id, r.body.transcript.status, r.body.error], [true, 'm1', 200, null]);
	assert.match(r.body.transcript.request, /^POST http:\/\/127\.0\.0\.1/);
	assert.match(r.body.transcript.request, /\+919820012345/);
	assert.ok(!r.text.includes('sekret-token-1'), 'masked, in the request and in what came back');
	assert.match(r.body.transcript.body, /"echo":"\*\*\*"/);
	sms.answer = () => [500, 'x'.repeat(5000)];
	const bad = await admin.post(path('gw', '/test'), { to: '+919820012345', text: 'Hello' });
	assert.equal(bad.status, 200, bad.text);
	assert.equal(bad.body.ok, false);
	assert.equal(bad.body.transcript.body.length, 2048);
	assert.match(bad.body.transcript.request, /Hello/);
	assert.equal((await admin.post(path('gw', '/test'), { to: 'nobody' })).status, 422);
	assert.equal((await admin.post(path('gw', '/test'), { to: '+15551234567' })).status, 422, 'the ceiling holds for tests too');
	assert.equal((await admin.post(path('none', '/test'), { to: '+919820012345' })).status, 404);
	const smtp = await startSmtp();
	await admin.put(path('post'), smtpDoc(smtp, { name: 'post' }));
	const mail = await admin.post(path('post', '/test'), { to: 'Admin@example.org' });
	assert.equal(mail.body.ok, true, mail.text);
	assert.match(mail.body.transcript.request, /RCPT TO:<admin@example\.org>/i);
	assert.equal(smtp.mails.length, 1);
	await smtp.close();
	const down = await admin.post(path('post', '/test'), { to: 'admin@example.org' });
	assert.equal(down.body.ok, false);
	assert.ok(down.body.error && down.body.hint, down.text);
	assert.equal((await auditRows(svc.db, { event: 'provider_tested' })).length, 5);
	sms.answer = () => [200, { ok: true, id: 'm2' }];
	let last;
	for (let i = 0; i < 10; i++) last = await admin.post(path('gw', '/test'), { to: '+919820012345' });
	assert.equal(last.status, 429, last.text);
});

test('texts: shipped, replaced, previewed, and what is sent says it', async () => {
	await svc.db.query("update provider set is_enabled = (name = 'gw'), paused_until = null");
	const list = (await admin.get('/templates')).body.data;
	const shipped = list.find((t) => t.name === 'sign_in_code' && t.channel === 'sms');
	assert.equal(shipped.is_default, true);
	assert.equal(shipped.variables, 'code, ttl_minutes, ttl_s, app_name, brand, name, host');
	// each of them may be used
	for (const t of list) {
		const all = t.variables.split(', ').map((v) => `{{${v}}}`).join(' ');
		const p = await admin.post('/templates/preview', { name: t.name, channel: t.channel, language: 'en', text: all, ...(t.channel === 'email' ? { subject: t.subject } : {}) });
		assert.equal(p.status, 200, p.text);
	}
	const text = 'Namaste {{code}} kaam {{app_name}}';
	const put = await admin.put('/templates/sign_in_code/sms/hi', { text });
	assert.equal(put.status, 200, put.text);
	const bad = await admin.put('/templates/sign_in_code/sms/hi', { text: 'no code, {{unknown}}' });
	assert.equal(bad.status, 422, bad.text);
	assert.equal((await admin.put('/templates/nothing/sms/en', { text })).status, 404);
	const p = await admin.post('/templates/preview', { name: 'sign_in_code', channel: 'sms', language: 'hi', text });
	assert.equal(p.status, 200, p.text);
	assert.deepEqual([p.body.segments, p.body.encoding], [1, 'GSM-7']);
	assert.ok(p.body.warnings.length >= 1, 'its last line is not bound to a host');
	const ucs = await admin.post('/templates/preview', { name: 'sign_in_code', channel: 'sms', language: 'hi', text: `कोड {{code}} ${'क'.repeat(80)}` });
	assert.deepEqual([ucs.body.encoding, ucs.body.segments], ['UCS-2', 2]);
	const u = await makeUser(svc, { apps: [app], mobile: '+919811000001', password: null });
	await svc.db.query(`update person set language = 'hi-IN' where auth_user_id = $1`, [u.auth_user_id]);
	sms.requests.length = 0;
	const c = await svc.post('/auth/otp/request', { identifier: u.mobile_number }, { key });
	assert.equal((await outboxEnds(svc.db, 'challenge_id', c.body.challenge_id)).state, 'sent');
	assert.match(sms.requests[0].json.text, /^Namaste \d{6} kaam /);
	assert.equal((await admin.del('/templates/sign_in_code/sms/hi')).status, 204);
	assert.equal((await admin.del('/templates/sign_in_code/sms/hi')).status, 404);
});

test('prices, spend, outbox, carriers', async () => {
	const prices = { data: [{ prefix: '91', provider: null, price: 250000 }] };
	assert.deepEqual((await admin.put('/prices', prices)).body, prices);
	assert.equal((await admin.put('/prices', { data: [{ prefix: 'x', price: 1 }] })).status, 422);
	assert.deepEqual((await admin.get('/prices')).body, prices);
	const spend = await admin.get('/spend');
	assert.equal(spend.status, 200);
	assert.ok(spend.body.hour.sent >= 1 && spend.body.recent.length >= 1);
	assert.ok(!/\+919811000001/.test(spend.text), 'masked');
	const out = await admin.get('/outbox?limit=1&state=sent');
	assert.equal(out.body.data.length, 1);
	assert.equal((await admin.get('/outbox?state=nonsense')).status, 422);
	const carriers = (await admin.get('/carriers')).body.data;
	assert.equal(carriers.find((c) => c.id === 'att').status, 'dead');
	assert.equal((await svc.get('/setup/api/spend')).status, 401);
});

test('the command line: list, apply, test', async () => {
	const list = await svc.cli(['provider', 'list', '--json']);
	assert.equal(list.code, 0, list.stderr);
	assert.ok(list.json().some((p) => p.name === 'gw' && p.auth.token.set === true));
	assert.ok(!list.stdout.includes('sekret'));
	const bad = await applyProvider(svc, { name: 'x', type: 'generic', url: 'nowhere' }, { mayFail: true });
	assert.equal(bad.code, 1);
	assert.match(bad.stderr, /url/);
	const t = await svc.cli(['provider', 'test', 'gw', '--to', '9820012345', '--json'], { timeoutMs: 30_000 * SLOW });
	assert.equal(t.code, 0, t.stderr);
	assert.equal(t.json().ok, true);
	assert.ok(!t.stdout.includes('sekret'));
	const none = await svc.cli(['provider', 'test', 'nobody', '--to', '9820012345']);
	assert.equal(none.code, 1);
	assert.equal((await svc.cli(['provider', 'test', 'gw'])).code, 2);
});
