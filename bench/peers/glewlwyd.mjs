// glewlwyd - Debian's package on PostgreSQL, with its OpenID Connect plugin:
// JWTs signed with RSA, each checked in its table too, password grant,
// introspection, refresh tokens that are spent once, as ours are.

import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import { newDatabase } from '../../test/integration/harness_cluster.mjs';
import { tempDir } from '../../test/integration/harness_env.mjs';
import { freePort } from '../../test/integration/harness_service.mjs';
import { request } from '../../test/integration/harness_wire.mjs';
import { rawRequest } from '../kit.mjs';
import { CONNECTIONS, LOGIN_CONNECTIONS, ask, debian, expect, expectSpentOnce, load, refreshLoad, start } from './shared.mjs';

export const name = 'glewlwyd';
const CLIENT = 'bench';
const SECRET = 'a-secret-of-the-benchmark';
const PASSWORD = 'a password of the benchmark';
const basic = (secret) => `Basic ${Buffer.from(`${CLIENT}:${secret}`).toString('base64')}`;

// Debian's own template, with its places below |root|.
function config(root, dir, port, db) {
	const file = `${dir}/glewlwyd.conf`;
	const text = fs.readFileSync(`${root}/usr/share/glewlwyd/templates/glewlwyd-debian.conf.properties`, 'utf8')
		.replace(/^port=.*/m, `port=${port}`)
		.replace(/^#bind_address=.*/m, 'bind_address="127.0.0.1"')
		.replace('_G_EXTRNAL_URL_', `http://127.0.0.1:${port}`)
		.replace('/var/log/glewlwyd.log', `${dir}/log`)
		.replaceAll('"/usr/lib/glewlwyd/', `"${root}/usr/lib/glewlwyd/`)
		.replace(/^@include .*/m, `database = { type = "postgre"; conninfo = "${db.url}"; };`);
	fs.writeFileSync(file, text);
	return file;
}

function plugin(url) {
	const { privateKey: key, publicKey: cert } = generateKeyPairSync('rsa', { modulusLength: 2048,
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
	return { module: 'oidc', name: 'oidc', display_name: 'oidc', parameters: {
		iss: url, 'jwt-type': 'rsa', 'jwt-key-size': '256', key, cert,
		'access-token-duration': 3600, 'refresh-token-duration': 1209600, 'code-duration': 600,
		'refresh-token-rolling': true, 'refresh-token-one-use': 'always', 'allow-non-oidc': true,
		'auth-type-code-enabled': true, 'auth-type-password-enabled': true, 'auth-type-refresh-enabled': true,
		'introspection-revocation-allowed': true, 'introspection-revocation-allow-target-client': true } };
}

// The administrator's part, over its own interface.
async function furnish(url, people) {
	const login = await ask(`${url}/api/auth/`, { body: { username: 'admin', password: 'password' } });
	const cookie = login.headers['set-cookie'][0].split(';')[0];
	const make = (what, body) => ask(`${url}/api/${what}`, { body, headers: { cookie } });
	await make('mod/plugin/', plugin(url));
	await make('scope/', { name: 'app', display_name: 'app', description: 'app', password_required: false, scheme: {} });
	await make('client/', { client_id: CLIENT, name: CLIENT, confidential: true, password: SECRET, client_secret: SECRET, enabled: true, scope: ['app'],
		redirect_uri: ['https://app.example.org/back'], authorization_type: ['code', 'password', 'refresh_token'], token_endpoint_auth_method: ['client_secret_basic'] });
	for (const username of people)
		await make('user/', { username, name: username, email: `${username}@example.org`, password: PASSWORD, scope: ['app'], enabled: true });
}

// More rows of the same kind in its tables.
async function seed(db, rows) {
	for (const [table, key, unique] of [['gpo_access_token', 'gpoa_id', 'gpoa_token_hash'], ['gpo_refresh_token', 'gpor_id', 'gpor_token_hash'],
		['g_user', 'gu_id', 'gu_username']]) {
		const columns = (await db.rows('select column_name as c from information_schema.columns where table_name = $1 and column_name <> $2', [table, key])).map((r) => r.c);
		await db.query(`insert into ${table} (${columns}) select ${columns.map((c) => (c === unique ? `${c} || '-' || i` : c))}
			from (select * from ${table} order by ${key} desc limit 1) one, generate_series(1, $1::int) i`, [rows]);
	}
	await db.query('vacuum analyze');
}

export async function setUp({ cluster, size }) {
	const deb = debian('glewlwyd', ['glewlwyd-common', 'dbconfig-no-thanks']);
	const db = await newDatabase({ cluster, migrated: false });
	await db.query('create extension if not exists pgcrypto');
	for (const f of ['pgsql', 'postgre.default.sql'])
		await db.query(fs.readFileSync(`${deb.root}/usr/share/dbconfig-common/data/glewlwyd/install/${f}`, 'utf8'));
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const conf = config(deb.root, tempDir('glewlwyd'), port, db);
	const proc = await start(`${deb.root}/usr/bin/glewlwyd`, ['--config-file', conf], { env: deb.env,
		isReady: async () => (await request(`${url}/config/`)).status === 200 });
	const people = Array.from({ length: size.people }, (_, i) => `person${i}`);
	await furnish(url, people);
	const tokens = async (n = size.tokens) => {
		const out = [];
		for (let i = 0; i < n; i++) {
			out.push((await ask(`${url}/api/oidc/token`, { headers: { authorization: basic(SECRET) },
				form: { grant_type: 'password', username: people[i % people.length], password: PASSWORD, scope: 'app' } })).body);
		}
		return out;
	};
	const own = await tokens();
	await seed(db, size.rows);

	const introspect = (token, secret = SECRET) => request(`${url}/api/oidc/introspect`, { form: { token }, headers: { authorization: basic(secret) } });
	let sample;
	const verify = async () => {
		for (const [i, t] of own.entries()) {
			sample = await introspect(t.access_token);
			expect(sample.status === 200 && sample.body?.active === true && sample.body.username === people[i % people.length],
				`a live token names its person: ${sample.status} ${sample.text}`);
		}
		expect((await introspect(`${own[0].access_token.slice(0, -8)}AAAAAAAA`)).body?.active === false, 'a wrong token is not active');
		expect((await introspect(own[0].access_token, 'wrong')).status !== 200, 'a wrong secret is refused');
	};
	await verify();
	const [ended, spent] = await tokens(2);
	const headers = { authorization: basic(SECRET) };
	await ask(`${url}/api/oidc/revoke`, { form: { token: ended.access_token, token_type_hint: 'access_token' }, headers });
	expect((await introspect(ended.access_token)).body?.active === false, 'a token that was ended is not active');
	await expectSpentOnce((t) => request(`${url}/api/oidc/token`, { form: { grant_type: 'refresh_token', refresh_token: t }, headers }), spent.refresh_token);
	const login = await ask(`${url}/api/auth/`, { body: { username: people[0], password: PASSWORD } });
	expect((await request(`${url}/api/auth/`, { body: { username: people[0], password: 'wrong' } })).status === 401, 'a wrong password is refused');
	const [{ hash }] = await db.rows("select guw_password as hash from g_user_password join g_user using (gu_id) where gu_username = 'person0'");
	const form = ['Content-Type: application/x-www-form-urlencoded', `Authorization: ${basic(SECRET)}`];
	const checks = own.map((t) => rawRequest('POST', '/api/oidc/introspect', form, `token=${t.access_token}`));
	const logins = people.map((username) => rawRequest('POST', '/api/auth/', ['Content-Type: application/json'], JSON.stringify({ username, password: PASSWORD })));
	return {
		...proc, version: deb.version, bytes: deb.bytes, verify,
		check: { what: '`introspect`: JWT and its row, client secret', onPostgres: true, run: (s) => load(url, checks, sample, CONNECTIONS, s) },
		refresh: { what: '`token`, `refresh_token` grant, spent once; its schema finds a person by reading all of them', prepare: async () => (await tokens()).map((t) => t.refresh_token),
			run: (list, s) => refreshLoad(url, '/api/oidc/token', 'form', ['Authorization', basic(SECRET)], list, s) },
		login: { what: '`auth`, reads all people', hash: `bcrypt ${hash.slice(0, 6)}, by PostgreSQL`, run: (s) => load(url, logins, login, LOGIN_CONNECTIONS, s) },
	};
}
