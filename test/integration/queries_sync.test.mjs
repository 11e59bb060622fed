// queries_sync - the feed of changes, statement by statement: its order, what
// it waits for, and what it refuses.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { onTeardown as onEnd } from './harness.mjs';
import { ORIGIN, db, makeApp, makeUser, run, run1 } from './queries_kit.mjs';

const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const users = (r) => JSON.parse(`[${r.users ?? ''}]`);
const removed = (r) => JSON.parse(`[${r.removed ?? ''}]`);
const ids = (list) => list.map((u) => u.auth_user_id);
const epoch = async () => (await db.rows('select epoch from sync_feed'))[0].epoch;

const first = (a, o = {}) => run1('sync_snapshot', [a.app_id, null, null, null, o.limit ?? 1000, o.hash ?? false]);
const delta = async (a, place, o = {}) => run1('sync_delta', [a.app_id, o.epoch ?? await epoch(), place.xid, place.id ?? LAST, o.limit ?? 1000, o.hash ?? false]);
// Where a client stands that has everything.
const now = async (a) => ({ xid: (await first(a)).next_xid });
const assign = (a, u, on = db) => on.query('insert into assignment (application_id, person_id) values ($1, $2)', [a.app_id, u.user_id]);
const rename = (u, name, on = db) => on.query('update person set name = $2 where auth_user_id = $1', [u.user_id, name]);

// A connection of its own, with a transaction that has its number already.
async function writer() {
	const c = new pg.Client({ connectionString: db.url });
	await c.connect();
	onEnd(() => c.end());
	await c.query('begin');
	const { rows: [{ xid }] } = await c.query('select pg_current_xact_id()::text as xid');
	return { query: (...q) => c.query(...q), xid, commit: () => c.query('commit'), rollback: () => c.query('rollback') };
}

test('sync_snapshot: people by id, and where their changes begin', async () => {
	const a = await makeApp();
	const empty = await first(a, { hash: true });
	assert.deepEqual([empty.outcome, empty.users, empty.n_users, empty.has_more, empty.is_end, empty.set_hash], ['ok', '', 0, false, true, '0'.repeat(64)]);
	const made = [];
	for (let i = 0; i < 5; i++) made.push(await makeUser({ apps: [a], name: `Ü"\\\n${i}`, mobile: `+49170000000${i}`, empId: i === 0 ? null : `E${i}` }));
	const seen = [];
	let r = await first(a, { limit: 2 });
	for (;;) {
		seen.push(...users(r));
		if (r.is_end) break;
		assert.equal(r.set_hash, null);
		r = await run1('sync_snapshot', [a.app_id, r.epoch, r.next_xid, r.next_id, 2, true]);
	}
	assert.deepEqual(ids(seen), made.map((u) => u.user_id).sort());
	assert.equal(r.has_more, false);
	const xor = Buffer.alloc(32);
	for (const u of seen) {
		const canonical = JSON.stringify({ email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: u.status });
		assert.equal(u.sync_hash, createHash('sha256').update(canonical).digest('hex'));
		createHash('sha256').update(`${u.auth_user_id}:${u.sync_hash}`).digest().forEach((b, i) => { xor[i] ^= b; });
	}
	assert.equal(r.set_hash, xor.toString('hex'));
	assert.deepEqual(Object.keys(seen[0]), ['auth_user_id', 'name', 'mobile_number', 'email', 'emp_id', 'status', 'mfa_enabled', 'updated_at', 'sync_hash']);
	assert.match(seen[0].updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('sync_delta: edits, arrivals and leavers, once each, in the order of their commits', async () => {
	const a = await makeApp();
	const other = await makeApp();
	const [u, v, w] = [await makeUser({ apps: [a] }), await makeUser({ apps: [a] }), await makeUser({ apps: [other] })];
	const from = await now(a);
	assert.equal((await delta(a, from)).n_users, 0);
	await rename(v, 'second');
	await assign(a, w);
	await db.query('delete from assignment where application_id = $1 and person_id = $2', [a.app_id, u.user_id]);
	await rename(w, 'third');
	const r = await delta(a, from, { hash: true });
	assert.deepEqual(ids(users(r)), [v.user_id, w.user_id]);
	assert.deepEqual(users(r).map((x) => x.name), ['second', 'third']);
	assert.deepEqual(removed(r).map((x) => [x.auth_user_id, x.reason]), [[u.user_id, 'unassigned']]);
	assert.match(removed(r)[0].removed_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	assert.deepEqual([r.has_more, r.waits_for], [false, null]);
	assert.match(r.set_hash, /^[0-9a-f]{64}$/);
	// Page by page, one by one, nothing is lost and nothing comes twice.
	const seen = [];
	let place = from;
	for (;;) {
		const p = await delta(a, place, { limit: 1 });
		seen.push(...ids(users(p)), ...ids(removed(p)));
		place = { xid: p.next_xid, id: p.next_id };
		if (!p.has_more) break;
	}
	assert.deepEqual(seen, [v.user_id, u.user_id, w.user_id]);
	assert.equal((await delta(a, place)).n_users, 0);
	// Back again: the live one outweighs the tombstone.
	await assign(a, u);
	const back = await delta(a, place);
	assert.deepEqual([ids(users(back)), removed(back)], [[u.user_id], []]);
	await db.query('update person set deleted_at = now() where auth_user_id = $1', [v.user_id]);
	assert.deepEqual(removed(await delta(a, place)).map((x) => [x.auth_user_id, x.reason]), [[v.user_id, 'deleted']]);
});

test('a change behind a running transaction waits for it, whoever commits first', async () => {
	const a = await makeApp();
	const [u, v] = [await makeUser({ apps: [a] }), await makeUser({ apps: [a] })];
	const from = await now(a);
	const old = await writer();
	await rename(v, 'committed meanwhile');
	const [{ xid }] = await db.rows('select changed_xid::text as xid from person where auth_user_id = $1', [v.user_id]);
	const r = await delta(a, from, { hash: true });
	assert.deepEqual([r.n_users, r.has_more, r.waits_for, r.set_hash], [0, false, xid, null], 'visible, not told yet, and no proof of equality');
	assert.ok(BigInt(r.next_xid) < BigInt(old.xid));
	assert.ok(BigInt((await run1('sync_oldest', [])).oldest) <= BigInt(old.xid));
	const s = await first(a);
	assert.deepEqual([s.has_more, s.waits_for], [false, xid], 'a snapshot shows it, and will show it again');
	// The old one changes what the new one has changed: its place goes back,
	// not behind any cursor.
	await rename(v, 'and again', old);
	await rename(u, 'older', old);
	await old.commit();
	const t = await delta(a, { xid: r.next_xid, id: r.next_id }, { hash: true });
	assert.deepEqual(users(t).map((x) => x.name).sort(), ['and again', 'older']);
	assert.match(t.set_hash, /^[0-9a-f]{64}$/);
	const gone = await writer();
	await rename(u, 'never', gone);
	await gone.rollback();
	assert.equal((await delta(a, { xid: t.next_xid, id: t.next_id })).n_users, 0);
});

test('a cursor stands only where something was committed', async () => {
	const a = await makeApp();
	await makeUser({ apps: [a] });
	const before = await now(a);
	// Numbers that nothing on disk knows of.
	for (let i = 0; i < 10; i++) await (await writer()).rollback();
	assert.deepEqual(await now(a), before);
	assert.equal((await delta(a, before)).next_xid, before.xid);
});

test('synchronous_commit cannot be switched off for the feed', async () => {
	const w = await writer();
	await w.query('set local synchronous_commit = off');
	await w.query("insert into person (name) values ('durable')");
	assert.equal((await w.query('show synchronous_commit')).rows[0].synchronous_commit, 'local');
	await w.rollback();
});

test('a long way through the changes of others is gone step by step', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const from = await now(a);
	await db.query("insert into person (name) select 'other ' || i from generate_series(1, 45000) i");
	await rename(u, 'at the end');
	const steps = [];
	let place = from;
	for (;;) {
		const r = await delta(a, place);
		steps.push(r.n_users);
		place = { xid: r.next_xid, id: r.next_id };
		if (!r.has_more) break;
	}
	assert.deepEqual(steps, [0, 0, 1]);
	// People first, assigned by another transaction: the other arm.
	await db.query("insert into assignment (application_id, person_id) select $1, auth_user_id from person where name like 'other %'", [a.app_id]);
	let n = 0;
	for (;;) {
		const r = await delta(a, place, { limit: 10_000 });
		n += r.n_users;
		place = { xid: r.next_xid, id: r.next_id };
		if (!r.has_more) break;
	}
	assert.equal(n, 45_000);
});

test('a cursor of another life, from the future, or older than the tombstones', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const from = await now(a);
	await db.query('delete from assignment where person_id = $1', [u.user_id]);
	const after = await delta(a, from);
	const verdict = async (place, o) => (await delta(a, place, o)).outcome;
	assert.equal(await verdict(from), 'ok');
	assert.equal(await verdict(from, { epoch: a.app_id }), 'resync_required');
	assert.equal(await verdict({ xid: '9000000000' }), 'resync_required');
	const s = await first(a);
	assert.equal((await run1('sync_snapshot', [a.app_id, a.app_id, s.next_xid, u.user_id, 10, false])).outcome, 'resync_required');

	// Ninety days later.
	assert.equal((await run1('tombstone_purge', [2000])).n, '0');
	await db.query("update assignment_tombstone set removed_at = now() - interval '91 days' where person_id = $1", [u.user_id]);
	assert.equal((await run1('tombstone_purge', [2000])).n, '1');
	assert.equal(await verdict(from), 'resync_required');
	assert.equal(await verdict({ xid: after.next_xid, id: after.next_id }), 'ok', 'who has seen it goes on');
	assert.equal((await run1('sync_snapshot', [a.app_id, s.epoch, from.xid, u.user_id, 10, false])).outcome, 'resync_required');
	assert.equal((await run1('tombstone_purge', [2000])).n, '0');
});

test('sync_seen: progress, and when a leaver was gone', async () => {
	const a = await makeApp();
	const [u, v] = [await makeUser({ apps: [a] }), await makeUser({ apps: [a] })];
	const seen = async (xid, o = {}) => run1('sync_seen', [`{${a.app_id}}`, `{${o.epoch ?? await epoch()}}`, `{${xid}}`, `{${o.isFull ?? false}}`]);
	const client = async () => (await db.rows('select acked_xid::text as xid, acked_at is not null as acked, full_at is not null as full from sync_client where application_id = $1', [a.app_id]))[0];
	await seen(-1, { isFull: true });
	assert.deepEqual(await client(), { xid: null, acked: false, full: true });
	const from = await now(a);
	await db.query('delete from assignment where person_id = $1', [u.user_id]);
	await seen(from.xid);
	assert.deepEqual(await client(), { xid: from.xid, acked: true, full: true });
	const leaver = async () => (await db.rows('select acked_at from assignment_tombstone where person_id = $1', [u.user_id]))[0].acked_at;
	assert.equal(await leaver(), null);
	await seen((await delta(a, from)).next_xid, { epoch: a.app_id });
	assert.equal(await leaver(), null, 'a cursor of another life says nothing');
	await seen((await delta(a, from)).next_xid);
	const at = await leaver();
	assert.ok(at instanceof Date);
	await seen((await delta(a, from)).next_xid);
	assert.deepEqual(await leaver(), at, 'the first time counts');
	await rename(v, 'x');
	await seen(-1);
	assert.equal((await run('sync_seen', ['{}', '{}', '{}', '{}']))[0].n, '0');
	assert.equal((await run1('sync_seen', [`{${u.user_id}}`, `{${await epoch()}}`, '{1}', '{f}'])).n, '0', 'no such application');
});

test('console_sync_show, console_webhook_put, console_webhook_show, console_webhook_delete', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const lag = async () => JSON.parse((await run1('console_sync_show', [a.app_id])).body);
	assert.equal((await lag()).behind, 1);
	await run1('sync_seen', [`{${a.app_id}}`, `{${await epoch()}}`, `{${(await now(a)).xid}}`, '{f}']);
	assert.equal((await lag()).behind, 0);
	await rename(u, 'later');
	assert.equal((await lag()).behind, 1);
	assert.deepEqual(await run('console_sync_show', [u.user_id]), []);

	const put = (url, secret) => run1('console_webhook_put', [a.app_id, url, true, Buffer.from(secret), u.user_id, ...ORIGIN]);
	assert.equal((await put('https://a.example.org/', 'one')).outcome, 'created');
	const second = await put('https://b.example.org/', 'two');
	assert.deepEqual([second.outcome, JSON.parse(second.body).url], ['ok', 'https://b.example.org/']);
	assert.equal((await db.rows('select secret from webhook'))[0].secret.toString(), 'one');
	assert.equal((await run1('console_webhook_show', [a.app_id])).body, second.body);
	assert.deepEqual(await run('console_webhook_put', [u.user_id, 'https://a.example.org/', true, Buffer.from('x'), u.user_id, ...ORIGIN]), []);
	assert.equal((await run1('console_webhook_delete', [a.app_id, u.user_id, ...ORIGIN])).outcome, 'done');
	assert.deepEqual(await run('console_webhook_delete', [a.app_id, u.user_id, ...ORIGIN]), []);
});

test('webhook_mark, webhook_claim, webhook_done, console_webhook_test', async () => {
	const [a, b] = [await makeApp(), await makeApp()];
	for (const x of [a, b]) await run1('console_webhook_put', [x.app_id, 'https://a.example.org/', true, Buffer.from('s'), null, ...ORIGIN]);
	const claim = async (max = 10) => (await run('webhook_claim', [max, 30])).map((r) => [r.application_id, r.attempts]);
	const done = (x, ok, retry) => run1('webhook_done', [x.app_id, ok, ok ? null : 'why', retry]);
	const row = async (x) => (await db.rows('select attempts, last_error, last_ok_at is not null as ok, next_attempt_at - now() as wait from webhook where application_id = $1', [x.app_id]))[0];
	assert.deepEqual(await claim(), []);
	assert.equal((await run1('webhook_mark', [`{${a.app_id}}`])).n, '1');
	assert.deepEqual(await claim(), [[a.app_id, 1]]);
	assert.deepEqual(await claim(), [], 'it is taken');
	await done(a, true, null);
	assert.deepEqual(await row(a), { attempts: 0, last_error: null, ok: true, wait: null });
	// All of them, and one that fails.
	assert.equal((await run1('webhook_mark', [null])).n, '2');
	assert.equal((await claim()).length, 2);
	await done(b, false, 5);
	assert.deepEqual([(await row(b)).attempts, (await row(b)).last_error, (await row(b)).wait !== null], [1, 'why', true]);
	// A change meanwhile: again at once; one that waits for its retry waits on.
	await run1('webhook_mark', [`{${a.app_id},${b.app_id}}`]);
	await done(a, true, null);
	assert.deepEqual(await claim(), [[a.app_id, 1]]);
	await done(b, false, null);
	await done(a, true, null);
	assert.deepEqual(await claim(), []);
	await run1('webhook_mark', [`{${b.app_id}}`]);
	assert.deepEqual(await claim(), [[b.app_id, 1]], 'given up, then a change: from the beginning');
	await db.query('update application set is_enabled = false where id = $1', [b.app_id]);
	await db.query('update webhook set next_attempt_at = now()');
	assert.deepEqual((await claim()).map((x) => x[0]), [a.app_id]);
	assert.equal((await run1('console_webhook_test', [a.app_id, null, ...ORIGIN])).url, 'https://a.example.org/');
	assert.deepEqual(await run('webhook_done', ['00000000-0000-7000-8000-000000000001', true, null, null]), []);
});
