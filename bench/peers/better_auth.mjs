// better_auth - better-auth (npm) on PostgreSQL, a worker for each processor.

import path from 'node:path';
import { newDatabase } from '../../test/integration/harness_cluster.mjs';
import { freePort } from '../../test/integration/harness_service.mjs';
import { request } from '../../test/integration/harness_wire.mjs';
import { CORES, rawRequest } from '../kit.mjs';
import { CONNECTIONS, HERE, LOGIN_CONNECTIONS, ask, expect, load, npmBytes, npmInstall, npmVersion, once, start } from './shared.mjs';

export const name = 'better-auth';

export async function setUp({ cluster, size }) {
	npmInstall();
	const db = await newDatabase({ cluster, migrated: false });
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const server = path.join(HERE, 'better_auth_server.mjs');
	const env = { NODE_ENV: 'production', PEER_DATABASE: db.url, PEER_PORT: String(port), PEER_WORKERS: String(CORES),
		PEER_SECRET: 'a secret of the benchmark, 32 bytes' };
	once(process.execPath, [server, 'migrate'], env);
	const proc = await start(process.execPath, [server, 'serve'], { env,
		isReady: async () => (await request(`${url}/api/auth/get-session`)).status === 200 });

	const password = 'a password of the benchmark';
	const people = [];
	for (let i = 0; i < size.people; i++) {
		const body = { name: `Person ${i}`, email: `person${i}@example.org`, password };
		await ask(`${url}/api/auth/sign-up/email`, { body });
		people.push(body);
	}
	await db.query(`insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
		select 'seed' || i, 'Seed ' || i, 'seed' || i || '@example.net', true, now(), now() from generate_series(1, $1::int) i`, [size.rows]);
	await db.query(`insert into session (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
		select 'seed' || i, md5(i::text), 'seed' || i, now() + interval '7 days', now(), now() from generate_series(1, $1::int) i`, [size.rows]);
	await db.query('vacuum analyze');
	const signIn = (p) => ask(`${url}/api/auth/sign-in/email`, { body: { email: p.email, password } });
	const cookies = [];
	for (let i = 0; i < size.tokens; i++)
		cookies.push((await signIn(people[i % people.length])).headers['set-cookie'].find((c) => c.includes('session_token')).split(';')[0]);

	const session = (cookie) => request(`${url}/api/auth/get-session`, { headers: { cookie } });
	let sample;
	const verify = async () => {
		for (const [i, c] of cookies.entries()) {
			sample = await session(c);
			expect(sample.status === 200 && sample.body?.user?.email === people[i % people.length].email, 'a session names its person');
		}
		expect((await session(cookies[0].replace(/=..../, '=AAAA'))).body === null, 'a wrong cookie has no session');
	};
	await verify();
	const ended = (await signIn(people[0])).headers['set-cookie'].find((c) => c.includes('session_token')).split(';')[0];
	await ask(`${url}/api/auth/sign-out`, { body: {}, headers: { cookie: ended, origin: url } });
	expect((await session(ended)).body === null, 'a session that was ended is none');
	const login = await signIn(people[0]);
	expect((await request(`${url}/api/auth/sign-in/email`, { body: { ...people[0], password: `${password}!` } })).status === 401, 'a wrong password is refused');
	const checks = cookies.map((c) => rawRequest('GET', '/api/auth/get-session', [`Cookie: ${c}`]));
	const logins = people.map((p) => rawRequest('POST', '/api/auth/sign-in/email', ['Content-Type: application/json'],
		JSON.stringify({ email: p.email, password })));
	return {
		...proc, version: npmVersion('better-auth'), bytes: npmBytes('better-auth'), verify,
		check: { what: '`get-session`, its cookie', onPostgres: true, run: (s) => load(url, checks, sample, CONNECTIONS, s) },
		refresh: 'it has no refresh tokens: a session is prolonged when it is used',
		login: { what: '`sign-in/email`', hash: 'scrypt N=16384,r=16,p=1', run: (s) => load(url, logins, login, LOGIN_CONNECTIONS, s) },
	};
}
