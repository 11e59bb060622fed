// sync - /users/sync against what its parts alone can do: a full snapshot
// against COPY of the same JSON in the same round, and what a waiting call
// costs.  The poll with nothing new is a scenario of run.mjs.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { makeApp, makeKey } from '../test/integration/harness_cast.mjs';
import { waitUntil } from '../test/integration/harness_service.mjs';
import { withoutIndexes } from './people.mjs';

const USER = 'person_json(p.auth_user_id, p.name, p.mobile_number, p.email, p.emp_id, p.status, p.mfa_enabled, p.updated_at, p.sync_hash)';

// An application that mirrors |n| people.
export async function seedMirror(svc, db, n) {
	const app = await makeApp(svc, { name: 'Mirror' });
	const { key } = await makeKey(svc, app);
	await withoutIndexes(db, async () => {
		for (let at = 0; at < n; at += 100_000) await db.query(`with p as (
			insert into person (name, email, mobile_number, emp_id)
			select 'Mirror Person ' || i, 'mirror' || i || '@example.org', '+9198' || lpad(i::text, 8, '0'), 'M' || i
			from generate_series($2::int, $3::int) i returning auth_user_id)
			insert into assignment (application_id, person_id) select $1, auth_user_id from p`, [app.id, at + 1, Math.min(n, at + 100_000)]);
	});
	await db.query('vacuum analyze assignment');
	return { app, key, n };
}

// Seconds that COPY takes to give the same JSON to a client.
export function copyFloor(db, mirror) {
	const sql = `copy (select ${USER} from assignment a join person p on p.auth_user_id = a.person_id where a.application_id = '${mirror.app.id}') to stdout`;
	const started = performance.now();
	return new Promise((resolve, reject) => {
		const p = spawn('psql', ['-X', '-q', '-d', db.url, '-c', sql], { stdio: ['ignore', 'pipe', 'inherit'] });
		let rows = 0;
		p.stdout.on('data', (d) => { for (const b of d) if (b === 10) rows++; });
		p.on('error', reject);
		p.on('close', (code) => {
			if (code !== 0 || rows !== mirror.n) reject(new Error(`COPY: exit ${code}, ${rows} rows`));
			else resolve((performance.now() - started) / 1000);
		});
	});
}

// One page; the body is looked at only where it ends.
function page(svc, key, cursor, agent) {
	return new Promise((resolve, reject) => {
		const req = http.get(`${svc.url}/users/sync?limit=10000${cursor ? `&cursor=${cursor}` : ''}`, { agent, headers: { 'x-auth-service-key': key } }, (res) => {
			let tail = '';
			let bytes = 0;
			res.on('data', (d) => {
				bytes += d.length;
				tail = (tail + d.subarray(-400).toString('latin1')).slice(-400);
			});
			res.on('error', reject);
			res.on('end', () => {
				const m = /"cursor":"([^"]+)","has_more":(true|false)/.exec(tail);
				if (res.statusCode !== 200 || m === null) reject(new Error(`/users/sync: ${res.statusCode} ${tail}`));
				else resolve({ cursor: m[1], hasMore: m[2] === 'true', bytes });
			});
		});
		req.on('error', reject);
	});
}

// Seconds of a full snapshot, and its bytes.
export async function snapshot(svc, mirror) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const started = performance.now();
	let p = { cursor: null, hasMore: true };
	let bytes = 0;
	while (p.hasMore) {
		p = await page(svc, mirror.key, p.cursor, agent);
		bytes += p.bytes;
	}
	const seconds = (performance.now() - started) / 1000;
	agent.destroy();
	return { seconds, bytes };
}

// Where a copy that is equal stands.
async function idleCursor(svc, key) {
	for (let at = '';;) {
		const { body } = await svc.get(`/users/sync?limit=10000${at ? `&cursor=${at}` : ''}`, { key, timeoutMs: 60_000 });
		at = body.cursor;
		if (!body.has_more && body.users.length === 0) return at;
	}
}

// How long the hash over all takes in the database, and for who asks for it.
export async function setHash(svc, db, mirror) {
	const at = await idleCursor(svc, mirror.key);
	const [{ ms }] = await db.rows(`with t as materialized (select clock_timestamp() as at), h as materialized (
		select sync_set_hash($1) as hash, t.at from t) select extract(epoch from clock_timestamp() - h.at)::float8 * 1000 as ms from h where h.hash is not null`, [mirror.app.id]);
	const started = performance.now();
	const r = await svc.get(`/users/sync?cursor=${at}&set_hash=1`, { key: mirror.key, timeoutMs: 60_000 });
	return { sqlMs: ms, httpMs: performance.now() - started, status: r.status };
}

// KiB of all workers that each of |n| waiting calls costs.
export async function waitingCalls(svc, db, mirror, n, memoryKib) {
	const at = await idleCursor(svc, mirror.key);
	const before = memoryKib();
	const requests = [];
	let connected = 0;
	let failed = 0;
	let answered = 0;
	for (let i = 0; i < n; i++) {
		const req = http.get(`${svc.url}/users/sync?cursor=${at}&wait=30`, { agent: false, headers: { 'x-auth-service-key': mirror.key } }, (res) => {
			res.resume();
			res.on('end', () => { answered++; });
		});
		req.on('socket', (s) => s.on('connect', () => { connected++; }));
		req.on('error', () => { failed++; });
		requests.push(req);
		if (i % 100 === 99) await waitUntil(() => connected + failed >= i - 50, { timeoutMs: 30_000 });
	}
	await waitUntil(() => connected + failed >= n, { timeoutMs: 60_000 });
	// All of them have been heard: one more is answered.
	await svc.get(`/users/sync?cursor=${at}`, { key: mirror.key });
	const kib = (memoryKib() - before) / n;
	const connections = Number((await db.rows('select count(*) as n from pg_stat_activity where datname = current_database()'))[0].n);
	// Woken at once by one change.
	const started = performance.now();
	await db.query("update person set name = name || '.' where auth_user_id = (select person_id from assignment where application_id = $1 limit 1)", [mirror.app.id]);
	await waitUntil(() => answered + failed >= n, { timeoutMs: 60_000 });
	return { n, kib, connections, failed, wokenMs: performance.now() - started };
}
