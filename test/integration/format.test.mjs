// Conventions of api.md section 1, and what has no key: health, unknown
// addresses, /auth/register.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCast, makeUser, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const { app, key, user } = await makeCast(svc);
const json = (body, o = {}) => svc.request('POST', '/auth/register', { key, body, headers: { 'content-type': 'application/json', ...o.headers } });

test('register tells who is in the directory', async () => {
	const ok = await svc.post('/auth/register', { identifier: user.email }, { key });
	assert.equal(ok.status, 200);
	assert.equal(ok.body.registered, true);
	assert.equal(ok.body.user.email, user.email);
	const unknown = await svc.post('/auth/register', { identifier: 'nobody@example.org' }, { key });
	assert.equal(unknown.status, 404);
	assert.equal(unknown.body.code, 'user_not_found');
	assert.equal(unknown.body.detail, 'User not in the directory service.');
	const apart = await makeUser(svc, { apps: [] });
	const not = await svc.post('/auth/register', { identifier: apart.email }, { key });
	assert.equal(not.status, 403);
	assert.equal(not.body.detail, 'You are not allowed to access this application. Contact Administrator.');
	const off = await makeUser(svc, { apps: [app] });
	await svc.db.query("update person set status = 'disabled' where auth_user_id = $1", [off.auth_user_id]);
	const disabled = await svc.post('/auth/register', { identifier: off.email }, { key });
	assert.equal(disabled.status, 403);
	assert.equal(disabled.body.code, 'user_disabled');
});

test('what is not a JSON object is malformed', async () => {
	const bad = ['', '[]', '"x"', '1', 'null', '{', '{}x', '{"a":1,"a":2}', '{"a":"\u0000"}', '{"a":"\\u0000"}', '{"a":\u0001}',
		'{"a":"\\ud800"}', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
		'{\'a\':1}', '{"a":1,}', '{"a":NaN}', '\ufeff{}'];
	for (const body of bad) {
		const r = await json(body);
		const expected = body === '' ? 422 : 400;	// no body at all: fields are missing
		assert.equal(r.status, expected, `${body}: ${r.text}`);
		assert.equal(r.body.code, expected === 400 ? 'malformed_request' : 'invalid_parameter');
	}
});

test('forms are as strict', async () => {
	const form = (body) => svc.request('POST', '/auth/register', { key, body, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } });
	assert.equal((await form(`identifier=${encodeURIComponent(user.email)}`)).status, 200);
	for (const body of ['identifier=%zz', 'identifier=%', 'identifier=a&identifier=b', 'identifier=%00', 'identifier=%ff'])
		assert.equal((await form(body)).body.code, 'malformed_request', body);
	assert.equal((await form('identifier=')).body.code, 'invalid_parameter');
	assert.equal((await form(Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&'))).body.code, 'malformed_request');
});

test('media types', async () => {
	for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonx', 'json'])
		assert.equal((await svc.request('POST', '/auth/register', { key, body: '{}', headers: { 'content-type': type } })).status, 415, type);
	const none = await svc.request('POST', '/auth/register', { key, body: '{}', headers: {} });
	assert.equal(none.status, 415);
	assert.equal((await json(`{"identifier":"${user.email}"}`, { headers: { 'content-type': 'Application/JSON; charset=UTF-8' } })).status, 200);
});

test('every answer carries a request id', async () => {
	for (const id of ['abcdefgh', 'A-Z_a.z-0123456789', 'x'.repeat(64)]) {
		const r = await svc.get('/healthz', { headers: { 'x-request-id': id } });
		assert.equal(r.headers['x-request-id'], id);
	}
	for (const id of ['short', 'x'.repeat(65), 'has blank', 'semi;colon', 'ü-umlaut-xx']) {
		const r = await svc.get('/nothing', { headers: { 'x-request-id': Buffer.from(id).toString('latin1') } });
		assert.match(r.headers['x-request-id'], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
		assert.equal(r.body.request_id, r.headers['x-request-id']);
	}
	await waitUntil(() => svc.log.includes('A-Z_a.z-0123456789'));
});

test('problems are RFC 9457', async () => {
	const r = await svc.get('/no/such/thing');
	assert.equal(r.status, 404);
	assert.equal(r.headers['content-type'], 'application/problem+json');
	assert.match(r.headers['cache-control'], /no-store/);
	assert.deepEqual(Object.keys(r.body), ['type', 'title', 'status', 'code', 'detail', 'request_id']);
	assert.equal(r.body.type, 'urn:identity:problem:not_found');
	assert.equal(r.body.status, 404);
});

test('unknown addresses and methods answer the same to everybody', async () => {
	for (const path of ['/', '/auth', '/auth/', '/auth/login/', '/AUTH/login', '/auth//login', '/auth/%6cogin', '/users', '/.env'])
		for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
			assert.equal((await svc.request(method, path, { body: ['GET', 'DELETE'].includes(method) ? undefined : '{}' })).status, 404, `${method} ${path}`);
	const r = await svc.get('/auth/login');
	assert.equal(r.status, 405);
	assert.equal(r.headers.allow, 'POST');
});

test('health and readiness', async () => {
	const h = await svc.get('/healthz');
	assert.deepEqual(h.body, { status: 'ok' });
	const r = await svc.get('/readyz', { https: true });
	assert.equal(r.status, 200);
	assert.equal(r.body.status, 'ready');
	assert.ok(r.body.schema_version >= 1);
});

test('HSTS on TLS only, and no version in the server field', async () => {
	const plain = await svc.get('/healthz');
	const secure = await svc.get('/healthz', { https: true });
	assert.equal(plain.headers['strict-transport-security'], undefined);
	assert.match(secure.headers['strict-transport-security'], /max-age=31536000/);
	assert.equal(secure.headers.server, 'identity');
	assert.equal(plain.headers['x-content-type-options'], 'nosniff');
});

test('a body that cannot be read says what is wrong with it', async () => {
	const say = async (body, headers = { 'content-type': 'application/json' }) => {
		const r = await svc.post('/auth/register', body, { key, headers });
		assert.equal(r.body.code, 'malformed_request', body);
		return r.body.detail;
	};
	const text = '{"identifier":"a@example.org"}';
	for (const [re, body] of [
		[/not valid JSON/, '{"identifier":'], [/one JSON object/, '[]'], [/one JSON object/, '"a"'], [/one JSON object/, '7'], [/behind/, `${text}x`],
		[/member twice/, '{"identifier":"a@example.org","x":{"a":1,"a":2}}'], [/member twice/, '{"identifier":"a","ident\\u0069fier":"a"}'],
		[/NUL/, '{"identifier":"a\\u0000"}'], [/NUL/, '{"identifier":"a\0"}'], [/NUL/, '{"a\\u0000":1}'],
		[/UTF-8/, Buffer.from([...Buffer.from('{"identifier":"'), 0xff, ...Buffer.from('"}')])], [/nested/, `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
		[/number/, '{"a":1e999999}'],
	]) assert.match(await say(body), re, String(body).slice(0, 80));
	const form = { 'content-type': 'application/x-www-form-urlencoded' };
	for (const [re, body] of [[/field twice/, 'identifier=a&identifier=b'], [/not a form/, 'identifier=%zz'], [/NUL/, 'identifier=a%00'],
		[/too many/, Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&')]]) assert.match(await say(body, form), re, body);
});
