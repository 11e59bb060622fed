// Many writers commit, roll back and are killed in random order, the database
// crashes, clients sync with random pages, waits, time-outs and restarts; at
// the end every copy equals the directory.  Two naive clients read beside them,
// the way one would without the feed's cut, and must lose something: otherwise
// the test proves nothing.
//
//	SYNC_PROPERTY_S		how long, seconds (60)
//	SYNC_PROPERTY_SEED	decisions of an earlier run again

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { SLOW, makeApp, makeKey, newDatabase, startCluster, startService, waitUntil } from './harness.mjs';
import { SyncClient, setHashOf } from './sync_kit.mjs';

const SECONDS = Number(process.env.SYNC_PROPERTY_S ?? 60);
const SEED = Number(process.env.SYNC_PROPERTY_SEED ?? Math.floor(Math.random() * 2 ** 31));
const WRITERS = 8;
const CLIENTS = 6;
const PEOPLE = 120;

const cluster = startCluster();
const db = await newDatabase({ cluster });
const svc = await startService({ db });
const apps = [await makeApp(svc), await makeApp(svc)];
const keys = [];
for (const a of apps) keys.push((await makeKey(svc, a)).key);

// mulberry32: the decisions can be had again, their interleaving cannot.
function randomOf(seed) {
	let a = seed >>> 0;
	const next = () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	return { below: (n) => Math.floor(next() * n), chance: (p) => next() < p, pick: (list) => list[Math.floor(next() * list.length)] };
}
const pause = (ms) => new Promise((go) => { setTimeout(go, ms); });

let stopping = false;
const counts = { committed: 0, rolledBack: 0, killed: 0, failed: 0, crashes: 0 };

// ---- writers

async function connect() {
	const c = new pg.Client({ connectionString: db.url });
	c.on('error', () => {});	// it is killed on purpose
	await c.connect();
	return c;
}

const EDITS = [
	(c, r, id) => c.query('update person set name = $2 where auth_user_id = $1', [id, `Name "\\ü ${r.below(1e9)}`]),
	(c, r, id) => c.query('update person set email = $2 where auth_user_id = $1', [id, r.chance(0.3) ? null : `m${r.below(1e9)}@example.org`]),
	(c, r, id) => c.query('update person set emp_id = $2 where auth_user_id = $1', [id, r.chance(0.3) ? null : `E${r.below(1e9)}`]),
	(c, r, id) => c.query('update person set status = $2 where auth_user_id = $1 and deleted_at is null', [id, r.pick(['active', 'disabled'])]),
	(c, r, id) => c.query('update person set mfa_enabled = not mfa_enabled where auth_user_id = $1', [id]),
	(c, r, id) => c.query('insert into assignment (application_id, person_id) select $1, auth_user_id from person where auth_user_id = $2 and deleted_at is null on conflict do nothing', [r.pick(apps).id, id]),
	(c, r, id) => c.query('delete from assignment where application_id = $1 and person_id = $2', [r.pick(apps).id, id]),
	(c, r, id) => (r.chance(0.2) ? c.query('delete from person where auth_user_id = $1', [id]) : null),
	(c, r, id) => (r.chance(0.2) ? c.query('update person set deleted_at = now() where auth_user_id = $1', [id]) : null),
	async (c, r) => {
		const { rows: [p] } = await c.query('insert into person (name) values ($1) returning auth_user_id', [`New ${r.below(1e9)}`]);
		await c.query('insert into assignment (application_id, person_id) values ($1, $2)', [r.pick(apps).id, p.auth_user_id]);
	},
	// Many at once.
	(c, r) => c.query(`update person set name = name || '.' where auth_user_id in (select auth_user_id from person where name like 'N%' and length(name) < 150 order by random() limit ${r.below(20)})`),
];

async function writer(n) {
	const r = randomOf(SEED + n);
	let c = null;
	while (!stopping) {
		try {
			c ??= await connect();
			const people = (await c.query("select auth_user_id from person where name not like 'Fixed%'")).rows.map((x) => x.auth_user_id);
			await c.query(`begin isolation level ${r.pick(['read committed', 'read committed', 'repeatable read', 'serializable'])}`);
			// Some have a number long before they write.
			if (r.chance(0.3)) await c.query('select pg_current_xact_id()');
			for (let i = r.below(4); i >= 0; i--) {
				await r.pick(EDITS)(c, r, r.pick(people));
				if (r.chance(0.5)) await pause(r.below(r.chance(0.1) ? 400 : 40));
			}
			if (r.chance(0.1)) {
				counts.killed++;
				const { rows: [{ pid }] } = await c.query('select pg_backend_pid() as pid');
				await db.query('select pg_terminate_backend($1)', [pid]);
				c = null;
			} else if (r.chance(0.2)) {
				await c.query('rollback');
				counts.rolledBack++;
			} else {
				await c.query('commit');
				counts.committed++;
			}
		} catch (e) {
			counts.failed++;	// deadlocks, serialization, crashes
			if (e.code === undefined || e.code.startsWith('57') || e.code.startsWith('08') || e.code === 'ECONNREFUSED' || e.code === 'ENOENT') {
				await c?.end().catch(() => {});
				c = null;
				await pause(20);
			} else {
				await c?.query('rollback').catch(() => { c = null; });
			}
		}
	}
	await c?.end().catch(() => {});
}

// The server's processes end at once, as when it is killed; then it recovers.
async function crash() {
	counts.crashes++;
	const pid = Number(fs.readFileSync(path.join(cluster.dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
	process.kill(pid, 'SIGQUIT');
	await waitUntil(() => !fs.existsSync(`/proc/${pid}`), { timeoutMs: 30_000 });
	cluster.start();
}

// ---- clients

async function client(n) {
	const r = randomOf(SEED + 1000 + n);
	const c = new SyncClient(svc, keys[n % keys.length]);
	let saved = c.save();
	while (!stopping) {
		await c.poll({
			limit: r.pick([1, 2, 3, 7, 50, 1000]), wait: r.chance(0.4) ? 1 + r.below(3) : 0,
			setHash: r.chance(0.3), gzip: r.chance(0.3), tag: r.chance(0.7),
			abortMs: r.chance(0.15) ? r.below(200) : undefined,
		});
		if (r.chance(0.3)) saved = c.save();
		if (r.chance(0.05)) c.load(saved);
		if (r.chance(0.01)) {
			c.forget();
			saved = c.save();
		}
		if (r.chance(0.3)) await pause(r.below(60));
	}
	return c;
}

// ---- what must not be enough

const FEED = `select p.auth_user_id, p.name, p.email, p.emp_id, p.mobile_number, p.status,
	greatest(p.changed_xid, a.changed_xid)::text as xid, p.updated_at::text as updated_at
	from person p join assignment a on a.person_id = p.auth_user_id and a.application_id = $1`;

// Reads all that is newer than the newest it has seen.
class NaiveClient {
	constructor(column, type) {
		Object.assign(this, { column, type, users: new Map(), place: type === 'timestamptz' ? '-infinity' : '0' });
	}

	async poll() {
		const rows = await db.rows(`select * from (${FEED}) f where ${this.column}::${this.type} > $2::${this.type} order by ${this.column}::${this.type}`, [apps[0].id, this.place]);
		for (const row of rows) {
			this.users.set(row.auth_user_id, row);
			this.place = row[this.column];
		}
	}
}

// An older transaction commits after a newer one was read.  These two people
// are nobody else's business.
async function overtake(readers, fixed) {
	const [old, young] = [await connect(), await connect()];
	await old.query('begin');
	await old.query("update person set name = 'Fixed, older' where auth_user_id = $1", [fixed[0]]);
	await young.query("update person set name = 'Fixed, newer' where auth_user_id = $1", [fixed[1]]);
	for (const x of readers) await x.poll();
	await old.query('commit');
	for (const x of readers) await x.poll();
	await old.end();
	await young.end();
}

test(`every copy equals the directory, seed ${SEED}`, { timeout: (SECONDS + 240) * 1000 * SLOW }, async (t) => {
	await db.query(`insert into person (name) select 'Name ' || i from generate_series(1, ${PEOPLE}) i`);
	const fixed = (await db.rows("insert into person (name) values ('Fixed a'), ('Fixed b') returning auth_user_id")).map((x) => x.auth_user_id);
	await db.query(`insert into assignment (application_id, person_id) select a.id, p.auth_user_id from person p, application a
		where p.name like 'Fixed%' or abs(hashtext(p.name || a.id)) % 2 = 0`);
	const naive = [new NaiveClient('xid', 'xid8'), new NaiveClient('updated_at', 'timestamptz')];
	for (const x of naive) await x.poll();

	const clients = Array.from({ length: CLIENTS }, (_, n) => client(n));
	const writers = Array.from({ length: WRITERS }, (_, n) => writer(n));
	await overtake(naive, fixed);
	const until = Date.now() + SECONDS * 1000;
	const crashAt = Date.now() + SECONDS * 500;
	while (Date.now() < until) {
		await pause(100);
		for (const x of naive) await x.poll().catch(() => {});
		if (counts.crashes === 0 && Date.now() > crashAt) await crash();
	}
	stopping = true;
	await Promise.all(writers);
	const all = await Promise.all(clients);
	await waitUntil(async () => (await svc.get('/readyz')).status === 200, { timeoutMs: 30_000 });

	const truth = [];
	for (const a of apps) truth.push(await db.rows(FEED, [a.id]));
	for (const [n, c] of all.entries()) {
		await c.finish();
		const want = truth[n % apps.length];
		assert.equal(c.users.size, want.length, `client ${n}`);
		for (const p of want) {
			const u = c.users.get(p.auth_user_id);
			for (const field of ['name', 'email', 'emp_id', 'mobile_number', 'status']) assert.equal(u?.[field], p[field], `client ${n}: ${field} of ${p.auth_user_id}`);
		}
		assert.equal(setHashOf(c.users.values()), setHashOf(want), `client ${n}`);
	}
	t.diagnostic(JSON.stringify({ ...counts, people: truth.map((x) => x.length), pages: all.map((c) => c.pages), proofs: all.map((c) => c.proofs), resyncs: all.map((c) => c.resyncs), failures: all.map((c) => c.failures) }));
	assert.ok(counts.committed > SECONDS / SLOW && counts.rolledBack > 0 && counts.killed > 0 && counts.crashes === 1, 'there was something to lose');
	assert.ok(all.every((c) => c.pages > 5), 'every client read on');
	assert.ok(all.some((c) => c.proofs > 1), 'copies were proven while changes went on');

	// Leavers aside, which they cannot see at all: what is there is old.
	for (const x of naive) {
		await x.poll();
		const lost = truth[0].filter((p) => x.users.get(p.auth_user_id)?.name !== p.name);
		t.diagnostic(`the cursor of ${x.column} lost ${lost.length} of ${truth[0].length}`);
		assert.ok(lost.some((p) => p.auth_user_id === fixed[0]), `a cursor of ${x.column} alone has to lose a change`);
	}
});
