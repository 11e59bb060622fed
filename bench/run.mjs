// run - the benchmark: what the service does against what its parts alone can
// do, in one run on one machine.  Ratios count, absolute figures do not carry
// over.  Alternating rounds, medians with min and max; a run with errors does
// not count.  The targets stand in report.mjs.
//
//	node bench/run.mjs [--smoke]
//
// Writes the section "Requests" of bench/results.md (--smoke: prints it) and raw
// output to bench/raw/.  Must not: judge by exit code; only errors are failures.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { startCluster, newDatabase } from '../test/integration/harness_cluster.mjs';
import { BIN, TOP, teardown } from '../test/integration/harness_env.mjs';
import { startService } from '../test/integration/harness_service.mjs';
import { makeCast, makeApp, makeKey, makeUser, signIn } from '../test/integration/harness_cast.mjs';
import { CORES, OUT, buildFloor, rawRequest, requestFile, say, startBare, wrk } from './kit.mjs';
import { report } from './report.mjs';
import { othersShare, writeSection } from './results.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ?
	{ rounds: 2, seconds: 1, loginSeconds: 2, sessions: 1_000, people: 100, tokens: 8 } :
	{ rounds: 5, seconds: 6, loginSeconds: 10, sessions: 1_000_000, people: 10_000, tokens: 256 };
const CONNECTIONS = 32;
const LOGIN_CONNECTIONS = 8;
const RAW = path.join(TOP, 'bench/raw');

// ---- small data that looks like a large installation

async function seed(db, app) {
	say(`${SIZE.sessions} sessions of ${SIZE.people} people`);
	await db.query(`with p as (
		insert into person (name, email)
		select 'Seed ' || i, 'seed' || i || '@example.net' from generate_series(1, $2::int) i
		returning auth_user_id)
		insert into assignment (application_id, person_id) select $1, auth_user_id from p`, [app.id, SIZE.people]);
	await db.query(`insert into session (person_id, application_id, method, expires_at, absolute_expires_at)
		select p.auth_user_id, $1, 'password', now() + interval '7 days', now() + interval '30 days'
		from person p, generate_series(1, $2::int) where p.name like 'Seed %'`, [app.id, SIZE.sessions / SIZE.people]);
	await db.query('analyze');
}

// ---- measuring

async function measure(s, seconds) {
	const v = await wrk({ url: s.url, script: 'requests.lua', args: [s.file], connections: s.connections, seconds });
	// wrk counts every status above 399 as an error; a refusal is the answer here.
	const wrong = s.expect < 400 ? v.status : v.requests - v.status;
	return { rate: v.requests / (v.us / 1e6), p99_us: v.p99_us, requests: v.requests,
		errors: v.connect + v.read + v.write + v.timeout + wrong, raw: v };
}

function argon2(seconds) {
	const rate = Number(execFileSync(path.join(OUT, 'bench_argon2'), [String(CORES), String(seconds)], { encoding: 'utf8' }));
	return { rate, p99_us: 0, requests: 0, errors: 0 };
}

const pssKib = (pid) => Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1]);
const largestWorkerKib = (svc) => Math.max(...svc.workerPids().map(pssKib));
function bareWorkerKib(bare) {
	const children = fs.readFileSync(`/proc/${bare.pid}/task/${bare.pid}/children`, 'latin1').trim().split(' ');
	return Math.max(...children.map((p) => pssKib(Number(p))));
}

async function prepare() {
	const cluster = startCluster({ fast: false });
	const db = await newDatabase({ cluster });
	const started = performance.now();
	const svc = await startService({ db, isQuiet: true, env: { IDENTITY_WORKERS: String(CORES) } });
	const readyMs = performance.now() - started;
	const idleKib = largestWorkerKib(svc);

	const cast = await makeCast(svc);
	say('people who sign in');
	const people = [cast.user];
	for (let i = 1; i < 4 * LOGIN_CONNECTIONS; i++) people.push(await makeUser(svc, { apps: [cast.app] }));
	await seed(db, cast.app);
	const far = await makeApp(svc, { name: 'Far away', allow: ['192.0.2.1'] });
	const farKey = await makeKey(svc, far);
	const oldKey = await makeKey(svc, cast.app);
	await db.query('update application_key set is_enabled = false where key_id = $1', [oldKey.id]);

	const tokens = [];
	for (let i = 0; i < SIZE.tokens; i++)
		tokens.push((await signIn(svc, { key: cast.key, user: people[i % people.length] })).access_token);
	let size = 0;
	for (let i = 0; i < 8; i++) {
		for (const token of tokens) size = (await svc.get('/auth/session', { key: cast.key, token })).text.length;
	}
	return { svc, db, cast, people, idle: await idleCursor(svc, cast.key), tokens, farKey, oldKey, size, readyMs, idleKib };
}

// Where nothing is new: the place, and the tag that says that one stands there.
async function idleCursor(svc, key) {
	let cursor = '';
	for (;;) {
		const r = await svc.get(`/users/sync?limit=10000${cursor ? `&cursor=${cursor}` : ''}`, { key, timeoutMs: 60_000 });
		({ cursor } = r.body);
		if (!r.body.has_more && r.body.users.length === 0) return { cursor, etag: r.headers.etag };
	}
}

function scenarios(w, bare) {
	const key = `X-Auth-Service-Key: ${w.cast.key}`;
	const files = {
		bare: requestFile('bare', [rawRequest('GET', '/', [])]),
		badKey: requestFile('bad-key', [rawRequest('GET', '/auth/session', [`X-Auth-Service-Key: ${w.oldKey.key}`])]),
		wrongIp: requestFile('wrong-ip', [rawRequest('GET', '/auth/session', [`X-Auth-Service-Key: ${w.farKey.key}`])]),
		session: requestFile('session', w.tokens.map((t) => rawRequest('GET', '/auth/session', [key, `Authorization: Bearer ${t}`]))),
		sync: requestFile('sync', [rawRequest('GET', `/users/sync?cursor=${w.idle.cursor}`, [key, `If-None-Match: ${w.idle.etag}`])]),
		login: requestFile('login', w.people.map((p) => rawRequest('POST', '/auth/login', [key, 'Content-Type: application/json'],
			JSON.stringify({ identifier: p.email, password: p.password })))),
	};
	const list = [];
	for (const [scheme, bareUrl, url] of [['HTTP', bare.url, w.svc.url], ['HTTPS', bare.httpsUrl, w.svc.httpsUrl]]) {
		const on = (name, o) => list.push({ name: `${name}, ${scheme}`, scheme, url, connections: CONNECTIONS, expect: 200, ...o });
		on('bare Kore', { url: bareUrl, file: files.bare, id: 'bare' });
		on('guard, bad key', { file: files.badKey, expect: 401, id: 'bad key' });
		on('guard, wrong address', { file: files.wrongIp, expect: 403, id: 'wrong address' });
		on('/auth/session', { file: files.session, id: 'session' });
		on('/users/sync, nothing new', { file: files.sync, expect: 304, id: 'sync' });
		on('/auth/login', { file: files.login, connections: LOGIN_CONNECTIONS, id: 'login' });
	}
	list.push({ name: 'argon2id of this machine', id: 'argon2', scheme: '' });
	return list;
}

async function main() {
	fs.mkdirSync(RAW, { recursive: true });
	const others = await othersShare();
	say('building the floor');
	buildFloor();
	const w = await prepare();
	const bare = await startBare({ size: w.size });
	const memory = { bareKib: bareWorkerKib(bare), idleKib: w.idleKib };
	const refusals = async () => Number((await w.db.rows("select count(*) as n from audit where category = 'denied'"))[0].n);

	const list = scenarios(w, bare);
	for (const s of list) s.runs = [];
	const rowsBefore = await refusals();
	for (let round = 1; round <= SIZE.rounds; round++) {
		for (const s of list) {
			const seconds = /login|argon2/.test(s.id) ? SIZE.loginSeconds : SIZE.seconds;
			const r = s.id === 'argon2' ? argon2(seconds) : await measure(s, seconds);
			s.runs.push(r);
			say(`round ${round}: ${s.name}: ${r.rate.toFixed(0)}/s${r.errors > 0 ? `, ${r.errors} ERRORS ${JSON.stringify(r.raw)}` : ''}`);
		}
	}
	memory.afterKib = largestWorkerKib(w.svc);
	const result = {
		isSmoke: IS_SMOKE, othersShare: others, size: SIZE, cores: CORES, connections: CONNECTIONS, loginConnections: LOGIN_CONNECTIONS,
		bodyBytes: w.size, list, memory, readyMs: w.readyMs, binaryBytes: fs.statSync(BIN).size,
		refusalRows: await refusals() - rowsBefore,
	};
	fs.writeFileSync(path.join(RAW, IS_SMOKE ? 'smoke.json' : 'run.json'), JSON.stringify(result, null, '\t'));
	writeSection('Requests', report(result), IS_SMOKE);
	await teardown();
	const errors = list.flatMap((s) => s.runs).reduce((n, r) => n + r.errors, 0);
	if (errors > 0) throw new Error(`${errors} requests failed: this run does not count`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
