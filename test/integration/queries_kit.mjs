// queries_kit - runs statements of sql/queries as the service does, on one
// migrated database per test file, and holds each to its head comment.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { TOP, newDatabase, onTeardown } from './harness.mjs';

const DIR = path.join(TOP, 'sql/queries');
export const STEMS = fs.readdirSync(DIR).filter((f) => f.endsWith('.sql')).map((f) => f.slice(0, -4)).sort();
export const TEXT = Object.fromEntries(STEMS.map((s) => [s, fs.readFileSync(path.join(DIR, `${s}.sql`), 'utf8')]));
const OIDS = { uuid: 2950, text: 25, bool: 16, int4: 23, int8: 20, timestamptz: 1184, bytea: 17 };
const TYPE = '(uuid\\[\\]|text\\[\\]|int8\\[\\]|bool\\[\\]|uuid|text|int4|int8|bool|bytea|timestamptz|jsonb)';

export const db = await newDatabase();
export const pool = new pg.Pool({ connectionString: db.url, max: 55 });
onTeardown(() => pool.end());

// What the head comment of |stem| says: { params: [types], columns: [[name, type]] }.
export function head(stem) {
	const lines = TEXT[stem].split('\n');
	const text = lines.slice(0, lines.findIndex((l) => !l.startsWith('--'))).map((l) => l.slice(2)).join(' ');
	const params = [];
	for (const m of text.matchAll(/\$(\d+)\.\.\$(\d+) origin/g))
		for (let i = Number(m[1]); i <= Number(m[2]); i++) params[i - 1] = 'text';
	for (const m of text.matchAll(new RegExp(`\\$(\\d+) \\w+ ${TYPE}`, 'g'))) params[m[1] - 1] = m[2];
	const returns = /returns: (.*?)\s+rows:/.exec(text)[1].replace(/\([^)]*\)/g, '');
	const columns = [];
	let type = null;
	for (const item of returns.split(',').map((s) => s.trim()).reverse()) {
		const [name, t] = item.split(/\s+/);
		type = t?.replace('?', '') ?? type;
		columns.unshift([name, type]);
	}
	return { params, columns };
}

// Runs |stem| as the service does, prepared; checks the columns every time.
export async function run(stem, params, on = pool) {
	const r = await on.query({ name: stem, text: TEXT[stem], values: params });
	assert.deepEqual(r.fields.map((f) => [f.name, f.dataTypeID]), head(stem).columns.map(([n, t]) => [n, OIDS[t]]), stem);
	return r.rows;
}
export const run1 = async (stem, params, on) => {
	const rows = await run(stem, params, on);
	assert.equal(rows.length, 1, stem);
	return rows[0];
};

export const ORIGIN = ['req-1', '203.0.113.9', '172.18.0.2', '203.0.113.9', '198.51.100.7', 'Agent/1'];
export const NONE = [null, null, null, null, null, null];
export const hash = () => randomBytes(32);
let counter = 0;
export const nextNumber = () => ++counter;

export const makeApp = (name = `App ${++counter}`, allow = '127.0.0.1') => run1('app_create', [name, allow, ...NONE]);
export function makeUser(o = {}) {
	const n = ++counter;
	return run1('user_create', [o.name ?? `User ${n}`, o.email === undefined ? `u${n}@example.org` : o.email, o.mobile ?? null, o.empId ?? null,
		o.mfa ?? false, o.hash === undefined ? `$argon2id$${n}` : o.hash, `{${(o.apps ?? []).map((a) => a.app_id)}}`, o.isAdmin ?? false, ...NONE]);
}
export const succeed = (u, a, o = {}, on) => run('login_succeed', [u.user_id, a.app_id, o.device ?? null, o.deviceName ?? null, o.refresh ?? hash(),
	o.ttl ?? 3600, o.refreshTtl ?? 7200, o.absolute ?? 86400, 'password', o.newHash ?? null, ...(o.origin ?? ORIGIN), o.checked ?? null,
	o.notice ?? null, o.notice ? randomBytes(60) : null, o.isDev ?? false], on);
export const audits = (where, params) => db.rows(`select * from audit where ${where} order by id`, params);
export const randomId = () => '01900000-0000-7000-8000-000000000000';
export const begin = (u, a, on, o = {}) => run1('login_begin', ['email', u.email, a.app_id, ...ORIGIN, o.device ?? null, o.nobody ?? u.email.slice(0, 5), o.isBraked ?? false], on);
export const rotate = (h, next, a, o = {}) => run1('refresh_rotate', [h, next, a.app_id, o.ttl ?? 3600, o.refreshTtl ?? 7200, o.grace ?? 10, ...ORIGIN]);
// As the service makes them: limits look at recent ids only.
export const newId = () => {
	const h = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
	return `${h.slice(0, 8)}-${h.slice(8, 12)}-7${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20)}`;
};
// Parameters of a code over |channel| for otp_request and mfa_resend.
export const code = (u, a, o = {}) => [o.id ?? newId(), u.user_id, a.app_id, o.channel ?? 'email', o.to ?? u.email, o.mac ?? hash(), o.ttl ?? 300, 5,
	o.resend ?? 30, o.windowMax ?? 3, o.dayMax ?? 6, 20, newId(), Buffer.from('sealed'), ...(o.origin ?? ORIGIN)];
export const session = () => [null, null, hash(), 3600, 7200, 86400];

// At the end of a file: what its statements wrote is of the vocabulary.
export async function vocabularyHolds() {
	const def = fs.readFileSync(path.join(TOP, 'src/core/audit_event.def'), 'utf8');
	const known = new Set([...def.matchAll(/^AUDIT\(\w+,\s*"(\w+)",\s*"(\w+)"\)/gm)].map((m) => `${m[1]}/${m[2]}`));
	for (const r of await db.rows('select distinct event, category from audit'))
		assert.ok(known.has(`${r.event}/${r.category}`), `${r.event}/${r.category}`);
}
