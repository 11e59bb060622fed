// The database crashes with transaction numbers that nothing on disk knows of.
// They are given again; a change that gets such a number must not hide behind a
// cursor, as it would behind pg_snapshot_xmin alone.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { SLOW, makeCast, newDatabase, startCluster, startService, waitUntil } from './harness.mjs';

const cluster = startCluster();
const db = await newDatabase({ cluster });
const svc = await startService({ db });
const { key, user } = await makeCast(svc);

async function asSuper(sql) {
	const c = new pg.Client({ connectionString: cluster.superUrl });
	await c.connect();
	const r = await c.query(sql);
	await c.end();
	return r.rows;
}

// Of all workers: one that is back speaks for itself alone.
async function connections() {
	return Number((await asSuper(`select count(*) as n from pg_stat_activity
		where application_name = 'identityd' and datname = '${db.name}'`))[0].n);
}

async function crash() {
	const before = await connections();
	assert.ok(before > 0);
	const pid = Number(fs.readFileSync(path.join(cluster.dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
	process.kill(pid, 'SIGQUIT');
	await waitUntil(() => !fs.existsSync(`/proc/${pid}`), { timeoutMs: 30_000 });
	cluster.start();
	await waitUntil(async () => await connections() >= before, { timeoutMs: 30_000 * SLOW });
	await waitUntil(async () => (await svc.get('/readyz')).status === 200, { timeoutMs: 30_000 * SLOW });
}

// Burns numbers, crashes, changes the person.  -> was its number one of those?
async function changeAfterCrash(name) {
	const burner = new pg.Client({ connectionString: db.url });
	burner.on('error', () => {});
	await burner.connect();
	let burnt;
	for (let i = 0; i < 500; i++) {
		await burner.query('begin');
		({ rows: [{ burnt }] } = await burner.query('select pg_current_xact_id()::text as burnt'));
		await burner.query('rollback');
	}
	const { rows: [{ cut }] } = await burner.query('select pg_snapshot_xmin(pg_current_snapshot())::text as cut');
	const { body: { cursor } } = await svc.get('/users/sync', { key });
	await crash();
	await db.query('update person set name = $2 where auth_user_id = $1', [user.auth_user_id, name]);
	const [{ xid }] = await db.rows('select changed_xid::text as xid from person where auth_user_id = $1', [user.auth_user_id]);
	const r = await svc.get(`/users/sync?cursor=${cursor}`, { key });
	assert.equal(r.status, 200);
	assert.deepEqual(r.body.users.map((u) => u.name), [name]);
	return BigInt(xid) < BigInt(cut) && BigInt(xid) <= BigInt(burnt);
}

test('a number given twice hides no change', { timeout: 300_000 * SLOW }, async () => {
	// What is rolled back is written to disk when somebody commits, or soon; the
	// service commits now and then, so it may take more than one crash.
	await asSuper("alter system set wal_writer_delay = '10s'");
	await asSuper('select pg_reload_conf()');
	await waitUntil(async () => (await asSuper('show wal_writer_delay'))[0].wal_writer_delay === '10s');
	let isGivenAgain = false;
	for (let i = 1; i <= 10 && !isGivenAgain; i++) isGivenAgain = await changeAfterCrash(`After crash ${i}`);
	assert.ok(isGivenAgain, 'a number was given again');
});

test('what was committed without waiting for the disk is there after a crash', { timeout: 120_000 * SLOW }, async () => {
	// The whole cluster runs so; the triggers do not.
	assert.equal((await asSuper('show synchronous_commit'))[0].synchronous_commit, 'off');
	await db.query('update person set name = $2 where auth_user_id = $1', [user.auth_user_id, 'Durable']);
	const { body: { users, cursor } } = await svc.get('/users/sync', { key });
	assert.equal(users[0].name, 'Durable');
	await crash();
	assert.equal((await db.rows('select name from person where auth_user_id = $1', [user.auth_user_id]))[0].name, 'Durable');
	assert.deepEqual((await svc.get(`/users/sync?cursor=${cursor}`, { key })).body.users, []);
});
