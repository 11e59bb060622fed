// migrate - the runner of sql/migrations: once, whoever else runs; never
// backwards; nothing half-done.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { BIN, TOP, freePort, newDatabase, run, startCluster, tempDir, waitUntil } from './harness.mjs';
import { serviceEnv } from './harness_env.mjs';

const DIR = path.join(TOP, 'sql/migrations');
const FILES = fs.readdirSync(DIR).filter((f) => f.endsWith('.sql')).sort();
const N = FILES.length;
const LOCK = '7594862598195180665';	// MIGRATE_LOCK
const cluster = startCluster();
const data = path.join(tempDir('migrate'), 'data');

const empty = () => newDatabase({ cluster, migrated: false });
const envOf = (db) => ({ IDENTITY_DATABASE_URL: db.url ?? db, IDENTITY_DATA_DIR: data });
const migrate = (db, ...args) => run(['migrate', ...args], { env: envOf(db) });
const record = (db) => db.rows('select num, name, sha256 from schema_migration order by num');
const tables = async (db) => (await db.rows(`select count(*)::int as n from pg_tables where schemaname = 'public'`))[0].n;

async function connect(db) {
	const c = new pg.Client({ connectionString: db.url });
	await c.connect();
	return c;
}

// One line on stderr that matches; nothing was applied.
async function refuses(db, re, ...args) {
	const before = await tables(db);
	const r = await migrate(db, ...args);
	assert.equal(r.code, 1, r.stdout + r.stderr);
	assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
	assert.match(r.stderr, re);
	assert.equal(await tables(db), before);
}

test('an empty database, then again: all of them, then none', async () => {
	const db = await empty();
	const first = await migrate(db, '--json');
	assert.equal(first.code, 0, first.stderr);
	assert.deepEqual(first.json(), { from: 0, to: N, applied: N });
	assert.deepEqual(first.stderr.trim().split('\n'), FILES.map((f) => `migration ${f.slice(0, -4)} applied`));
	const second = await migrate(db, '--json');
	assert.deepEqual([second.json(), second.stderr], [{ from: N, to: N, applied: 0 }, '']);
	assert.deepEqual(await record(db), FILES.map((f, i) => ({
		num: i + 1, name: f.slice(5, -4),
		sha256: createHash('sha256').update(fs.readFileSync(path.join(DIR, f))).digest('hex'),
	})));
});

test('eight at once: each migration once', async () => {
	const db = await empty();
	const all = await Promise.all(Array.from({ length: 8 }, () => migrate(db, '--json')));
	for (const r of all) assert.equal(r.code, 0, r.stderr);
	assert.equal(all.reduce((n, r) => n + r.json().applied, 0), N);
	assert.ok(all.every((r) => r.json().to === N));
	assert.equal((await record(db)).length, N);
});

test('waits for whoever holds the lock', async () => {
	const db = await empty();
	const c = await connect(db);
	await c.query(`select pg_advisory_lock(${LOCK})`);
	let isDone = false;
	const running = migrate(db, '--json').then((r) => { isDone = true; return r; });
	await waitUntil(async () => (await db.rows(`select from pg_stat_activity where datname = $1 and wait_event = 'advisory'`, [db.name])).length === 1);
	assert.equal(isDone, false);
	assert.equal(await tables(db), 0);
	await c.end();
	assert.equal((await running).json().applied, N);
});

test('killed half-way, again and again: the next run finishes', async () => {
	const db = await empty();
	for (let ms = 10; ms <= 130; ms += 20) {
		const p = spawn(BIN, ['migrate'], { env: serviceEnv(envOf(db)), stdio: 'ignore' });
		await new Promise((go) => {
			p.on('exit', go);
			setTimeout(() => p.kill('SIGKILL'), ms);
		});
	}
	const r = await migrate(db, '--json');
	assert.equal(r.code, 0, r.stderr);
	assert.equal(r.json().from + r.json().applied, N);
	assert.equal((await record(db)).length, N);
});

test('--check says what is missing and changes nothing', async () => {
	const db = await empty();
	await refuses(db, new RegExp(`version 0, this program needs ${N}: run "identityd migrate"`), '--check');
	assert.equal(await tables(db), 0);
	assert.equal((await migrate(db)).code, 0);
	assert.equal((await migrate(db, '--check')).code, 0);
});

test('a newer schema is refused, by serve too', async () => {
	const db = await newDatabase({ cluster });
	await db.query('insert into schema_migration (num, name, sha256) values ($1, $2, $3)', [N + 1, 'of_the_future', 'ff']);
	const re = new RegExp(`version ${N + 1}, newer than this program, which knows ${N}`);
	await refuses(db, re);
	await refuses(db, re, '--check');
	const r = await run(['serve'], { env: {
		...envOf(db), IDENTITY_HTTP_LISTEN: `127.0.0.1:${await freePort()}`, IDENTITY_HTTPS_LISTEN: 'off',
	} });
	assert.notEqual(r.code, 0);
	assert.match(r.stderr + r.stdout, re);
});

test('a migration with another content is refused', async () => {
	const db = await newDatabase({ cluster });
	await db.query(`update schema_migration set sha256 = repeat('0', 64) where num = $1`, [N]);
	const re = new RegExp(`migration ${FILES[N - 1].slice(0, -4)} was applied with another content`);
	await refuses(db, re);
	await refuses(db, re, '--check');
});

test('a hole in the record is refused', async () => {
	const db = await newDatabase({ cluster });
	await db.query('delete from schema_migration where num = 1');
	await refuses(db, /schema_migration lacks number 1/);
});

test('a migration that fails: named, nothing of it stays, those before it do', async () => {
	const text = FILES.map((f) => fs.readFileSync(path.join(DIR, f), 'utf8'));
	const at = text.findIndex((t) => /^create table /m.test(t));
	const names = [...text[at].matchAll(/^create table (\w+)/mg)].map((m) => m[1]);
	const last = names.at(-1);

	const db = await empty();
	await db.query(`create table ${last} (mine int)`);
	const r = await migrate(db);
	assert.equal(r.code, 1);
	assert.match(r.stderr, new RegExp(`migration ${FILES[at].slice(0, -4)}: .*"${last}" already exists\n$`));
	assert.equal((await record(db)).length, at);
	const left = await db.rows('select tablename from pg_tables where tablename = any($1)', [names]);
	assert.deepEqual(left.map((t) => t.tablename), [last]);
	await db.query(`drop table ${last}`);
	assert.deepEqual((await migrate(db, '--json')).json(), { from: at, to: N, applied: N - at });
});

test('a role that may only read can see that nothing is to do', async () => {
	const db = await newDatabase({ cluster });
	const c = new pg.Client({ connectionString: cluster.superUrl });
	await c.connect();
	await c.query(`create role reader login password 'reader'`);
	await c.end();
	await db.query('grant usage on schema public to reader');
	await db.query('grant select on schema_migration to reader');
	const u = new URL(db.url);
	u.username = 'reader';
	u.password = 'reader';
	const r = await migrate(u.href, '--json');
	assert.equal(r.code, 0, r.stderr);
	assert.equal(r.json().applied, 0);
});

test('no database, no server, no sense: one line each, without the password', async () => {
	const db = await newDatabase({ cluster });
	const secret = new URL(db.url).password;
	const variants = [
		[(u) => { u.pathname = '/nowhere'; }, /"nowhere" does not exist/],
		[(u) => { u.port = '9'; }, /refused/],
		[(u) => { u.search = '?nonsense=1'; }, /nonsense/],
	];
	for (const [change, re] of variants) {
		const u = new URL(db.url);
		change(u);
		const r = await migrate(u.href);
		assert.notEqual(r.code, 0);
		assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
		assert.match(r.stderr, re);
		assert.ok(!r.stderr.includes(secret));
	}
});
