// people_list - lists, search, bulk actions and the export of the directory,
// over a few thousand people.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeApp, startService } from './harness.mjs';

const svc = await startService();
const app = await makeApp(svc, { name: 'Payroll' });
const c = await consoleLogin(svc, { name: 'Zed Admin' });
await svc.db.query('update console_session set step_up_at = clock_timestamp()');
await svc.db.query(`insert into person (name, email, mobile_number, emp_id, status, mfa_enabled, is_admin)
	select 'Person ' || lpad(i::text, 4, '0') || case when i % 50 = 0 then ' Okonkwo' else '' end, 'list' || i || '@example.net',
	'+9170000' || lpad((i * 7919 % 100000)::text, 5, '0'), 'L' || i,
	case when i % 100 = 0 then 'disabled' else 'active' end, i % 10 = 0, false from generate_series(1, 3000) i`);
await svc.db.query(`insert into assignment (application_id, person_id)
	select $1, auth_user_id from person where emp_id like 'L%' and substr(emp_id, 2)::int % 5 = 0`, [app.id]);
await svc.db.query(`insert into person_login (person_id, last_login_at)
	select auth_user_id, now() - make_interval(days => substr(emp_id, 2)::int % 400) from person where emp_id like 'L%' and substr(emp_id, 2)::int % 3 = 0`);
await svc.db.query(`update person set source = (array['cli', 'console', 'setup'])[1 + substr(emp_id, 2)::int % 4] where emp_id like 'L%'`);
await svc.db.query(`update person set import_id = '01900000-0000-7000-8000-000000000001' where emp_id like 'L%' and substr(emp_id, 2)::int % 100 = 3`);
await svc.db.query('analyze');

const code = (r, status, want) => {
	assert.equal(r.status, status, r.text);
	assert.equal(r.body.code, want);
};
const list = async (query = {}) => {
	const r = await c.get(`/users?${new URLSearchParams(query)}`);
	assert.equal(r.status, 200, r.text);
	return r.body;
};
async function all(query) {
	const rows = [];
	let cursor = null;
	for (let pages = 0; pages < 200; pages++) {
		const b = await list(cursor === null ? query : { ...query, cursor });
		rows.push(...b.data);
		assert.equal(b.page.has_more, b.page.next_cursor !== null);
		if (!b.page.has_more) return rows;
		cursor = b.page.next_cursor;
	}
	throw new Error('no end');
}
const ids = (rows) => rows.map((p) => p.auth_user_id);
const sql = async (where, order) => (await svc.db.rows(
	`select p.auth_user_id from person p left join person_login l on l.person_id = p.auth_user_id where deleted_at is null and ${where} order by ${order}`)).map((r) => r.auth_user_id);

test('every order gives everybody once, whatever the size of a page', async () => {
	const orders = {
		'sort=created&dir=desc': 'p.auth_user_id desc', 'sort=created&dir=asc': 'p.auth_user_id',
		'sort=name&dir=asc': 'lower(name), p.auth_user_id', 'sort=name&dir=desc': 'lower(name) desc, p.auth_user_id desc',
		'sort=last_login&dir=desc': "coalesce(last_login_at, '-infinity') desc, p.auth_user_id desc",
		'sort=last_login&dir=asc': "coalesce(last_login_at, '-infinity'), p.auth_user_id",
	};
	for (const [q, order] of Object.entries(orders)) {
		const query = Object.fromEntries(new URLSearchParams(q));
		assert.deepEqual(ids(await all({ ...query, limit: 200 })), await sql('true', order), q);
		assert.deepEqual(ids(await all({ ...query, limit: 7, status: 'disabled' })), await sql("status = 'disabled'", order), q);
	}
});

test('the first page is the newest fifty, with a count when asked', async () => {
	const b = await list({ count: 1 });
	assert.equal(b.data.length, 50);
	assert.deepEqual([b.page.count, b.page.count_capped, b.page.has_more], [3001, false, true]);
	assert.equal((await list()).page.count, undefined);
	assert.deepEqual(ids(b.data), (await sql('true', 'p.auth_user_id desc')).slice(0, 50));
	for (const p of b.data)
		assert.deepEqual(p.applications, Number(p.emp_id?.slice(1)) % 5 === 0 ? [{ id: app.id, name: 'Payroll' }] : [], p.emp_id);
});

test('each filter, and several', async () => {
	const cases = [
		[{ status: 'active' }, "status = 'active'"], [{ status: 'disabled' }, "status = 'disabled'"], [{ admin: 1 }, 'is_admin'],
		[{ app: app.id }, 'exists (select from assignment s where s.person_id = p.auth_user_id)'], [{ mfa: 'on' }, 'mfa_enabled'],
		[{ mfa: 'none' }, 'not mfa_enabled'], [{ mfa: 'totp' }, 'false'], [{ never: 1 }, 'last_login_at is null'],
		[{ inactive_days: 30 }, "created_at < now() - interval '30 days' and (last_login_at is null or last_login_at < now() - interval '30 days')"],
		[{ import: '01900000-0000-7000-8000-000000000000' }, 'false'], [{ source: 'cli' }, "source = 'cli'"], [{ source: 'console' }, "source = 'console'"],
		[{ source: 'setup' }, "source = 'setup'"], [{ source: 'import' }, 'import_id is not null'], [{ source: 'cli', status: 'disabled' }, "source = 'cli' and status = 'disabled'"],
		[{ status: 'disabled', mfa: 'on', app: app.id }, "status = 'disabled' and mfa_enabled and exists (select from assignment s where s.person_id = p.auth_user_id)"],
		[{ q: 'okonkwo', status: 'active' }, "name like '%Okonkwo' and status = 'active'"],
	];
	for (const [query, where] of cases) {
		const want = await sql(where, 'p.auth_user_id desc');
		assert.deepEqual(ids(await all({ ...query, limit: 199 })), want, JSON.stringify(query));
		assert.equal((await list({ ...query, count: 1 })).page.count, want.length);
	}
	const old = await svc.db.rows("update person set auth_user_id = auth_user_id where false returning 1");
	assert.deepEqual(old, []);
});

test('where somebody came from: who is added here, by the command line, by an import', async () => {
	const source = async (q) => [...new Set((await all({ ...q, limit: 200 })).map((p) => p.source))];
	for (const s of ['console', 'cli', 'import', 'setup']) assert.deepEqual(await source({ source: s }), [s]);
	assert.ok((await source({})).includes(null), 'not known of those of before');
	const made = await c.post('/users', { name: 'Made Here', email: 'made.here@example.org' });
	assert.equal(made.status, 201, made.text);
	assert.equal(made.body.source, 'console');
	assert.equal((await list({ source: 'console' })).data[0].auth_user_id, made.body.auth_user_id);
	await svc.db.query('delete from person where auth_user_id = $1', [made.body.auth_user_id]);
});

test('search: names, parts, addresses, numbers from both ends', async () => {
	const found = async (q, o = {}) => (await all({ q, limit: 50, ...o })).map((p) => p.emp_id ?? p.name);
	assert.equal((await found('Okonkwo')).length, 60);
	assert.deepEqual(await found('person 0042'), ['L42']);
	assert.deepEqual(await found('LIST77@EXAMPLE.NET'), ['L77']);
	assert.deepEqual((await found('list77@')), ['L77']);
	// a rare word finds them, all of it has to be there
	for (const q of ['list77@example.com', '0042 person', 'person 0042 okonkwo']) assert.deepEqual(await found(q), [], q);
	assert.deepEqual(await found('ze'), ['Zed Admin']);
	assert.deepEqual(await found('100%'), []);
	assert.deepEqual(await found('_'.repeat(3)), []);
	assert.deepEqual(await found("o'; drop table person; --"), []);
	const [p] = await svc.db.rows("select mobile_number from person where emp_id = 'L1234'");
	for (const q of [p.mobile_number, p.mobile_number.slice(1), p.mobile_number.slice(3), `0${p.mobile_number.slice(3)}`, p.mobile_number.slice(-5),
		`${p.mobile_number.slice(3, 8)} ${p.mobile_number.slice(8)}`])
		assert.ok((await found(q)).includes('L1234'), q);
	assert.equal((await found('700001')).every((e) => e.startsWith('L')), true);
	assert.deepEqual((await found('okonkwo', { sort: 'name' })).slice(0, 2), ['L50', 'L100']);
	assert.equal((await found('okonkwo', { sort: 'last_login' })).length, 60);
});

test('an exact hit comes first, once', async () => {
	await svc.db.query("insert into person (name, emp_id) values ('Newest of all L7', 'X1')");
	const rows = await all({ q: 'L7', limit: 20 });
	assert.equal(rows[0].emp_id, 'L7');
	assert.equal(new Set(ids(rows)).size, rows.length);
	assert.ok(rows.some((p) => p.emp_id === 'X1'));
	assert.equal((await list({ q: 'L7', status: 'disabled' })).data.some((p) => p.emp_id === 'L7'), false);
});

test('a search with more than a thousand scattered matches says where it was cut', async () => {
	await svc.db.query(`insert into person (name) select 'Aaa ' || i from generate_series(1, 5000) i`);
	const b = await list({ q: 'example.net', sort: 'name', limit: 200 });
	assert.equal(b.page.first_matches, 1000);
	assert.equal(b.data.length, 200);
	assert.equal((await all({ q: 'example.net', sort: 'name', limit: 200 })).length, 1000);
	// found among the newest: no cut
	assert.equal((await list({ q: 'aaa', limit: 200 })).page.first_matches, undefined);
	await svc.db.query("delete from person where name like 'Aaa %'");
});

test('a cursor is good for its own list only', async () => {
	const { next_cursor: cursor } = (await list({ sort: 'name', limit: 10 })).page;
	assert.equal((await list({ sort: 'name', limit: 10, cursor })).data.length, 10);
	for (const q of [{ sort: 'created' }, { sort: 'name', dir: 'desc' }, { sort: 'name', status: 'active' }, { sort: 'name', limit: 11 }])
		code(await c.get(`/users?${new URLSearchParams({ limit: 10, ...q, cursor })}`), 422, 'invalid_parameter');
	for (const bad of ['x', 'AAAA', `${cursor}A`, '%00', 'é'])
		code(await c.get(`/users?sort=name&limit=10&cursor=${encodeURIComponent(bad)}`), 422, 'invalid_parameter');
});

test('bad filters are named', async () => {
	for (const q of ['status=x', 'admin=2', 'app=x', 'mfa=x', 'never=0', 'inactive_days=0', 'inactive_days=x', 'import=1', 'source=api', 'q=a', 'limit=0', 'limit=201',
		'sort=x', 'dir=x', `q=${'x'.repeat(201)}`]) {
		const r = await c.get(`/users?${q}`);
		code(r, 422, 'invalid_parameter');
		assert.equal(r.body.errors[0].field, q.split('=')[0]);
	}
});

test('a search that takes too long is ended and says so', async () => {
	const client = new (await import('pg')).default.Client({ connectionString: svc.db.url });
	await client.connect();
	await client.query('begin');
	await client.query('lock table device in access exclusive mode');
	const started = performance.now();
	const r = c.get('/users?q=okonkwo');
	// the guard looks at no device; the search waits for the lock
	const answer = await Promise.race([r, new Promise((f) => { setTimeout(f, 20_000); })]);
	await client.query('rollback');
	await client.end();
	assert.ok(answer, 'no answer');
	code(answer, 422, 'search_too_slow');
	assert.equal(answer.body.detail, 'Search is taking long - narrow it.');
	assert.ok(performance.now() - started >= 1_500);
	// the connection is used again, with the usual limit
	assert.equal((await list({ q: 'okonkwo' })).data.length, 50);
});

test('bulk: by ids, by filter, with reasons for who was left out', async () => {
	const some = (await all({ q: 'okonkwo', status: 'active', limit: 200 })).slice(0, 5).map((p) => p.auth_user_id);
	const nobody = '01900000-0000-7000-8000-000000000000';
	const r = await c.post('/users/bulk', { action: 'disable', ids: [...some, nobody, c.admin.auth_user_id] });
	assert.equal(r.status, 200, r.text);
	assert.equal(r.body.changed, 5);
	assert.deepEqual(r.body.skipped.sort((a, b) => a.reason.localeCompare(b.reason)), [
		{ auth_user_id: nobody, reason: 'not_found' }, { auth_user_id: c.admin.auth_user_id, reason: 'not_yourself' }]);
	assert.deepEqual((await svc.db.rows('select distinct status from person where auth_user_id = any ($1)', [some])), [{ status: 'disabled' }]);
	assert.equal((await auditRows(svc.db, { event: 'user_disabled', subject_id: some[0] })).length, 1);
	const [sum] = await auditRows(svc.db, { event: 'users_changed' });
	assert.deepEqual([sum.detail.action, sum.detail.changed, sum.detail.asked], ['disable', 5, 7]);
	const again = await c.post('/users/bulk', { action: 'enable', ids: some });
	assert.equal(again.body.changed, 5);
	assert.deepEqual((await c.post('/users/bulk', { action: 'enable', ids: some.slice(0, 1) })).body.skipped, [{ auth_user_id: some[0], reason: 'unchanged' }]);

	const mfa = await c.post('/users/bulk', { action: 'require_mfa', filter: { q: 'okonkwo', mfa: 'none' } });
	const left = await list({ q: 'okonkwo', mfa: 'none', count: 1 });
	assert.deepEqual([mfa.status, left.page.count], [200, 0]);
	const had = (await list({ app: app.id, count: 1 })).page.count;
	const un = await c.post('/users/bulk', { action: 'unassign', application_id: app.id, filter: { app: app.id } });
	assert.deepEqual([un.body.changed, (await list({ app: app.id, count: 1 })).page.count], [had, 0]);
	const as = await c.post('/users/bulk', { action: 'assign', application_id: app.id, filter: { q: 'okonkwo' } });
	assert.equal(as.body.changed, 60);
	assert.equal((await c.post('/users/bulk', { action: 'sign_out', filter: { q: 'okonkwo' } })).body.changed, 0);
	const gone = await c.post('/users/bulk', { action: 'delete', ids: some });
	assert.equal(gone.body.changed, 5);
	assert.equal((await list({ q: 'okonkwo', count: 1 })).page.count, 55);
});

test('bulk: what is refused', async () => {
	const bad = [[{}, 'action'], [{ action: 'x', ids: [] }, 'action'], [{ action: 'disable' }, 'filter'], [{ action: 'disable', ids: [], filter: {} }, 'ids'],
		[{ action: 'disable', ids: ['x'] }, 'ids'], [{ action: 'assign', ids: [] }, 'application_id'], [{ action: 'disable', filter: { status: 'x' } }, 'status'],
		[{ action: 'assign', ids: [], application_id: '01900000-0000-7000-8000-000000000000' }, 'application_id']];
	for (const [body, field] of bad) {
		const r = await c.post('/users/bulk', body);
		code(r, 422, 'invalid_parameter');
		assert.ok(r.body.errors.some((e) => e.field === field), `${JSON.stringify(body)}: ${r.text}`);
	}
	await svc.db.query("insert into person (name) select 'Bulky ' || i from generate_series(1, 10001) i");
	const r = await c.post('/users/bulk', { action: 'disable', filter: { q: 'bulky' } });
	code(r, 422, 'invalid_parameter');
	assert.match(r.body.errors[0].message, /10 000/);
	await svc.db.query("delete from person where name like 'Bulky %'");
});

test('export: everybody, streamed, no formula', async () => {
	await svc.db.query(`insert into person (name, emp_id) values ('=1+1', '@x'), ('-2', '+3'), ('Comma, "quote"', 'q1')`);
	const r = await c.get('/users/export');
	assert.equal(r.status, 200);
	assert.match(r.headers['content-type'], /^text\/csv/);
	assert.match(r.headers['content-disposition'], /people\.csv/);
	const lines = r.text.trimEnd().split('\r\n');
	assert.equal(lines[0], 'auth_user_id,name,email,mobile_number,emp_id,status,mfa_enabled,is_admin,language,carrier,applications,created_at,last_login_at');
	assert.equal(lines.length - 1, (await list({ count: 1 })).page.count);
	assert.ok(lines.some((l) => l.includes(",'=1+1,,,'@x,active,false,false,")));
	assert.ok(lines.some((l) => l.includes(",'-2,,,'+3,")));
	assert.ok(lines.some((l) => l.includes(',"Comma, ""quote""",')));
	assert.ok(lines.some((l) => /,Payroll,\d{4}-/.test(l)));
	assert.equal(lines.filter((l) => /,[=+@-]/.test(l)).length, 0);
	const part = await c.get('/users/export?q=okonkwo&status=active');
	assert.equal(part.text.trimEnd().split('\r\n').length - 1, (await list({ q: 'okonkwo', status: 'active', count: 1 })).page.count);
	const rows = await auditRows(svc.db, { event: 'users_exported' });
	assert.deepEqual(rows.map((x) => x.detail.filter), [{}, { q: 'okonkwo', status: 'active' }]);
	code(await c.get('/users/export?status=x'), 422, 'invalid_parameter');
});
