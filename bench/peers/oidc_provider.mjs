// oidc_provider - oidc-provider (npm) on PostgreSQL, a worker for each processor.

import path from 'node:path';
import { newDatabase } from '../../test/integration/harness_cluster.mjs';
import { freePort } from '../../test/integration/harness_service.mjs';
import { request } from '../../test/integration/harness_wire.mjs';
import { CORES, rawRequest } from '../kit.mjs';
import { CONNECTIONS, HERE, expect, expectSpentOnce, load, npmBytes, npmInstall, npmVersion, once, refreshLoad, start } from './shared.mjs';

export const name = 'oidc-provider';

export async function setUp({ cluster, size }) {
	npmInstall();
	const db = await newDatabase({ cluster, migrated: false });
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const server = path.join(HERE, 'oidc_provider_server.mjs');
	const env = { NODE_ENV: 'production', PEER_DATABASE: db.url, PEER_PORT: String(port), PEER_WORKERS: String(CORES),
		PEER_CLIENT: 'bench', PEER_SECRET: 'a-secret-of-the-benchmark' };
	const basic = (secret) => `Basic ${Buffer.from(`bench:${secret}`).toString('base64')}`;
	once(process.execPath, [server, 'migrate'], env);
	const proc = await start(process.execPath, [server, 'serve'], { env,
		isReady: async () => (await request(`${url}/.well-known/openid-configuration`)).status === 200 });
	const tokens = (n) => JSON.parse(once(process.execPath, [server, 'tokens', String(n)], env).trim().split('\n').at(-1));
	const own = tokens(size.tokens);
	for (const model of ['Grant', 'AccessToken', 'RefreshToken']) {
		await db.query(`insert into oidc (model, id, payload, grant_id, expires_at)
			select model, id || '-' || i, payload, grant_id || '-' || i, now() + interval '7 days'
			from (select * from oidc where model = $1 limit 1) one, generate_series(1, $2::int) i`, [model, size.rows]);
	}
	await db.query('vacuum analyze');

	const introspect = (token, secret = env.PEER_SECRET) => request(`${url}/token/introspection`, { form: { token }, headers: { authorization: basic(secret) } });
	let sample;
	const verify = async () => {
		for (const [i, t] of own.entries()) {
			sample = await introspect(t.access_token);
			expect(sample.status === 200 && sample.body?.active === true && sample.body.sub === `person${i}`, 'a live token names its person');
		}
		expect((await introspect('no-such-token')).body?.active === false, 'a wrong token is not active');
		expect((await introspect(own[0].access_token, 'wrong')).status === 401, 'a wrong secret is refused');
	};
	await verify();
	const [ended, spent] = tokens(2);
	await db.query("delete from oidc where model = 'AccessToken' and id = $1", [ended.access_token]);
	expect((await introspect(ended.access_token)).body?.active === false, 'a token that was ended is not active');
	await expectSpentOnce((t) => request(`${url}/token`, { form: { grant_type: 'refresh_token', refresh_token: t },
		headers: { authorization: basic(env.PEER_SECRET) } }), spent.refresh_token);
	const checks = own.map((t) => rawRequest('POST', '/token/introspection',
		[`Authorization: ${basic(env.PEER_SECRET)}`, 'Content-Type: application/x-www-form-urlencoded'], `token=${t.access_token}`));
	return {
		...proc, version: npmVersion('oidc-provider'), bytes: npmBytes('oidc-provider'), verify,
		check: { what: '`token/introspection`, opaque token, client secret', onPostgres: true, run: (s) => load(url, checks, sample, CONNECTIONS, s) },
		refresh: { what: '`token`, `refresh_token` grant, rotated, no ID token', prepare: () => tokens(size.tokens).map((t) => t.refresh_token),
			run: (list, s) => refreshLoad(url, '/token', 'form', ['Authorization', basic(env.PEER_SECRET)], list, s) },
		login: 'it has no passwords: they are left to the application',
	};
}
