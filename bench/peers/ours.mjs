// ours - this service, measured like the peers.

import fs from 'node:fs';
import { newDatabase } from '../../test/integration/harness_cluster.mjs';
import { BIN } from '../../test/integration/harness_env.mjs';
import { startService } from '../../test/integration/harness_service.mjs';
import { makeCast, makeUser, signIn } from '../../test/integration/harness_cast.mjs';
import { CORES, rawRequest } from '../kit.mjs';
import { CONNECTIONS, LOGIN_CONNECTIONS, ask, expect, expectSpentOnce, load, memoryMib, refreshLoad } from './shared.mjs';

export const name = 'Identity Services';

export async function setUp({ cluster, size }) {
	const db = await newDatabase({ cluster });
	const started = performance.now();
	// Its tokens must outlive the run; the peers' live for an hour or more.
	const svc = await startService({ db, isQuiet: true, settings: { access_ttl_s: 3600 }, env: { IDENTITY_WORKERS: String(CORES) } });
	const readyMs = performance.now() - started;
	const readyMib = memoryMib(svc.pid);
	const cast = await makeCast(svc);
	const people = [cast.user];
	while (people.length < size.people) people.push(await makeUser(svc, { apps: [cast.app] }));
	await db.query(`with p as (
		insert into person (name, email) select 'Seed ' || i, 'seed' || i || '@example.net' from generate_series(1, $2::int) i
		returning auth_user_id), a as (
		insert into assignment (application_id, person_id) select $1, auth_user_id from p)
		insert into session (person_id, application_id, method, expires_at, absolute_expires_at)
		select auth_user_id, $1, 'password', now() + interval '7 days', now() + interval '30 days' from p`, [cast.app.id, size.rows]);
	await db.query('vacuum analyze');
	const tokens = async () => {
		const out = [];
		for (let i = 0; i < size.tokens; i++) out.push(await signIn(svc, { key: cast.key, user: people[i % people.length] }));
		return out;
	};

	const own = await tokens();
	const session = (token) => svc.get('/auth/session', { key: cast.key, token });
	let sample;
	const verify = async () => {
		for (const [i, t] of own.entries()) {
			sample = await session(t.access_token);
			expect(sample.status === 200 && sample.text.includes(people[i % people.length].email), 'a session names its person');
		}
		expect((await session(`${own[0].access_token.slice(0, -4)}AAAA`)).status === 401, 'a wrong token is refused');
	};
	await verify();
	const [ended, spent] = await tokens();
	await ask(`${svc.url}/auth/logout`, { method: 'POST', key: cast.key, token: ended.access_token });
	expect((await session(ended.access_token)).status === 401, 'a session that was ended is refused');
	await expectSpentOnce((t) => svc.post('/auth/token/refresh', { refresh_token: t }, { key: cast.key }), spent.refresh_token);
	const key = `X-Auth-Service-Key: ${cast.key}`;
	const checks = own.map((t) => rawRequest('GET', '/auth/session', [key, `Authorization: Bearer ${t.access_token}`]));
	const logins = people.map((p) => rawRequest('POST', '/auth/login', [key, 'Content-Type: application/json'],
		JSON.stringify({ identifier: p.email, password: p.password })));
	const login = await ask(`${svc.url}/auth/login`, { key: cast.key, body: { identifier: cast.user.email, password: cast.user.password } });
	const [{ password_hash: argon2 }] = await db.rows('select password_hash from person where auth_user_id = $1', [cast.user.auth_user_id]);
	return {
		version: 'this commit', bytes: fs.statSync(BIN).size, readyMs, readyMib, pid: svc.pid, verify, argon2, password: cast.user.password,
		check: { what: '`/auth/session`: key, address and token', run: (s) => load(svc.url, checks, sample, CONNECTIONS, s) },
		refresh: { what: '`/auth/token/refresh`', prepare: async () => (await tokens()).map((t) => t.refresh_token),
			run: (list, s) => refreshLoad(svc.url, '/auth/token/refresh', 'json', ['X-Auth-Service-Key', cast.key], list, s) },
		login: { what: '`/auth/login`', hash: argon2.split('$').slice(1, 4).join(' '), run: (s) => load(svc.url, logins, login, LOGIN_CONNECTIONS, s) },
	};
}
