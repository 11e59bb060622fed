// run - the benchmark: what the service does against what its parts alone can
// do, in one run on one machine.  Ratios count, absolute figures do not carry
// over.  Alternating rounds, medians with min and max; a run with errors does
// not count.  The targets stand in report.mjs.
//
//	node bench/run.mjs [--smoke]
//
// Writes bench/results.md (--smoke: bench/raw/smoke.md) and raw output to
// bench/raw/.  Must not: judge by exit code; only errors are failures.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startCluster, newDatabase } from '../test/integration/harness_cluster.mjs';
import { BIN, TOP, onExit, teardown, tempDir } from '../test/integration/harness_env.mjs';
import { freePort, startService, waitUntil } from '../test/integration/harness_service.mjs';
import { request } from '../test/integration/harness_wire.mjs';
import { makeCast, makeApp, makeKey, makeUser, signIn } from '../test/integration/harness_cast.mjs';
import { report } from './report.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ?
	{ rounds: 2, seconds: 1, loginSeconds: 2, sessions: 1_000, people: 100, tokens: 8 } :
	{ rounds: 5, seconds: 6, loginSeconds: 10, sessions: 1_000_000, people: 10_000, tokens: 256 };
const CONNECTIONS = 32;
const LOGIN_CONNECTIONS = 8;
const CORES = os.availableParallelism?.() ?? os.cpus().length;
const RAW = path.join(TOP, 'bench/raw');
const OUT = path.join(TOP, 'build/bench');

const say = (text) => process.stderr.write(`bench: ${text}\n`);

// ---- the parts alone

async function startBare(size) {
	const dir = tempDir('bare');
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
		'-keyout', `${dir}/tls.key`, '-out', `${dir}/tls.crt`, '-subj', '/CN=localhost', '-days', '2'], { stdio: 'ignore' });
	execFileSync('openssl', ['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048',
		'-out', `${dir}/dh.pem`], { stdio: 'ignore' });
	const port = await freePort();
	const httpsPort = await freePort();
	const child = spawn(path.join(OUT, 'bare'), ['-f', '-n', '-r'], {
		cwd: dir, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, BARE_SIZE: String(size), BARE_HTTP: String(port), BARE_HTTPS: String(httpsPort),
			BARE_DIR: dir, BARE_WORKERS: String(CORES) },
	});
	let log = '';
	child.stdout.on('data', (d) => { log += d; });
	child.stderr.on('data', (d) => { log += d; });
	onExit(() => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* ended */ } });
	const bare = { pid: child.pid, url: `http://127.0.0.1:${port}`, httpsUrl: `https://127.0.0.1:${httpsPort}` };
	await waitUntil(async () => (await request(`${bare.httpsUrl}/`)).status === 200, { timeoutMs: 10_000, what: 'bare Kore' })
		.catch((e) => { throw new Error(`${e.message}\n${log}`); });
	return bare;
}

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

const raw = (method, target, headers, body = '') => [
	`${method} ${target} HTTP/1.1`, 'Host: localhost', ...headers,
	...(body ? [`Content-Length: ${Buffer.byteLength(body)}`] : []), '', body].join('\r\n');

function requestFile(name, requests) {
	const file = path.join(tempDir('wrk'), name);
	fs.writeFileSync(file, requests.map((r) => `${r}\n%%\n`).join(''));
	return file;
}

// ---- measuring

function wrk(s, seconds) {
	const r = spawnSync('wrk', [`-t${Math.min(2, CORES)}`, `-c${s.connections}`, `-d${seconds}s`, '--timeout', '10s',
		'-s', path.join(TOP, 'bench/requests.lua'), s.url, '--', s.file], { encoding: 'utf8' });
	const line = /^@(\{.*\})$/m.exec(r.stdout ?? '');
	if (r.status !== 0 || line === null) throw new Error(`wrk: ${r.error ?? r.stderr}${r.stdout}`);
	const v = JSON.parse(line[1]);
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
	return { svc, db, cast, people, tokens, farKey, oldKey, size, readyMs, idleKib };
}

function scenarios(w, bare) {
	const key = `X-Auth-Service-Key: ${w.cast.key}`;
	const files = {
		bare: requestFile('bare', [raw('GET', '/', [])]),
		badKey: requestFile('bad-key', [raw('GET', '/auth/session', [`X-Auth-Service-Key: ${w.oldKey.key}`])]),
		wrongIp: requestFile('wrong-ip', [raw('GET', '/auth/session', [`X-Auth-Service-Key: ${w.farKey.key}`])]),
		session: requestFile('session', w.tokens.map((t) => raw('GET', '/auth/session', [key, `Authorization: Bearer ${t}`]))),
		login: requestFile('login', w.people.map((p) => raw('POST', '/auth/login', [key, 'Content-Type: application/json'],
			JSON.stringify({ identifier: p.email, password: p.password })))),
	};
	const list = [];
	for (const [scheme, bareUrl, url] of [['HTTP', bare.url, w.svc.url], ['HTTPS', bare.httpsUrl, w.svc.httpsUrl]]) {
		const on = (name, o) => list.push({ name: `${name}, ${scheme}`, scheme, url, connections: CONNECTIONS, expect: 200, ...o });
		on('bare Kore', { url: bareUrl, file: files.bare, id: 'bare' });
		on('guard, bad key', { file: files.badKey, expect: 401, id: 'bad key' });
		on('guard, wrong address', { file: files.wrongIp, expect: 403, id: 'wrong address' });
		on('/auth/session', { file: files.session, id: 'session' });
		on('/auth/login', { file: files.login, connections: LOGIN_CONNECTIONS, id: 'login' });
	}
	list.push({ name: 'argon2id of this machine', id: 'argon2', scheme: '' });
	return list;
}

async function main() {
	fs.mkdirSync(RAW, { recursive: true });
	say('building the floor');
	execFileSync('bash', [path.join(TOP, 'bench/bare/build.sh')], { stdio: ['ignore', 'inherit', 'inherit'] });
	const w = await prepare();
	const bare = await startBare(w.size);
	const memory = { bareKib: bareWorkerKib(bare), idleKib: w.idleKib };
	const refusals = async () => Number((await w.db.rows("select count(*) as n from audit where category = 'denied'"))[0].n);

	const list = scenarios(w, bare);
	for (const s of list) s.runs = [];
	const rowsBefore = await refusals();
	for (let round = 1; round <= SIZE.rounds; round++) {
		for (const s of list) {
			const seconds = /login|argon2/.test(s.id) ? SIZE.loginSeconds : SIZE.seconds;
			const r = s.id === 'argon2' ? argon2(seconds) : wrk(s, seconds);
			s.runs.push(r);
			say(`round ${round}: ${s.name}: ${r.rate.toFixed(0)}/s${r.errors > 0 ? `, ${r.errors} ERRORS ${JSON.stringify(r.raw)}` : ''}`);
		}
	}
	memory.afterKib = largestWorkerKib(w.svc);
	const result = {
		isSmoke: IS_SMOKE, size: SIZE, cores: CORES, connections: CONNECTIONS, loginConnections: LOGIN_CONNECTIONS,
		bodyBytes: w.size, list, memory, readyMs: w.readyMs, binaryBytes: fs.statSync(BIN).size,
		refusalRows: await refusals() - rowsBefore,
	};
	fs.writeFileSync(path.join(RAW, IS_SMOKE ? 'smoke.json' : 'run.json'), JSON.stringify(result, null, '\t'));
	const text = report(result);
	fs.writeFileSync(IS_SMOKE ? path.join(RAW, 'smoke.md') : path.join(TOP, 'bench/results.md'), text);
	process.stdout.write(text);
	await teardown();
	const errors = list.flatMap((s) => s.runs).reduce((n, r) => n + r.errors, 0);
	if (errors > 0) throw new Error(`${errors} requests failed: this run does not count`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
