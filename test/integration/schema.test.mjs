// schema - what the database itself guarantees, whoever writes to it.
// Everything here is plain SQL on a migrated database, as an operator writes it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { newDatabase, onTeardown, waitUntil } from './harness.mjs';

const db = await newDatabase();

async function client() {
	const c = new pg.Client({ connectionString: db.url });
	await c.connect();
	onTeardown(() => c.end().catch(() => {}));
	return c;
}

const one = async (sql, params, on = db) => (await on.query(sql, params)).rows[0];

let counter = 0;
// A person by hand; |o| are columns.
function person(o = {}, on = db) {
	const row = { name: `P ${++counter}`, email: `p${counter}@example.org`, ...o };
	const names = Object.keys(row);
	return one(`insert into person (${names}) values (${names.map((_, i) => `$${i + 1}`)}) returning *`, Object.values(row), on);
}
const application = (name = `A ${++counter}`) => one('insert into application (name) values ($1) returning *', [name]);
const assign = (app, p, on = db) => on.query('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, p.auth_user_id]);
const session = (app, p, on = db) => one(`insert into session (person_id, application_id, method, expires_at, absolute_expires_at)
	values ($1, $2, 'password', now() + '1 hour', now() + '1 day') returning *`, [p.auth_user_id, app.id], on);

// The statement fails with this SQLSTATE and constraint (or P0001 message).
async function refused(promise, code, name) {
	await assert.rejects(promise, (e) => {
		assert.equal(e.code, code, `${e.code} ${e.message}`);
		if (name) assert.equal(code === 'P0001' ? e.message : e.constraint, name);
		return true;
	});
}

// What the function heard on |channel| while it ran, in order.
async function heard(channel, fn) {
	const c = await client();
	const got = [];
	c.on('notification', (n) => got.push(n.payload));
	await c.query(`listen ${channel}`);
	await fn();
	const end = `end ${++counter}`;
	await db.query('select pg_notify($1, $2)', [channel, end]);
	await waitUntil(() => got.includes(end));
	await c.end();
	return got.slice(0, got.indexOf(end));
}

const syncHash = (u) => createHash('sha256').update(JSON.stringify({
	email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: u.status,
})).digest('hex');

// ---- identifiers ----

test('uuid_v7 makes version 7 ids that begin with the time', async () => {
	const before = Date.now();
	const ids = (await db.rows('select uuid_v7()::text as id from generate_series(1, 500)')).map((r) => r.id);
	const after = Date.now();
	assert.equal(new Set(ids).size, 500);
	for (const id of ids) {
		assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		const ms = parseInt(id.replaceAll('-', '').slice(0, 12), 16);
		assert.ok(ms >= before - 1000 && ms <= after + 1000, id);
	}
});

// ---- people ----

test('sync_hash is what any client computes from the five fields', async () => {
	const control = Array.from({ length: 31 }, (_, i) => String.fromCharCode(i + 1)).join('');
	const names = [
		'Asha Rao', `control ${control} end`, 'quote " backslash \\ slash /', '\u007f del, \u0085 nel, \u2028 \u2029 separators',
		'ünïcödé ñ', '日本語 한국어', 'emoji 👩‍👩‍👧 and 𝒜', 'e\u0301 is not é', '\ufeffbom', '</script>&<>\'', 'tab\tnew\nline\r', ' ',
	];
	for (const name of names) {
		const u = await person({ name, email: null, emp_id: `E"${++counter}\\\u0001é` });
		assert.equal(u.sync_hash, syncHash(u), JSON.stringify(name));
	}
	for (const o of [{}, { email: null }, { email: 'MiXed@Example.org' }, { mobile_number: '+919876500001' },
		{ emp_id: 'null' }, { status: 'disabled' }, { email: null, mobile_number: '+12025550100', emp_id: '0' }]) {
		const u = await person(o);
		assert.equal(u.sync_hash, syncHash(u), JSON.stringify(o));
	}
});

test('a change by hand moves hash, version and time; an empty one moves no time', async () => {
	const u = await person();
	const v = await one('update person set name = $2, emp_id = $3 where email = $1 returning *', [u.email, 'Renamed', 'X-1']);
	assert.equal(v.sync_hash, syncHash(v));
	assert.notEqual(v.sync_hash, u.sync_hash);
	assert.equal(BigInt(v.version), BigInt(u.version) + 1n);
	assert.ok(v.updated_at > u.updated_at || v.changed_xid !== u.changed_xid);
	const w = await one('update person set name = name, updated_at = now() - interval \'1 year\' where auth_user_id = $1 returning *', [u.auth_user_id]);
	assert.deepEqual(w.updated_at, v.updated_at);
	assert.equal(w.changed_xid, v.changed_xid);
	const x = await one('update person set password_hash = $2 where auth_user_id = $1 returning *', [u.auth_user_id, '$argon2id$x']);
	assert.deepEqual(x.updated_at, v.updated_at, 'a password is not seen by applications');
	assert.ok(x.password_set_at);
	await refused(db.query('update person set sync_hash = $2 where auth_user_id = $1', [u.auth_user_id, 'a'.repeat(64)]), '428C9');
});

test('what a person may not be', async () => {
	const bad = [
		[{ name: '' }, 'person_name_length'], [{ name: 'n'.repeat(201) }, 'person_name_length'],
		[{ name: '👩'.repeat(101) }, 'person_name_length'],
		[{ email: 'no at' }, 'person_email_shape'], [{ email: 'a@b@c' }, 'person_email_shape'], [{ email: 'a b@c.org' }, 'person_email_shape'],
		[{ email: `a@${'b'.repeat(253)}` }, 'person_email_shape'], [{ email: '' }, 'person_email_shape'], [{ email: 'a\n@c.org' }, 'person_email_shape'],
		[{ mobile_number: '9876543210' }, 'person_mobile_number_e164'], [{ mobile_number: '+0123456789' }, 'person_mobile_number_e164'],
		[{ mobile_number: '+1234567' }, 'person_mobile_number_e164'], [{ mobile_number: '+1234567890123456' }, 'person_mobile_number_e164'],
		[{ mobile_number: '+91 98765 43210' }, 'person_mobile_number_e164'], [{ mobile_number: '+919876543210\n' }, 'person_mobile_number_e164'],
		[{ emp_id: '' }, 'person_emp_id_length'], [{ emp_id: 'e'.repeat(65) }, 'person_emp_id_length'],
		[{ status: 'gone' }, 'person_status_domain'], [{ language: 'english!' }, 'person_language_tag'],
		[{ password_hash: '' }, 'person_password_hash_length'],
		[{ deleted_at: new Date() }, 'person_deleted_is_disabled'],
	];
	for (const [o, name] of bad) await refused(person(o), '23514', name);
	await person({ name: 'n'.repeat(200), email: `${'a'.repeat(64)}@${'b'.repeat(189)}`, mobile_number: '+12345678', emp_id: 'e'.repeat(64), language: 'en-IN' });
	await person({ mobile_number: '+123456789012345' });
});

test('e-mail, mobile number and employee id are unique among the living', async () => {
	const u = await person({ email: 'Unique@Example.org', mobile_number: '+919800000001', emp_id: 'U1' });
	await refused(person({ email: 'uNIQUE@example.ORG' }), '23505', 'person_email_key');
	await refused(person({ mobile_number: '+919800000001' }), '23505', 'person_mobile_number_key');
	await refused(person({ emp_id: 'U1' }), '23505', 'person_emp_id_key');
	await person({ emp_id: 'u1' });
	await db.query('update person set status = \'disabled\' where auth_user_id = $1', [u.auth_user_id]);
	await refused(person({ email: 'unique@example.org' }), '23505', 'person_email_key');
	await db.query('update person set deleted_at = now() where auth_user_id = $1', [u.auth_user_id]);
	const v = await person({ email: 'unique@example.org', mobile_number: '+919800000001', emp_id: 'U1' });
	assert.equal(v.email, 'unique@example.org');
	await refused(db.query('update person set deleted_at = null where auth_user_id = $1', [u.auth_user_id]), '23505');
});

test('the id of a person cannot be changed', async () => {
	const u = await person();
	await refused(db.query('update person set auth_user_id = uuid_v7() where auth_user_id = $1', [u.auth_user_id]), 'P0001', 'person_id_fixed');
});

test('search finds by any part of name, e-mail, employee id and number, with its index', async () => {
	const u = await person({ name: 'Zbigniew Żółć', email: 'zz@find.example', mobile_number: '+48600700800', emp_id: 'FIND-9' });
	for (const part of ['gnie', 'żół', '@find.', 'find-9', '600700'])
		assert.equal((await one('select auth_user_id from person where deleted_at is null and search_text like \'%\' || $1 || \'%\'', [part]))?.auth_user_id, u.auth_user_id, part);
	await db.query('insert into person (name) select md5(i::text) from generate_series(1, 3000) i');
	await db.query('vacuum analyze person');
	const c = await client();
	await c.query('set enable_seqscan = off');
	const plan = JSON.stringify((await c.query('explain select auth_user_id from person where deleted_at is null and search_text like \'%gniew%\'')).rows);
	assert.match(plan, /person_search_idx/);
});

// ---- the last administrator ----

test('the last administrator stays, also when two resign at once', async () => {
	const own = await newDatabase();
	const connect = async () => {
		const c = new pg.Client({ connectionString: own.url });
		await c.connect();
		onTeardown(() => c.end());
		return c;
	};
	const [a, b] = [await connect(), await connect()];
	const [p, q] = [await person({ is_admin: true }, a), await person({ is_admin: true }, a)];
	const idle = await person({ is_admin: true, status: 'disabled' }, a);
	// Both see two administrators; the second one waits and is refused.
	await a.query('begin');
	await a.query('update person set is_admin = false where auth_user_id = $1', [p.auth_user_id]);
	const second = b.query('update person set status = \'disabled\' where auth_user_id = $1', [q.auth_user_id]);
	second.catch(() => {});
	await waitUntil(async () => (await own.rows('select from pg_locks where locktype = \'advisory\' and not granted')).length === 1);
	await a.query('commit');
	await refused(second, 'P0001', 'last_administrator');
	for (const sql of ['update person set is_admin = false', 'update person set status = \'disabled\' where is_admin',
		'update person set deleted_at = now()', 'delete from person', `delete from person where auth_user_id = '${q.auth_user_id}'`])
		await refused(a.query(sql), 'P0001', 'last_administrator');
	// A disabled administrator does not count; one that can sign in does.
	await a.query('update person set status = \'active\' where auth_user_id = $1', [idle.auth_user_id]);
	await a.query('delete from person where auth_user_id = $1', [q.auth_user_id]);
	assert.equal((await own.rows('select from person where is_admin and status = \'active\'')).length, 1);
});

// ---- applications ----

test('what an application, its list and its keys may not be', async () => {
	const app = await application('Unique Name');
	await refused(application('unique name'), '23505', 'application_name_key');
	for (const name of ['', ' x', 'x ', 'n'.repeat(101)]) await refused(application(name), '23514', 'application_name_length');
	await refused(db.query('update application set rate_per_minute = 0'), '23514', 'application_rate_range');
	const allow = (block) => db.query('insert into application_allow (application_id, block) values ($1, $2::text::cidr)', [app.id, block]);
	await allow('10.0.0.0/8');
	await allow('2001:db8::/32');
	await refused(allow('10.0.0.0/8'), '23505');
	await refused(allow('10.0.0.1/8'), '22P02');
	await refused(db.query(`insert into application_allow (application_id, block)
		select $1, ('192.168.0.' || i)::cidr from generate_series(0, 254) i`, [app.id]), 'P0001', 'application_allow_full');
	const key = (id, hash, last4) => db.query('insert into application_key (key_id, application_id, hash, last4) values ($1, $2, $3, $4)', [id, app.id, hash, last4]);
	await key('abcDEF012345', Buffer.alloc(32), 'wxyz');
	await refused(key('abcDEF01234', Buffer.alloc(32), 'wxyz'), '23514', 'application_key_id_shape');
	await refused(key('abcDEF01234-', Buffer.alloc(32), 'wxyz'), '23514', 'application_key_id_shape');
	await refused(key('abcDEF012346', Buffer.alloc(31), 'wxyz'), '23514', 'application_key_hash_length');
	await db.query('delete from application where id = $1', [app.id]);
	assert.equal((await db.rows('select from application_key where application_id = $1', [app.id])).length, 0);
});

// ---- sign-in ----

test('disabled, deleted and unassigned people lose their sessions, by hand too', async () => {
	const [app, other] = [await application(), await application()];
	const make = async () => {
		const p = await person();
		await assign(app, p);
		await assign(other, p);
		return { p, s: await session(app, p), t: await session(other, p) };
	};
	const reason = async (s) => (await one('select revoke_reason from session where id = $1', [s.id]))?.revoke_reason;
	const [x, y, z, w] = [await make(), await make(), await make(), await make()];
	await db.query('update person set status = \'disabled\' where auth_user_id = $1', [x.p.auth_user_id]);
	assert.deepEqual([await reason(x.s), await reason(x.t)], ['user_disabled', 'user_disabled']);
	await db.query('update person set deleted_at = now() where auth_user_id = $1', [y.p.auth_user_id]);
	assert.deepEqual([await reason(y.s), await reason(y.t)], ['user_deleted', 'user_deleted']);
	await db.query('delete from assignment where person_id = $1 and application_id = $2', [z.p.auth_user_id, app.id]);
	assert.deepEqual([await reason(z.s), await reason(z.t)], ['unassigned', null]);
	await db.query('delete from person where auth_user_id = $1', [w.p.auth_user_id]);
	assert.equal(await reason(w.s), undefined);
});

test('one signing key, one live challenge, one family member of a generation', async () => {
	const key = (kid, o) => db.query('insert into token_key (kid, alg, secret, is_signing, retired_at) values ($1, \'HS256\', $2, $3, $4)',
		[kid, Buffer.alloc(65), o.signing, o.retired]);
	await key('a'.repeat(16), { signing: true });
	await refused(key('b'.repeat(16), { signing: true }), '23505', 'token_key_signing_key');
	await key('b'.repeat(16), { signing: false, retired: new Date() });
	await refused(key('c'.repeat(16), { signing: true, retired: new Date() }), '23514', 'token_key_retired_signs_not');
	const p = await person();
	const challenge = (app) => db.query(`insert into challenge (person_id, application_id, purpose, channel, destination, code_mac, expires_at)
		values ($1, $2, 'sign_in', 'email', 'x@example.org', $3, now() + '5 min')`, [p.auth_user_id, app, Buffer.alloc(32)]);
	await challenge(null);
	await refused(challenge(null), '23505', 'challenge_live_key');
	await challenge((await application()).id);
	await db.query('update challenge set ended_at = now() where person_id = $1', [p.auth_user_id]);
	await challenge(null);
});

test('settings keep their kind and bounds', async () => {
	for (const r of await db.rows('select name, kind, default_value, description from setting')) {
		assert.match(r.name, /^[a-z][a-z0-9_]+$/);
		assert.ok(r.description.length > 3);
	}
	const set = (name, value) => db.query('update setting set value = $2::jsonb where name = $1', [name, JSON.stringify(value)]);
	for (const [name, value] of [['access_ttl_s', 59], ['access_ttl_s', 3601], ['access_ttl_s', '900'], ['access_ttl_s', 900.5],
		['password_min_len', 7], ['default_country_code', '091'], ['default_country_code', 91], ['email_fallback', 1],
		['sms_countries', ['91', 'x']], ['sms_countries', '91'], ['token_alg', 'none'], ['brand_name', '']])
		await refused(set(name, value), '23514', 'setting_value_valid');
	await set('access_ttl_s', 60);
	await set('sms_countries', ['91', '1']);
	await set('default_country_code', '44');
	await db.query('update setting set value = null');
});

// ---- audit ----

test('the audit log takes rows and lets go of none', async () => {
	await db.query('insert into audit (event, category) values (\'service_started\', \'system\')');
	for (const sql of ['update audit set outcome = \'ok\'', 'delete from audit', 'truncate audit', 'delete from audit where false',
		'update audit_seal set n_rows = 0', 'delete from audit_seal', 'truncate audit_seal'])
		await refused(db.query(sql), 'P0001', 'audit_append_only');
	const c = await client();
	await c.query('begin');
	await c.query('select set_config(\'identity.audit_purge\', \'on\', true)');
	await refused(c.query('update audit set outcome = \'ok\''), 'P0001', 'audit_append_only');
	await c.query('rollback');
	await c.query('begin');
	await c.query('select set_config(\'identity.audit_purge\', \'on\', true)');
	assert.ok((await c.query('delete from audit')).rowCount > 0);
	await c.query('rollback');
	await refused(c.query('delete from audit'), 'P0001', 'audit_append_only');
	await refused(db.query('insert into audit (event, category) values (\'Bad Event\', \'x\')'), '23514', 'audit_event_shape');
});

// Each is found under its own name (0018_refresh), and what lies on the edge passes.
test('what a session, a refresh token and an audit row may hold', async () => {
	const app = await application();
	const p = await person();
	await assign(app, p);
	const s = await session(app, p);
	const set = (column, value) => db.query(`update session set ${column} = $2 where id = $1`, [s.id, value]);
	for (const [column, name, bad, good] of [
		['method', 'method_domain', 'magic', 'otp'], ['device_id', 'device_id_check', '', 'd'.repeat(128)],
		['device_id', 'device_id_check', 'd'.repeat(129), null], ['device_name', 'device_name_check', '', 'n'.repeat(200)],
		['device_name', 'device_name_check', 'n'.repeat(201), null], ['user_agent', 'user_agent_check', 'u'.repeat(256), 'u'.repeat(255)],
		['revoked_at', 'revoked_has_reason', new Date(), null], ['revoke_reason', 'revoked_has_reason', 'admin', null],
		['revoke_reason', 'revoke_reason_domain', 'whim', null], ['expires_at', 'expires_within', new Date(s.absolute_expires_at.getTime() + 1), s.absolute_expires_at],
	]) {
		await refused(set(column, bad), '23514', `session_${name}`);
		await set(column, good);
	}
	const hash = (n) => Buffer.alloc(n, 7);
	const token = (o) => {
		const row = { hash: hash(32), session_id: s.id, generation: 1, expires_at: new Date(), ...o };
		return db.query(`insert into refresh_token (${Object.keys(row)}) values (${Object.keys(row).map((_, i) => `$${i + 1}`)})`, Object.values(row));
	};
	await refused(token({ hash: hash(31) }), '23514', 'refresh_token_hash_length');
	await refused(token({ generation: 0 }), '23514', 'refresh_token_generation_check');
	await refused(token({ spent_at: new Date(), successor_hash: hash(33) }), '23514', 'refresh_token_successor_hash_check');
	await refused(token({ successor_hash: hash(32) }), '23514', 'refresh_token_spent_has_successor');
	await refused(token({ spent_at: new Date() }), '23514', 'refresh_token_spent_has_successor');
	await token({ spent_at: new Date(), successor_hash: hash(32) });
	const entry = (o) => {
		const row = { event: 'tested', category: 'system', ...o };
		return db.query(`insert into audit (${Object.keys(row)}) values (${Object.keys(row).map((_, i) => `$${i + 1}`)})`, Object.values(row));
	};
	for (const column of ['event', 'outcome']) {
		for (const bad of ['', 'Bad', '_a', '1a', 'a b', 'a-b', 'a\n', 'aé', 'é', `a${'b'.repeat(64)}`]) await refused(entry({ [column]: bad }), '23514', `audit_${column}_shape`);
		for (const good of ['z', 'a_0123456789', 'abcdefghijklmnopqrstuvwxyz', `a${'_'.repeat(63)}`]) await entry({ [column]: good });
	}
	for (const bad of ['', 'A', 'a1', 'a b', 'é', 'a'.repeat(33)]) await refused(entry({ category: bad }), '23514', 'audit_category_shape');
	for (const good of ['_', 'abcdefghijklmnopqrstuvwxyz_', 'a'.repeat(32)]) await entry({ category: good });
	for (const [column, n] of [['key_id', 64], ['forwarded', 255], ['user_agent', 255], ['request_id', 64]]) {
		await refused(entry({ [column]: 'x'.repeat(n + 1) }), '23514', `audit_${column}_check`);
		await entry({ [column]: 'x'.repeat(n) });
	}
	await refused(entry({ detail: JSON.stringify('x'.repeat(16383)) }), '23514', 'audit_detail_check');
	await entry({ detail: JSON.stringify('x'.repeat(16382)) });
	await refused(entry({ count: 0 }), '23514', 'audit_count_check');
});

// ---- the sync feed ----

// What an application's delta is made of (the statement of /users/sync will be
// its own): places in [from, to) of users and leavers, in order.
const DELTA = `
	select p.auth_user_id as id, 'user' as what, greatest(p.changed_xid, a.changed_xid) as place, p.name
	from assignment a join person p on p.auth_user_id = a.person_id
	where a.application_id = $1 and greatest(p.changed_xid, a.changed_xid) >= $2::xid8 and greatest(p.changed_xid, a.changed_xid) < $3::xid8
	union all
	select t.person_id, t.reason, t.changed_xid, null from assignment_tombstone t
	where t.application_id = $1 and t.changed_xid >= $2::xid8 and t.changed_xid < $3::xid8
	    and not exists (select from assignment a where a.application_id = t.application_id and a.person_id = t.person_id)
	order by place, id`;

const CUT = 'pg_snapshot_xmin(pg_current_snapshot())';

function mirror(app, cut = CUT) {
	let cursor = '0';
	const copy = new Map();
	return {
		copy,
		// One statement reads both the cut and the rows: one snapshot.
		async pull(on = db) {
			const rows = (await on.query(`with cut as materialized (select ${cut} as x)
				select d.*, cut.x::text as cut from cut left join lateral (${DELTA.replaceAll('$3::xid8', 'cut.x')}) d on true`, [app.id, cursor])).rows;
			cursor = rows[0].cut;
			for (const r of rows.filter((r) => r.id)) {
				if (r.what === 'user') copy.set(r.id, r.name);
				else copy.delete(r.id);
			}
			return rows.filter((r) => r.id).map((r) => [r.what, r.id]);
		},
	};
}

test('leavers are told once, with the reason, and come back', async () => {
	const app = await application();
	const [p, q, r] = [await person(), await person(), await person()];
	for (const x of [p, q, r]) await assign(app, x);
	const m = mirror(app);
	await waitUntil(async () => {
		await m.pull();
		return m.copy.size === 3;
	});
	await db.query('delete from assignment where person_id = $1', [p.auth_user_id]);
	await db.query('update person set deleted_at = now() where auth_user_id = $1', [q.auth_user_id]);
	await db.query('delete from person where auth_user_id = $1', [r.auth_user_id]);
	// A transaction of another test's database may hold the cut back a moment.
	const told = [];
	await waitUntil(async () => told.push(...await m.pull()) >= 3);
	assert.deepEqual(told.sort(), [['deleted', q.auth_user_id], ['deleted', r.auth_user_id], ['unassigned', p.auth_user_id]].sort());
	await assign(app, p);
	const back = [];
	await waitUntil(async () => back.push(...await m.pull()) >= 1);
	assert.deepEqual(back, [['user', p.auth_user_id]]);
	assert.deepEqual(await m.pull(), []);
	await refused(assign(app, q), 'P0001', 'person_deleted');
	await refused(db.query('update assignment set application_id = $1 where person_id = $2', [(await application()).id, p.auth_user_id]), 'P0001', 'assignment_fixed');
});

test('an edit and an assignment that do not see each other are both told', async () => {
	const app = await application();
	const p = await person();
	const m = mirror(app);
	const [a, b] = [await client(), await client()];
	// The edit begins first, is not committed, and cannot see the assignment.
	await a.query('begin isolation level repeatable read');
	await a.query('select from assignment');
	await b.query('begin');
	await assign(app, p, b);
	await b.query('commit');
	await a.query('update person set name = \'new name\' where auth_user_id = $1', [p.auth_user_id]);
	await m.pull();
	assert.notEqual(m.copy.get(p.auth_user_id), 'new name');
	await a.query('commit');
	await m.pull();
	assert.equal(m.copy.get(p.auth_user_id), 'new name');
});

// Writers commit and roll back in random order while two clients pull; gives
// how often each client's copy was wrong when all was quiet.
// The cut is the cluster's: a transaction of another test's database holds it
// back too.  True once it has passed all that was committed here before.
async function settled() {
	const [{ x }] = await db.rows('select pg_current_xact_id()::text as x');
	await waitUntil(async () => (await db.rows(`select ${CUT} > $1::xid8 as passed`, [x]))[0].passed, { timeoutMs: 30_000 });
}

async function storm(app, clients, rounds) {
	const people = [];
	for (let i = 0; i < 12; i++) people.push(await person());
	const writers = [await client(), await client(), await client()];
	let seed = 20261123;
	const rnd = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % n; };
	const wrong = clients.map(() => 0);
	for (let round = 0; round < rounds; round++) {
		const open = new Map();	// writer -> people it holds
		for (let step = 0; step < 24; step++) {
			const w = writers[rnd(3)];
			if (rnd(4) === 0) {
				for (const m of clients) await m.pull();
			} else if (!open.has(w)) {
				await w.query(rnd(2) ? 'begin' : 'begin isolation level repeatable read');
				open.set(w, new Set());
			} else if (rnd(4) === 0) {
				await w.query(rnd(4) ? 'commit' : 'rollback');
				open.delete(w);
			} else {
				const p = people[rnd(people.length)];
				// A row that another writer holds would block this thread.
				if ([...open].some(([x, held]) => x !== w && held.has(p))) continue;
				open.get(w).add(p);
				await w.query('savepoint s');
				try {
					if (rnd(2)) await w.query('update person set name = $2 where auth_user_id = $1', [p.auth_user_id, `${round}.${step}`]);
					else if (rnd(2)) await assign(app, p, w);
					else await w.query('delete from assignment where person_id = $1', [p.auth_user_id]);
				} catch {
					await w.query('rollback to s');	// a conflict, or assigned already
				}
			}
		}
		for (const w of open.keys()) await w.query('commit');
		await settled();
		const truth = new Map((await db.rows('select p.auth_user_id as id, p.name from assignment a join person p on p.auth_user_id = a.person_id where a.application_id = $1', [app.id]))
			.map((r) => [r.id, r.name]));
		for (const [i, m] of clients.entries()) {
			await m.pull();
			if (JSON.stringify([...m.copy].sort()) !== JSON.stringify([...truth].sort())) wrong[i]++;
		}
	}
	return wrong;
}

test('nothing committed is skipped, in whatever order transactions commit', async () => {
	const app = await application();
	// The second client takes all that it sees: the mistake to be avoided.
	const [right, naive] = await storm(app, [mirror(app), mirror(app, 'pg_snapshot_xmax(pg_current_snapshot())')], 40);
	assert.equal(right, 0);
	assert.ok(naive > 0, 'the storm is strong enough to find a naive cursor');
});

// ---- notifications ----

test('caches are told what changed, and nothing when nothing did', async () => {
	const app = await application();
	const p = await person();
	const u = `u:${p.auth_user_id}`;
	const tell = (sql, params) => heard('identity_change', () => db.query(sql, params));
	assert.deepEqual(await tell('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, p.auth_user_id]), [u]);
	const s = await session(app, p);
	assert.deepEqual(await tell('update session set last_seen_at = now(), expires_at = expires_at + \'1 min\' where id = $1', [s.id]), []);
	assert.deepEqual(await tell('update session set revoked_at = now(), revoke_reason = \'admin\' where id = $1', [s.id]), [`s:${s.id}`]);
	assert.deepEqual(await tell('delete from session where id = $1', [s.id]), [], 'it had ended');
	const t = await session(app, p);
	assert.deepEqual(await tell('delete from session where id = $1', [t.id]), [`s:${t.id}`]);
	assert.deepEqual(await tell('update person set name = \'New\' where auth_user_id = $1', [p.auth_user_id]), [u]);
	assert.deepEqual(await tell('update person set name = \'New\' where auth_user_id = $1', [p.auth_user_id]), []);
	assert.deepEqual(await tell('delete from assignment where person_id = $1', [p.auth_user_id]), [u]);
	assert.deepEqual(await tell('update application set is_enabled = false where id = $1', [app.id]), [`a:${app.id}`]);
	assert.deepEqual(await tell('insert into application_allow values ($1, \'10.0.0.0/8\')', [app.id]), [`a:${app.id}`]);
	assert.deepEqual(await tell('delete from application_allow where application_id = $1', [app.id]), [`a:${app.id}`]);
	const key = 'notify000001';
	assert.deepEqual(await tell('insert into application_key (key_id, application_id, hash, last4) values ($1, $2, $3, \'abcd\')', [key, app.id, Buffer.alloc(32)]), [`k:${key}`]);
	assert.deepEqual(await tell('update application_key set last_used_at = now() where key_id = $1', [key]), []);
	assert.deepEqual(await tell('update application_key set is_enabled = false where key_id = $1', [key]), [`k:${key}`]);
	assert.deepEqual(await tell('delete from application_key where key_id = $1', [key]), [`k:${key}`]);
	assert.deepEqual(await tell('update setting set value = \'600\' where name = \'access_ttl_s\''), ['g']);
	assert.deepEqual(await tell('delete from token_key'), ['g']);
	assert.deepEqual(await tell('delete from person where auth_user_id = $1', [p.auth_user_id]), [u]);
});

test('a bulk change says "*" once instead of thousands of names', async () => {
	const app = await application();
	await db.query('insert into person (name, emp_id) select \'Bulk \' || i, \'bulk-\' || i from generate_series(1, 300) i');
	const assigned = await heard('identity_change', () => db.query('insert into assignment (application_id, person_id) select $1, auth_user_id from person where emp_id like \'bulk-%\'', [app.id]));
	assert.equal(assigned.length, 65);
	assert.equal(assigned.at(-1), '*');
	assert.deepEqual(await heard('identity_change', () => db.query('update person set language = \'hi\' where emp_id like \'bulk-%\'')), ['*']);
	const few = await heard('identity_change', () => db.query('update person set language = \'en\' where emp_id in (\'bulk-1\', \'bulk-2\')'));
	assert.equal(new Set(few).size, 2);
	assert.ok(few.every((x) => x.startsWith('u:')));
	// Many statements of one transaction count together.
	const c = await client();
	const many = await heard('identity_change', async () => {
		await c.query('begin');
		for (let i = 1; i <= 80; i++) await c.query('update person set language = \'fr\' where emp_id = $1', [`bulk-${i}`]);
		await c.query('commit');
	});
	assert.equal(many.length, 65);
	assert.equal(many.at(-1), '*');
	// What was rolled back was neither told nor counted.
	const back = await heard('identity_change', async () => {
		await c.query('begin');
		await c.query('savepoint s');
		await c.query('update person set language = \'de\' where emp_id like \'bulk-%\'');
		await c.query('rollback to s');
		await c.query('update person set language = \'de\' where emp_id = \'bulk-7\'');
		await c.query('commit');
	});
	assert.equal(back.length, 1);
	assert.match(back[0], /^u:/);
});

test('a change from a session with another search path counts as any other', async () => {
	const c = await client();
	await c.query('set search_path = \'\'');
	const app = await application();
	const p = await person();
	const told = await heard('identity_change', async () => {
		await c.query('insert into public.assignment (application_id, person_id) values ($1, $2)', [app.id, p.auth_user_id]);
		await c.query('update public.person set name = \'Elsewhere\', status = \'disabled\' where auth_user_id = $1', [p.auth_user_id]);
		await c.query('update public.setting set value = null');
		await c.query('delete from public.assignment where person_id = $1', [p.auth_user_id]);
	});
	assert.deepEqual(told, [`u:${p.auth_user_id}`, `u:${p.auth_user_id}`, 'g', `u:${p.auth_user_id}`]);
	const u = await one('select * from person where auth_user_id = $1', [p.auth_user_id]);
	assert.equal(u.sync_hash, syncHash(u));
	const epoch = async () => (await one('select epoch from sync_feed')).epoch;
	const before = await epoch();
	assert.deepEqual(await heard('identity_change', () => db.query('truncate assignment')), ['*']);
	assert.notEqual(await epoch(), before, 'clients start afresh');
});

test('applications that wait for changes are woken', async () => {
	const [app, other] = [await application(), await application()];
	const [p, stranger] = [await person(), await person()];
	const told = (sql, params) => heard('identity_feed', () => db.query(sql, params));
	assert.deepEqual(await told('insert into assignment (application_id, person_id) values ($1, $2)', [app.id, p.auth_user_id]), [app.id]);
	assert.deepEqual(await told('update person set name = \'Woken\' where auth_user_id = $1', [p.auth_user_id]), [app.id]);
	assert.deepEqual(await told('update person set name = \'Unseen\' where auth_user_id = $1', [stranger.auth_user_id]), []);
	await assign(other, p);
	assert.deepEqual((await told('update person set name = \'Both\' where auth_user_id = $1', [p.auth_user_id])).sort(), [app.id, other.id].sort());
	assert.deepEqual(await told('delete from assignment where application_id = $1', [app.id]), [app.id]);
	assert.deepEqual(await told('update person set password_hash = \'x\' where auth_user_id = $1', [p.auth_user_id]), []);
});
