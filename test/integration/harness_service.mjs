// harness_service - the real binary as the tests run it.
// Owns: starting and stopping it, its log, and the verdict at the end of a
// test file (no sanitizer report, no dead worker, clean exit, nobody left).

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { BIN, SLOW, TOP, onExit, onTeardown, serviceEnv, tempDir } from './harness_env.mjs';
import { newDatabase } from './harness_cluster.mjs';
import { request } from './harness_wire.mjs';

// What a healthy log never holds.  The first group cannot be excused.
const SANITIZER = /AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error: |SUMMARY: \w*Sanitizer/;
const DEATH = /worker \S+ \(.*\) gone|sandbox violation|seccomp violation|exited with status [1-9]|segfault/;

export async function waitUntil(fn, { timeoutMs = 5_000 * SLOW, stepMs = 20, what = fn.toString() } = {}) {
	const deadline = performance.now() + timeoutMs;
	let last = null;
	for (;;) {
		try {
			const v = await fn();
			if (v) return v;
		} catch (e) {
			last = e;
		}
		if (performance.now() > deadline)
			throw new Error(`waited ${timeoutMs} ms for: ${what}${last ? ` (${last.message})` : ''}`);
		await new Promise((go) => { setTimeout(go, stepMs); });
	}
}

function isFree(port) {
	return new Promise((resolve) => {
		const s = net.createServer();
		s.on('error', () => resolve(false));
		s.listen(port, '127.0.0.1', () => s.close(() => resolve(true)));
	});
}

const given = new Set();	// ports handed out by this process
// Below the kernel's range for outgoing connections, so that no client socket
// can take it between this test and the service's bind.
export async function freePort() {
	for (let i = 0; i < 100; i++) {
		const port = 10_000 + Math.floor(Math.random() * 20_000);
		if (!given.has(port) && await isFree(port)) {
			given.add(port);
			return port;
		}
	}
	throw new Error('no free port on 127.0.0.1');
}

// Runs the binary to its end.  Gives { code, stdout, stderr, json() }.
export function run(args, { stdin = '', env = {}, timeoutMs = 60_000 } = {}) {
	return new Promise((resolve, reject) => {
		const p = spawn(BIN, args, { env: serviceEnv(env), stdio: ['pipe', 'pipe', 'pipe'] });
		let stdout = '';
		let stderr = '';
		const timer = setTimeout(() => p.kill('SIGKILL'), timeoutMs);
		p.stdout.on('data', (d) => { stdout += d; });
		p.stderr.on('data', (d) => { stderr += d; });
		p.stdin.on('error', () => {});	// it need not read its input
		p.on('error', reject);
		p.on('close', (code, signal) => {
			clearTimeout(timer);
			if (SANITIZER.test(stderr + stdout)) reject(new Error(`identityd ${args.join(' ')}:\n${stderr}${stdout}`));
			else resolve({ code, signal, stdout, stderr, json: () => JSON.parse(stdout) });
		});
		p.stdin.end(stdin);
	});
}

// All processes whose group is |pgid|: [{ pid, ppid, title }].
function groupMembers(pgid) {
	const out = [];
	for (const name of fs.readdirSync('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		try {
			const stat = fs.readFileSync(`/proc/${name}/stat`, 'latin1');
			const [state, ppid, pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			if (Number(pgrp) !== pgid || state === 'Z') continue;
			const title = fs.readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
			out.push({ pid: Number(name), ppid: Number(ppid), title });
		} catch {
			// it ended meanwhile
		}
	}
	return out;
}

class Service {
	constructor(o) {
		Object.assign(this, o);
		this.log = '';
		this.exit = null;	// { code, signal } once it ended
		this.deathsAllowed = 0;
	}

	spawn() {
		this.process = spawn(BIN, ['serve'], {
			env: serviceEnv(this.env), cwd: this.dir, detached: true,
			stdio: ['ignore', this.isQuiet ? 'ignore' : 'pipe', 'pipe'],
		});
		this.pid = this.process.pid;
		this.exit = null;
		this.process.stdout?.on('data', (d) => { this.log += d; });
		this.process.stderr.on('data', (d) => { this.log += d; });
		this.ended = new Promise((resolve) => {
			this.process.on('close', (code, signal) => {
				this.exit = { code, signal };
				resolve(this.exit);
			});
			this.process.on('error', (e) => {
				this.exit = { code: null, signal: null, error: e };
				resolve(this.exit);
			});
		});
	}

	async ready(timeoutMs = 20_000 * SLOW) {
		await waitUntil(async () => {
			if (this.exit) return true;
			return (await this.get('/readyz', { timeoutMs: 2_000 })).status === 200;
		}, { timeoutMs, what: 'the service is ready' }).catch((e) => {
			throw new Error(`${e.message}\n${this.log}`);
		});
		if (this.exit) throw new Error(`the service ended at its start, ${JSON.stringify(this.exit)}\n${this.log}`);
	}

	processes() { return groupMembers(this.pid); }
	workers() { return this.processes().filter((p) => /\bwrk\b|worker/i.test(p.title)); }
	workerPids() { return this.workers().map((p) => p.pid); }

	// |n| more deaths of a worker are what the test wants; no verdict on them.
	allowDeaths(n = 1) { this.deathsAllowed += n; }

	logContains(re, timeoutMs) {
		return waitUntil(() => re.test(this.log), { timeoutMs, what: `the log has ${re}` })
			.catch((e) => { throw new Error(`${e.message}\n${this.log}`); });
	}

	request(method, target, o = {}) {
		return request((o.https ? this.httpsUrl : this.url) + target, { method, ...o });
	}

	get(target, o) { return this.request('GET', target, o); }
	post(target, body, o) { return this.request('POST', target, { body, ...o }); }

	cli(args, o = {}) { return run(args, { ...o, env: { ...this.env, ...o.env } }); }

	// Ends it as an operator does and gives { code, signal }.
	async stop(signal = 'SIGTERM') {
		if (this.exit === null) {
			process.kill(this.pid, signal);
			const timer = setTimeout(() => this.kill(), 40_000 * SLOW);
			await this.ended;
			clearTimeout(timer);
		}
		return this.exit;
	}

	async restart() {
		await this.stop();
		this.spawn();
		await this.ready();
	}

	kill() {
		try {
			process.kill(-this.pid, 'SIGKILL');
		} catch {
			// nobody left
		}
	}

	async verdict() {
		const wasRunning = this.exit === null;
		const exit = await this.stop();
		const left = groupMembers(this.pid);
		this.kill();
		const bad = [];
		const deaths = this.log.split('\n').filter((l) => DEATH.test(l));
		if (SANITIZER.test(this.log)) bad.push('a sanitizer reported');
		if (deaths.length > 0 && this.deathsAllowed === 0) bad.push(`a worker died: ${deaths[0]}`);
		if (wasRunning && exit.code !== 0) bad.push(`it ended with ${JSON.stringify(exit)}`);
		if (left.length > 0) bad.push(`it left processes: ${left.map((p) => `${p.pid} ${p.title}`).join(', ')}`);
		if (bad.length > 0) throw new Error(`service: ${bad.join('; ')}\n${this.excerpt()}`);
	}

	// What a person wants to see of a bad log; all of it is kept in var/test.
	excerpt() {
		const dir = path.join(TOP, 'var/test');
		const file = path.join(dir, `service-${path.basename(process.argv[1] ?? '', '.mjs')}-${this.pid}.log`);
		fs.mkdirSync(dir, { recursive: true });
		fs.writeFileSync(file, this.log);
		const lines = this.log.split('\n');
		const at = lines.findIndex((l) => SANITIZER.test(l) || DEATH.test(l));
		const part = at < 0 ? lines.slice(-20) : lines.slice(Math.max(0, at - 3), at + 30);
		return `--- of its log, ${path.relative(TOP, file)} ---\n${part.join('\n')}`;
	}
}

// Starts the real binary.  |o|: { db (default: a database of its own), env
// (IDENTITY_ variables), settings (rows of the settings table, set before the
// start), ready (false: do not wait), isQuiet (its log goes to /dev/null; for
// the benchmark, which must not pay for reading it) }.
export async function startService(o = {}) {
	const db = o.db ?? await newDatabase({ cluster: o.cluster });
	const dir = tempDir('svc');
	for (const [name, value] of Object.entries(o.settings ?? {})) await setSetting(db, name, value);
	const port = await freePort();
	const httpsPort = await freePort();
	const svc = new Service({
		db, dir, port, httpsPort, isQuiet: o.isQuiet ?? false,
		url: `http://127.0.0.1:${port}`, httpsUrl: `https://127.0.0.1:${httpsPort}`,
		env: {
			IDENTITY_DATABASE_URL: db.url,
			IDENTITY_DATA_DIR: path.join(dir, 'data'),
			IDENTITY_HTTP_LISTEN: `127.0.0.1:${port}`,
			IDENTITY_HTTPS_LISTEN: `127.0.0.1:${httpsPort}`,
			IDENTITY_DNS_SERVER: '127.0.0.1:1',	// nobody: no test asks outside
			IDENTITY_WORKERS: '2',
			...o.env,
		},
	});
	svc.spawn();
	onExit(() => { if (svc.exit === null) svc.kill(); });
	onTeardown(() => svc.verdict());
	if (o.ready !== false) await svc.ready();
	return svc;
}

// One run-time setting, as an administrator's SQL would change it; a running
// service hears of it by itself.
export async function setSetting(db, name, value) {
	const r = await db.query('update setting set value = $2::jsonb where name = $1', [name, JSON.stringify(value)]);
	if (r.rowCount !== 1) throw new Error(`no setting ${name}`);
}
