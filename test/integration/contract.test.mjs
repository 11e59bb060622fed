// Every operation and every documented code of the OpenAPI document, on the
// running service: each answer is judged by the document (contract_kit), and
// what is written there and never answered fails at the end.
// The tables: |good| is a well-formed call of each operation, from which the
// cases that all of them share are made; |rows| are the cases of their own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { Contract } from './contract_kit.mjs';
import { connectRaw, makeApp, makeCast, makeKey, makeUser, newDatabase, setSetting, signIn, startCluster, startService, waitUntil } from './harness.mjs';
import * as password from './contract_password.mjs';
import * as receipts from './contract_receipts.mjs';
import * as second from './contract_second.mjs';
import * as sync from './contract_sync.mjs';
import * as tokens from './contract_tokens.mjs';

// Codes are in the answers: nothing is delivered.
const svc = await startService({ env: { IDENTITY_DEV_OTP: '1' } });
// The same without: there is no provider.
const plain = await startService({ db: svc.db, env: { IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key` } });
// The console's operations are contract_console.test.mjs's.
const whole = JSON.parse((await svc.get('/openapi.json')).text);
for (const path of Object.keys(whole.paths)) if (path.startsWith('/setup/api/')) delete whole.paths[path];
const contract = new Contract(whole);
const { app, key, user } = await makeCast(svc);
const nobody = 'nobody@example.org';
const tools = {
	svc, plain, contract, app, key, user, nobody,
	person: (o = {}) => makeUser(svc, { apps: [app], ...o }),
	signIn: (u, o) => signIn(svc, { key, user: u }, o),
	// A person, signed in, whose rights can be taken away.
	async guest(o) {
		const u = await tools.person(o);
		return { user: u, tokens: await tools.signIn(u) };
	},
	disable: (u) => svc.db.query("update person set status = 'disabled' where auth_user_id = $1", [u.auth_user_id]),
	unassign: (u) => svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]),
	// As after many wrong passwords.
	makeWait: (u) => svc.db.query(`insert into person_login (person_id, failures, wait_until) values ($1, 9, now() + interval '1 minute')
		on conflict (person_id) do update set failures = 9, wait_until = excluded.wait_until`, [u.auth_user_id]),
	// A token that has expired, made by a service that gives them a second.
	async expired() {
		await svc.db.query("update setting set min = 1, value = '1' where name = 'access_ttl_s'");
		const t = await waitUntil(async () => {
			const x = await tools.signIn(user);
			return x.expires_in === 1 && x;
		});
		await setSetting(svc.db, 'access_ttl_s', 900);
		await waitUntil(async () => (await tools.signIn(user)).expires_in === 900);
		await new Promise((go) => { setTimeout(go, 2_000); });
		return t.access_token;
	},
};
const live = await tools.signIn(user);
const expired = await tools.expired();
Object.assign(tools, { live, expired });

// ---- the tables

const byToken = (body) => () => ({ token: live.access_token, body });
const isThere = (id) => contract.has(id);	// its route is in kore.conf
const good = Object.fromEntries(Object.entries({
	register: () => ({ body: { identifier: user.email } }),
	login: () => ({ body: { identifier: user.email, password: user.password } }),
	getSession: byToken(),
	postSession: byToken({}),
	logout: () => ({ body: { refresh_token: `isr_${'A'.repeat(43)}` } }),
	getHealth: () => ({}),
	getReadiness: () => ({}),
	getMetrics: () => ({}),
	getOpenapi: () => ({}),
	...second.good(tools), ...tokens.good(tools), ...password.good(tools), ...sync.good(tools), ...await receipts.good(tools),
}).filter(([id]) => isThere(id)));

// What every operation answers that takes the person's access token.
const tokenRows = (id, o = () => ({})) => [
	[id, 401, 'token_missing', () => ({ ...o() })],
	[id, 401, 'token_invalid', () => ({ ...o(), token: `${live.access_token}x` })],
	[id, 401, 'token_expired', () => ({ ...o(), token: expired })],
	[id, 401, 'session_revoked', async () => {
		const g = await tools.guest();
		await contract.expect(svc, 'logout', 200, undefined, { key, token: g.tokens.access_token });
		return { ...o(), token: g.tokens.access_token };
	}],
	[id, 403, 'not_assigned', async () => {
		const g = await tools.guest();
		await tools.unassign(g.user);
		return { ...o(), token: g.tokens.access_token };
	}],
];

// [operation, status, code (undefined: a good answer), request, { on: another
// service }]
const rows = [
	['register', 200, undefined, async () => {
		await tools.person({ mobile: '+919876543210' });
		return { form: { mobile_number: '98765 43210' } };
	}],
	['register', 404, 'user_not_found', () => ({ body: { identifier: nobody } })],
	['register', 403, 'not_assigned', async () => ({ body: { email: (await makeUser(svc)).email } })],
	['register', 403, 'user_disabled', async () => {
		const u = await tools.person();
		await tools.disable(u);
		return { body: { identifier: u.email } };
	}],

	['login', 200, undefined, () => ({ body: { identifier: user.email, password: user.password, device_id: 'd:1', device_name: 'Küche', client_ip: '2001:db8::7', client_user_agent: 'A/1' } })],
	['login', 401, 'invalid_credentials', async () => ({ body: { identifier: (await tools.person()).email, password: 'wrong' } })],
	['login', 401, 'invalid_credentials', () => ({ body: { identifier: nobody, password: 'wrong' } })],
	['login', 401, 'invalid_credentials', async () => ({ body: { identifier: (await tools.person({ password: null })).email, password: 'wrong' } })],
	['login', 403, 'not_assigned', async () => {
		const u = await makeUser(svc);
		return { body: { identifier: u.email, password: u.password } };
	}],
	['login', 403, 'user_disabled', async () => {
		const u = await tools.person();
		await tools.disable(u);
		return { body: { identifier: u.email, password: u.password } };
	}],
	['login', 429, 'too_many_attempts', async () => {
		const u = await tools.person();
		await tools.makeWait(u);
		return { body: { identifier: u.email, password: u.password } };
	}],
	['login', 503, 'delivery_unavailable', async () => {
		const u = await tools.person({ mfa: true });
		return { body: { identifier: u.email, password: u.password } };
	}, { on: plain }],

	...tokenRows('getSession'),
	...tokenRows('postSession', () => ({ body: { client_ip: '203.0.113.7' } })),
	['postSession', 200, undefined, () => ({ token: live.access_token })],

	['logout', 200, undefined, async () => ({ token: (await tools.guest()).tokens.access_token, body: { all_devices: true } })],
	['logout', 200, undefined, () => ({ token: 'nothing.like.this' })],
	['logout', 401, 'token_missing', () => ({})],

	['getOpenapi', 304, undefined, async () => ({ headers: { 'if-none-match': `"x", ${(await svc.get('/openapi.json')).headers.etag}` } })],

	...second.rows(tools, tokenRows), ...tokens.rows(tools, tokenRows), ...password.rows(tools, tokenRows), ...sync.rows(tools), ...receipts.rows(tools), ...receipts.bad(good),
].filter(([id]) => isThere(id));

// ---- the cases of each operation

test('every operation of the document has a good call here', () => {
	assert.deepEqual(Object.keys(good).sort(), Object.keys(contract.ops).sort());
});

for (const [id, status, code, make, { on = svc } = {}] of rows) {
	test(`${id}: ${status} ${code ?? ''}`, async () => {
		await contract.expect(on, id, status, code, { key, ...await make() });
	});
}

// ---- the cases that all operations share

const far = await makeKey(svc, await makeApp(svc, { allow: ['192.0.2.1'] }));
const off = await makeApp(svc);
const offKey = await makeKey(svc, off);
await svc.db.query('update application set is_enabled = false where id = $1', [off.id]);

// An application whose budget is spent, for each operation.
async function spent(id) {
	const poor = await makeApp(svc);
	const k = await makeKey(svc, poor);
	await svc.db.query('update application set rate_per_minute = 1 where id = $1', [poor.id]);
	const sound = await good[id]();
	return waitUntil(async () => {
		const r = await contract.call(svc, id, { ...sound, key: k.key });
		return r.status === 429 && r;
	});
}

for (const op of Object.values(contract.ops)) {
	const { id } = op;
	// What is refused before it is read can be sent again.
	let sound = null;
	const expect = async (status, code, o) => {
		sound ??= await good[id]();
		return contract.expect(svc, id, status, code, { key, ...sound, ...o });
	};

	describe(`${id}, ${op.method} ${op.template}`, () => {
		test('a good call', async () => {
			const r = await contract.call(svc, id, { key, ...await good[id]() });
			assert.ok(r.status < 300, r.text);
		});

		if (op.isKeyed) {
			test('the guard', async () => {
				await expect(401, 'api_key_missing', { key: undefined });
				await expect(401, 'api_key_invalid', { key: `${key}x` });
				await expect(403, 'application_disabled', { key: offKey.key });
				await expect(403, 'ip_not_allowed', { key: far.key });
				const r = await spent(id);
				assert.equal(r.body.code, 'rate_limited');
				assert.match(r.headers.ratelimit, /^"application";r=0;t=\d+$/);
				assert.equal(r.headers['ratelimit-policy'], '"application";q=1;w=60');
			});
		}

		if (op.hasBody) {
			test('the body', async () => {
				const json = { 'content-type': 'application/json' };
				for (const bad of ['{', '[]', 'null', '{"a":1,"a":2}', '{} x', '{"client_ip":"\\u0000"}', '{"a":"\\ud800"}', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])])
					await expect(400, 'malformed_request', { body: bad, headers: json });
				await expect(413, 'body_too_large', { body: `{"x":"${'a'.repeat(70_000)}"}`, headers: json });
				await expect(415, 'unsupported_media_type', { body: 'hello', headers: { 'content-type': 'text/plain' } });
				const { body } = sound;
				const r = await expect(422, 'invalid_parameter', { body: { ...body, client_ip: '10.0.0.0/8', client_user_agent: 7 } });
				assert.deepEqual(r.body.errors.map((e) => e.field).sort(), ['client_ip', 'client_user_agent']);
				// Unknown fields are ignored.
				const more = await good[id]();
				assert.ok((await contract.call(svc, id, { key, ...more, body: { ...more.body, x: { y: [] } } })).status < 300);
			});
		}

		test('what breaks HTTP\'s rules', async () => {
			const target = contract.path(id, (await good[id]()).params);
			const head = (line, ...more) => [line, 'Host: localhost', ...more, '', ''].join('\r\n');
			const cases = [
				[400, 'malformed_request', head(`${op.method} ${target} HTTP/1.1`, 'Host: localhost')],
				[411, 'length_required', head(`POST ${target} HTTP/1.1`, 'Transfer-Encoding: chunked')],
				[414, 'uri_too_long', head(`${op.method} ${target}?${'a'.repeat(2000)} HTTP/1.1`)],
				[431, 'header_too_large', head(`${op.method} ${target} HTTP/1.1`, ...Array.from({ length: 100 }, (_, i) => `X-${i}: 1`))],
				[501, 'not_supported', head(`BREW ${target} HTTP/1.1`)],
				[505, 'http_version_not_supported', head(`${op.method} ${target} HTTP/2.0`)],
			];
			for (const [status, code, data] of cases) {
				const r = await contract.raw(svc, id, data);
				assert.equal(`${r.status} ${r.body.code}`, `${status} ${code}`);
			}
			const methods = Object.keys(contract.doc.paths[op.template]).map((m) => m.toUpperCase());
			const other = ['PUT', 'PATCH', 'DELETE', 'POST'].find((m) => !methods.includes(m));
			const r = await svc.request(other, target, { key });
			contract.judge(id, r);
			assert.equal(r.body.code, 'method_not_allowed');
			assert.deepEqual(r.headers.allow.split(', ').filter((m) => m !== 'HEAD').sort(), methods.sort());
		});
	});
}

test('metrics are for the addresses of their setting', async () => {
	await setSetting(svc.db, 'metrics_allow', ['192.0.2.0/24']);
	await contract.expect(svc, 'getMetrics', 403, 'ip_not_allowed');
	await setSetting(svc.db, 'metrics_allow', ['127.0.0.0/8', '::1']);
	await contract.expect(svc, 'getMetrics', 200);
});

// ---- a database that is broken, locked, gone; a service that stops

describe('a database in trouble', async () => {
	const cluster = startCluster();
	const db = await newDatabase({ cluster });
	const ill = await startService({ db });
	const own = await makeApp(ill);
	// Never used before: a key that is remembered would pass the guard.
	const { key: fresh } = await makeKey(ill, own);
	const ids = Object.keys(contract.ops).filter((id) => contract.ops[id].spec.responses[503] !== undefined);
	const sound = Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await good[id]()])));
	for (const [id, make] of Object.entries(await receipts.good({ svc: ill }))) sound[id] = make();	// a provider of its own
	const all = (status, code) => Promise.all(ids.map((id) => contract.expect(ill, id, status, code,
		{ ...sound[id], key: fresh, timeoutMs: 60_000 })));

	test('statements that fail: 500 internal', async () => {
		await db.query('alter table application_key rename to gone');
		await db.query('alter table schema_migration rename to gone_too');
		await db.query('alter table outbox rename to gone_three');
		await all(500, 'internal');
		await db.query('alter table gone rename to application_key');
		await db.query('alter table gone_too rename to schema_migration');
		await db.query('alter table gone_three rename to outbox');
	});

	test('statements that do not end: 503 overloaded', { timeout: 120_000 }, async () => {
		const lock = new pg.Client({ connectionString: db.url });
		await lock.connect();
		await lock.query('begin');
		await lock.query('lock table application_key, schema_migration, outbox in access exclusive mode');
		await all(503, 'overloaded');
		await lock.query('rollback');
		await lock.end();
	});

	test('a schema of another version: 503 database_unavailable', async () => {
		await db.query("insert into schema_migration (num, name, sha256) values (9999, 'later', 'x')");
		const r = await contract.expect(ill, 'getReadiness', 503, 'database_unavailable');
		assert.match(r.body.detail, /schema/);
		await db.query('delete from schema_migration where num = 9999');
		await contract.expect(ill, 'getReadiness', 200);
	});

	test('no database: 503 database_unavailable', { timeout: 120_000 }, async () => {
		await db.end();
		cluster.stop();
		await waitUntil(async () => (await ill.get('/readyz')).body.code === 'database_unavailable', { timeoutMs: 30_000 });
		await all(503, 'database_unavailable');
	});
});

// A body on its way keeps it from ending at once.
test('a service that stops: 503 draining', { timeout: 60_000 }, async () => {
	const last = await startService({ env: { IDENTITY_WORKERS: '1' } });
	const own = await makeCast(last);
	const slow = await connectRaw(last);
	await slow.write('POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345');
	await new Promise((go) => { setTimeout(go, 100); });
	const exit = last.stop();
	const r = await waitUntil(async () => {
		const x = await last.get('/readyz');
		return x.status === 503 && x;
	});
	contract.judge('getReadiness', r);
	assert.equal(r.body.code, 'draining');
	await contract.expect(last, 'streamUsers', 503, 'draining', { key: own.key });
	await slow.write('67890');
	assert.deepEqual(await exit, { code: 0, signal: null });
});

test('all that the document says has been seen', () => {
	assert.deepEqual(contract.missing(), []);
});
