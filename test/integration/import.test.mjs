// import - CSV files of people through the console: what they look like, what
// is wrong with them, all or nothing, and the way back.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { SLOW, auditRows, consoleLogin, makeApp, startService, waitUntil } from './harness.mjs';
import { checkImport, commitImport, importRows, undoImport, uploadImport, waitImport } from './import_kit.mjs';

const svc = await startService();
const app = await makeApp(svc);
const c = await consoleLogin(svc);
const code = (r, status, want) => {
	assert.equal(r.status, status, r.text);
	assert.equal(r.body.code, want);
};
const person = async (empId) => (await svc.db.rows('select * from person where emp_id = $1 and deleted_at is null', [empId]))[0];
const totals = (i) => [i.totals.create, i.totals.update, i.totals.same, i.totals.error, i.totals.warning];

test('a file is looked at, checked, committed, and undone', async () => {
	const csv = 'Full Name,E-Mail,Mobile No,Employee ID,Notes,Status\r\nAnn One,ann@x.org,+919800000001,I1,hello,active\r\n'
		+ '"Bo ""B"" Two",bo@x.org,+919800000002,I2,"a, b\nc",disabled\r\n';
	const up = await uploadImport(c, csv, { create: { applications: [app.id] } });
	assert.deepEqual([up.state, up.delimiter, up.encoding, up.next_chunk, up.received_bytes], ['staging', ',', 'utf-8', 1, csv.length]);
	assert.deepEqual(up.columns, ['Full Name', 'E-Mail', 'Mobile No', 'Employee ID', 'Notes', 'Status']);
	assert.deepEqual(up.mapping, { 'Full Name': 'name', 'E-Mail': 'email', 'Mobile No': 'mobile_number', 'Employee ID': 'emp_id', Notes: null, Status: 'status' });
	assert.deepEqual(up.preview[1], ['Bo "B" Two', 'bo@x.org', '+919800000002', 'I2', 'a, b\nc', 'disabled']);
	const i = await checkImport(c, csv, { create: { applications: [app.id] } });
	assert.deepEqual([i.state, ...totals(i)], ['checked', 2, 0, 0, 0, 0], JSON.stringify(i));
	assert.equal(i.file_hash, createHash('sha256').update(csv).digest('hex'));
	assert.equal(await person('I1'), undefined, 'a check writes nobody');
	const done = await commitImport(c, i.id);
	assert.equal(done.state, 'done');
	assert.ok(done.undo_until);
	const p = await person('I2');
	assert.deepEqual([p.name, p.email, p.mobile_number, p.status, p.import_id], ['Bo "B" Two', 'bo@x.org', '+919800000002', 'disabled', i.id]);
	const list = await c.get(`/users?import=${i.id}&count=1`);
	assert.deepEqual([list.body.page.count, list.body.data[0].applications[0].id], [2, app.id]);
	const [row] = await auditRows(svc.db, { event: 'users_imported' });
	assert.deepEqual([row.actor_id, row.detail.create, row.detail.sha256], [c.admin.auth_user_id, 2, i.file_hash]);
	code(await c.post(`/imports/${i.id}/commit`, {}), 409, 'conflict');
	const undone = await undoImport(c, i.id);
	assert.deepEqual([undone.state, undone.totals.deleted, undone.undo_until], ['undone', 2, null]);
	assert.equal(await person('I1'), undefined);
	assert.equal((await auditRows(svc.db, { event: 'users_import_undone' })).length, 1);
	code(await c.post(`/imports/${i.id}/undo`, {}), 409, 'conflict');
});

test('updates: only what is filled in, and the old values come back', async () => {
	const first = await checkImport(c, 'emp_id,name,email,mobile\nU1,Una,una@x.org,+919811100001\nU2,Udo,udo@x.org,+919811100002\nU3,Uli,uli@x.org,\n');
	await commitImport(c, first.id);
	const csv = 'emp_id,name,email\nU1,Una New,\nU2,Udo,UDO@x.org\nU3,Uli Three,uli3@x.org\nU4,Ulf,ulf@x.org\n';
	const i = await checkImport(c, csv, { create: { applications: [app.id], mode: 'both' } });
	assert.deepEqual(totals(i), [1, 3, 0, 0, 0], 'U2 is not the same: it is not assigned');
	const rows = await importRows(c, i.id, 'update');
	assert.deepEqual(rows[0].changes, { name: ['Una', 'Una New'] });
	assert.deepEqual(rows[2].changes, { name: ['Uli', 'Uli Three'], email: ['uli@x.org', 'uli3@x.org'] });
	await commitImport(c, i.id);
	assert.deepEqual([(await person('U1')).name, (await person('U1')).email, (await person('U3')).email], ['Una New', 'una@x.org', 'uli3@x.org']);
	// U3 is changed by somebody afterwards
	const u3 = (await c.get(`/users/${(await person('U3')).auth_user_id}`)).body;
	assert.equal((await c.patch(`/users/${u3.auth_user_id}`, { name: 'By hand' }, { version: u3.version })).status, 200);
	const undone = await undoImport(c, i.id);
	assert.deepEqual([undone.totals.deleted, undone.totals.restored, undone.totals.left_alone], [1, 2, 1]);
	assert.deepEqual([(await person('U1')).name, (await person('U3')).name, await person('U4')], ['Una', 'By hand', undefined]);
	const left = await svc.db.rows('select p.emp_id from assignment a join person p on p.auth_user_id = a.person_id where a.application_id = $1', [app.id]);
	assert.deepEqual(left.map((x) => x.emp_id).sort(), ['U3']);
	const same = await checkImport(c, 'emp_id,name\nU1,Una\n');
	assert.deepEqual(totals(same), [0, 0, 1, 0, 0]);
});

test('modes and matching', async () => {
	await commitImport(c, (await checkImport(c, 'emp_id,name,email,mobile\nN1,Nora,nora@x.org,+919822200001\nN2,Nils,nils@x.org,+919822200002\n')).id);
	const problems = async (csv, create) => {
		const i = await checkImport(c, csv, { create });
		return [i, (await importRows(c, i.id, 'error')).map((r) => [r.row, ...r.problems.map((p) => p.problem)])];
	};
	assert.deepEqual((await problems('emp_id,name\nN1,Nora\nN9,New\n', { mode: 'create' }))[1], [[2, 'This person is in the directory already.']]);
	assert.deepEqual((await problems('emp_id,name\nN1,Nora X\nN9,New\n', { mode: 'update' }))[1], [[3, 'Nobody matches this row.']]);
	assert.deepEqual((await problems('emp_id,name,email\nN9,New,nora@x.org\n', { match: ['emp_id'] }))[1], [[2, 'Another person in the directory has this.']]);
	const [byMail] = await problems('emp_id,name,email\nN9,New,nora@x.org\n', { match: ['emp_id', 'email'] });
	assert.deepEqual(totals(byMail), [0, 1, 0, 0, 0]);
	assert.deepEqual((await problems('emp_id,name,email\nN1,Nora,nils@x.org\n', {}))[1], [[2, 'Another person in the directory has this.']]);
	assert.deepEqual((await problems('emp_id,email\nN8,n8@x.org\n', {}))[1], [[2, 'The name is missing.']]);
	const byHand = await checkImport(c, 'who,nr\nNora Y,N1\n', { mapping: { who: 'name', nr: 'emp_id' } });
	assert.deepEqual(totals(byHand), [0, 1, 0, 0, 0]);
});

test('what spreadsheets do, and what is there twice', async () => {
	const csv = 'name,email,mobile,emp_id\n'
		+ 'A,,9.19E+11,\n' + 'B,,919833300002,\n' + 'C,,+919833300003,1.2E+05\n' + 'D,d@x.org,,D1\n' + 'E,D@X.ORG,,D1\n'
		+ "F,,'+919833300006,\n" + 'G,not-an-address,,\n' + 'H,,12345678,\n' + 'I,i@x.org,,,surplus\n' + ',nobody@x.org,,\n';
	const i = await checkImport(c, csv);
	assert.deepEqual(totals(i), [4, 0, 0, 6, 2], JSON.stringify(i.totals));
	const errors = Object.fromEntries((await importRows(c, i.id, 'error')).map((r) => [r.row, r.problems]));
	assert.deepEqual(Object.keys(errors), ['2', '4', '6', '8', '10', '11']);
	assert.deepEqual(errors[2], [{ column: 'mobile', value: '9.19E+11', problem: 'A spreadsheet has rounded this number.',
		fix: 'Format the column as text, and enter the number again.', severity: 'error' }]);
	assert.equal(errors[6].length, 2);
	assert.match(errors[6][0].problem, /same as in row 5/);
	assert.equal(errors[8][0].column, 'email');
	const warnings = await importRows(c, i.id, 'warning');
	assert.deepEqual(warnings.map((r) => [r.row, r.values.mobile_number]), [[3, '+919833300002'], [9, '+9112345678']]);
	// the file of errors is imported again as it is, once it is mended
	const e = await c.get(`/imports/${i.id}/errors.csv`);
	const lines = e.text.trimEnd().split('\r\n');
	assert.equal(lines[0], 'name,email,mobile,emp_id,_row,_errors');
	assert.deepEqual(lines.slice(1).map((l) => l.split(',')[4]), ['2', '4', '6', '8', '10', '11']);
	assert.match(e.headers['content-disposition'], /errors\.csv/);
	code(await c.post(`/imports/${i.id}/commit`, { only_if_clean: true }), 409, 'import_has_errors');
	await commitImport(c, i.id);
	const again = await checkImport(c, e.text.replace('9.19E+11', "'+919833300001").replace('1.2E+05', 'C1').replace('not-an-address', 'g@x.org'));
	assert.deepEqual(totals(again), [4, 1, 0, 1, 0], JSON.stringify(await importRows(c, again.id, 'error')));
	assert.equal((await svc.db.rows("select from person where mobile_number = '+919833300006'")).length, 1);
});

test('encodings and delimiters', async () => {
	const text = 'name;email\r\nJörg Weiß;joerg@x.org\r\nŽofia;zofia@x.org\r\n';
	const utf16 = (s, isBig) => { const b = Buffer.from(s, 'utf16le'); return isBig ? b.swap16() : b; };
	const latin = Buffer.from('name;email\r\nJ\xf6rg Wei\xdf;joerg@x.org\r\n\x8eofia;zofia@x.org\r\n', 'latin1');
	const cases = [[Buffer.from(text), 'utf-8'], [Buffer.from(`\ufeff${text}`), 'utf-8'], [utf16(`\ufeff${text}`), 'utf-16le'],
		[utf16(`\ufeff${text}`, true), 'utf-16be'], [utf16(text), 'utf-16le'], [latin, 'windows-1252']];
	for (const [bytes, want] of cases) {
		for (const chunk of [1024 * 1024, 7]) {
			if (chunk === 7 && bytes !== cases[2][0] && bytes !== cases[1][0]) continue;
			const i = await checkImport(c, bytes, { create: { encoding: chunk === 7 ? want : undefined, delimiter: chunk === 7 ? ';' : undefined },
				chunk: chunk === 7 ? 27 : chunk });
			assert.deepEqual([i.state, i.encoding, i.delimiter], ['checked', want, ';'], JSON.stringify(i));
			const rows = await importRows(c, i.id, 'create');
			assert.deepEqual(rows.map((r) => r.values.name), ['Jörg Weiß', 'Žofia'], want);
		}
	}
	for (const d of ['\t', '|', ','])
		assert.equal((await checkImport(c, `name${d}email\nTab${d}"a${d}b"\n`)).delimiter, d);
	// ASCII for long, then something else: the rows say so
	const late = await checkImport(c, Buffer.concat([Buffer.from(`name\n${'plain\n'.repeat(20_000)}`), Buffer.from('J\xf6rg\n', 'latin1')]));
	assert.deepEqual([late.encoding, late.totals.error], ['utf-8', 1]);
	assert.match((await importRows(c, late.id, 'error'))[0].problems[0].problem, /cannot be read/);
});

test('files that are no files of people', async () => {
	const put = async (bytes, n = 0, o = {}) => {
		const r = await c.post('/imports', { file_name: 'x', mode: 'create', ...o });
		return [r.body.id, await c.request('PUT', `/imports/${r.body.id}/chunks/${n}`, { body: Buffer.from(bytes), headers: { 'content-type': 'application/octet-stream' } })];
	};
	code((await put(''))[1], 400, 'malformed_request');
	code((await put('\n\n\n'))[1], 422, 'invalid_parameter');
	code((await put('a\n', 1))[1], 409, 'conflict');
	for (const [bytes, why] of [[`name\n"${'x'.repeat(40_000)}`, /quote .* never closed/], ['name,email\n"Ann,a@x.org\n', /quote .* never closed/], [`${'c,'.repeat(100)}\n`, /64 columns/]]) {
		const [, r] = await put(bytes);
		code(r, 422, 'invalid_parameter');
		assert.match(r.body.errors[0].message, why);
	}
	code((await put(Buffer.alloc(1024 * 1024 + 1, 97)))[1], 413, 'body_too_large');
	// what only shows further on fails the check, with the row
	const open = await checkImport(c, `name\n${'ok\n'.repeat(40_000)}"open\n${'x\n'.repeat(40_000)}`);
	assert.equal(open.state, 'failed');
	assert.match(open.problem, /^Row 4000[0-9]: .*quote is never closed/);
	const wide = await checkImport(c, `name\n${'ok\n'.repeat(40_000)}${','.repeat(70)}\n`);
	assert.match(wide.problem, /64 columns/);
	const huge = await checkImport(c, `name,notes\nok,${'n'.repeat(30_000)}\n${'n'.repeat(500)},x\n`);
	assert.deepEqual(totals(huge), [1, 0, 0, 1, 0]);
	const nul = await checkImport(c, 'name\na\u0000b\n');
	assert.deepEqual(totals(nul), [0, 0, 0, 1, 0]);
	const empty = await checkImport(c, 'name\n');
	assert.deepEqual([empty.state, ...totals(empty)], ['checked', 0, 0, 0, 0, 0]);
	const evil = await checkImport(c, "name\n\"'; drop table person; --\"\n\"{},\\\\\"\n");
	assert.deepEqual(totals(evil), [2, 0, 0, 0, 0]);
});

test('a chunk may come twice', async () => {
	const r = await c.post('/imports', { file_name: 'x', mode: 'create' });
	const put = (n, text) => c.request('PUT', `/imports/${r.body.id}/chunks/${n}`, { body: Buffer.from(text), headers: { 'content-type': 'application/octet-stream' } });
	assert.deepEqual((await put(0, 'name\nTw')).body, { received_bytes: 7, next_chunk: 1 });
	assert.deepEqual((await put(0, 'name\nTwi')).body, { received_bytes: 8, next_chunk: 1 });
	assert.deepEqual((await put(1, 'ce\n')).body, { received_bytes: 11, next_chunk: 2 });
	assert.deepEqual((await put(1, 'ce\n')).body, { received_bytes: 11, next_chunk: 2 });
	assert.equal((await c.post(`/imports/${r.body.id}/check`, {})).status, 200);
	code(await put(2, 'late'), 409, 'conflict');
});

test('nothing is half applied', async () => {
	const csv = `emp_id,name,email\n${Array.from({ length: 500 }, (_, k) => `H${k},Half ${k},half${k}@x.org`).join('\n')}\n`;
	const i = await checkImport(c, csv);
	// somebody takes the address of the last row meanwhile
	const p = await c.post('/users', { name: 'First', email: 'half499@x.org' });
	const failed = await commitImport(c, i.id);
	assert.equal(failed.state, 'failed');
	assert.match(failed.problem, /changed since the check/);
	assert.equal(await person('H0'), undefined);
	assert.equal((await auditRows(svc.db, { event: 'users_imported' })).some((r) => r.detail.import_id === i.id), false);
	// checked again it says which
	assert.equal((await c.post(`/imports/${i.id}/check`, {})).status, 200);
	const again = await waitImport(c, i.id, 'checking');
	assert.deepEqual(totals(again), [499, 1, 0, 0, 0]);
	assert.equal((await commitImport(c, i.id)).state, 'done');
	assert.equal((await person('H499')).auth_user_id, p.body.auth_user_id);
	// a person who is edited between check and commit
	const u = await checkImport(c, 'emp_id,name\nH1,Other\nH2,Other\n');
	const h = (await c.get(`/users/${(await person('H1')).auth_user_id}`)).body;
	await c.patch(`/users/${h.auth_user_id}`, { name: 'Mine' }, { version: h.version });
	assert.match((await commitImport(c, u.id)).problem, /changed since the check/);
	assert.deepEqual([(await person('H1')).name, (await person('H2')).name], ['Mine', 'Half 2']);
	// and nobody may be left who administers
	const me = (await c.get(`/users/${c.admin.auth_user_id}`)).body;
	const admins = await checkImport(c, `email,name,status\n${me.email},${me.name},disabled\n`);
	assert.match((await commitImport(c, admins.id)).problem, /administer/);
	assert.equal((await c.get(`/users/${me.auth_user_id}`)).body.status, 'active');
});

test('an undo that cannot give everything back gives nothing back', async () => {
	await commitImport(c, (await checkImport(c, 'emp_id,name,email\nV1,Vera,vera@x.org\nV2,Veit,veit@x.org\n')).id);
	const i = await checkImport(c, 'emp_id,name,email\nV1,Vera New,vera.new@x.org\nV2,Veit New,\nV3,Vito,vito@x.org\n', { create: { applications: [app.id] } });
	assert.equal((await commitImport(c, i.id)).state, 'done');
	const other = await c.post('/users', { name: 'Other Vera', email: 'vera@x.org' });
	assert.equal(other.status, 201, other.text);
	const look = async () => svc.db.rows(`select p.emp_id, p.name, p.email, p.version, p.deleted_at, exists (select from assignment a where a.person_id = p.auth_user_id) as is_assigned
		from person p where p.emp_id in ('V1', 'V2', 'V3') order by p.emp_id`);
	const before = await look();
	assert.deepEqual(before.map((p) => [p.name, p.is_assigned]), [['Vera New', true], ['Veit New', true], ['Vito', true]]);
	const failed = await undoImport(c, i.id);
	assert.equal(failed.state, 'done');
	assert.match(failed.problem, /Nothing was undone/);
	assert.ok(failed.undo_until);
	assert.deepEqual(await look(), before);
	assert.equal((await auditRows(svc.db, { event: 'users_import_undone' })).some((r) => r.detail.import_id === i.id), false);
	// once the address is free again, all of it goes back
	assert.equal((await c.patch(`/users/${other.body.auth_user_id}`, { email: 'other.vera@x.org' }, { version: other.body.version })).status, 200);
	const undone = await undoImport(c, i.id);
	assert.deepEqual([undone.state, undone.problem, undone.totals.deleted, undone.totals.restored, undone.totals.left_alone], ['undone', null, 1, 2, 0]);
	assert.deepEqual((await look()).filter((p) => p.deleted_at === null).map((p) => [p.name, p.email, p.is_assigned]), [['Vera', 'vera@x.org', false], ['Veit', 'veit@x.org', false]]);
});

// The last step of each waits for a lock of ours: what is shown meanwhile is
// what was done before, and a dead run shows nothing.
test('a commit and an undo tell how far they are', async () => {
	const n = 12_000, step = 5_000;
	const csv = (name) => `emp_id,name,email\n${Array.from({ length: n }, (_, k) => `P${k},${name} ${k},progress${k}@x.org`).join('\n')}\n`;
	const held = async (sql, act, id, busy, done) => {
		const ours = new pg.Client({ connectionString: svc.db.url });
		await ours.connect();
		try {
			await ours.query('begin');
			await ours.query(sql);
			assert.equal((await c.post(`/imports/${id}/${act}`, {})).status, 200);
			const seen = await waitUntil(async () => {
				const { body } = await c.get(`/imports/${id}`);
				assert.equal(body.state, busy, body.problem);
				assert.equal(body.progress.total, n);
				return body.progress.done === done && body;
			}, { timeoutMs: 60_000 * SLOW, what: `${act} has done ${done}` });
			assert.equal(seen.state, busy);
			assert.equal((await c.get('/imports')).body.data[0].progress.done, done);
			await ours.query('rollback');
		} finally {
			await ours.end();
		}
		return waitImport(c, id, busy);
	};
	const i = await checkImport(c, csv('New'));
	assert.deepEqual(totals(i), [n, 0, 0, 0, 0]);
	const done = await held(`insert into person (name, email) values ('In the way', 'progress${n - 1}@x.org')`, 'commit', i.id, 'importing', 2 * step - 1);	// row 1 is the head
	assert.deepEqual([done.state, done.progress], ['done', { done: i.received_bytes, total: i.received_bytes }]);
	const u = await checkImport(c, csv('Changed'));
	assert.deepEqual(totals(u), [0, n, 0, 0, 0]);
	const last = `select from person where emp_id = 'P${n - 1}' for update`;
	// who is to be changed is locked first
	assert.equal((await held(last, 'commit', u.id, 'importing', 0)).state, 'done');
	assert.equal((await held(`select from person where auth_user_id = (select person_id from import_undo where import_id = '${u.id}' order by person_id desc limit 1) for update`,
		'undo', u.id, 'undoing', 2 * step)).state, 'undone');
	assert.equal((await person('P7')).name, 'New 7');
});

test('cancel, list, refusals', async () => {
	const i = await checkImport(c, 'name\nGone\n');
	assert.equal((await c.del(`/imports/${i.id}`)).status, 204);
	assert.equal((await c.get(`/imports/${i.id}`)).body.state, 'cancelled');
	code(await c.post(`/imports/${i.id}/commit`, {}), 409, 'conflict');
	const list = (await c.get('/imports')).body.data;
	assert.equal(list[0].id, i.id);
	const none = '/imports/01900000-0000-7000-8000-000000000000';
	for (const [m, p] of [['GET', ''], ['DELETE', ''], ['GET', '/rows'], ['GET', '/errors.csv']]) code(await c.request(m, none + p), 404, 'not_found');
	for (const p of ['/check', '/commit', '/undo']) code(await c.post(none + p, {}), 404, 'not_found');
	code(await c.request('PUT', `${none}/chunks/0`, { body: Buffer.from('name\n'), headers: { 'content-type': 'application/octet-stream' } }), 404, 'not_found');
	for (const [body, field] of [[{ mode: 'x', file_name: 'f' }, 'mode'], [{ mode: 'both' }, 'file_name'], [{ mode: 'both', file_name: 'f', match: ['name'] }, 'match'],
		[{ mode: 'both', file_name: 'f', delimiter: 'x' }, 'delimiter'], [{ mode: 'both', file_name: 'f', encoding: 'x' }, 'encoding'],
		[{ mode: 'both', file_name: 'f', applications: ['x'] }, 'applications'],
		[{ mode: 'both', file_name: 'f', applications: ['01900000-0000-7000-8000-000000000000'] }, 'applications']]) {
		const r = await c.post('/imports', body);
		code(r, 422, 'invalid_parameter');
		assert.equal(r.body.errors[0].field, field);
	}
	const up = await uploadImport(c, 'name,x\nA,b\n');
	for (const mapping of [{ y: 'name' }, { x: 'nothing' }, { x: 'name' }, []])
		code(await c.post(`/imports/${up.id}/check`, { mapping }), 422, 'invalid_parameter');
	code(await c.get(`/imports/${up.id}/rows?action=x`), 422, 'invalid_parameter');
	code(await c.get(`/imports/${up.id}/rows?cursor=x`), 422, 'invalid_parameter');
	const t = await c.get('/imports/template.csv');
	assert.match(t.text, /^name,email,mobile_number,emp_id,/);
	assert.equal((await checkImport(c, t.text)).totals.error, 0);
	code(await svc.get('/setup/api/imports'), 401, 'console_session_required');
});

test('a run that died is taken up by whoever asks', async () => {
	const up = await uploadImport(c, 'name\nTaken Up\n');
	await svc.db.query("update import_job set state = 'checking', run = gen_random_uuid(), run_until = now() - interval '1 second', mapping = '{\"name\":\"name\"}' where id = $1", [up.id]);
	assert.deepEqual(totals(await waitImport(c, up.id, 'checking')), [1, 0, 0, 0, 0]);
});
