// queries_people - the statements of the directory's console; what its
// endpoints make of them is in people.test.mjs and people_list.test.mjs.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TOP } from './harness.mjs';
import { audits, db, hash, makeApp, makeUser, newId, randomId, run, run1, succeed, ORIGIN, vocabularyHolds } from './queries_kit.mjs';

const actor = await makeUser({ isAdmin: true });
const WHO = [actor.user_id, ...ORIGIN];
const body = (r) => JSON.parse(r.body);
const list = (filters, o = {}) => run1('person_list', [filters, o.sort ?? 'created', o.desc ?? true, o.limit ?? 50, o.id ?? null, o.key ?? null,
	o.count ?? false, Buffer.alloc(8, 7), o.isCut ?? false]);

test('person_create, person_get, person_edit', async () => {
	const a = await makeApp();
	const made = await run1('person_create', [{ name: 'Ada', email: 'ada@x.org', emp_id: 'A1', applications: [a.app_id] }, '$argon2id$x', ...WHO]);
	assert.deepEqual([made.outcome, made.version], ['created', '1']);
	const p = body(made);
	assert.deepEqual(body(await run1('person_get', [p.auth_user_id])), p);
	assert.deepEqual(await run('person_get', [randomId()]), []);
	const taken = await run1('person_create', [{ name: 'Eve', emp_id: 'A1' }, null, ...WHO]);
	assert.deepEqual([taken.outcome, body(taken)], ['contact_taken', { field: 'emp_id', auth_user_id: p.auth_user_id }]);
	assert.equal((await run1('person_create', [{ name: 'Eve', applications: [randomId()] }, null, ...WHO])).outcome, 'invalid');
	assert.equal((await db.rows("select from person where name = 'Eve'")).length, 0);

	assert.equal((await run1('person_edit', [p.auth_user_id, 5, { name: 'B' }, ...WHO])).outcome, 'precondition_failed');
	assert.equal((await run1('person_edit', [randomId(), 1, { name: 'B' }, ...WHO])).outcome, 'not_found');
	const edited = await run1('person_edit', [p.auth_user_id, 1, { email: null, is_admin: true, applications: [] }, ...WHO]);
	assert.deepEqual([edited.outcome, edited.version, body(edited).email, body(edited).applications], ['ok', '2', null, []]);
	const [row] = await audits("event = 'admin_promoted'");
	assert.deepEqual(row.detail.changes, { email: ['ada@x.org', null], is_admin: [false, true], applications: { added: [], removed: [a.app_id] } });
	assert.deepEqual([row.actor_id, row.request_id, row.ip], [actor.user_id, ORIGIN[0], ORIGIN[1]]);
	assert.equal((await run1('person_edit', [actor.user_id, 1, { is_admin: false }, ...WHO])).outcome, 'not_yourself');
	await run1('person_edit', [p.auth_user_id, 2, { is_admin: false }, ...WHO]);
	const last = await run1('person_edit', [actor.user_id, 1, { is_admin: false }, p.auth_user_id, ...ORIGIN]);
	assert.equal(last.outcome, 'last_administrator');
});

test('person_act, person_assign, person_bulk', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	await succeed(u, a, { device: 'd1' });
	const act = (what, id = u.user_id, version = null) => run1('person_act', [what, id, version, ...WHO]);
	assert.equal(body(await act('sign_out')).sessions, 0);
	assert.equal(body(await act('disable')).status, 'disabled');
	assert.equal(body(await act('enable')).status, 'active');
	assert.equal((await act('unlock')).outcome, 'ok');
	assert.equal((await act('delete', u.user_id, 99)).outcome, 'precondition_failed');
	assert.equal((await act('disable', actor.user_id)).outcome, 'not_yourself');
	assert.equal((await run1('person_act', ['disable', actor.user_id, null, null, ...ORIGIN])).outcome, 'last_administrator');
	assert.deepEqual(body(await run1('person_assign', [false, u.user_id, a.app_id, ...WHO])).applications, []);
	assert.equal(body(await run1('person_assign', [true, u.user_id, a.app_id, ...WHO])).applications[0].id, a.app_id);
	assert.equal((await run1('person_assign', [true, u.user_id, randomId(), ...WHO])).outcome, 'not_found');
	const bulk = await run1('person_bulk', ['delete', null, `{${u.user_id},${actor.user_id}}`, {}, ...WHO]);
	assert.deepEqual(body(bulk), { changed: 1, skipped: [{ auth_user_id: actor.user_id, reason: 'not_yourself' }], skipped_count: 1 });
	assert.equal((await act('enable')).outcome, 'not_found');
});

test('person_sessions, person_session_end, person_devices, person_device_forget, person_security', async () => {
	const a = await makeApp();
	const u = await makeUser({ apps: [a] });
	const [s] = await succeed(u, a, { device: 'd1', deviceName: 'Phone' });
	assert.equal(body(await run1('person_sessions', [u.user_id])).data[0].id, s.session_id);
	assert.equal(body(await run1('person_devices', [u.user_id])).data[0].sessions, 1);
	assert.equal((await run1('person_session_end', [u.user_id, s.session_id, ...WHO])).outcome, 'done');
	assert.deepEqual(await run('person_session_end', [u.user_id, s.session_id, ...WHO]), []);
	assert.equal((await run1('person_device_forget', [u.user_id, a.app_id, 'd1', ...WHO])).outcome, 'done');
	assert.equal((await run1('person_device_forget', [u.user_id, a.app_id, 'd1', ...WHO])).outcome, 'not_found');
	const sec = body(await run1('person_security', [u.user_id]));
	assert.deepEqual([sec.failures, sec.has_totp, sec.recovery_left], [0, false, 0]);
	assert.ok(sec.last_login_at);
	assert.deepEqual(await run('person_security', [randomId()]), []);
});

test('person_totp_remove, person_recover', async () => {
	const u = await makeUser();
	const totp = () => run1('person_totp_remove', [u.user_id, newId(), Buffer.from('sealed'), true, ...WHO]);
	assert.equal((await totp()).outcome, 'totp_not_enrolled');
	await db.query("insert into totp (person_id, secret, confirmed_at) values ($1, '\\x01', now())", [u.user_id]);
	assert.equal((await totp()).outcome, 'ok');
	const recover = (isDev) => run1('person_recover', [newId(), u.user_id, hash(), hash(), 1800, 600, newId(), Buffer.from('a'), Buffer.from('b'), isDev, ...WHO]);
	assert.equal((await recover(false)).outcome, 'delivery_unavailable');
	assert.deepEqual([body(await recover(true)).channel, body(await recover(true)).expires_in], ['email', 1800]);
	assert.equal((await db.rows('select from password_reset where person_id = $1', [u.user_id])).length, 1);
});

test('person_list, person_export', async () => {
	const first = body(await list({}, { limit: 2, count: true }));
	assert.equal(first.data.length, 2);
	const raw = Buffer.from(first.page.next_cursor, 'base64url');
	assert.deepEqual([raw[0], raw.length], [1, 25]);
	const next = body(await list({}, { limit: 2, id: first.data[1].auth_user_id, key: '' }));
	assert.ok(next.data[0].auth_user_id < first.data[1].auth_user_id);
	assert.equal(body(await list({ q: actor.email })).data[0].auth_user_id, actor.user_id);
	const e = await run1('person_export', [{}, null, 1, ...WHO]);
	assert.match(e.piece, /^auth_user_id,.*\r\n.*\r\n$/);
	const f = await run1('person_export', [{}, e.next, 10_000, ...WHO]);
	assert.equal(f.next, null);
	assert.equal((await audits("event = 'users_exported'")).length, 1);
});

test('0019: who was here before gets the source that the audit log knows', async () => {
	const text = fs.readFileSync(path.join(TOP, 'sql/migrations/0019_person_source.sql'), 'utf8');
	const [fill] = /^alter table person disable trigger user;[^]*?^alter table person enable trigger user;$/m.exec(text);
	const look = () => db.rows('select auth_user_id, version, updated_at, changed_xid::text, source, import_id from person order by 1');
	const [{ id: old }] = await db.rows("insert into person (name) values ('From before the log') returning auth_user_id as id");
	const [{ id: imported }] = await db.rows("insert into person (name, import_id) values ('Imported', uuid_v7()) returning auth_user_id as id");
	const [{ id: first }] = await db.rows("insert into person (name, source) values ('First of all', 'setup') returning auth_user_id as id");
	await db.query("select person_audit('admin_created', $1, $1, null, '{\"by\":\"setup_link\"}', array_fill(null::text, array[6]))", [first]);
	const before = await look();
	const by = (id) => before.find((p) => p.auth_user_id === id).source;
	assert.deepEqual([by(old), by(imported), by(first), by(actor.user_id)], [null, null, 'setup', 'cli']);
	assert.ok(before.some((p) => p.source === 'console'));
	await db.query('alter table person disable trigger user; update person set source = null; alter table person enable trigger user');
	await db.query(fill);
	assert.deepEqual(await look(), before, 'and no version, time or place in the sync has moved');
	await db.query('delete from person where auth_user_id = any ($1)', [[old, imported]]);
});

test('the statements of an import, one after the other', async () => {
	const a = await makeApp();
	const made = body(await run1('import_create', ['f.csv', 'both', '{emp_id,email,mobile_number}', null, null, `{${a.app_id}}`, actor.user_id]));
	assert.equal((await run1('import_create', ['f.csv', 'both', '{emp_id}', null, null, `{${randomId()}}`, actor.user_id])).outcome, 'invalid');
	const id = made.id;
	assert.deepEqual(await run1('import_options', [id]), { delimiter: null, encoding: null, columns: null, mapping: null });
	const put = (n) => run1('import_chunk_put', [id, n, Buffer.from('x'), ',', 'utf-8', '["name"]', '{"name":"name"}', '[]']);
	assert.deepEqual(body(await put(0)), { received_bytes: 1, next_chunk: 1 });
	assert.equal((await put(5)).outcome, 'conflict');
	assert.equal((await run1('import_chunk_get', [id, 0])).data.toString(), 'x');
	const start = (state) => run1('import_start', [id, state, null, false, actor.user_id]);
	assert.equal((await start('importing')).outcome, 'conflict');
	assert.equal((await start('checking')).outcome, 'ok');
	const ticket = newId();
	assert.deepEqual(await run1('import_claim', [id, ticket]), { state: 'checking', encoding: 'utf-8', delimiter: ',', columns: '["name"]',
		mapping: '{"name": "name"}', n_chunks: 1, received: '1' });
	assert.deepEqual(await run('import_claim', [id, newId()]), [], 'somebody is at it');
	assert.equal((await run1('import_begin', [id, ticket])).n, '0');
	assert.equal((await run1('import_begin', [id, newId()])).n, null);
	const other = body(await run1('import_create', ['g.csv', 'both', '{email}', null, null, '{}', null])).id;
	assert.equal((await run1('import_open', [other, newId(), ',', 'utf-8', '["name"]', '{"name":"name"}'])).n, '1');
	assert.equal((await run1('import_open', [other, newId(), ',', 'utf-8', '["name"]', '{"name":"name"}'])).n, '0');
	const none = [null, null];
	const stage = (t) => run1('import_stage', [id, t, 2, ['["S1"]', '["S2"]'], ['S1', 'S2'], ['s@x.org', 's@x.org'], none, ['S1', 'S2'], none, none, none, none,
		none, [false, false], 9]);
	assert.equal((await stage(newId())).n, null);
	assert.equal((await stage(ticket)).n, '2');
	assert.equal((await run1('import_check_end', [id, ticket, hash()])).n, '2');
	const got = body(await run1('import_get', [id]));
	assert.deepEqual([got.state, got.totals.create, got.totals.error], ['checked', 1, 1]);
	assert.equal(body(await run1('import_rows', [id, 'error', 0, 50])).data[0].row, 3);
	const e = await run1('import_errors', [id, 0, 10]);
	assert.match(e.piece, /^name,_row,_errors\r\nS2,3,/);
	assert.deepEqual(body(await run1('import_list', [])).data.map((x) => x.id), [other, id]);
	await start('importing');
	await run('import_claim', [id, ticket]);
	assert.equal((await run1('import_apply', [id, newId(), ...ORIGIN])).n, null);
	assert.equal((await run1('import_apply', [id, ticket, ...ORIGIN])).n, '1');
	await start('undoing');
	await run('import_claim', [id, ticket]);
	assert.equal((await run1('import_fail', [id, ticket, 'why'])).n, '1');
	assert.equal(body(await run1('import_get', [id])).state, 'done', 'an undo that fails leaves the import');
	// S2 had an error: nobody counts as missing
	assert.deepEqual([body(await run1('import_missing', [id, actor.user_id, null, 50])).count, body(await run1('import_missing', [id, actor.user_id, null, 50])).refused], [null, 'import_incomplete']);
	assert.deepEqual(await run('import_missing', [randomId(), null, null, 50]), []);
	const off = (state, n) => run1('import_missing_start', [id, state, n, actor.user_id]);
	assert.equal((await off('disabling', 1)).outcome, 'import_incomplete');
	assert.equal((await off('enabling', null)).outcome, 'conflict');
	await db.query("delete from import_row where import_id = $1 and action = 'error'", [id]);
	await db.query("update import_job set totals = totals || '{\"rows\": 1}', created_at = now() where id = $1", [id]);
	const m = body(await run1('import_missing', [id, actor.user_id, null, 1]));
	assert.ok(m.count > 0 && m.data.every((p) => p.auth_user_id !== actor.user_id), JSON.stringify(m));
	assert.equal((await off('disabling', m.count)).outcome, 'too_many_missing');
	// but for one all are in the file
	await db.query(`insert into import_row (import_id, row_no, cells, action, person_id)
		select $1, 100 + row_number() over (), '[]', 'same', p.auth_user_id from person p where p.deleted_at is null and p.auth_user_id <> $2`, [id, m.data[0].auth_user_id]);
	await db.query("update import_job set totals = totals || jsonb_build_object('rows', (select count(*) from import_row where import_id = $1)) where id = $1", [id]);
	await db.query("insert into person (name) select 'Crowd ' || i from generate_series(1, 20) i");
	assert.equal((await off('disabling', 2)).outcome, 'rows_changed');
	assert.equal((await off('disabling', 1)).outcome, 'ok');
	await run('import_claim', [id, ticket]);
	assert.equal((await run1('import_disable', [id, newId(), ...ORIGIN])).n, null);
	assert.equal((await run1('import_disable', [id, ticket, ...ORIGIN])).n, '1');
	assert.equal((await audits("event = 'users_missing_disabled'")).length, 1);
	assert.equal((await off('enabling', null)).outcome, 'ok');
	await run('import_claim', [id, ticket]);
	assert.equal((await run1('import_enable', [id, ticket, ...ORIGIN])).n, '1');
	assert.equal((await audits("event = 'users_missing_enabled'")).length, 1);
	await start('undoing');
	await run('import_claim', [id, ticket]);
	assert.equal((await run1('import_revert', [id, ticket, ...ORIGIN])).n, '1');
	assert.equal((await run1('import_cancel', [id])).outcome, 'conflict');
	await db.query("update import_job set created_at = now() - interval '2 days', undo_until = now() where id = $1", [id]);
	await run('import_purge', [2000]);
	assert.deepEqual(await db.rows('select from import_row union all select from import_chunk'), []);
});

test('what these statements wrote is of the vocabulary', vocabularyHolds);
