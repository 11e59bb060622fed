// people - the directory at size: import against plain COPY of the same rows
// into the same table, pages and searches of the console.
// Must not: judge; directory.mjs does.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { newDatabase } from '../test/integration/harness_cluster.mjs';
import { tempDir } from '../test/integration/harness_env.mjs';
import { startService } from '../test/integration/harness_service.mjs';
import { consoleLogin } from '../test/integration/harness_console.mjs';

const FIRST = ['Asha', 'Ravi', 'Priya', 'Anil', 'Sunita', 'Vikram', 'Neha', 'Rahul', 'Kavita', 'Sanjay', 'Meera', 'Arjun', 'Divya', 'Rohan', 'Pooja', 'Amit'];
const LAST = ['Kumar', 'Sharma', 'Patel', 'Iyer', 'Singh', 'Reddy', 'Gupta', 'Nair', 'Das', 'Rao', 'Mehta', 'Joshi', 'Bose'];

// The same numbers in every run.
function mix(i) {
	let x = (i + 1) * 0x9e3779b1 >>> 0;
	x = Math.imul(x ^ x >>> 15, 0x85ebca6b) >>> 0;
	x = Math.imul(x ^ x >>> 13, 0xc2b2ae35) >>> 0;
	return (x ^ x >>> 16) >>> 0;
}
function person(i) {
	const r = mix(i);
	const name = `${FIRST[r % FIRST.length]} ${(r >>> 4).toString(36)} ${LAST[(r >>> 8) % LAST.length]}`;
	return { name, email: `p${i}.${r.toString(36)}@example.org`, mobile: `+9198${String(i).padStart(8, '0')}`, empId: `E${i}` };
}

function writeFile(n) {
	const file = path.join(tempDir('people'), 'people.csv');
	const fd = fs.openSync(file, 'w');
	fs.writeSync(fd, 'name,email,mobile_number,emp_id\n');
	for (let i = 0; i < n;) {
		let text = '';
		for (const end = Math.min(n, i + 10_000); i < end; i++) {
			const p = person(i);
			text += `${p.name},${p.email},${p.mobile},${p.empId}\n`;
		}
		fs.writeSync(fd, text);
	}
	fs.closeSync(fd);
	fs.chmodSync(file, 0o644);
	return file;
}

function timed(cmd, args, env) {
	const t = performance.now();
	const r = spawnSync(cmd, args, { encoding: 'utf8', env: { ...process.env, ...env } });
	if (r.status !== 0) throw new Error(`${cmd}: ${r.error ?? r.stderr}`);
	return { ms: performance.now() - t, out: r.stdout };
}

// p of the sorted values, 0 < p <= 1.
function quantile(values, p) {
	const v = [...values].sort((a, b) => a - b);
	return v[Math.max(0, Math.ceil(v.length * p) - 1)];
}

const copyIn = (db, file) => timed('psql', ['-X', '-q', db.url, '-c', `\\copy person (name, email, mobile_number, emp_id) from '${file}' csv header`]);

// An index costs less when it is made for all rows at once.  Those that are
// constraints stay.
export async function withoutIndexes(db, fill) {
	const had = await db.rows(`select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as def
		from pg_index i where i.indrelid = 'person'::regclass and not i.indisunique`);
	for (const i of had) await db.query(`drop index ${i.name}`);
	await fill();
	for (const i of had) await db.query(i.def);
	await db.query('vacuum analyze person');
}

// { copyMs, importMs, svc }: the service, with |n| people.
export async function importPeople({ cluster, n, say }) {
	const file = writeFile(n);
	say(`COPY of ${n} people`);
	const plain = await newDatabase({ cluster });
	const { ms: copyMs } = copyIn(plain, file);
	await plain.drop();
	say(`import of the same: COPY took ${(copyMs / 1000).toFixed(1)} s`);
	const svc = await startService({ db: await newDatabase({ cluster }), isQuiet: true });
	const { ms: importMs } = await timedImport(svc, file, n);
	say(`the import took ${(importMs / 1000).toFixed(1)} s`);
	return { copyMs, importMs, svc };
}

async function timedImport(svc, file, n) {
	const t = performance.now();
	const r = await svc.cli(['user', 'import', file, '--json'], { timeoutMs: 3_600_000 });
	if (r.code !== 0 || r.json().totals.create !== n) throw new Error(`import: ${r.stderr}${r.stdout}`);
	return { ms: performance.now() - t };
}

// A service with the same people, faster.
export async function fillPeople({ cluster, n, say }) {
	say(`${n} people`);
	const file = writeFile(n);
	const db = await newDatabase({ cluster });
	const svc = await startService({ db, isQuiet: true });
	await withoutIndexes(db, () => copyIn(db, file));
	return svc;
}

// Milliseconds of each of these, one after the other on one connection.
async function latencies(c, targets) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const ms = [];
	for (const t of targets) {
		const at = performance.now();
		const r = await c.get(`/users?${t}`, { agent });
		ms.push(performance.now() - at);
		if (r.status !== 200) throw new Error(`${t}: ${r.status} ${r.text}`);
	}
	agent.destroy();
	return ms;
}

const PAGES = {
	newest: '', 'by name': 'sort=name', 'by last sign-in': 'sort=last_login', 'with a second factor': 'mfa=on',
	'active, by name downwards': 'status=active&sort=name&dir=desc', oldest: 'sort=created&dir=asc',
};
const SEARCHES = {
	'part of a name': (p) => p.name.split(' ')[1], 'e-mail address': (p) => p.email, 'end of a number': (p) => p.mobile.slice(-6),
	'whole name': (p) => p.name, 'frequent word': (p) => p.name.split(' ')[2].toLowerCase(), 'employee id': (p) => p.empId,
};

// { listMs, searchMs, kinds }: 95th percentiles of all pages and of all
// searches, and of each kind.
export async function measurePages({ svc, n, requests, say }) {
	await svc.db.query('update person set mfa_enabled = true where auth_user_id in (select auth_user_id from person where emp_id like \'E%7\' limit $1)', [Math.ceil(n / 50)]);
	await svc.db.query('vacuum analyze person');
	const c = await consoleLogin(svc);
	say(`${requests} pages and as many searches`);
	const search = (f, k) => `q=${encodeURIComponent(f(person(mix(k) % n)))}`;
	const range = (k) => Array.from({ length: k }, (_, i) => i);
	await latencies(c, [...Object.values(PAGES), ...Object.values(SEARCHES).map(search)]);	// plans, caches
	const measured = async (kinds, target) => {
		const names = Object.keys(kinds);
		const ms = await latencies(c, range(requests).map((k) => target(kinds[names[k % names.length]], k)));
		return { ms, kinds: names.map((name, i) => {
			const own = ms.filter((_, k) => k % names.length === i);
			return { name, median: quantile(own, 0.5), p95: quantile(own, 0.95) };
		}) };
	};
	const pages = await measured(PAGES, (t) => t);
	const searches = await measured(SEARCHES, search);
	await svc.stop();
	return { listMs: quantile(pages.ms, 0.95), searchMs: quantile(searches.ms, 0.95), kinds: [...pages.kinds, ...searches.kinds] };
}
