// shared - what the peers' files have in common: getting them onto this machine
// without installing anything on it, their processes, and their load.
// Must not: know one of them.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { TOP, onExit, onTeardown, tempDir } from '../../test/integration/harness_env.mjs';
import { request } from '../../test/integration/harness_wire.mjs';
import { waitUntil } from '../../test/integration/harness_service.mjs';
import { OUT, requestFile, say, wrk } from '../kit.mjs';

export const HERE = path.join(TOP, 'bench/peers');
export const CONNECTIONS = 32;
export const LOGIN_CONNECTIONS = 8;

export const du = (dir) => Number(execFileSync('du', ['-sb', dir], { encoding: 'utf8' }).split('\t')[0]);

function must(cmd, args, o = {}) {
	const r = spawnSync(cmd, args, { encoding: 'utf8', timeout: 600_000, ...o });
	if (r.status !== 0) throw new Error(`${cmd} ${args.join(' ')}: ${(r.error?.message ?? r.stderr.trim().split('\n').slice(-3).join(' '))}`);
	return r.stdout;
}

// The pinned packages of bench/peers/package-lock.json.
export function npmInstall() {
	const lock = path.join(HERE, 'package-lock.json');
	const stamp = path.join(HERE, 'node_modules/.installed');
	if (fs.existsSync(stamp) && fs.readFileSync(lock).equals(fs.readFileSync(stamp))) return;
	say('npm ci in bench/peers/');
	must('npm', ['ci', '--loglevel=error'], { cwd: HERE });
	fs.copyFileSync(lock, stamp);
}

// Size of an npm package with all that it needs.
export function npmBytes(name) {
	const packages = JSON.parse(fs.readFileSync(path.join(HERE, 'package-lock.json'), 'utf8')).packages;
	const seen = new Set();
	const visit = (wanted, from) => {
		// as Node looks for it: beside, then further up
		let place = from;
		while (!packages[`${place}node_modules/${wanted}`] && place !== '') place = place.replace(/node_modules\/(@[^/]+\/)?[^/]+\/$/, '');
		const dir = `${place}node_modules/${wanted}`;
		if (!packages[dir] || seen.has(dir)) return;
		seen.add(dir);
		for (const d of Object.keys(packages[dir].dependencies ?? {})) visit(d, `${dir}/`);
	};
	for (const n of [name, 'pg']) visit(n, '');
	return [...seen].reduce((n, d) => n + du(path.join(HERE, d)), 0);
}

export const npmVersion = (name) => JSON.parse(fs.readFileSync(path.join(HERE, 'node_modules', name, 'package.json'), 'utf8')).version;

// Debian's package |name| and what it needs that this machine lacks, unpacked
// below build/: nothing is configured or started.  Gives { root, env, version, bytes }.
export function debian(name, more = []) {
	const root = path.join(OUT, 'peers', name);
	if (!fs.existsSync(path.join(root, '.version'))) {
		say(`unpacking Debian's ${name}`);
		const lacks = must('apt-get', ['install', '-s', '-y', '--no-install-recommends', name, ...more])
			.split('\n').filter((l) => l.startsWith('Inst ')).map((l) => l.split(' ')[1]);
		const dir = tempDir('deb');
		must('apt-get', ['download', ...new Set([name, ...more, ...lacks])], { cwd: dir });
		fs.rmSync(root, { recursive: true, force: true });
		fs.mkdirSync(root, { recursive: true });
		for (const f of fs.readdirSync(dir).filter((n) => n.endsWith('.deb'))) must('dpkg-deb', ['-x', path.join(dir, f), root]);
		const own = fs.readdirSync(dir).find((n) => n.startsWith(`${name}_`));
		fs.writeFileSync(path.join(root, '.version'), must('dpkg-deb', ['-f', path.join(dir, own), 'Version']).trim());
	}
	const arch = must('dpkg', ['--print-architecture']).trim();
	const triplet = must('dpkg-architecture', [`-a${arch}`, '-qDEB_HOST_MULTIARCH']).trim();
	return { root, version: fs.readFileSync(path.join(root, '.version'), 'utf8'), bytes: du(root),
		env: { LD_LIBRARY_PATH: [`${root}/usr/lib/${triplet}`, `${root}/lib/${triplet}`].join(':') } };
}

// ---- its processes

// Starts it and waits until |isReady| gives true; ends it at the end of the run.
// Gives { pid, readyMs, readyMib }.
export async function start(cmd, args, { env = {}, cwd, isReady }) {
	const started = performance.now();
	const child = spawn(cmd, args, { env: { ...process.env, ...env }, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	for (const s of [child.stdout, child.stderr]) s.on('data', (d) => { log = (log + d).slice(-4000); });
	let hasEnded = false;
	const ended = new Promise((go) => { child.on('error', (e) => { log += e.message; hasEnded = true; go(); }); child.on('exit', () => { hasEnded = true; go(); }); });
	const kill = (signal) => { try { process.kill(-child.pid, signal); } catch { /* ended */ } };
	onExit(() => kill('SIGKILL'));
	onTeardown(async () => {
		kill('SIGTERM');
		await Promise.race([ended, new Promise((go) => { setTimeout(go, 5000); })]);
		kill('SIGKILL');
	});
	await waitUntil(async () => hasEnded || isReady(), { timeoutMs: 60_000, stepMs: 10, what: path.basename(cmd) })
		.catch((e) => { throw new Error(`${e.message}: ${log}`); });
	if (hasEnded) throw new Error(`it ended at its start: ${log}`);
	return { pid: child.pid, readyMs: performance.now() - started, readyMib: memoryMib(child.pid) };
}

// A command of its own to its end; its output.
export const once = (cmd, args, env = {}, input = undefined) => must(cmd, args, { env: { ...process.env, ...env }, input, maxBuffer: 2 ** 28 });

// PSS of all processes of the group, MiB.
export function memoryMib(pgid) {
	let kib = 0;
	for (const pid of fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
		try {
			const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
			if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) !== pgid) continue;
			kib += Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1]);
		} catch { /* it ended meanwhile */ }
	}
	return kib / 1024;
}

// ---- its load

// Bytes of |r|, an answer, on the wire, about.
const wireBytes = (r) => Object.entries(r.headers).reduce((n, [k, v]) => n + k.length + String(v).length + 4, 17) + r.text.length;

// |requests| (kit's rawRequest) in turn.  Right answers have status 200 and are
// on average as long as |sample|, one that was looked at: "null" and
// {"active":false} have status 200 too.
export async function load(url, requests, sample, connections, seconds) {
	const v = await wrk({ url, script: 'requests.lua', args: [requestFile('peer', requests)], connections, seconds });
	const isShort = v.requests > 0 && v.bytes / v.requests < 0.95 * wireBytes(sample);
	return { rate: v.requests / (v.us / 1e6), p99_us: v.p99_us,
		errors: v.connect + v.read + v.write + v.timeout + v.status + (isShort ? v.requests : 0) + (v.requests === 0 ? 1 : 0) };
}

// |headers|: [name, value, ...].
export async function refreshLoad(url, target, kind, headers, tokens, seconds) {
	const file = path.join(tempDir('refresh'), 'tokens');
	fs.writeFileSync(file, tokens.map((t) => `${t}\n`).join(''));
	const v = await wrk({ url, script: 'refresh.lua', args: [target, file, kind, ...headers], connections: CONNECTIONS, seconds });
	return { rate: v.requests / (v.us / 1e6), p99_us: v.p99_us, errors: v.errors + (v.requests === 0 ? 1 : 0) };
}

// One request that must be answered with 200; the answer.
export async function ask(url, o) {
	const r = await request(url, o);
	if (r.status !== 200) throw new Error(`${new URL(url).pathname}: ${r.status} ${r.text.slice(0, 300)}`);
	return r;
}

export function expect(ok, what) {
	if (!ok) throw new Error(`it does not do what is measured: ${what}`);
}

// |refresh|(token) gives an answer with another token, and the old one gives no
// second: it is refused, or (ours, for ten seconds) brings the same one again.
export async function expectSpentOnce(refresh, token) {
	const r = await refresh(token);
	expect(r.status === 200 && r.body?.refresh_token && r.body.refresh_token !== token, `a refresh token gives another: ${r.status} ${r.text.slice(0, 200)}`);
	const again = await refresh(token);
	expect(again.status !== 200 || again.body?.refresh_token === r.body.refresh_token, 'a refresh token is spent once');
}
