// better_auth_server - better-auth as its documentation sets it up: people with
// e-mail and password, sessions in PostgreSQL, the cookie for each request.
//
//	node better_auth_server.mjs migrate|serve
//
// PEER_DATABASE, PEER_PORT, PEER_WORKERS, PEER_SECRET.  Differs from the
// defaults in one thing: no limit of requests for an address, since all of them
// come from one.

import cluster from 'node:cluster';
import http from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

const { PEER_DATABASE, PEER_PORT, PEER_WORKERS, PEER_SECRET } = process.env;
const auth = () => betterAuth({
	baseURL: `http://127.0.0.1:${PEER_PORT}`, secret: PEER_SECRET,
	database: new pg.Pool({ connectionString: PEER_DATABASE }),
	emailAndPassword: { enabled: true },
	rateLimit: { enabled: false },
	telemetry: { enabled: false },
});

if (process.argv[2] === 'migrate') {
	const { runMigrations } = await getMigrations(auth().options);
	await runMigrations();
	process.exit(0);
} else if (cluster.isPrimary) {
	for (let i = 0; i < Number(PEER_WORKERS); i++) cluster.fork();
	cluster.on('exit', () => process.exit(1));
} else {
	http.createServer(toNodeHandler(auth())).listen(Number(PEER_PORT), '127.0.0.1');
}
