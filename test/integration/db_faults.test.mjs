// db_faults - the database restarts, dies, freezes, lies or is not there: the
// service answers in time, loses nothing but what was under way, and comes
// back by itself.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { SLOW, TOP, freePort, makeCast, newDatabase, onTeardown, request, run, signIn, startCluster, startService, tempDir, waitUntil } from './harness.mjs';

const POOL = 3;
const WORKERS = 2;
const QUERY_MS = 8_000;		// SERVICE_QUERY_MS
// Statements that are prepared already wait for it.
const LOCK_PEOPLE = 'lock table person in access exclusive mode';
const sleep = (ms) => new Promise((go) => { setTimeout(go, ms); });

// A TCP relay in front of PostgreSQL that can misbehave.
class Relay {
	constructor(target) {
		this.target = Number(target);
		this.mode = 'pass';	// or 'hole': takes connections and is silent
		this.conns = new Set();
		this.server = net.createServer((down) => this.accept(down));
	}

	async listen() {
		await new Promise((go) => { this.server.listen(0, '127.0.0.1', go); });
		this.port = this.server.address().port;
		onTeardown(() => { this.cut(); this.server.close(); });
		return this;
	}

	accept(down) {
		const c = { down, up: null, swallow: false, asked: 0 };
		this.conns.add(c);
		down.on('error', () => {});
		down.on('close', () => { c.up?.destroy(); this.conns.delete(c); });
		if (this.mode === 'hole') return;
		c.up = net.connect(this.target, '127.0.0.1');
		c.up.setNoDelay(true);
		down.setNoDelay(true);
		c.up.on('error', () => {});
		c.up.on('close', () => down.destroy());
		down.on('data', (d) => { c.asked = d.length; c.up.write(d); });
		c.up.on('data', (d) => this.answer(c, d));
	}

	answer(c, d) {
		if (c.swallow) {
			// ReadyForQuery ends what we asked for ourselves.
			if (d.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]))) c.swallow = false;
			return;
		}
		// Not the pings of the connection that listens.
		const isAnswer = c.asked > 100 && d.length > 40;
		if (this.holdMs && isAnswer) {
			// The last bytes come late: a record or a message cut in two.
			const ms = this.holdMs;
			this.holdMs = 0;
			this.wasHeld = true;
			c.down.write(d.subarray(0, d.length - 20));
			setTimeout(() => c.down.write(d.subarray(d.length - 20)), ms);
			return;
		}
		if (this.cutNext && isAnswer) {
			this.cutNext = false;
			c.down.write(d.subarray(0, d.length - 20), () => c.down.resetAndDestroy());
			return;
		}
		c.down.write(d);
	}

	// Runs |sql| inside every session, behind the service's back.
	inject(sql) {
		const text = Buffer.from(`${sql}\0`);
		const head = Buffer.alloc(5);
		head.write('Q');
		head.writeInt32BE(text.length + 4, 1);
		for (const c of this.conns) {
			c.swallow = true;
			c.up.write(Buffer.concat([head, text]));
		}
		return waitUntil(() => [...this.conns].every((c) => !c.swallow));
	}

	cut() { for (const c of this.conns) { c.down.destroy(); c.up?.destroy(); } }
}

function clusterSh(...args) {
	return new Promise((resolve, reject) => {
		const p = spawn('bash', [path.join(TOP, 'tools/cluster.sh'), ...args],
			{ env: { ...process.env, CLUSTER_DIR: cluster.dir }, stdio: ['ignore', 'ignore', 'inherit'] });
		p.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`cluster.sh ${args}: ${code}`))));
	});
}
const stopServer = () => clusterSh('stop');
const startServer = () => clusterSh('start', '--fast');

const cluster = startCluster();
const db = await newDatabase({ cluster });
const relay = await new Relay(new URL(cluster.url).port).listen();
const via = (line, extra = '') => {
	const u = new URL(db.url);
	u.port = line.port;
	return { ...db, url: u.href + extra };
};
// Several services share the database, and so the key of its secrets.
const IDENTITY_MASTER_KEY = randomBytes(32).toString('base64');
const svc = await startService({
	db: via(relay), cluster, env: { IDENTITY_MASTER_KEY, IDENTITY_DB_POOL: String(POOL), IDENTITY_WORKERS: String(WORKERS) },
});
const { key, user } = await makeCast(svc);
const agent = new http.Agent({ keepAlive: true, maxSockets: 2_000 });
onTeardown(() => agent.destroy());

// One statement at least, with its audit row.
const ask = (o = {}) => svc.post('/auth/register', { identifier: user.email }, { key, agent, timeoutMs: 30_000 * SLOW, ...o });
const askMany = (n, o) => Promise.all(Array.from({ length: n }, () => ask(o)));
const statuses = (rs) => {
	const t = {};
	for (const r of rs) t[r.status] = (t[r.status] ?? 0) + 1;
	return t;
};
const allFine = async (n = 40) => assert.deepEqual(statuses(await askMany(n)), { 200: n });
const backends = (where = 'true') => db.rows(`select pid, state, wait_event_type, query from pg_stat_activity
	where datname = $1 and application_name = 'identityd' and ${where}`, [db.name]);
const inPool = () => backends(`query !~* '^(listen|select 1$)'`);
// Every connection of every worker is there and at rest.
const poolIsWhole = () => waitUntil(async () => {
	const all = await backends();
	return all.length === WORKERS * POOL + 1 && all.every((b) => b.state === 'idle');
}, { timeoutMs: 12_000 * SLOW, what: 'all connections are up and idle' });

// Runs |fn| while /healthz is asked all the time; how slow it got.
async function withHealth(fn, service = svc) {
	const ms = [];
	let isOver = false;
	const asker = (async () => {
		while (!isOver) {
			const r = await service.get('/healthz', { agent });
			assert.equal(r.status, 200);
			ms.push(r.ms);
			await sleep(5);
		}
	})();
	const result = await fn();
	isOver = true;
	await asker;
	ms.sort((a, b) => a - b);
	assert.ok(ms.length > 5, `only ${ms.length} rounds`);
	const p99 = ms[Math.floor(ms.length * 0.99)];
	assert.ok(p99 < 150 * SLOW, `p99 of /healthz: ${p99} ms`);
	assert.ok(ms.at(-1) < 700 * SLOW, `slowest /healthz: ${ms.at(-1)} ms`);
	return result;
}

// Runs |fn| under steady traffic; all answers.
async function withTraffic(fn, n = 12) {
	const rs = [];
	let isOver = false;
	const askers = Array.from({ length: n }, async () => {
		while (!isOver) {
			rs.push(await ask());
			await sleep(2);
		}
	});
	await fn();
	isOver = true;
	await Promise.all(askers);
	return rs;
}

// Holds locks so that statements wait; gives the function that lets go.
async function hold(sql) {
	const { default: pg } = await import('pg');
	const c = new pg.Client({ connectionString: db.url });
	await c.connect();
	await c.query('begin');
	await c.query(sql);
	return () => c.end();
}

const workers = () => svc.workerPids().sort().join();
const firstWorkers = workers();

test('a restart with idle connections costs nobody an error', async () => {
	await allFine();
	await poolIsWhole();
	await stopServer();
	await startServer();
	// Connections of their own: both workers are asked.
	await waitUntil(async () => (await Promise.all(Array.from({ length: 12 }, () => svc.get('/readyz')))).every((r) => r.status === 200),
		{ timeoutMs: 5_000 * SLOW });
	await allFine();
	await poolIsWhole();
	assert.equal(workers(), firstWorkers);
});

test('connections that the server ended while idle cost nobody an error', async () => {
	await poolIsWhole();
	const before = (await backends()).map((b) => b.pid);
	const r = await db.rows(`select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
		where datname = $1 and application_name = 'identityd'`, [db.name]);
	assert.equal(r[0].n, WORKERS * POOL + 1);
	await waitUntil(async () => {
		const left = (await backends()).map((b) => b.pid);
		return relay.conns.size <= left.length && !before.some((pid) => left.includes(pid));
	});
	await allFine();
	await poolIsWhole();
});

test('a restart under traffic: only what was under way may fail, nothing is 500', async () => {
	const rs = await withTraffic(async () => {
		await sleep(300);
		await withHealth(async () => {
			await stopServer();
			await startServer();
		});
		await waitUntil(async () => (await svc.get('/readyz')).status === 200);
		await sleep(500);
	});
	const t = statuses(rs);
	assert.deepEqual(Object.keys(t).filter((s) => s !== '200' && s !== '503'), [], JSON.stringify(t));
	assert.ok(t[200] > 50, JSON.stringify(t));
	await allFine();
	assert.equal(workers(), firstWorkers);
});

test('backends ended in mid-statement: what they rolled back runs again, once', async () => {
	const tokens = [];
	for (let i = 0; i < 6; i++) tokens.push((await signIn(svc, { key, user })).access_token);
	await poolIsWhole();
	// Rows, not the table: that would also keep new connections from preparing.
	const letGo = await hold('select from session for update');
	const waiting = tokens.map((token) => svc.post('/auth/logout', undefined, { key, token, agent, timeoutMs: 30_000 * SLOW }));
	const blocked = () => backends(`wait_event_type = 'Lock'`);
	const steady = async (without) => {
		let last = '';
		return waitUntil(async () => {
			const b = (await blocked()).map((x) => x.pid).sort();
			const isSame = b.length >= POOL && !b.some((pid) => without.includes(pid)) && b.join() === last;
			last = b.join();
			return isSame ? b : null;
		}, { stepMs: 150 });
	};
	const end = (pids) => db.rows('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [pids]);
	const first = await steady([]);
	await end(first);
	const second = await steady(first);
	assert.equal(second.length, first.length);
	await end(second);
	await waitUntil(async () => !(await backends()).some((b) => second.includes(b.pid)));
	await letGo();
	const t = statuses(await Promise.all(waiting));
	assert.equal(t[503], second.length, JSON.stringify(t));
	assert.equal(Object.entries(t).reduce((n, [s, k]) => n + (s.startsWith('2') ? k : 0), 0), 6 - second.length, JSON.stringify(t));
	await allFine();
	await poolIsWhole();
});

test('a crash of one backend, which makes the server restart all of them', async () => {
	const rs = await withTraffic(async () => {
		await sleep(200);
		process.kill((await inPool())[0].pid, 'SIGKILL');
		await sleep(1_500);
	});
	const t = statuses(rs);
	assert.deepEqual(Object.keys(t).filter((s) => s !== '200' && s !== '503'), [], JSON.stringify(t));
	await waitUntil(async () => (await ask()).status === 200);
	await allFine();
	await poolIsWhole();
	assert.equal(workers(), firstWorkers);
});

test('the line breaks in the middle of an answer', async () => {
	await poolIsWhole();
	relay.cutNext = true;
	const t = statuses(await askMany(10));
	assert.equal(relay.cutNext, false);
	assert.ok((t[503] ?? 0) <= 1 && (t[503] ?? 0) + t[200] === 10, JSON.stringify(t));
	await allFine();
	await poolIsWhole();
});

test('prepared statements that are gone are prepared again, and nobody notices', async () => {
	await poolIsWhole();
	await allFine();	// prepares on each what is asked for below
	await poolIsWhole();
	const before = (await inPool()).map((b) => b.pid);
	await relay.inject('deallocate all');
	await allFine();
	await poolIsWhole();
	const after = (await inPool()).map((b) => b.pid);
	assert.ok(after.some((pid) => !before.includes(pid)), 'at least one connection is new');
});

test('a statement that the server picks to end a deadlock runs again', async () => {
	await poolIsWhole();
	const { default: pg } = await import('pg');
	// The server looks for a deadlock once, a second after a wait began: of the
	// two, the one that began first and still waits is picked.  On a busy machine
	// that may have been before there was one, and the other is picked.
	const meet = async () => {
		const tokens = await signIn(svc, { key, user });
		const other = new pg.Client({ connectionString: db.url });
		await other.connect();
		await other.query('begin');
		// The refresh has its token and waits for this; then the other way round.
		await other.query('select from session where id = $1 for update', [tokens.session.id]);
		const refreshed = svc.post('/auth/token/refresh', { refresh_token: tokens.refresh_token }, { key, agent });
		await waitUntil(async () => (await backends(`wait_event_type = 'Lock'`)).length > 0);
		const isPicked = await other.query('select from refresh_token where session_id = $1 for update', [tokens.session.id])
			.then(() => false, (e) => {
				assert.equal(e.code, '40P01');
				return true;
			});
		await other.end();
		const r = await refreshed;
		assert.equal(r.status, 200, r.text);
		return !isPicked;
	};
	let isRetried = false;
	for (let i = 0; i < 10 && !isRetried; i++) isRetried = await meet();
	assert.ok(isRetried, 'once it was ours that the server picked');
	const [{ n }] = await db.rows('select deadlocks::int as n from pg_stat_database where datname = $1', [db.name]);
	assert.ok(n >= 1, 'there was one');
	await allFine();
});

test('a transaction left open on a connection: no success that is then rolled back', async () => {
	await poolIsWhole();
	const registered = async () => (await db.rows(`select count(*)::int as n from audit where event = 'register_checked'`))[0].n;
	const before = await registered();
	await relay.inject('begin');
	const t = statuses(await askMany(40));
	assert.ok(t[200] >= 40 - WORKERS * POOL && t[200] + (t[503] ?? 0) === 40, JSON.stringify(t));
	assert.equal(await registered() - before, t[200]);
	await poolIsWhole();
	await allFine();
});

test('a client that leaves in mid-statement leaves a clean connection', async () => {
	await poolIsWhole();
	const letGo = await hold(LOCK_PEOPLE);
	const gone = Array.from({ length: 30 }, () => new Promise((resolve) => {
		const c = net.connect(svc.port, '127.0.0.1', () => {
			const body = JSON.stringify({ identifier: user.email });
			c.write(`POST /auth/register HTTP/1.1\r\nhost: x\r\nx-auth-service-key: ${key}\r\n` +
				`content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
			resolve(c);
		});
		c.on('error', () => {});
	}));
	const socks = await Promise.all(gone);
	await waitUntil(async () => (await backends(`wait_event_type = 'Lock'`)).length >= POOL);
	socks.forEach((s, i) => (i % 2 === 0 ? s.resetAndDestroy() : s.destroy()));
	await withHealth(() => sleep(300));
	await letGo();
	await poolIsWhole();
	await allFine();
	assert.equal(workers(), firstWorkers);
});

test('ten seconds without a server: quick refusals, then recovery', async () => {
	await stopServer();
	await waitUntil(async () => (await svc.get('/readyz')).status === 503);
	await sleep(1_200);
	await withHealth(async () => {
		const until = performance.now() + 10_000;
		while (performance.now() < until) {
			for (const r of [await ask(), await svc.get('/readyz')]) {
				assert.equal(r.status, 503);
				assert.match(r.headers['content-type'], /^application\/problem\+json/);
				assert.ok(r.ms < 500 * SLOW, `${r.ms} ms`);
			}
			await sleep(50);
		}
	});
	await startServer();
	await waitUntil(async () => (await svc.get('/readyz')).status === 200, { timeoutMs: 3_000 * SLOW });
	await poolIsWhole();
	await allFine();
	assert.equal(workers(), firstWorkers);
});

test('a worker that starts while the server is away comes up with it', async () => {
	await stopServer();
	svc.allowDeaths(1);
	process.kill(svc.workerPids()[0], 'SIGKILL');
	await waitUntil(() => svc.workerPids().length === WORKERS && workers() !== firstWorkers);
	for (let i = 0; i < 10; i++) assert.equal((await svc.get('/readyz')).status, 503);
	assert.equal((await svc.get('/healthz')).status, 200);
	await startServer();
	await poolIsWhole();
	await allFine();
});

test('a black hole instead of a server: the event loop never waits', async () => {
	relay.mode = 'hole';
	relay.cut();
	await sleep(1_300);
	await withHealth(async () => {
		for (let i = 0; i < 20; i++) {
			const r = await ask();
			assert.equal(r.status, 503);
			assert.ok(r.ms < 1_500 * SLOW, `${r.ms} ms`);
		}
		await sleep(3_000);
	});
	relay.mode = 'pass';
	await waitUntil(async () => (await ask()).status === 200, { timeoutMs: 10_000 * SLOW });
	relay.cut();		// those that still sit in the hole
	await poolIsWhole();
	await allFine();
});

test('a frozen server: statements fail at their deadline, the loop goes on', async () => {
	await poolIsWhole();
	const [postmaster] = fs.readFileSync(path.join(cluster.dir, 'data/postmaster.pid'), 'utf8').split('\n');
	const family = [Number(postmaster), ...execFileSync('pgrep', ['-P', postmaster], { encoding: 'utf8' }).trim().split('\n').map(Number)];
	const signal = (s) => family.forEach((pid) => {
		try {
			process.kill(pid, s);
		} catch {
			// it ended meanwhile
		}
	});
	signal('SIGSTOP');
	try {
		const rs = await withHealth(() => askMany(20));
		for (const r of rs) {
			assert.equal(r.status, 503);
			assert.ok(r.ms < QUERY_MS + 1_500 * SLOW, `${r.ms} ms`);
		}
	} finally {
		signal('SIGCONT');
	}
	await waitUntil(async () => (await ask()).status === 200, { timeoutMs: 10_000 * SLOW });
	await poolIsWhole();
	await allFine();
});

test('a lock that is held too long: 503 in time, and the connections stay', async () => {
	await poolIsWhole();
	const before = (await inPool()).map((b) => b.pid).sort();
	const letGo = await hold(LOCK_PEOPLE);
	const rs = await withHealth(() => askMany(POOL));
	await letGo();
	for (const r of rs) {
		assert.equal(r.status, 503);
		assert.ok(r.ms > QUERY_MS - 500 && r.ms < QUERY_MS + 1_500 * SLOW, `${r.ms} ms`);
	}
	await poolIsWhole();
	assert.deepEqual((await inPool()).map((b) => b.pid).sort(), before);
	await allFine();
});

test('names are resolved off the event loop, and the next one is tried', async () => {
	const u = new URL(db.url);
	const words = (host) => `host=${host} port=${u.port} user=${u.username} password=${u.password} dbname=${db.name}`;
	for (const host of ['localhost', 'no-such-host.invalid,localhost']) {
		const named = await startService({
			db: { ...db, url: words(host) }, cluster,
			env: { IDENTITY_MASTER_KEY, IDENTITY_DB_POOL: '2', IDENTITY_WORKERS: '1' },
		});
		const r = await named.post('/auth/register', { identifier: user.email }, { key });
		assert.equal(r.status, 200, host);
		await stopServer();
		await startServer();
		await waitUntil(async () => (await named.get('/readyz')).status === 200);
		await named.stop();
	}
});

test('the queue has an end: 503 at once beyond it', async () => {
	const small = await startService({ db, cluster, env: { IDENTITY_MASTER_KEY, IDENTITY_DB_POOL: '1', IDENTITY_WORKERS: '1' } });
	const many = new http.Agent({ keepAlive: true, maxSockets: 2_000 });
	await small.get('/readyz', { agent: many });
	const letGo = await hold(LOCK_PEOPLE);
	const n = 1_100;
	const started = performance.now();
	const early = [];
	const all = Array.from({ length: n }, () => request(`${small.url}/auth/register`,
		{ method: 'POST', body: { identifier: user.email }, key, agent: many, timeoutMs: 30_000 * SLOW }).then((r) => { early.push(r); return r; }));
	await waitUntil(() => early.length >= n - 1_002, { timeoutMs: 6_000 * SLOW });
	assert.ok(early.every((r) => r.status === 503), JSON.stringify(statuses(early)));
	assert.ok(performance.now() - started < 6_000 * SLOW);
	await letGo();
	const t = statuses(await Promise.all(all));
	assert.ok(t[503] >= n - 1_002 && t[200] > 0 && t[200] + t[503] === n, JSON.stringify(t));
	many.destroy();
	assert.equal((await small.post('/auth/register', { identifier: user.email }, { key })).status, 200);
	await small.stop();
});

test('TLS to the server: a record that arrives in two pieces does not spin', async () => {
	const dir = path.join(cluster.dir, 'data');
	const { uid, gid } = fs.statSync(dir);
	const crt = path.join(tempDir('tls'), 'crt');
	execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2',
		'-keyout', `${crt}.key`, '-out', crt], { stdio: 'ignore' });
	for (const [from, to] of [[crt, 'server.crt'], [`${crt}.key`, 'server.key']]) {
		fs.copyFileSync(from, path.join(dir, to));
		fs.chmodSync(path.join(dir, to), 0o600);
		fs.chownSync(path.join(dir, to), uid, gid);
	}
	fs.appendFileSync(path.join(dir, 'postgresql.conf'), 'ssl = on\n');
	await stopServer();
	await startServer();
	const line = await new Relay(new URL(cluster.url).port).listen();
	const tls = await startService({
		db: via(line, '?sslmode=require'), cluster, env: { IDENTITY_MASTER_KEY, IDENTITY_DB_POOL: '1', IDENTITY_WORKERS: '1' },
	});
	const [{ n }] = await db.rows(`select count(*)::int as n from pg_stat_ssl join pg_stat_activity using (pid)
		where ssl and datname = $1 and application_name = 'identityd'`, [db.name]);
	assert.ok(n >= 2, `${n} encrypted connections`);
	const one = (o) => tls.post('/auth/register', { identifier: user.email }, { key, agent, ...o });
	assert.equal((await one()).status, 200);

	const cpu = () => {
		const stat = fs.readFileSync(`/proc/${tls.workerPids()[0]}/stat`, 'latin1');
		const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return (Number(f[11]) + Number(f[12])) * 10;	// ms
	};
	const before = cpu();
	line.wasHeld = false;
	line.holdMs = 900;
	const r = await withHealth(() => one(), tls);
	assert.equal(line.wasHeld, true);
	assert.equal(r.status, 200);
	assert.ok(r.ms >= 850, `${r.ms} ms`);
	assert.ok(cpu() - before < 500 * SLOW, `${cpu() - before} ms of processor time`);
	// A statement of the service's own may be the one that is cut.
	await waitUntil(async () => {
		line.cutNext = true;
		const { status } = await one();
		assert.ok([200, 503].includes(status), `status ${status}`);
		return status === 503;
	});
	line.cutNext = false;
	await waitUntil(async () => (await one()).status === 200);
	await tls.stop();
});

test('serve without a server: one line that says so', async () => {
	const u = new URL(db.url);
	u.port = 9;
	const r = await run(['serve'], { env: {
		...svc.env, IDENTITY_DATABASE_URL: u.href, IDENTITY_HTTPS_LISTEN: 'off',
		IDENTITY_HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
	} });
	assert.notEqual(r.code, 0);
	const lines = (r.stderr + r.stdout).trim().split('\n').filter((l) => /database/i.test(l));
	assert.equal(lines.length, 1, r.stderr + r.stdout);
	assert.match(lines[0], /refused/);
	assert.doesNotMatch(r.stderr + r.stdout, new RegExp(u.password));
});
