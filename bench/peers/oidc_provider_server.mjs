// oidc_provider_server - oidc-provider with its adapter on PostgreSQL: opaque
// access tokens, introspection, refresh tokens.
//
//	node oidc_provider_server.mjs migrate|serve|tokens N
//
// "tokens" makes N pairs as the code grant does at its end (the package has no
// sign-in of its own) and prints them as JSON in the last line.  PEER_DATABASE, PEER_PORT,
// PEER_WORKERS, PEER_CLIENT, PEER_SECRET.  Differs from the defaults: each
// refresh token is spent once, as ours is; no development pages.

import cluster from 'node:cluster';
import http from 'node:http';
import Provider from 'oidc-provider';
import pg from 'pg';

const { PEER_DATABASE, PEER_PORT, PEER_WORKERS, PEER_CLIENT, PEER_SECRET } = process.env;
const pool = new pg.Pool({ connectionString: PEER_DATABASE });
// Named: the server parses and plans each once a connection.
const ask = (name, text, values) => pool.query({ name, text, values });

class Adapter {
	constructor(model) { this.model = model; }

	async upsert(id, payload, expiresIn) {
		await ask('upsert', `insert into oidc (model, id, payload, grant_id, uid, user_code, expires_at)
			values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
			on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
		[this.model, id, payload, payload.grantId, payload.uid, payload.userCode, expiresIn]);
	}

	async first(where, value) {
		const { rows: [row] } = await ask(`by ${where}`, `select payload, extract(epoch from consumed_at)::int8::int4 as consumed
			from oidc where model = $1 and ${where} = $2 and (expires_at is null or expires_at > now())`, [this.model, value]);
		return row && { ...row.payload, ...(row.consumed && { consumed: row.consumed }) };
	}

	find(id) { return this.first('id', id); }
	findByUid(uid) { return this.first('uid', uid); }
	findByUserCode(code) { return this.first('user_code', code); }
	async consume(id) { await ask('consume', 'update oidc set consumed_at = now() where model = $1 and id = $2', [this.model, id]); }
	async destroy(id) { await ask('destroy', 'delete from oidc where model = $1 and id = $2', [this.model, id]); }
	async revokeByGrantId(id) { await ask('revoke', 'delete from oidc where model = $1 and grant_id = $2', [this.model, id]); }
}

const provider = () => new Provider(`http://127.0.0.1:${PEER_PORT}`, {
	adapter: Adapter,
	clients: [{ client_id: PEER_CLIENT, client_secret: PEER_SECRET, redirect_uris: ['https://app.example.org/back'],
		grant_types: ['authorization_code', 'refresh_token'] }],
	scopes: ['openid', 'offline_access', 'app'],
	features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
	rotateRefreshToken: true,
});

async function tokens(n) {
	const p = provider();
	const client = await p.Client.find(PEER_CLIENT);
	const out = [];
	for (let i = 0; i < n; i++) {
		const accountId = `person${i}`;
		const grant = new p.Grant({ accountId, clientId: PEER_CLIENT });
		// no openid: an ID token to sign is work that the others do not do
		grant.addOIDCScope('offline_access app');
		const grantId = await grant.save();
		const common = { accountId, client, grantId, scope: 'offline_access app', gty: 'authorization_code' };
		out.push({ access_token: await new p.AccessToken(common).save(), refresh_token: await new p.RefreshToken(common).save() });
	}
	return out;
}

if (process.argv[2] === 'migrate') {
	await pool.query(`create table oidc (model text, id text, payload jsonb not null, grant_id text, uid text, user_code text,
		expires_at timestamptz, consumed_at timestamptz, primary key (model, id));
		create index on oidc (grant_id); create index on oidc (uid); create index on oidc (user_code)`);
	process.exit(0);
} else if (process.argv[2] === 'tokens') {
	process.stdout.write(`\n${JSON.stringify(await tokens(Number(process.argv[3])))}\n`, () => process.exit(0));
} else if (cluster.isPrimary) {
	for (let i = 0; i < Number(PEER_WORKERS); i++) cluster.fork();
	cluster.on('exit', () => process.exit(1));
} else {
	http.createServer(provider().callback()).listen(Number(PEER_PORT), '127.0.0.1');
}
