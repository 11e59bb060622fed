// What providers report about delivery: as their gateways send it, twice, in
// any order, too early, and by strangers.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { auditRows, makeCast, makeUser, rawRequest, startService, waitUntil } from './harness.mjs';
import { EGRESS, applyProvider, genericDoc, outboxEnds, startHttp } from './delivery_kit.mjs';

const SECRET = 'receipt-secret.of~the_gateway';
const svc = await startService({
	env: { ...EGRESS, IDENTITY_TRUSTED_PROXIES: '127.0.0.0/8' },
	settings: { otp_address_max: 1000, sms_breaker: false, metrics_allow: ['127.0.0.1'] },
});
const { app, key } = await makeCast(svc);
let counter = 0;
const sms = await startHttp({ answer: () => [200, { ok: true, id: `m-${++counter}` }] });
const MAP = { DELIVRD: 'delivered', 1: 'delivered', UNDELIV: 'failed', 2: 'failed', ENROUTE: 'ignored' };
const places = { json: { id: '/message/id', status: '/message/status', error: '/message/why' }, form: { id: 'MessageId', status: 'Status', error: 'ErrorText' } };
const providers = {};
async function provider(name, receipt, o = {}) {
	const doc = await applyProvider(svc, genericDoc(sms, { name, enabled: false, receipt: receipt && { secret: SECRET, map: MAP, ...receipt }, ...o }));
	providers[name] = doc;
	return doc;
}
for (const [name, where] of Object.entries(places)) await provider(name, where);
const only = (name) => svc.db.query('update provider set is_enabled = (name = $1)', [name]);
// A message that the provider took: its row.
async function sent(name) {
	await only(name);
	const u = await makeUser(svc, { apps: [app], mobile: `+9197${String(30_000_000 + (++counter))}`, password: null });
	const r = await svc.post('/auth/otp/request', { identifier: u.mobile_number }, { key });
	assert.equal(r.status, 200, r.text);
	return { ...await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id, ['sent']), user: u };
}
const ask = (path, { method = 'GET', ...o } = {}) => svc.request(method, path, o);
const at = (name) => `/delivery/receipts/${providers[name].id}`;
const call = (path, o = {}) => ask(path, { method: 'POST', headers: { 'x-receipt-secret': SECRET, ...o.headers }, ...o.rest });
// A secret that was saved is in force in every worker within 100 ms.
async function inForce(name, secret = SECRET) {
	let good = 0;
	await waitUntil(async () => {
		const r = await ask(`${at(name)}?secret=${secret}`);
		good = r.status === 401 ? 0 : good + 1;
		return good >= 8;
	});
}
const json = (body) => ({ rest: { body } });
const row = async (id) => (await svc.db.rows('select state, receipt, receipt_at, receipt_error from outbox where id = $1', [id]))[0];
const said = async (id) => { const r = await row(id); return [r.state, r.receipt, r.receipt_error]; };
for (const name of Object.keys(places)) await inForce(name);

test('the document: shown without its secret, kept when it is left out, refused when it says too little', async () => {
	const [shown] = (await svc.cli(['provider', 'list', '--json'])).json().filter((p) => p.name === 'json');
	assert.deepEqual(shown.receipt, { id: '/message/id', status: '/message/status', error: '/message/why', map: MAP, secret: { set: true } });
	assert.match(shown.id, /^[0-9a-f-]{36}$/);
	assert.ok(!JSON.stringify(await svc.db.rows('select config, secrets::text from provider')).includes(SECRET));
	const again = await applyProvider(svc, shown);
	assert.equal(again.id, shown.id);
	await inForce('json');
	const bad = async (receipt, o = {}) => (await applyProvider(svc, genericDoc(sms, { name: 'bad', receipt, ...o }), { mayFail: true })).stderr;
	const whole = { secret: SECRET, ...places.json, map: MAP };
	assert.match(await bad({ ...whole, secret: 'short' }), /receipt\.secret: must be 16 to 128/);
	assert.match(await bad({ ...whole, secret: 'sixteen characters and a blank' }), /receipt\.secret: must be/);
	assert.match(await bad({ ...whole, secret: undefined }), /receipt\.secret: is needed/);
	assert.match(await bad({ ...whole, id: undefined }), /receipt\.id: must be a JSON pointer/);
	assert.match(await bad({ ...whole, status: '/a~2' }), /receipt\.status: must be/);
	assert.match(await bad({ ...whole, list: 'results' }), /receipt\.list: must be/);
	assert.match(await bad({ ...whole, map: { X: 'failed' } }), /receipt\.map: must say which status means delivered/);
	assert.match(await bad({ ...whole, map: { X: 'arrived' } }), /receipt\.map: must map/);
	assert.match(await bad({ ...whole, map: 'X' }), /receipt\.map: must be an object/);
	assert.match(await bad({ ...whole, callback: 'x' }), /receipt\.callback: is no field/);
	assert.match(await bad('x'), /receipt: must be an object/);
	assert.match(await bad(whole, { message_id_pointer: undefined, headers: {} }), /message_id_pointer: is needed with receipt/);
	assert.match((await applyProvider(svc, { name: 'bad', type: 'smtp', host: '127.0.0.1', security: 'none', from: 'a@b.example', receipt: whole }, { mayFail: true })).stderr, /receipt: is no field/);
});

test('JSON, by a pointer: delivered, with its audit row', async () => {
	const m = await sent('json');
	const r = await call(at('json'), json({ message: { id: m.provider_ref, status: 'DELIVRD' } }));
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body, { status: 'received' });
	assert.deepEqual(await said(m.id), ['sent', 'delivered', null]);
	assert.ok((await row(m.id)).receipt_at >= m.ended_at);
	const [a] = await auditRows(svc.db, { event: 'message_delivered', subject_id: m.user.auth_user_id });
	assert.deepEqual([a.category, a.outcome, a.application_id, a.ip, a.detail], ['system', 'delivered', app.id, '127.0.0.1', { outbox_id: m.id, kind: 'code', channel: 'sms' }]);
});

test('a form, and the secret in the query; failed with its reason', async () => {
	const m = await sent('form');
	const r = await ask(`${at('form')}?secret=${SECRET}`, { method: 'POST', form: { MessageId: m.provider_ref, Status: '2', ErrorText: 'Numéro\u0007 éteint', To: '+91' } });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(await said(m.id), ['sent', 'failed', 'Numéro? éteint']);
	const [a] = await auditRows(svc.db, { event: 'message_undelivered', subject_id: m.user.auth_user_id });
	assert.deepEqual([a.outcome, a.detail.reason], ['failed', 'Numéro? éteint']);
});

test('a query, by GET and by an empty POST', async () => {
	for (const method of ['GET', 'POST']) {
		const m = await sent('form');
		const r = await ask(`${at('form')}?Status=DELIVRD&secret=${SECRET}&MessageId=${m.provider_ref}`, { method });
		assert.equal(r.status, 200, r.text);
		assert.deepEqual(await said(m.id), ['sent', 'delivered', null], method);
	}
});

test('twice is once; what failed may be delivered, what was delivered stays so', async () => {
	const m = await sent('json');
	const tell = (status, why) => call(at('json'), json({ message: { id: m.provider_ref, status, why } }));
	const audits = async () => (await svc.db.rows("select event from audit where detail ->> 'outbox_id' = $1 order by id", [m.id])).map((a) => a.event);
	await tell('UNDELIV', 'first');
	await tell('UNDELIV', 'second');
	assert.deepEqual(await said(m.id), ['sent', 'failed', 'first']);
	await tell('DELIVRD', 'none');
	const when = (await row(m.id)).receipt_at;
	for (const status of ['DELIVRD', 'UNDELIV', 'ENROUTE', 'UNDELIV']) assert.equal((await tell(status)).status, 200);
	assert.deepEqual(await said(m.id), ['sent', 'delivered', null]);
	assert.deepEqual((await row(m.id)).receipt_at, when);
	assert.deepEqual(await audits(), ['message_undelivered', 'message_delivered']);
	const crowd = await sent('json');
	await Promise.all(Array.from({ length: 20 }, (_, i) => call(at('json'), json({ message: { id: crowd.provider_ref, status: i % 2 ? 'DELIVRD' : 'UNDELIV' } }))));
	assert.equal((await row(crowd.id)).receipt, 'delivered');
	assert.equal((await svc.db.rows("select from audit where event = 'message_delivered' and detail ->> 'outbox_id' = $1", [crowd.id])).length, 1);
});

test('an unknown id, a word that says nothing, a word that nobody mapped: the same answer', async () => {
	const m = await sent('json');
	for (const message of [{ id: 'nobody', status: 'DELIVRD' }, { id: 'x'.repeat(300), status: 'DELIVRD' }, { id: m.provider_ref, status: 'ENROUTE' },
		{ id: m.provider_ref, status: 'Buffered "twice"\n' }, { id: 12, status: 1 }]) {
		const r = await call(at('json'), json({ message }));
		assert.equal(r.status, 200, r.text);
		assert.deepEqual(r.body, { status: 'received' });
	}
	assert.deepEqual(await said(m.id), ['sent', null, null]);
	await svc.logContains(/receipt\.map has no status/);
	// Another provider's ids are not this one's.
	await call(at('form'), { rest: { form: { MessageId: m.provider_ref, Status: '1' } } });
	assert.deepEqual(await said(m.id), ['sent', null, null]);
});

test('numbers are as good as texts; a message of our own id', async () => {
	sms.answer = () => [200, { ok: true, id: 4711 }];
	const m = await sent('json');
	await call(at('json'), json({ message: { id: 4711, status: 1 } }));
	assert.deepEqual(await said(m.id), ['sent', 'delivered', null]);
	await provider('own', { id: 'ref', status: 'status' }, { message_id_pointer: undefined });
	await inForce('own');
	const own = await sent('own');
	assert.equal(own.provider_ref, own.id);
	await call(at('own'), json({ ref: own.id, status: 1 }));
	assert.equal((await row(own.id)).receipt, 'delivered');
	sms.answer = () => [200, { ok: true, id: `m-${++counter}` }];
});

test('several in one call: a list within, a list as the body', async () => {
	await provider('list', { list: '/results', id: '/messageId', status: '/status/name', error: '/status/text' });
	await inForce('list');
	const a = await sent('list');
	const b = await sent('list');
	const r = await call(at('list'), json({ results: [{ messageId: b.provider_ref, status: { name: 'UNDELIV', text: 'absent' } }, { event: 'inbound' },
		{ messageId: a.provider_ref, status: { name: 'DELIVRD' } }, { messageId: 'other', status: { name: 'DELIVRD' } }] }));
	assert.equal(r.status, 200, r.text);
	assert.deepEqual([await said(a.id), await said(b.id)], [['sent', 'delivered', null], ['sent', 'failed', 'absent']]);
	assert.equal((await call(at('list'), { headers: { 'content-type': 'application/json' }, rest: { body: JSON.stringify([{ messageId: b.provider_ref, status: { name: 'DELIVRD' } }]) } })).status, 200);
	assert.equal((await row(b.id)).receipt, 'delivered');
	const none = await call(at('list'), json({ results: [{ event: 'inbound' }] }));
	assert.deepEqual([none.status, none.body.errors[0].field], [422, 'id']);
	assert.equal((await call(at('list'), json({ results: [] }))).status, 200);
	assert.equal((await call(at('list'), json({ results: {} }))).body.errors[0].field, 'list');
	assert.equal((await call(at('list'), json({ results: Array(101).fill({ messageId: 'x', status: { name: 'DELIVRD' } }) }))).body.errors[0].field, 'list');
});

test('a receipt that overtakes the answer is kept for it', async () => {
	let early;
	sms.answer = (r, res) => {
		early = call(at('json'), json({ message: { id: 'early-1', status: 'UNDELIV', why: 'too soon' } }))
			.then(() => call(at('json'), json({ message: { id: 'early-1', status: 'DELIVRD' } })))
			.then(() => { res.writeHead(200, { 'content-type': 'application/json' }); res.end('{"ok":true,"id":"early-1"}'); });
	};
	const m = await sent('json');
	await early;
	assert.deepEqual([m.provider_ref, ...await said(m.id)], ['early-1', 'sent', 'delivered', null]);
	const [a] = await auditRows(svc.db, { event: 'message_delivered', subject_id: m.user.auth_user_id });
	assert.deepEqual([a.detail.outbox_id, a.ip], [m.id, null]);
	assert.deepEqual(await svc.db.rows('select from receipt_early'), []);
	sms.answer = () => [200, { ok: true, id: `m-${++counter}` }];
	// While nothing is being sent, nothing is kept.
	await call(at('json'), json({ message: { id: 'never', status: 'DELIVRD' } }));
	assert.deepEqual(await svc.db.rows('select from receipt_early'), []);
});

test('strangers learn nothing, not even whether there is a provider, and are slowed down', async () => {
	await provider('silent', undefined);
	const m = await sent('json');
	const from = (n) => ({ 'x-forwarded-for': `192.0.2.${n}` });
	const body = { message: { id: m.provider_ref, status: 'DELIVRD' } };
	const shape = (r) => [r.status, r.body.code, r.body.title, r.body.detail];
	const tries = [
		[at('json'), {}], [at('json'), { 'x-receipt-secret': `${SECRET}x` }], [at('json'), { 'x-receipt-secret': SECRET.slice(0, -1) }],
		[`${at('json')}?secret=wrong`, {}], [`${at('json')}?secret=`, {}], [`${at('json')}?secret=${SECRET}&secret=${SECRET}`, {}],
		[at('json'), { 'x-receipt-secret': '' }], [at('silent'), {}], [at('silent'), { 'x-receipt-secret': SECRET }],
		[`/delivery/receipts/${randomUUID()}`, { 'x-receipt-secret': SECRET }], ['/delivery/receipts/json', { 'x-receipt-secret': SECRET }],
		[`${at('json').toUpperCase().replace('/DELIVERY/RECEIPTS', '/delivery/receipts')}x`, { 'x-receipt-secret': SECRET }],
	];
	const answers = [];
	for (const [path, headers] of tries) answers.push(shape(await ask(path, { method: 'POST', headers: { ...headers, ...from(1) }, body })));
	for (const a of answers) assert.deepEqual(a, answers[0]);
	assert.deepEqual(answers[0].slice(0, 2), [401, 'receipt_secret_invalid']);
	assert.deepEqual(await said(m.id), ['sent', null, null]);
	assert.ok((await waitUntil(async () => { const r = await auditRows(svc.db, { event: 'receipt_refused' }); return r.length > 0 && r; }))[0].count >= 1);
	const codes = [];
	for (let i = 0; i < 40; i++) codes.push((await ask(at('json'), { method: 'POST', headers: from(2), body })).status);
	assert.deepEqual([codes[0], codes[29], codes[30], codes[39]], [401, 401, 429, 429]);
	// Nobody else waits, and who knows the secret is never counted.
	for (let i = 0; i < 40; i++) assert.equal((await call(at('json'), { headers: from(3), rest: { body } })).status, 200);
	assert.deepEqual(await said(m.id), ['sent', 'delivered', null]);
});

test('hostile bodies are refused, and nothing of them is kept', async () => {
	const raw = (body, t) => call(at('json'), { headers: { 'content-type': t }, rest: { body } });
	assert.equal((await raw('{"message":', 'application/json')).body.code, 'malformed_request');
	assert.equal((await raw('"text"', 'application/json')).body.code, 'malformed_request');
	assert.equal((await raw('['.repeat(2000), 'application/json')).body.code, 'malformed_request');
	assert.equal((await raw('{"message":1,"message":2}', 'application/json')).body.code, 'malformed_request');
	assert.equal((await raw('{"message":{"id":"\\u0000","status":"DELIVRD"}}', 'application/json')).body.code, 'malformed_request');
	assert.equal((await raw('a=%zz', 'application/x-www-form-urlencoded')).body.code, 'malformed_request');
	assert.equal((await raw(Array.from({ length: 100 }, (_, i) => `f${i}=1`).join('&'), 'application/x-www-form-urlencoded')).body.code, 'malformed_request');
	assert.equal((await raw('<x/>', 'application/xml')).body.code, 'unsupported_media_type');
	assert.equal((await raw(`{"a":"${'x'.repeat(33_000)}"}`, 'application/json')).body.code, 'body_too_large');
	assert.deepEqual((await raw('{}', 'application/json')).body.errors.map((e) => e.field), ['id']);
	assert.deepEqual((await raw('{"message":{"id":"x"}}', 'application/json')).body.errors.map((e) => e.field), ['status']);
	assert.deepEqual((await raw('{"message":{"id":{"a":1},"status":"DELIVRD"}}', 'application/json')).body.errors.map((e) => e.field), ['id']);
	assert.equal((await ask(at('json'), { method: 'PUT', headers: { 'x-receipt-secret': SECRET }, body: {} })).status, 405);
	// A gateway that does not say what it sends.
	const m = await sent('json');
	const text = JSON.stringify({ message: { id: m.provider_ref, status: 'DELIVRD' } });
	const r = await rawRequest(svc, `POST ${at('json')}?secret=${SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
	assert.equal(r.status, 200, r.text);
	assert.equal((await row(m.id)).receipt, 'delivered');
	assert.equal((await svc.db.rows("select from outbox where receipt_error ~ '[[:cntrl:]]'")).length, 0);
});

test('the console and the metrics show it; the secret is in no log', async () => {
	const { text } = await svc.get('/metrics');
	const count = (result) => Number(new RegExp(`identityd_receipts_total\\{result="${result}"\\} (\\d+)`).exec(text)[1]);
	for (const result of ['delivered', 'failed', 'same', 'unknown', 'ignored', 'unmapped', 'refused']) assert.ok(count(result) > 0, `${result}: ${text}`);
	assert.ok(!svc.log.includes(SECRET) && !svc.log.includes('receipt-secret'));
	assert.equal((await svc.db.rows('select from audit where audit::text like $1', [`%${SECRET}%`])).length, 0);
});
