// import_missing - after an import: who is missing from the file is shown,
// disabled when it is confirmed and not too many, and enabled again.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeAdmin, makeApp, makeCast, makeUser, signIn, startService, tempDir } from './harness.mjs';
import { checkImport, commitImport, undoImport, waitImport } from './import_kit.mjs';

const svc = await startService();
const c = await consoleLogin(svc);
const other = await makeAdmin(svc, { name: 'Other Admin' });
const code = (r, status, want) => {
	assert.equal(r.status, status, r.text);
	assert.equal(r.body.code, want);
};
const line = (u) => `${u.emp_id},${u.name}`;
const csv = (people) => `emp_id,name\n${people.map(line).join('\n')}\n`;
const status = async (u) => (await svc.db.rows('select status from person where auth_user_id = $1', [u.auth_user_id]))[0].status;
const done = async (people) => {
	const i = await checkImport(c, csv(people));
	const r = await commitImport(c, i.id);
	assert.equal(r.state, 'done', r.problem);
	return r;
};
const missing = async (id, query = '') => (await c.get(`/imports/${id}/missing${query}`)).body;
const names = (m) => m.data.map((p) => p.name).sort();
const disable = (id, n, by = c) => by.post(`/imports/${id}/missing/disable`, { confirm_count: n });

const people = [];
for (let k = 0; k < 40; k++) people.push(await makeUser(svc, { name: `Person ${k}`, empId: `M${k}` }));
const [gone, late] = people;
const rest = people.slice(2);
const { key, app } = await makeCast(svc, { app: { name: 'Payroll' }, user: { empId: 'M-cast', name: 'Cast' } });
people.push({ emp_id: 'M-cast', name: 'Cast' });
rest.push({ emp_id: 'M-cast', name: 'Cast' });

test('who is missing: active, there before the file, and not who asks', async () => {
	const i = await checkImport(c, csv(rest));
	const added = await makeUser(svc, { name: 'Added meanwhile' });
	await commitImport(c, i.id);
	const m = await missing(i.id);
	assert.deepEqual(names(m), ['Other Admin', 'Person 0', 'Person 1']);
	assert.deepEqual([m.count, m.active, m.most, m.refused], [3, 44, 4, null]);
	const first = await missing(i.id, '?limit=2');
	assert.deepEqual([first.data.length, first.page.has_more], [2, true]);
	const second = await missing(i.id, `?limit=2&cursor=${first.page.next_cursor}`);
	assert.deepEqual([second.data.length, second.page.has_more, second.page.next_cursor], [1, false, null]);
	assert.equal(new Set([...names(first), ...names(second)]).size, 3);
	await svc.db.query('update person set deleted_at = now() where auth_user_id = $1', [added.auth_user_id]);
	for (const query of ['?limit=0', '?limit=x', '?cursor=x']) code(await c.get(`/imports/${i.id}/missing${query}`), 422, 'invalid_parameter');
});

test('they are disabled and signed out after proof and the right number, all of it audited', async () => {
	await svc.db.query('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, gone.auth_user_id]);
	const t = await signIn(svc, { key, user: gone });
	const i = await done([...rest, { emp_id: 'M-new', name: 'New One' }]);
	code(await disable(i.id, 3), 403, 'step_up_required');
	await c.stepUp();
	for (const n of [undefined, '3', -1, 2.5]) code(await disable(i.id, n), 422, 'invalid_parameter');
	const wrong = await disable(i.id, 2);
	code(wrong, 409, 'rows_changed');
	assert.equal(wrong.body.missing, 3);
	assert.equal(await status(gone), 'active');
	const r = await disable(i.id, 3);
	assert.equal(r.status, 200, r.text);
	const now = await waitImport(c, i.id, 'disabling');
	assert.deepEqual([now.state, now.totals.disabled, now.problem], ['done', 3, null]);
	assert.deepEqual([await status(gone), await status(late), await status(other), await status(people[5])], ['disabled', 'disabled', 'disabled', 'active']);
	assert.equal(await status(c.admin), 'active');
	code(await svc.get('/auth/session', { key, token: t.access_token }), 401, 'session_revoked');
	const [row] = await auditRows(svc.db, { event: 'users_missing_disabled' });
	assert.equal(row.actor_id, c.admin.auth_user_id);
	assert.deepEqual([row.detail.disabled, row.detail.active, row.detail.rows, row.detail.sha256, row.detail.import_id], [3, 44, 40, i.file_hash, i.id]);
	const each = await auditRows(svc.db, { event: 'user_disabled' });
	assert.deepEqual(each.map((e) => e.subject_id).sort(), [gone, late, other].map((u) => u.auth_user_id).sort());
	assert.ok(each.every((e) => e.actor_id === c.admin.auth_user_id && e.detail.import_id === i.id));
	code(await disable(i.id, 0), 409, 'conflict');

	// enabled again, but for whom somebody has changed since
	await svc.db.query("update person set name = 'Changed' where auth_user_id = $1", [late.auth_user_id]);
	const back = await c.post(`/imports/${i.id}/missing/enable`);
	assert.equal(back.status, 200, back.text);
	const after = await waitImport(c, i.id, 'enabling');
	assert.deepEqual([after.state, after.totals.enabled, after.totals.disabled], ['done', 2, undefined]);
	assert.deepEqual([await status(gone), await status(late), await status(other)], ['active', 'disabled', 'active']);
	const [undo] = await auditRows(svc.db, { event: 'users_missing_enabled' });
	assert.deepEqual([undo.detail.enabled, undo.detail.left_alone, undo.actor_id], [2, 1, c.admin.auth_user_id]);
	code(await c.post(`/imports/${i.id}/missing/enable`), 409, 'conflict');
	// and once more
	assert.equal((await disable(i.id, 2)).status, 200);
	assert.deepEqual((await waitImport(c, i.id, 'disabling')).totals.disabled, 2);

	// the undo of the import takes all of it back
	const undone = await undoImport(c, i.id);
	assert.deepEqual([undone.totals.deleted, undone.totals.restored, undone.totals.enabled, undone.totals.left_alone], [1, 0, 2, 0]);
	assert.deepEqual([await status(gone), await status(other)], ['active', 'active']);
	code(await c.get(`/imports/${i.id}/missing`), 409, 'conflict');
	await svc.db.query("update person set name = 'Person 1', status = 'active' where auth_user_id = $1", [late.auth_user_id]);
});

test('more than a tenth stops it; so do rows with errors, rows that are gone, and time', async () => {
	await c.stepUp();
	const few = await done(people.slice(0, 30));
	const m = await missing(few.id);
	assert.deepEqual([m.refused, m.count, m.most], ['too_many_missing', 12, 4]);
	const r = await disable(few.id, 12);
	code(r, 409, 'too_many_missing');
	assert.deepEqual([r.body.missing, r.body.active], [12, 43]);
	const none = await done([]);
	code(await disable(none.id, 42), 409, 'too_many_missing');

	const bad = await checkImport(c, `${csv(people)}M-bad,\n`);
	assert.equal(bad.totals.error, 1);
	await commitImport(c, bad.id);
	assert.deepEqual([(await missing(bad.id)).refused, (await missing(bad.id)).count], ['import_incomplete', null]);
	code(await disable(bad.id, 1), 409, 'import_incomplete');

	const lost = await done(people);
	assert.equal((await missing(lost.id)).count, 1);
	await svc.db.query('delete from import_row where import_id = $1 and row_no = 5', [lost.id]);
	code(await disable(lost.id, 1), 409, 'import_incomplete');

	const old = await done(people);
	await svc.db.query('update import_job set undo_until = now() where id = $1', [old.id]);
	code(await disable(old.id, 1), 409, 'conflict');
	const open = await checkImport(c, csv(people));
	code(await disable(open.id, 1), 409, 'conflict');
	assert.equal((await missing(open.id)).count, 1, 'a checked file may be looked at');
	for (const act of ['disable', 'enable']) code(await c.post(`/imports/01900000-0000-7000-8000-000000000000/missing/${act}`, { confirm_count: 1 }), 404, 'not_found');
	code(await c.get('/imports/01900000-0000-7000-8000-000000000000/missing'), 404, 'not_found');
	assert.equal(await status(other), 'active');
	code(await svc.get(`/setup/api/imports/${open.id}/missing`), 401, 'console_session_required');
});

test('what has changed between the question and the deed disables nobody', async () => {
	await c.stepUp();
	const i = await done(people);
	// as a run that died right after it was asked for; somebody leaves meanwhile
	await svc.db.query(`update import_job set state = 'disabling', run = gen_random_uuid(), run_until = now(), asked_by = $2, totals = totals || '{"missing": 2}' where id = $1`, [i.id, c.admin.auth_user_id]);
	const after = await waitImport(c, i.id, 'disabling');
	assert.equal(after.state, 'done');
	assert.match(after.problem, /Nobody was disabled/);
	assert.deepEqual([after.totals.missing, after.totals.disabled], [undefined, undefined]);
	assert.equal(await status(other), 'active');
	// the act is of who asks, though another one has uploaded the file
	const o = await consoleLogin(svc, { admin: other });
	await o.stepUp();
	assert.deepEqual((await o.get(`/imports/${i.id}/missing`)).body.data.map((p) => p.auth_user_id), [c.admin.auth_user_id]);
	const u = await o.post(`/imports/${i.id}/undo`, {});
	assert.equal(u.status, 200, u.text);
	await waitImport(c, i.id, 'undoing');
	const undone = await auditRows(svc.db, { event: 'users_import_undone' });
	assert.equal(undone.at(-1).actor_id, other.auth_user_id);
});

test('the command line: a dry run tells, the last administrator stays, too many stop it', async () => {
	const dir = tempDir('missing');
	const write = (name, list) => {
		const file = path.join(dir, name);
		fs.writeFileSync(file, csv(list));
		return file;
	};
	const cli = (file, ...args) => svc.cli(['user', 'import', file, ...args]);
	const file = write('all.csv', people.slice(1));
	const dry = await cli(file, '--disable-missing', '--dry-run');
	assert.equal(dry.code, 0, dry.stderr);
	assert.match(dry.stdout, /nothing was done\n.*: 2 of 43 active people are missing\n/);
	assert.equal(await status(gone), 'active');
	const r = await cli(file, '--disable-missing');
	assert.equal(r.code, 0, r.stderr);
	assert.match(r.stdout, /done\n.*: 2 of 43 active people are missing, and are disabled now\n/);
	assert.equal(await status(gone), 'disabled');
	const admins = await svc.db.rows("select status from person where is_admin and deleted_at is null order by status");
	assert.deepEqual(admins.map((a) => a.status), ['active', 'disabled'], 'one administrator stays');
	const rows = await auditRows(svc.db, { event: 'users_missing_disabled' });
	assert.deepEqual([rows.at(-1).request_id, rows.at(-1).actor_id, rows.at(-1).detail.disabled], ['cli', null, 2]);
	const many = await cli(write('few.csv', people.slice(0, 20)), '--disable-missing');
	assert.equal(many.code, 1);
	assert.match(many.stderr, /more than a tenth.*nobody was disabled/);
	assert.equal(await status(people[30]), 'active');
	const json = await cli(write('same.csv', people.slice(1)), '--disable-missing', '--json');
	assert.deepEqual([json.code, json.json().totals.disabled], [0, 0], json.stderr);
	const both = await cli(file, '--disable-missing', '--skip-errors');
	assert.equal(both.code, 2);
	assert.match(both.stderr, /--skip-errors/);
	fs.writeFileSync(file, `${csv(people.slice(1))}M-bad,\n`);
	const bad = await cli(file, '--disable-missing');
	assert.equal(bad.code, 1);
	assert.match(bad.stderr, /some rows are wrong/);
});
