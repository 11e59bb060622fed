// The console's API on the running service, as the OpenAPI document has it.
// What all operations share is made from the document: no session, another
// origin, no JSON, no such thing, no If-Match, no step-up.  |good| is a good
// call of each; its answer is judged by the document (contract_kit).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contract } from './contract_kit.mjs';
import { consoleLogin, makeApp, makeKey, makeUser, signIn, startService, waitUntil } from './harness.mjs';
import { totp } from './harness_totp.mjs';

const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
const whole = JSON.parse((await svc.get('/openapi.json')).text);
for (const path of Object.keys(whole.paths)) if (!path.startsWith('/setup/api/')) delete whole.paths[path];
const contract = new Contract(whole);
const c = await consoleLogin(svc);
const UNKNOWN = '0198c2a1-7d3e-7b5a-9c41-5f2e8d90a6b7';

const app = await makeApp(svc, { name: 'Payroll' });
const { key, id: keyId } = await makeKey(svc, app);
let n = 0;
const person = (o = {}) => makeUser(svc, { apps: [app], mobile: `+9198${String(30_000_000 + ++n)}`, ...o });
const version = async (path) => JSON.parse((await c.get(path)).headers.etag);
const user = await person();

// ---- calls

// |o|: params, query, body, bytes, version; |as|: the session (null: none).
async function call(id, o = {}, as = c) {
	const { method } = contract.op(id);
	const r = await svc.request(method, contract.path(id, o.params) + (o.query ?? ''), {
		...(o.bytes !== undefined ? { body: o.bytes } : o.body !== undefined ? { body: o.body } : {}),
		headers: {
			...(as ? { cookie: as.cookie, 'x-csrf-token': as.csrf } : {}),
			...(o.version !== undefined ? { 'if-match': `"${o.version}"` } : {}), ...o.headers,
		},
	});
	contract.judge(id, r);
	return r;
}
async function expect(id, status, code, o, as) {
	const r = await call(id, o, as);
	assert.equal(`${r.status} ${r.body?.code ?? ''}`, `${status} ${code ?? ''}`, `${id}: ${r.text.slice(0, 500)}`);
	return r;
}

const has = (id, code) => Object.keys(contract.op(id).spec.responses).some((slot) => contract.codes(id, slot).includes(code));
const needs = (id, name) => (contract.op(id).spec.parameters ?? []).some((p) => p.name === name);
const ids = Object.keys(contract.ops);
const isGuarded = (id) => contract.op(id).isKeyed;

// Runs fn(id) for each and tells of all that failed, not of the first alone.
async function each(list, fn) {
	const failed = [];
	for (const id of list) await fn(id).catch((e) => failed.push(`${id}: ${e.message}`));
	assert.equal(failed.length, 0, failed.join('\n\n'));
}

// ---- a good call of each

const fields = async (o) => ({ params: { id: (await person()).auth_user_id }, ...o });
const versioned = async (path, o) => ({ ...o, version: await version(path) });
// A secret of the administrator's own, begun.
async function beginTotp() {
	await c.stepUp();
	return (await c.post('/account/mfa/totp', {})).body.secret;
}
const aKey = async () => ({ id: app.id, key_id: (await makeKey(svc, app)).id });
const good = {
	getConsoleSession: () => ({}),
	listConsoleSessions: () => ({}),
	stepUp: () => ({ body: { password: c.admin.password } }),
	sendStepUpCode: () => ({}),
	endConsoleSession: async () => {
		const other = await consoleLogin(svc, { admin: c.admin });
		const { body } = await c.get('/sessions');
		assert.ok(other.cookie);
		return { params: { id: body.data.find((s) => !s.is_current).id } };
	},

	getOwnFactors: () => ({}), beginOwnTotp: () => ({}), makeOwnRecoveryCodes: () => ({}),
	confirmOwnTotp: async () => ({ body: { code: totp(await beginTotp()) } }),
	removeOwnTotp: () => ({}),

	listPeople: () => ({ query: '?q=person&count=1&limit=2' }),
	createPerson: () => ({ body: { name: 'Asha Rao', email: 'asha.rao@example.org', applications: [app.id] } }),
	getPerson: () => ({ params: { id: user.auth_user_id } }),
	changePerson: async () => versioned(`/users/${user.auth_user_id}`, { params: { id: user.auth_user_id }, body: { emp_id: 'E-1042' } }),
	deletePerson: async () => {
		const u = await person();
		return versioned(`/users/${u.auth_user_id}`, { params: { id: u.auth_user_id } });
	},
	disablePerson: () => fields(), enablePerson: () => fields(), signOutPerson: () => fields(), unlockPerson: () => fields(), recoverPerson: () => fields(),
	assignPerson: () => fields().then((o) => ({ params: { ...o.params, app_id: app.id } })),
	unassignPerson: () => fields().then((o) => ({ params: { ...o.params, app_id: app.id } })),
	getPersonSecurity: () => fields(),
	listPersonSessions: () => ({ params: { id: user.auth_user_id } }),
	listPersonDevices: () => ({ params: { id: user.auth_user_id } }),
	endPersonSession: async () => {
		const t = await signIn(svc, { key, user });
		return { params: { id: user.auth_user_id, sid: t.session.id } };
	},
	forgetPersonDevice: () => ({ params: { id: user.auth_user_id }, body: { application_id: app.id, device_id: 'phone-1' } }),
	changePeople: async () => ({ body: { action: 'disable', ids: [(await person()).auth_user_id] } }),

	listApps: () => ({ query: '?q=pay&count=1' }),
	createApp: () => ({ body: { name: 'Wiki', allowed_ips: [{ block: '10.1.2.0/24', label: 'servers' }] } }),
	getApp: () => ({ params: { id: app.id } }),
	changeApp: () => versioned(`/applications/${app.id}`, { params: { id: app.id }, body: { rate_per_minute: 100000 } }),
	deleteApp: async () => {
		const a = await makeApp(svc);
		return versioned(`/applications/${a.id}`, { params: { id: a.id } });
	},
	setAllowedIps: () => versioned(`/applications/${app.id}`, { params: { id: app.id }, body: { entries: [{ block: '127.0.0.0/8', label: null }, { block: '::1' }] } }),
	testAddress: () => ({ params: { id: app.id }, body: { address: '127.0.0.1' } }),
	suggestAddresses: () => ({ params: { id: app.id } }),
	listKeys: () => ({ params: { id: app.id } }),
	createKey: () => ({ params: { id: app.id }, body: { label: 'second', expires_in_days: 30 } }),
	changeKey: async () => ({ params: await aKey(), body: { label: 'renamed' } }),
	deleteKey: async () => ({ params: await aKey() }),
	rotateKey: async () => ({ params: await aKey(), body: { old_expires_in_s: 60 } }),

	listAudit: () => ({ query: '?limit=5' }),
	getAuditRow: async () => ({ params: { id: (await c.get('/audit?limit=1')).body.data[0].id } }),
	exportAudit: () => ({ query: '?format=csv' }),
	previewPurge: () => ({ body: { older_than_days: 365 } }),
	listSettings: () => ({}), changeSettings: () => ({ body: { otp_resend_s: 45 } }),
	saveProvider: () => ({ params: { name: 'mail' }, body: { name: 'mail', type: 'smtp', enabled: false, host: 'mail.example.org', port: 465, security: 'tls', from: 'id@example.org' } }),
	getProvider: () => ({ params: { name: 'mail' } }),
	previewTemplate: () => ({ body: { name: 'sign_in_code', channel: 'sms', language: 'en', text: 'Code {{code}}' } }),
	setPrices: () => ({ body: { data: [{ prefix: '91', provider: null, price: 200000 }] } }),
	createImport: () => ({ body: { file_name: 'people.csv', mode: 'both' } }),
};
// Every other GET without a part of the path in it needs nothing.
for (const id of ids) if (contract.op(id).method === 'GET' && !contract.op(id).template.includes('{')) good[id] ??= () => ({});

// What a good call answers first where it has to be confirmed.
async function run(id) {
	const o = await good[id]();
	const r = await call(id, o);
	if (r.status !== 403 || r.body?.code !== 'step_up_required') return r;
	await c.stepUp();
	return call(id, o);
}

test('nothing is answered without a session', async () => {
	for (const id of ids.filter(isGuarded)) {
		const { template } = contract.op(id);
		await expect(id, 401, 'console_session_required', { params: {}, version: 1, ...(contract.op(id).hasBody ? { body: {} } : {}) }, null);
		assert.ok(template.startsWith('/setup/api/'));
	}
});

test('nothing is changed for another origin', async () => {
	for (const id of ids.filter((i) => isGuarded(i) && contract.op(i).method !== 'GET')) {
		const body = contract.op(id).hasBody ? { body: {} } : {};
		await expect(id, 403, 'csrf_failed', { ...body, version: 1, headers: { 'sec-fetch-site': 'cross-site' } });
		await expect(id, 403, 'csrf_failed', { ...body, version: 1, headers: { 'x-csrf-token': 'another' } });
	}
});

test('what is not there is 404', async () => {
	await each(ids.filter((i) => isGuarded(i) && has(i, 'not_found') && !has(i, 'step_up_required')), async (id) => {
		const o = { version: needs(id, 'If-Match') ? 1 : undefined, ...(good[id] ? await good[id]() : id === 'testProvider' ? { body: { to: 'asha@example.org' } } : id === 'setWebhook' ? { body: { url: 'https://example.org/hook', is_enabled: true } } : {}) };
		const params = { ...o.params, ...(contract.op(id).template.includes('{name}') ? { name: 'no-such-thing' } : { id: id === 'getAuditRow' ? '999999999' : UNKNOWN }) };
		await expect(id, 404, 'not_found', { ...o, params });
	});
});

test('a change of what was read needs its version, and the present one', async () => {
	await each(ids.filter((i) => needs(i, 'If-Match') && good[i] && !has(i, 'step_up_required')), async (id) => {
		const { version: _, ...o } = await good[id]();
		await expect(id, 428, 'if_match_required', o);
		await expect(id, 412, 'precondition_failed', { ...o, version: 999 });
	});
});

test('bodies are JSON', async () => {
	await each(ids.filter((i) => isGuarded(i) && contract.op(i).spec.requestBody?.required && contract.op(i).spec.requestBody.content['application/json'] && good[i]), async (id) => {
		const { body: _, ...o } = await good[id]();
		await expect(id, 400, 'malformed_request', { ...o, bytes: '{"a":', headers: { 'content-type': 'application/json' } });
		await expect(id, 415, 'unsupported_media_type', { ...o, bytes: 'x', headers: { 'content-type': 'text/plain' } });
	});
});

test('dangerous acts ask for proof first', async () => {
	const fresh = await consoleLogin(svc, { admin: c.admin });
	for (const id of ids.filter((i) => good[i] && (contract.op(i).spec.description ?? '').includes('Needs a step-up'))) {
		await expect(id, 403, 'step_up_required', await good[id](), fresh);
	}
});

test('a good call of each is answered as the document says', async () => {
	await signIn(svc, { key, user }, { body: { device_id: 'phone-1', device_name: 'Phone' } });
	await waitUntil(async () => (await c.get('/audit?limit=1')).body.data.length > 0);
	const missing = ids.filter((id) => isGuarded(id) && !good[id] && !contract.op(id).template.includes('{'));
	await each(Object.keys(good).filter((i) => contract.has(i) && i !== 'stepUp'), async (id) => {
		const r = await run(id);
		assert.ok(r.status < 300, `${r.status} ${r.text.slice(0, 500)}`);
	});
	assert.ok(missing.length < ids.length / 3, `${missing}`);
});

test('refusals of their own', async () => {
	await expect('createPerson', 409, 'contact_taken', { body: { name: 'Another', email: user.email } });
	await expect('createPerson', 422, 'invalid_parameter', { body: { name: '' } });
	await expect('disablePerson', 403, 'not_yourself', { params: { id: c.admin.auth_user_id } });
	await expect('createApp', 409, 'conflict', { body: { name: 'Payroll' } });
	await expect('setAllowedIps', 422, 'invalid_parameter', { params: { id: app.id }, version: await version(`/applications/${app.id}`), body: { entries: [{ block: '10.0.0.300' }] } });
	await expect('signInConsole', 401, 'invalid_credentials', { body: { identifier: c.admin.email, password: 'wrong' } }, null);
	await expect('stepUp', 401, 'invalid_credentials', { body: { password: 'wrong' } });
	await c.stepUp();
	await expect('removeOwnTotp', 409, 'totp_not_enrolled');
	await expect('confirmOwnTotp', 409, 'totp_not_enrolled', { body: { code: '123456' } });
	const secret = await beginTotp();
	await expect('confirmOwnTotp', 422, 'invalid_parameter', { body: { code: '' } });
	await expect('confirmOwnTotp', 200, undefined, { body: { code: totp(secret) } });
	await expect('beginOwnTotp', 409, 'totp_enrolled');
	await expect('confirmOwnTotp', 409, 'totp_enrolled', { body: { code: totp(secret) } });
	await expect('removeOwnTotp', 200);
	const other = await consoleLogin(svc);
	await expect('signOutConsole', 204, undefined, {}, other);
	await expect('getConsoleSession', 401, 'console_session_required', {}, other);
	await expect('signInConsole', 200, undefined, { body: { identifier: other.admin.email, password: other.admin.password } }, null);
	assert.ok(keyId);
});
