// kit - what the benchmarks share: the floors (bare Kore, pgbench), and wrk.
// Must not: know any endpoint.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TOP, onExit, tempDir } from '../test/integration/harness_env.mjs';
import { freePort, waitUntil } from '../test/integration/harness_service.mjs';
import { request } from '../test/integration/harness_wire.mjs';

export const CORES = os.availableParallelism?.() ?? os.cpus().length;
export const OUT = path.join(TOP, 'build/bench');
export const say = (text) => process.stderr.write(`bench: ${text}\n`);

export function median(values) {
	const v = [...values].sort((a, b) => a - b);
	const mid = v.length >> 1;
	return v.length % 2 ? v[mid] : (v[mid - 1] + v[mid]) / 2;
}

export const buildFloor = () => execFileSync('bash', [path.join(TOP, 'bench/bare/build.sh')], { stdio: ['ignore', 'inherit', 'inherit'] });

// Bare Kore (bench/bare).  |o|: { size of its answer in bytes, workers,
// databaseUrl and rows of bench_row for /query }.
export async function startBare({ size, workers = CORES, databaseUrl = '', rows = 1 }) {
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
			BARE_DIR: dir, BARE_WORKERS: String(workers), BARE_DATABASE: databaseUrl, BARE_ROWS: String(rows) },
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

// Transactions a second of one insert with commit; makes its table.
export async function pgbenchInsert(db, { clients, seconds }) {
	await db.query('create table if not exists bench_floor (id int8 generated always as identity primary key, a int4, b text)');
	const file = path.join(tempDir('pgbench'), 'insert.sql');
	fs.writeFileSync(file, "insert into bench_floor (a, b) values (1, 'one row');\n");
	const bin = fs.readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin/pgbench`).find(fs.existsSync);
	const out = execFileSync(bin, ['-n', '-M', 'prepared', '-f', file, '-c', String(clients), '-j', '2', '-T', String(seconds), db.url],
		{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
	return Number(/tps = ([\d.]+)/.exec(out)[1]);
}

export const rawRequest = (method, target, headers, body = '') => [
	`${method} ${target} HTTP/1.1`, 'Host: localhost', ...headers,
	...(body ? [`Content-Length: ${Buffer.byteLength(body)}`] : []), '', body].join('\r\n');

export function requestFile(name, requests) {
	const file = path.join(tempDir('wrk'), name);
	fs.writeFileSync(file, requests.map((r) => `${r}\n%%\n`).join(''));
	return file;
}

// wrk with one of the scripts here, which prints one line "@{json}": that.
// Several may run at once.
export function wrk({ url, script, args, connections, seconds }) {
	return new Promise((resolve, reject) => {
		const p = spawn('wrk', [`-t${Math.min(2, CORES, connections)}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '10s',
			'-s', path.join(TOP, 'bench', script), url, '--', ...args.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] });
		let text = '';
		p.stdout.on('data', (d) => { text += d; });
		p.stderr.on('data', (d) => { text += d; });
		p.on('error', reject);
		p.on('exit', (code) => {
			const line = /^@(\{.*\})$/m.exec(text);
			if (code !== 0 || line === null) reject(new Error(`wrk: ${text}`));
			else resolve(JSON.parse(line[1]));
		});
	});
}
