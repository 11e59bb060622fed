// import_cli - identityd user import, and a file of many rows through the
// service: its memory does not grow with it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { IS_ASAN, SLOW, auditRows, consoleLogin, makeApp, startService, tempDir } from './harness.mjs';
import { checkImport, commitImport } from './import_kit.mjs';

const svc = await startService();
const dir = tempDir('import');
const app = await makeApp(svc, { name: 'Travel' });
const write = (name, text) => {
	const file = path.join(dir, name);
	fs.writeFileSync(file, text);
	return file;
};
const cli = (file, ...args) => svc.cli(['user', 'import', file, ...args], { timeoutMs: 120_000 * SLOW });
const count = async () => Number((await svc.db.rows('select count(*) as n from person where deleted_at is null'))[0].n);

test('a dry run writes nobody; then they are there, assigned, audited', async () => {
	const file = write('good.csv', 'Name;E-mail;Mobile\r\nAnn;ann@cli.org;9876500001\r\nBob;bob@cli.org;\r\n');
	const dry = await cli(file, '--dry-run', '--json');
	assert.equal(dry.code, 0, dry.stderr);
	assert.deepEqual([dry.json().state, dry.json().totals.create, dry.json().delimiter], ['cancelled', 2, ';']);
	assert.equal(await count(), 0);
	const r = await cli(file, '--app', 'Travel');
	assert.equal(r.code, 0, r.stderr);
	assert.match(r.stdout, /2 to create, 0 to update, 0 the same, 0 wrong, 0 warnings; done/);
	const rows = await svc.db.rows(`select p.name, p.mobile_number, a.application_id from person p
		join assignment a on a.person_id = p.auth_user_id order by p.name`);
	assert.deepEqual(rows, [{ name: 'Ann', mobile_number: '+919876500001', application_id: app.id }, { name: 'Bob', mobile_number: null, application_id: app.id }]);
	const [row] = await auditRows(svc.db, { event: 'users_imported' });
	assert.deepEqual([row.request_id, row.actor_id, row.detail.create, row.detail.file_name], ['cli', null, 2, 'good.csv']);
	assert.match((await cli(file, '--app', app.id)).stdout, /0 to create, 0 to update, 2 the same/);
});

test('rows that are wrong stop all, unless they are left out', async () => {
	const before = await count();
	const file = write('bad.csv', 'name,email\nCleo,cleo@cli.org\nDan,nonsense\n');
	const out = path.join(dir, 'errors.csv');
	const r = await cli(file, '--errors', out);
	assert.equal(r.code, 1);
	assert.match(r.stdout, /1 to create.*1 wrong.*nothing was done/);
	assert.match(r.stderr, /some rows are wrong/);
	assert.equal(await count(), before);
	assert.match(fs.readFileSync(out, 'utf8'), /^name,email,_row,_errors\r\nDan,nonsense,3,/);
	const s = await cli(file, '--skip-errors', '--json');
	assert.deepEqual([s.code, s.json().state, s.json().totals.create], [0, 'done', 1], s.stderr);
	assert.equal(await count(), before + 1);
});

test('modes, encodings, and what is wrong with a call', async () => {
	const latin = write('latin.csv', Buffer.from('name|email\nJ\xf6rg|joerg@cli.org\n', 'latin1'));
	assert.match((await cli(latin, '--encoding', 'windows-1252', '--delimiter', '|')).stdout, /1 to create/);
	assert.equal((await svc.db.rows("select from person where name = 'Jörg'")).length, 1);
	assert.match((await cli(latin, '--mode', 'create', '--dry-run')).stdout, /1 wrong/);
	assert.match((await cli(write('u.csv', 'email,name\njoerg@cli.org,George\n'), '--mode', 'update')).stdout, /1 to update/);
	for (const [args, want] of [[['--mode', 'x'], /--mode/], [['--encoding', 'x'], /--encoding/], [['--delimiter', 'xy'], /--delimiter/], [['--nonsense'], /unknown option/]]) {
		const r = await cli(latin, ...args);
		assert.equal(r.code, 2);
		assert.match(r.stderr, want);
	}
	assert.equal((await svc.cli(['user', 'import'])).code, 2);
	assert.match((await svc.cli(['user', 'import', '--help'])).stdout, /^usage: identityd user import FILE\.csv/);
	const none = await cli(path.join(dir, 'none.csv'));
	assert.equal(none.code, 1);
	assert.match(none.stderr, /none\.csv: No such file/);
	assert.equal((await cli(write('empty.csv', ''))).code, 1);
	assert.equal((await cli(latin, '--app', 'no such app')).code, 1);
	const open = await cli(write('open.csv', `name\n"${'x\n'.repeat(40_000)}`));
	assert.match(open.stderr, /quote is never closed/);
	// The same in a file that is looked at whole; too wide; no file at all.
	assert.match((await cli(write('short.csv', 'name,email\n"Ann,ann@cli.org\n'))).stderr, /quote is never closed/);
	assert.match((await cli(write('wide.csv', `${'c,'.repeat(100)}\n`))).stderr, /more than 64 columns/);
	assert.match((await cli(dir)).stderr, /Is a directory/);
});

test('many rows: all are checked, and a worker stays as small as it was', async () => {
	const c = await consoleLogin(svc);
	const n = IS_ASAN ? 20_000 : 200_000;
	const row = (k) => `Many ${k},many${k}@cli.org,+9188${String(k).padStart(8, '0')},K${k},"a note, quoted"\n`;
	const csv = `name,email,mobile,emp_id,notes\n${Array.from({ length: n }, (_, k) => row(k)).join('')}`;
	const rss = () => Math.max(...svc.workerPids().map((p) => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${p}/status`, 'latin1'))[1])));
	await checkImport(c, csv.slice(0, 1024 * 1024));
	const before = rss();
	const i = await checkImport(c, csv);
	assert.deepEqual([i.state, i.totals.rows, i.totals.create, i.totals.error], ['checked', n, n, 0], i.problem);
	if (!IS_ASAN)
		assert.ok(rss() - before < 16 * 1024, `${rss() - before} KiB more`);
	// some of them for good, while sign-ins go on being answered
	const part = await checkImport(c, csv.slice(0, csv.indexOf('Many 5000,')));
	let slowest = 0;
	const done = commitImport(c, part.id);
	for (let isDone = false; !isDone;) {
		const t = performance.now();
		assert.equal((await svc.get('/healthz')).status, 200);
		slowest = Math.max(slowest, performance.now() - t);
		isDone = await Promise.race([done.then(() => true), new Promise((f) => { setImmediate(() => f(false)); })]);
	}
	assert.equal((await done).state, 'done');
	assert.ok(slowest < 2_000 * SLOW, `${slowest} ms`);
	assert.equal((await c.get(`/users?import=${part.id}&count=1`)).body.page.count, 5000);
});
