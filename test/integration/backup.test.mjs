// The restore drill: a whole installation into a file, and back into an empty
// database of another cluster.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { auditRows, consoleLogin, makeCast, makeUser, newDatabase, run, signIn, startCluster, startService, tempDir, waitUntil } from './harness.mjs';

const MASTER = randomBytes(32).toString('base64');
const svc = await startService({ settings: { audit_seal_s: 1, brand_name: 'Before' }, env: { IDENTITY_MASTER_KEY: MASTER } });
const cast = await makeCast(svc);
const admin = await consoleLogin(svc);
const odd = await makeUser(svc, { name: 'Tab\\ "Quote" Ünïcode 🙂', mfa: true });
await signIn(svc, cast);
await svc.db.query(`insert into audit (event, category, detail) select 'register_checked', 'api',
    jsonb_build_object('text', E'line\\nend\\t\\\\.', 'n', i) from generate_series(1, 1500) i`);
await waitUntil(() => svc.db.rows('select from audit_seal').then((r) => r.length > 0));

const dir = tempDir('backup');
const file = path.join(dir, 'identity.backup');
const cli = (args, db, env = {}) => run(args, { env: { IDENTITY_DATABASE_URL: db.url, IDENTITY_MASTER_KEY: MASTER, ...env } });

// All lasting tables but what a restore changes, each as a sorted list of rows.
const CHANGED = ['schema_migration', 'sync_client', 'sync_feed', 'console_session', 'setup_token', 'overview_count',
	'audit', 'audit_seal', 'audit_mark', 'session', 'outbox', 'stat_hour', 'backup_run', 'audit_purge'];
async function contents(db) {
	const tables = (await db.rows(`select relname from pg_class where relnamespace = 'public'::regnamespace
	    and relkind = 'r' and relpersistence = 'p' order by 1`)).map((t) => t.relname).filter((t) => !CHANGED.includes(t));
	const all = {};
	for (const t of tables)
		all[t] = (await db.rows(`select to_jsonb(x) - 'changed_xid' as r from ${t} x order by (to_jsonb(x) - 'changed_xid')::text`)).map((x) => x.r);
	return all;
}

test('a backup is made while the service runs, and says what is not in it', async () => {
	// What the service writes a second later than it happened is in it, too.
	await waitUntil(async () => (await svc.db.rows('select from application_key where last_used_at is null')).length === 0);
	const r = await cli(['backup', file, '--json'], svc.db);
	assert.equal(r.code, 0, r.stderr);
	assert.match(r.stderr, /master key is not in the backup/);
	const { tables, rows, bytes } = r.json();
	assert.ok(tables > 20 && rows > 1500);
	const st = fs.statSync(file);
	assert.deepEqual([st.mode & 0o777, st.size], [0o600, bytes]);
	const text = zlib.gunzipSync(fs.readFileSync(file)).toString();
	assert.ok(text.includes(cast.user.email));
	assert.ok(!text.includes(MASTER) && !text.includes(cast.key) && !text.includes(cast.user.password));
	const [row] = await auditRows(svc.db, { event: 'backup_made' });
	assert.deepEqual([row.detail.rows, row.detail.bytes], [rows, bytes]);
	assert.ok((await admin.get('/overview')).body.checklist.find((c) => c.id === 'backup').done);
	assert.deepEqual(fs.readdirSync(dir), ['identity.backup']);
});

test('what cannot be restored is left alone, with a reason', async () => {
	const empty = await newDatabase({ migrated: false });
	const no = async (args, want, db = empty, env) => {
		const r = await cli(['restore', ...args], db, env);
		assert.equal(r.code, 1, r.stderr);
		assert.match(r.stderr, want);
	};
	await no([file], /not empty/, svc.db);
	await no([file], /master key is not the one/, empty, { IDENTITY_MASTER_KEY: randomBytes(32).toString('base64') });
	await no([path.join(dir, 'none')], /No such file/);
	const bytes = fs.readFileSync(file);
	const bad = path.join(dir, 'bad');
	fs.writeFileSync(bad, bytes.subarray(0, bytes.length - 400));
	await no([bad], /damaged or cut off/);
	const text = zlib.gunzipSync(bytes).toString();
	fs.writeFileSync(bad, zlib.gzipSync(text.slice(0, text.lastIndexOf('{"end"'))));
	await no([bad], /damaged or cut off/);
	fs.writeFileSync(bad, zlib.gzipSync(text.replace(/"schema_version":\d+/, '"schema_version":3')));
	await no([bad], /schema 3/);
	// A number that is this schema's modulo 2^32, and no word of who made it.
	fs.writeFileSync(bad, zlib.gzipSync(text.replace(/"schema_version":(\d+)/, (_, n) => `"schema_version":${2 ** 32 + Number(n)}`).replace(/"version":"[^"]*",/, '')));
	await no([bad], /schema 42949\d+.*it does not say/);
	const other = (from, to) => {
		assert.ok(text.includes(from));
		fs.writeFileSync(bad, zlib.gzipSync(text.replace(from, to)));
	};
	other('"table" : "person"', '"table" : "nobody"');
	await no([bad], /nobody/);
	other(/"columns" : "[^"]*"/.exec(text)[0], '"columns" : "id) from stdin; drop table person --"');
	await no([bad], /damaged or cut off/);
	fs.writeFileSync(bad, 'nothing of the kind\n');
	await no([bad], /no backup/);
	assert.deepEqual(await empty.rows('select from person'), []);
	assert.equal((await run(['restore'])).code, 2);
	assert.equal((await run(['backup'])).code, 2);
});

test('another cluster takes it up where it was', async () => {
	const cluster = startCluster();
	const db = await newDatabase({ cluster, migrated: false });
	const r = await cli(['restore', file, '--json'], db);
	assert.equal(r.code, 0, r.stderr);
	const before = await contents(svc.db), after = await contents(db);
	assert.deepEqual(Object.keys(after), Object.keys(before));
	for (const t of Object.keys(before)) assert.deepEqual(after[t], before[t], t);

	// The log is whole, the chain goes on under the same key.
	const rows = await auditRows(db);
	assert.equal(rows.filter((a) => a.event === 'register_checked').length, 1500);
	assert.equal(rows.at(-1).event, 'database_restored');
	const seals = await db.rows('select kind from audit_seal order by no');
	assert.equal(seals.at(-1).kind, 'restore');
	const v = (await cli(['audit', 'verify', '--json'], db)).json();
	assert.deepEqual([v.ok, v.other_key, v.rows], [true, 0, rows.length - 1]);

	const svc2 = await startService({ db, cluster, env: { IDENTITY_MASTER_KEY: MASTER } });
	assert.ok((await signIn(svc2, cast)).access_token);
	assert.equal((await svc2.get('/auth/session', { key: cast.key, token: 'x' })).status, 401);
	const feeds = await Promise.all([svc.db, db].map((d) => d.rows('select epoch from sync_feed')));
	assert.notEqual(feeds[0][0].epoch, feeds[1][0].epoch);
	assert.equal((await db.rows(`select from session where revoked_at is null and created_at < (select at from audit where event = 'database_restored')`)).length, 0);
	assert.equal((await db.rows('select from console_session')).length, 0);
	const again = await consoleLogin(svc2, { admin: admin.admin });
	assert.equal((await again.get('/session')).body.brand.name, 'Before');
	// New rows, new people: sequences and triggers are as they were.
	const person = await makeUser(svc2, { apps: [cast.app] });
	assert.ok((await signIn(svc2, { ...cast, user: person })).access_token);
	await assert.rejects(db.query('delete from audit'), /audit_append_only/);
	await waitUntil(async () => (await db.rows(`select from audit_seal where kind = 'rows' and after_id > 0`)).length > 0, { timeoutMs: 20_000, what: 'the chain goes on' });
	const w = (await cli(['audit', 'verify', '--json', '--head', v.head], db)).json();
	assert.deepEqual([w.ok, w.rows > v.rows], [true, true]);
	await svc2.stop();

	// In place of what is there, when told so.
	const back = await cli(['restore', file, '--replace'], db);
	assert.equal(back.code, 0, back.stderr);
	assert.deepEqual((await db.rows('select from person where auth_user_id = $1', [person.auth_user_id])).length, 0);
	assert.deepEqual((await db.rows('select name from person where auth_user_id = $1', [odd.auth_user_id])).map((p) => p.name), [odd.name]);
});
