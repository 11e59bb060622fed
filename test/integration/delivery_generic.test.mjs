// What a generic provider's document can ask for beside a plain request: a
// signature, template ids, a language, a format of numbers, its own
// retries, and what a message cost.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SLOW, TOP, makeCast, makeUser, setSetting, signIn, startService, tempDir, waitUntil } from './harness.mjs';
import { consoleLogin } from './harness_console.mjs';
import { EGRESS, applyProvider, genericDoc, outboxEnds, startHttp } from './delivery_kit.mjs';

const svc = await startService({
	env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { otp_address_max: 1000, sms_app_hour_max: 100000, sms_breaker: false },
});
const { app, key } = await makeCast(svc);
let counter = 0;
const person = (o = {}) => makeUser(svc, { apps: [app], mobile: `+9198${String(30_000_000 + (++counter))}`, password: null, ...o });
async function asked(u) {
	const r = await svc.post('/auth/otp/request', { identifier: u.mobile_number }, { key });
	assert.equal(r.status, 200, r.text);
	return r.body;
}
// One code by |doc| alone, to its end: its row of the outbox.
async function sent(doc, states = ['sent']) {
	await svc.db.query('update provider set is_enabled = false');
	await applyProvider(svc, doc);
	return outboxEnds(svc.db, 'challenge_id', (await asked(await person())).challenge_id, states);
}
const tested = async (name) => (await svc.cli(['provider', 'test', name, '--to', '+919820012345', '--json'])).json();

const SECRET = 'sign-sekret-é-1';

test('a signed request passes the check that the document shows, and no other does', async () => {
	const doc = fs.readFileSync(path.join(TOP, 'docs/providers.md'), 'utf8');
	const file = path.join(tempDir('check'), 'check.mjs');
	fs.writeFileSync(file, /```js\n([^]*?isGenuine[^]*?)```/.exec(doc)[1]);
	const { isGenuine } = await import(pathToFileURL(file));
	const sms = await startHttp();
	const signature = { secret: SECRET, header: 'X-Signature', timestamp_header: 'X-Timestamp', encoding: 'hex', prefix: 'sha256=' };
	await sent(genericDoc(sms, { signature }));
	const [r] = sms.requests;
	const body = Buffer.from(r.body);
	assert.equal(r.headers['x-timestamp'].length, 10);
	assert.ok(isGenuine(r.headers, body, SECRET));
	assert.ok(!isGenuine(r.headers, Buffer.concat([body, Buffer.from(' ')]), SECRET), 'another body');
	assert.ok(!isGenuine(r.headers, body, 'sign-sekret-e-1'), 'another secret');
	assert.ok(!isGenuine({ ...r.headers, 'x-timestamp': String(Number(r.headers['x-timestamp']) + 1) }, body, SECRET), 'another time');
	assert.ok(!svc.log.includes('sign-sekret'));
});

test('base64, without a time, in a header of another name; each attempt anew', async () => {
	let n = 0;
	const sms = await startHttp({ answer: () => (n++ === 0 ? [500, ''] : [200, { ok: true }]) });
	const row = await sent(genericDoc(sms, { auth: undefined, signature: { secret: SECRET, header: 'Authorization', encoding: 'base64', prefix: 'HMAC ' } }));
	assert.equal(row.attempts, 2);
	assert.equal(sms.requests.length, 2);
	for (const r of sms.requests)
		assert.equal(r.headers.authorization, `HMAC ${createHmac('sha256', SECRET).update(r.body).digest('base64')}`);
});

test('the secret is sealed, stays when it is left out, and is in no transcript', async () => {
	const sms = await startHttp({ answer: () => [200, { ok: true, echo: SECRET }] });
	const doc = genericDoc(sms, { name: 'signed', signature: { secret: SECRET } });
	const shown = await applyProvider(svc, doc);
	assert.deepEqual(shown.signature, { secret: { set: true } });
	const again = await applyProvider(svc, { ...doc, signature: { header: 'X-Sig' } });
	assert.deepEqual(again.signature, { header: 'X-Sig', secret: { set: true } });
	const [row] = await svc.db.rows(`select config::text as config, secrets from provider where name = 'signed'`);
	assert.ok(!row.config.includes('sekret') && !row.secrets.toString('latin1').includes('sekret'), 'sealed');
	const t = await tested('signed');
	assert.equal(t.ok, true, JSON.stringify(t));
	const { body, headers } = sms.requests.at(-1);
	const want = createHmac('sha256', SECRET).update(body).digest('hex');
	assert.equal(headers['x-sig'], want);
	assert.match(t.transcript.request, new RegExp(`^X-Sig: ${want}$`, 'm'));
	assert.match(t.transcript.body, /"echo":"\*\*\*"/);
	assert.ok(!JSON.stringify(t).includes('sekret'));
	const moved = await applyProvider(svc, { ...doc, url: 'https://sms.example.org/', auth: { kind: 'none' }, signature: {} }, { mayFail: true });
	assert.notEqual(moved.code, 0);
	assert.match(moved.stderr, /signature\.secret: must be given again/);
});

test('template ids by message and language, the language, and the number as the gateway wants it', async () => {
	const sms = await startHttp();
	const doc = genericDoc(sms, {
		body: '{"to":"{to}","template":"{template_id}","lang":"{locale}","otp":"{otp}","cc":{cc},"min":{ttl_min}}', number_format: '00',
		template_ids: { sign_in_code: 'any', 'sign_in_code/hi': 'hindi', reset_code: 'reset' },
	});
	await svc.db.query('update provider set is_enabled = false');
	await applyProvider(svc, doc);
	const got = async (language) => {
		const u = await person();
		await svc.db.query('update person set language = $2 where auth_user_id = $1', [u.auth_user_id, language]);
		await outboxEnds(svc.db, 'challenge_id', (await asked(u)).challenge_id, ['sent']);
		const { json } = sms.requests.at(-1);
		assert.match(json.otp, /^\d{6}$/);
		assert.deepEqual([json.to, json.cc, json.min], [`00${u.mobile_number.slice(1)}`, 91, 5]);
		return [json.template, json.lang];
	};
	assert.deepEqual(await got(null), ['any', 'en']);
	assert.deepEqual(await got('hi-IN'), ['hindi', 'hi-IN'], 'the gateway has the text: the language of the person');
	// With {message} it is the language of that.
	await svc.db.query(`insert into message_text (name, channel, language, text) values ('sign_in_code', 'sms', 'hi', 'कोड {{code}}')`);
	await applyProvider(svc, { ...doc, body: doc.body.replace('"otp"', '"text":"{message}","otp"') });
	const texts = async (language, lang, text) => {
		assert.equal((await got(language))[1], lang);
		return assert.match(sms.requests.at(-1).json.text, text);
	};
	await texts('hi-IN', 'hi', /^कोड /);
	await texts('ta', 'en', /code/);
});

test('a message that has no template id goes by the next provider', async () => {
	const [first, second] = [await startHttp(), await startHttp()];
	await svc.db.query('update provider set is_enabled = false');
	await applyProvider(svc, genericDoc(first, { name: 'approved', priority: 1, body: '{"to":"{to}","text":"{message}","template":"{template_id}"}', template_ids: { sign_in_code: '1', reset_code: '2' } }));
	await applyProvider(svc, genericDoc(second, { name: 'free', priority: 2 }));
	const u = await person({ email: null, password: 'a long enough Passphrase 1' });
	const { access_token: token } = await signIn(svc, { key, user: u });
	const r = await svc.post('/auth/password/change', { current_password: u.password, new_password: 'another long Passphrase 2' }, { key, token });
	assert.equal(r.status < 300, true, r.text);
	const row = await outboxEnds(svc.db, 'person_id', u.auth_user_id);
	assert.deepEqual([row.kind, row.state, row.attempts], ['notice', 'sent', 2], row.last_error);
	assert.equal(first.requests.length, 0);
	assert.equal(second.requests.length, 1);
	const [p] = await svc.db.rows(`select paused_until from provider where name = 'approved'`);
	assert.equal(p.paused_until, null, 'nothing is wrong with the provider');
});

test('as many retries as the document says, then the next provider at once', async () => {
	let down = 3;
	const busy = await startHttp({ answer: () => (down-- > 0 ? [503, ''] : [200, { ok: true }]) });
	const next = await startHttp();
	const both = async (o) => {
		await svc.db.query('update provider set is_enabled = false');
		await applyProvider(svc, genericDoc(busy, { name: 'busy', priority: 1, ...o }));
		await applyProvider(svc, genericDoc(next, { name: 'next', priority: 2 }));
		const before = busy.requests.length;
		const row = await outboxEnds(svc.db, 'challenge_id', (await asked(await person())).challenge_id);
		assert.equal(row.state, 'sent', row.last_error);
		const [p] = await svc.db.rows('select name from provider where id = $1', [row.provider_id]);
		return [p.name, row.attempts, busy.requests.slice(before)];
	};
	const [name, attempts, tries] = await both({ retries: 3, backoff_ms: 200 });
	assert.deepEqual([name, attempts, tries.length], ['busy', 4, 4]);
	for (let i = 1; i < tries.length; i++) assert.ok(tries[i].at - tries[i - 1].at >= 190, 'not before 200 ms');
	down = Infinity;
	const [other, once] = await both({ retries: 0 });
	assert.deepEqual([other, once, next.requests.length], ['next', 2, 1]);
	assert.ok(next.requests[0].at - busy.requests.at(-1).at < 5_000 * SLOW, 'without a wait');
	assert.deepEqual((await both({}))[1], 3, 'one retry, unless the document says');
});

test('what the gateway says that a message cost: kept, shown, and never a reason to fail', async () => {
	await svc.db.query(`truncate outbox, spend_hour; delete from sms_price; insert into sms_price (prefix, price) values ('91', 8000)`);
	let price = 0.0075;
	const sms = await startHttp({ answer: () => [200, { ok: true, id: 'm1', price }] });
	const doc = genericDoc(sms, { name: 'priced', cost_pointer: '/price' });
	const costOf = async (p) => {
		price = p;
		const row = await sent(doc);
		return [row.state, row.cost, row.cost_reported];
	};
	assert.deepEqual(await costOf(0.0075), ['sent', '8000', '7500']);
	assert.deepEqual(await costOf('-0.0125'), ['sent', '8000', '12500']);
	assert.deepEqual(await costOf(null), ['sent', '8000', null]);
	assert.ok(!svc.log.includes('cost_pointer') && !svc.log.includes('no amount'));
	assert.deepEqual(await costOf('a lot'), ['sent', '8000', null]);
	await waitUntil(() => /the cost in the answer is no amount/.test(svc.log));
	assert.deepEqual(await costOf(1e30), ['sent', '8000', null]);
	const admin = await consoleLogin(svc);
	const { body: spend } = await admin.get('/spend');
	// Five by the prices, and what one was dearer.
	assert.deepEqual([spend.hour.cost, spend.hour.reported], [5 * 8000 + 4500, 20_000]);
	assert.deepEqual(spend.recent.map((r) => [r.cost, r.cost_reported]), [[8000, null], [8000, null], [8000, null], [8000, 12_500], [8000, 7500]]);
	const { body: outbox } = await admin.get('/outbox');
	assert.deepEqual(outbox.data.map((m) => m.cost_reported), [null, null, null, 12_500, 7500]);
	// A test says it, and what is wrong with it.
	price = 0.009;
	assert.deepEqual([(await tested('priced')).cost, (await admin.get('/spend')).body.hour.reported], [9000, 29_000]);
	assert.match((await svc.cli(['provider', 'test', 'priced', '--to', '+919820012345'])).stdout, /^accepted as m1, for 0\.009$/m);
	price = 'free';
	const r = await admin.post('/providers/priced/test', { to: '+919820012345' });
	assert.deepEqual([r.body.ok, r.body.cost], [true, null]);
	assert.match(r.body.note, /no amount/);
});

test('no claim of a gateway makes room under the ceiling', async () => {
	await svc.db.query(`truncate outbox, spend_hour; delete from sms_price; insert into sms_price (prefix, price) values ('91', 1000000)`);
	await setSetting(svc.db, 'sms_hour_budget', 3_000_000);
	const sms = await startHttp({ answer: () => [200, { ok: true, price: 0 }] });
	await sent(genericDoc(sms, { name: 'free', cost_pointer: '/price' }));
	const ask = async () => (await svc.post('/auth/otp/request', { identifier: (await person({ email: null })).mobile_number }, { key })).status;
	assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 503]);
	await setSetting(svc.db, 'sms_hour_budget', 0);
});
