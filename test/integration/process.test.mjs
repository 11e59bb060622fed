// How the processes of the service start, live and end.  Fails without
// src/app/supervise.c, src/kore/kore_start.c and seccomp_app.c.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { BIN, IS_ASAN, SLOW, connectRaw, freePort, makeCast, newDatabase, request, run, signIn, startService, tempDir, waitUntil } from './harness.mjs';

const IS_ROOT = process.getuid() === 0;
const status = (pid) => Object.fromEntries(fs.readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
	.map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 1).trim()]));
const alive = (pid) => {
	try {
		return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1][0] !== 'Z';
	} catch {
		return false;
	}
};
const HEALTHZ = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('what the processes may do', async () => {
	const svc = await startService();

	test('a parent, two workers, a key manager', () => {
		const all = svc.processes();
		assert.equal(all.length, 4, JSON.stringify(all));
		assert.equal(svc.workerPids().length, 2);
		assert.equal(all.filter((p) => /keymgr/.test(p.title)).length, 1);
	});

	test('all but the parent: no root, no way back, filtered system calls', () => {
		for (const p of svc.processes()) {
			if (p.pid === svc.pid) continue;
			const s = status(p.pid);
			if (IS_ROOT) {
				assert.ok(s.Uid.split(/\s+/).every((u) => u !== '0'), `${p.title}: ${s.Uid}`);
				assert.ok(s.Gid.split(/\s+/).every((g) => g !== '0'), `${p.title}: ${s.Gid}`);
				assert.ok(!s.Groups.split(/\s+/).includes('0'), `${p.title}: ${s.Groups}`);
			}
			assert.equal(s.NoNewPrivs, '1', p.title);
			assert.equal(s.Seccomp, '2', p.title);
			assert.match(s.CapEff, /^0+$/, p.title);
			assert.match(s.CapPrm, /^0+$/, p.title);
		}
	});

	test('a bounded number of descriptors', () => {
		for (const pid of svc.workerPids()) {
			const [, soft] = /Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/limits`, 'utf8'));
			assert.ok(Number(soft) <= 5_000, soft);
		}
	});

	test('the environment with its secrets is not to be seen in /proc', () => {
		for (const p of svc.processes())
			assert.ok(!fs.readFileSync(`/proc/${p.pid}/environ`, 'latin1').includes('IDENTITY_'), p.title);
	});

	test('no core dump of a process that knows secrets', { timeout: 10_000 }, () => {
		for (const p of svc.processes()) {
			if (p.pid === svc.pid || IS_ASAN || !IS_ROOT) continue;
			assert.equal(fs.statSync(`/proc/${p.pid}/mem`).uid, 0, p.title);
		}
	});

	test('no System V segment stays when it ends', async () => {
		const segments = () => fs.readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1)
			.map((l) => l.trim().split(/\s+/)).filter((f) => Number(f[4]) === svc.pid);
		assert.equal(segments().length, 1, 'Kore\'s own');
		await svc.stop();
		assert.deepEqual(segments(), []);
	});
});

describe('an orderly end', () => {
	for (const signal of ['SIGTERM', 'SIGINT']) {
		test(`${signal}: what is under way is answered, status 0`, async () => {
			const svc = await startService();
			const cast = await makeCast(svc);
			const body = JSON.stringify({ identifier: cast.user.email, password: cast.user.password });
			const login = `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nX-Auth-Service-Key: ${cast.key}\r\n` +
				`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
			const conns = await Promise.all(Array.from({ length: 4 }, () => connectRaw(svc)));
			await Promise.all(conns.map((c) => c.write(login)));
			const exit = svc.stop(signal);
			for (const c of conns) {
				await c.waitResponses(1);
				assert.equal(c.responses()[0]?.status, 200);
			}
			assert.deepEqual(await exit, { code: 0, signal: null });
		});
	}

	test('while draining /readyz is 503 and answers close their connections', async () => {
		const svc = await startService({ env: { IDENTITY_WORKERS: '1' } });
		const idle = await connectRaw(svc);
		await idle.write(HEALTHZ);
		await idle.waitResponses(1);
		assert.notEqual(idle.responses()[0].headers.connection, 'close');
		// A body on its way keeps the worker draining.
		const slow = await connectRaw(svc);
		await slow.write('POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345');
		await new Promise((go) => { setTimeout(go, 100); });
		const exit = svc.stop();
		await waitUntil(async () => (await svc.get('/readyz')).status === 503);
		await idle.write(HEALTHZ);
		assert.equal(await idle.waitResponses(2), true);
		assert.equal(idle.responses()[1].status, 200);
		assert.equal(idle.responses()[1].headers.connection, 'close');
		assert.equal(await idle.waitClosed(), true);
		await slow.write('67890');
		assert.equal(await slow.waitResponses(1), true);
		assert.deepEqual(await exit, { code: 0, signal: null });
	});

	test('who comes while a worker still drains is answered, over TLS too', async () => {
		const svc = await startService();
		const slow = await connectRaw(svc);
		await slow.write('POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345');
		await new Promise((go) => { setTimeout(go, 100); });
		const exit = svc.stop();
		await waitUntil(() => svc.workerPids().length === 1);	// the idle one is gone
		for (const https of [false, true, false, true])
			assert.equal((await svc.get('/readyz', { https })).status, 503);
		await slow.write('67890');
		assert.equal(await slow.waitResponses(1), true);
		assert.deepEqual(await exit, { code: 0, signal: null });
	});

	test('a client that never ends does not hold it for more than 15 s', { timeout: 60_000 * SLOW }, async () => {
		const svc = await startService();
		const slow = await connectRaw(svc);
		await slow.write('POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345');
		const started = performance.now();
		assert.deepEqual(await svc.stop(), { code: 0, signal: null });
		assert.ok(performance.now() - started < 17_000 + 2_000 * SLOW);
	});
});

describe('an unexpected end', () => {
	test('a killed worker comes back and the others go on', async () => {
		const svc = await startService();
		svc.allowDeaths(2);
		for (let i = 0; i < 2; i++) {
			const [victim] = svc.workerPids();
			process.kill(victim, 'SIGKILL');
			await waitUntil(() => svc.workerPids().length === 2 && !svc.workerPids().includes(victim));
			for (let n = 0; n < 10; n++) assert.equal((await svc.get('/healthz')).status, 200);
		}
		assert.equal((svc.log.match(/restarting worker/g) ?? []).length, 2);
	});

	test('nobody outlives a killed parent', async () => {
		const svc = await startService();
		const pids = svc.processes().map((p) => p.pid);
		assert.equal(pids.length, 4);
		process.kill(svc.pid, 'SIGKILL');
		await waitUntil(() => !pids.some(alive), { timeoutMs: 20_000 * SLOW });
		await svc.ended;
	});

	test('without its key manager the service ends, with status 1', async () => {
		const svc = await startService();
		svc.allowDeaths();
		const keymgr = svc.processes().find((p) => /keymgr/.test(p.title));
		process.kill(keymgr.pid, 'SIGKILL');
		assert.deepEqual(await svc.ended, { code: 1, signal: null });
		await waitUntil(() => svc.processes().length === 0);
	});
});

test('JSON on every line of the log, Kore\'s own among them', async () => {
	const svc = await startService({ env: { IDENTITY_LOG: 'json' } });
	svc.allowDeaths();
	process.kill(svc.workerPids()[0], 'SIGKILL');
	await svc.logContains(/restarting worker/);
	await waitUntil(() => svc.workerPids().length === 2);
	await svc.get('/healthz');
	await svc.stop();
	for (const line of svc.log.trim().split('\n')) {
		const o = JSON.parse(line);
		assert.match(o.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
		assert.ok(o.level && (o.event || o.message), line);
	}
});

describe('a start that cannot be', async () => {
	const db = await newDatabase({});
	const dir = tempDir('data');
	const port = await freePort();
	const busy = net.createServer().listen(port, '127.0.0.1').unref();
	const start = (env) => run(['serve'], {
		env: { IDENTITY_DATABASE_URL: db.url, IDENTITY_DATA_DIR: dir, IDENTITY_HTTPS_LISTEN: 'off', IDENTITY_HTTP_LISTEN: `127.0.0.1:${port}`, ...env },
	});
	const oneLine = (r, re, code) => {
		assert.equal(r.code, code, r.stderr);
		assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
		assert.match(r.stderr, re);
	};

	test('the address is in use', async () => {
		oneLine(await start({}), /IDENTITY_HTTP_LISTEN.*in use/i, 1);
		busy.close();	// it does not keep this process if that failed
	});
	test('both listeners are off', async () => {
		oneLine(await start({ IDENTITY_HTTP_LISTEN: 'off' }), /IDENTITY_HTTP_LISTEN/, 2);
	});
	test('no database is named: the first thing that anybody forgets', async () => {
		const free = `127.0.0.1:${await freePort()}`;
		oneLine(await start({ IDENTITY_DATABASE_URL: '', IDENTITY_HTTP_LISTEN: free }), /IDENTITY_DATABASE_URL is not set/, 2);
	});
	test('an account that is not there', async () => {
		const free = `127.0.0.1:${await freePort()}`;
		if (IS_ROOT) {
			oneLine(await start({ IDENTITY_RUN_AS: 'nobody-at-all', IDENTITY_HTTP_LISTEN: free }), /IDENTITY_RUN_AS/, 2);
			oneLine(await start({ IDENTITY_RUN_AS: 'root', IDENTITY_HTTP_LISTEN: free }), /IDENTITY_RUN_AS/, 2);
		}
	});
	test('the database is not there', async () => {
		oneLine(await start({ IDENTITY_DATABASE_URL: `postgresql://127.0.0.1:${await freePort()}/nothing`, IDENTITY_HTTP_LISTEN: `127.0.0.1:${await freePort()}` }), /database/i, 1);
	});
	test('an unknown setting, an unknown command, an argument too many', async () => {
		oneLine(await start({ IDENTITY_HTTP_LISTENS: 'x' }), /IDENTITY_HTTP_LISTENS/, 2);
		const unknown = await run(['serv']);
		assert.equal(unknown.code, 2);
		assert.match(unknown.stderr, /unknown command "serv"/);
		assert.equal((await run(['serve', '--port', '1'])).code, 2);
	});
});

// Kore forgets a signal that comes while it starts a worker.
test('a stop at any moment of the start is heard', { timeout: 120_000 * SLOW }, async () => {
	const db = await newDatabase({});
	const dir = path.join(tempDir('data'), 'd');
	for (let i = 0; i < 12; i++) {
		const p = spawn(BIN, ['serve'], {
			env: {
				...process.env, IDENTITY_DATABASE_URL: db.url, IDENTITY_DATA_DIR: dir, IDENTITY_WORKERS: '4',
				IDENTITY_HTTP_LISTEN: `127.0.0.1:${await freePort()}`, IDENTITY_HTTPS_LISTEN: `127.0.0.1:${await freePort()}`,
				ASAN_OPTIONS: 'detect_leaks=0',
			}, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
		});
		let log = '';
		p.stdout.on('data', (d) => { log += d; });
		p.stderr.on('data', (d) => { log += d; });
		const ended = new Promise((done) => { p.on('close', (code, signal) => done(signal ?? code)); });
		await waitUntil(() => / start http/.test(log), { stepMs: 1 });
		await new Promise((go) => { setTimeout(go, i * 4 * SLOW); });
		p.kill('SIGTERM');
		const late = setTimeout(() => process.kill(-p.pid, 'SIGKILL'), 10_000 * SLOW);
		const how = await ended;
		clearTimeout(late);
		assert.ok(how === 0 || how === 'SIGTERM', `${i}: ${how}\n${log}`);
	}
});

test('help', async () => {
	for (const args of [['--help'], ['help'], ['serve', '--help']]) {
		const r = await run(args);
		assert.equal(r.code, 0, args.join(' '));
		assert.match(r.stdout, /usage: identityd/);
		assert.equal(r.stderr, '');
	}
});

test('a huge limit of descriptors does not slow the start', async () => {
	const db = await newDatabase({});
	const port = await freePort();
	const p = spawn('bash', ['-c', 'ulimit -n "$(ulimit -Hn)"; exec "$0" serve', BIN], {
		env: {
			...process.env, IDENTITY_DATABASE_URL: db.url, IDENTITY_DATA_DIR: path.join(tempDir('data'), 'd'),
			IDENTITY_HTTP_LISTEN: `127.0.0.1:${port}`, IDENTITY_HTTPS_LISTEN: 'off',
			ASAN_OPTIONS: 'detect_leaks=0',
		}, stdio: ['ignore', 'pipe', 'pipe'],
	});
	let log = '';
	p.stdout.on('data', (d) => { log += d; });
	p.stderr.on('data', (d) => { log += d; });
	const ended = new Promise((done) => { p.on('close', done); });
	const late = setTimeout(() => p.kill('SIGKILL'), 20_000 * SLOW);
	try {
		// Not at the first connection: a signal that comes before there is a
		// handler ends it as any other program.
		await waitUntil(async () => (await request(`http://127.0.0.1:${port}/healthz`)).status === 200, { timeoutMs: 5_000 * SLOW });
	} finally {
		p.kill('SIGTERM');
		const code = await ended;
		clearTimeout(late);
		assert.equal(code, 0, log);
	}
});

// Kore's pools as it makes them are 9 MiB; what argon2 worked in stayed too.
test('a worker is small, also after it has hashed', async () => {
	const small = await startService();
	const { key, user } = await makeCast(small);
	const anonymous = () => small.workerPids().map((pid) => Number(/^Pss_Anon:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024);
	const limit = IS_ASAN ? 1024 : 8;
	for (const mib of anonymous()) assert.ok(mib < limit, `${mib} MiB before the first request`);
	for (let i = 0; i < 6; i++) await signIn(small, { key, user });
	await waitUntil(() => anonymous().every((mib) => mib < limit), { what: 'what was hashed in is given back' });
});
