// POST /auth/token/refresh: exactly one successor, lost answers, theft.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { auditRows, makeApp, makeCast, makeKey, makeUser, setSetting, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService();
const { app, key, user } = await makeCast(svc);
const refresh = (token, { body, ...o } = {}) => svc.post('/auth/token/refresh', { refresh_token: token, ...body }, { key, ...o });
const session = (token) => svc.get('/auth/session', { key, token });
const sha256 = (s) => createHash('sha256').update(s).digest();
// Time passes: every token of |sid| that was spent was spent |s| seconds earlier.
const pass = (sid, s = 11) => svc.db.query('update refresh_token set spent_at = spent_at - make_interval(secs => $2) where session_id = $1', [sid, s]);

test('a new pair for the old one, and a longer session', async () => {
	const t = await signIn(svc, { key, user }, { body: { device_id: 'phone-7', device_name: 'Phone' } });
	await session(t.access_token);	// its answer is remembered from here on
	await svc.db.query(`update session set expires_at = now() + interval '1 minute', last_seen_at = now() - interval '1 hour' where id = $1`, [t.session.id]);
	const r = await refresh(t.refresh_token, { body: { client_ip: '203.0.113.5', client_user_agent: 'App/2' } });
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['cache-control'], /no-store/);
	const n = r.body;
	assert.deepEqual(Object.keys(n), Object.keys(t));
	assert.match(n.refresh_token, /^isr_[A-Za-z0-9_-]{43}$/);
	assert.notEqual(n.refresh_token, t.refresh_token);
	assert.notEqual(n.access_token, t.access_token);
	assert.equal(n.expires_in, 900);
	assert.ok(Math.abs(n.refresh_expires_in - 604800) <= 2, n.refresh_expires_in);
	assert.deepEqual([n.session.id, n.session.created_at], [t.session.id, t.session.created_at]);
	assert.deepEqual(n.session.device, t.session.device);
	assert.deepEqual([n.user, n.application], [t.user, t.application]);
	assert.ok(Math.abs(Date.parse(n.session.expires_at) - Date.now() - 604_800_000) < 60_000, n.session.expires_at);
	const s = await session(n.access_token);
	assert.equal(s.status, 200);
	assert.equal(s.body.session.expires_at, n.session.expires_at, 'the very next call knows the new end');
	assert.equal((await session(t.access_token)).status, 200, 'the old access token lives its own life');
	const [row] = await auditRows(svc.db, { event: 'token_refreshed', session_id: t.session.id });
	assert.deepEqual([row.subject_id, row.application_id, row.client_ip, row.user_agent], [user.auth_user_id, app.id, '203.0.113.5', 'App/2']);
	assert.deepEqual(row.detail, { retry: false, generation: 1 });
	const form = await svc.request('POST', '/auth/token/refresh', { key, form: { refresh_token: n.refresh_token } });
	assert.equal(form.status, 200, form.text);
});

test('fifty at once get one successor', async () => {
	const t = await signIn(svc, { key, user });
	const rs = await Promise.all(Array.from({ length: 50 }, () => refresh(t.refresh_token)));
	for (const r of rs) assert.equal(r.status, 200, r.text);
	assert.equal(new Set(rs.map((r) => r.body.refresh_token)).size, 1);
	assert.equal(new Set(rs.map((r) => r.body.session.expires_at)).size, 1);
	const rows = await svc.db.rows('select generation, spent_at is not null as spent from refresh_token where session_id = $1 order by generation', [t.session.id]);
	assert.deepEqual(rows, [{ generation: 1, spent: true }, { generation: 2, spent: false }]);
	assert.equal((await auditRows(svc.db, { event: 'token_refreshed', session_id: t.session.id })).filter((r) => !r.detail.retry).length, 1);
	for (const r of rs.slice(0, 5)) assert.equal((await session(r.body.access_token)).status, 200);
	assert.equal((await refresh(rs[0].body.refresh_token)).status, 200);
});

test('any node gives the same successor', async () => {
	const node2 = await startService({
		db: svc.db,
		env: { IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key`, IDENTITY_PUBLIC_URL: svc.url },
	});
	const t = await signIn(svc, { key, user });
	const [a, b] = await Promise.all([refresh(t.refresh_token), node2.post('/auth/token/refresh', { refresh_token: t.refresh_token }, { key })]);
	assert.deepEqual([a.status, b.status], [200, 200]);
	assert.equal(a.body.refresh_token, b.body.refresh_token);
	await node2.stop();
});

test('what was spent and comes back too late ends the session, everywhere at once', async () => {
	const t = await signIn(svc, { key, user });
	const n = (await refresh(t.refresh_token)).body;
	for (let i = 0; i < 6; i++) assert.equal((await session(n.access_token)).status, 200);
	await pass(t.session.id);
	const thief = await refresh(t.refresh_token, { body: { client_ip: '198.51.100.66' } });
	assert.equal(thief.status, 401, thief.text);
	assert.equal(thief.body.code, 'refresh_reused');
	assert.match(thief.headers['content-type'], /^application\/problem\+json/);
	assert.equal(thief.headers['www-authenticate'], 'Bearer error="invalid_token"');
	for (let i = 0; i < 6; i++) {
		const r = await session(n.access_token);
		assert.deepEqual([r.status, r.body.code], [401, 'session_revoked']);
	}
	assert.equal((await refresh(n.refresh_token)).body.code, 'refresh_invalid');
	assert.equal((await refresh(t.refresh_token)).body.code, 'refresh_reused', 'and says so again');
	const rows = await auditRows(svc.db, { event: 'refresh_reused', session_id: t.session.id });
	assert.deepEqual(rows.map((r) => [r.outcome, r.subject_id, r.actor_id, r.client_ip, r.request_id]),
		[['refresh_reused', user.auth_user_id, null, '198.51.100.66', thief.headers['x-request-id']]]);
	const other = await signIn(svc, { key, user });
	assert.equal((await session(other.access_token)).status, 200, 'other sessions go on');
});

test('the grace time is the platform\'s', async () => {
	const t = await signIn(svc, { key, user });
	const n = (await refresh(t.refresh_token)).body;
	await pass(t.session.id, 9);
	assert.equal((await refresh(t.refresh_token)).body.refresh_token, n.refresh_token);
	await setSetting(svc.db, 'refresh_grace_s', 2);
	await waitUntil(async () => (await refresh(t.refresh_token)).body.code === 'refresh_reused');
	await setSetting(svc.db, 'refresh_grace_s', 10);
});

test('sliding and absolute ends', async () => {
	const t = await signIn(svc, { key, user });
	await svc.db.query(`update session set absolute_expires_at = now() + interval '300 seconds', expires_at = now() + interval '300 seconds' where id = $1`, [t.session.id]);
	const n = (await refresh(t.refresh_token)).body;
	assert.ok(n.refresh_expires_in <= 300 && n.refresh_expires_in > 290, n.refresh_expires_in);
	assert.ok(n.expires_in <= 300, 'no access token outlives its session');
	await svc.db.query('update session set absolute_expires_at = now(), expires_at = now() where id = $1', [t.session.id]);
	const late = await refresh(n.refresh_token);
	assert.deepEqual([late.status, late.body.code], [401, 'refresh_expired']);
	const idle = await signIn(svc, { key, user });
	await svc.db.query('update refresh_token set expires_at = now() where session_id = $1', [idle.session.id]);
	assert.equal((await refresh(idle.refresh_token)).body.code, 'refresh_expired');
});

test('person, assignment and session are looked at again', async () => {
	const u = await makeUser(svc, { apps: [app] });
	const cast = { key, user: u };
	let t = await signIn(svc, cast);
	await svc.db.query(`update person set name = 'Renamed' where auth_user_id = $1`, [u.auth_user_id]);
	const n = (await refresh(t.refresh_token)).body;
	assert.equal(n.user.name, 'Renamed');
	await svc.db.query(`update person set status = 'disabled' where auth_user_id = $1`, [u.auth_user_id]);
	let r = await refresh(n.refresh_token);
	assert.deepEqual([r.status, r.body.code], [403, 'user_disabled']);
	await svc.db.query(`update person set status = 'active' where auth_user_id = $1`, [u.auth_user_id]);
	assert.equal((await refresh(n.refresh_token)).body.code, 'refresh_invalid', 'enabling brings no session back');
	t = await signIn(svc, cast);
	await svc.db.query('delete from assignment where person_id = $1', [u.auth_user_id]);
	r = await refresh(t.refresh_token);
	assert.deepEqual([r.status, r.body.code], [403, 'not_assigned']);
	assert.equal(r.body.detail, 'You are not allowed to access this application. Contact Administrator.');
	t = await signIn(svc, { key, user });
	await svc.post('/auth/logout', {}, { key, token: t.access_token });
	r = await refresh(t.refresh_token);
	assert.deepEqual([r.status, r.body.code], [401, 'refresh_invalid']);
	await waitUntil(async () => (await auditRows(svc.db, { event: 'refresh_refused' })).some((x) => x.outcome === 'user_disabled' && x.subject_id === u.auth_user_id));
});

test('another application\'s token, and what is none', async () => {
	const second = await makeApp(svc);
	const { key: key2 } = await makeKey(svc, second);
	const t = await signIn(svc, { key, user });
	let r = await refresh(t.refresh_token, { key: key2 });
	assert.deepEqual([r.status, r.body.code], [401, 'refresh_invalid']);
	assert.equal((await refresh(t.refresh_token)).status, 200, 'which did it no harm');
	for (const bad of [`isr_${'A'.repeat(43)}`, 'isr_short', 'x', `isr_${randomBytes(32).toString('base64url')}`]) {
		r = await refresh(bad);
		assert.deepEqual([r.status, r.body.code], [401, 'refresh_invalid'], bad);
	}
	for (const body of [{}, { refresh_token: 7 }, { refresh_token: null }, { refresh_token: 'with blanks' }, { refresh_token: t.access_token }]) {
		r = await svc.post('/auth/token/refresh', body, { key });
		assert.equal(r.status, 422, JSON.stringify(body));
		assert.deepEqual(r.body.errors.map((e) => e.field), ['refresh_token']);
	}
	assert.equal((await svc.get('/auth/token/refresh', { key })).headers.allow, 'POST');
	assert.equal((await svc.post('/auth/token/refresh', { refresh_token: t.refresh_token })).body.code, 'api_key_missing');
});

test('no token is in the log or in the database', async () => {
	const t = await signIn(svc, { key, user });
	const n = (await refresh(t.refresh_token)).body;
	await pass(t.session.id);
	await refresh(t.refresh_token);
	await waitUntil(() => svc.log.includes('/auth/token/refresh'));
	const [{ dump }] = await svc.db.rows('select string_agg(r::text, \'\') || (select string_agg(a::text, \'\') from audit a) as dump from refresh_token r');
	for (const s of [t.refresh_token, n.refresh_token, t.access_token, n.access_token]) {
		assert.ok(!svc.log.includes(s));
		assert.ok(!dump.includes(s) && !dump.includes(Buffer.from(s).toString('hex')));
	}
	assert.ok(dump.includes(sha256(n.refresh_token).toString('hex')), 'the dump is of what it should be');
});

// ---- every interleaving ----------------------------------------------------
//
// Two honest clients of one session that share its first token (A refreshes
// twice, B once), a thief who at some moment copies what A holds (S) and at a
// later one uses it (T), and time that passes beyond the grace (W, twice); in
// three worlds: no answer is lost, A's first one is, B's is.  Every order of
// these steps is run against the server and against the few lines of Family.

const WORLDS = ['', 'A', 'B'];
const STEPS = { A: 'AA', B: 'B', T: 'ST', W: 'WW' };

// All merges of the actors' steps that keep each actor's own order.
function interleavings(left) {
	const actors = Object.keys(left).filter((a) => left[a].length > 0);
	if (actors.length === 0) return [''];
	return actors.flatMap((a) => interleavings({ ...left, [a]: left[a].slice(1) }).map((rest) => left[a][0] + rest));
}

// What api.md says, said again: tokens are numbers, the successor of n is n + 1.
class Family {
	spent = [];		// per token: undefined, 'fresh' or 'late'
	ended = false;
	use(n) {
		if (this.spent[n] === 'late') {
			this.ended = true;
			return 'refresh_reused';
		}
		if (this.ended) return 'refresh_invalid';
		this.spent[n] ??= 'fresh';
		return 'ok';
	}
	pass() { this.spent = this.spent.map((s) => s && 'late'); }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

// |n| sessions of the person, as signing in makes them, without its hashing.
async function manySessions(n) {
	const tokens = Array.from({ length: n }, () => `isr_${randomBytes(32).toString('base64url')}`);
	const rows = await svc.db.rows(`with s as (
		insert into session (id, person_id, application_id, method, expires_at, absolute_expires_at)
		select gen_random_uuid(), $1, $2, 'password', now() + interval '1 day', now() + interval '1 day'
		from generate_series(1, $3) returning id), n as (select id, row_number() over () as no from s)
		insert into refresh_token (hash, session_id, generation, expires_at)
		select t.hash, n.id, 1, now() + interval '1 day' from n
		join unnest($4::bytea[]) with ordinality t (hash, no) using (no) returning hash, session_id`,
	[user.auth_user_id, app.id, n, tokens.map(sha256)]);
	const of = new Map(rows.map((r) => [r.hash.toString('hex'), r.session_id]));
	return tokens.map((token) => ({ token, id: of.get(sha256(token).toString('hex')) }));
}

// One order of steps in one world; throws where the server differs.
async function play(order, world, first) {
	const family = new Family();
	const text = [first.token];	// of token number n
	const holds = { A: 0, B: 0, T: null };
	const isLost = { A: world === 'A', B: world === 'B', T: false };
	const trace = [];
	const use = async (who) => {
		const n = holds[who];
		const want = family.use(n);
		const r = await refresh(text[n], { agent });
		trace.push(`${who}${n}:${r.status === 200 ? 'ok' : r.body.code}`);
		assert.equal(r.status === 200 ? 'ok' : r.body.code, want, `${order}/${world}: ${trace.join(' ')}`);
		if (want !== 'ok') return;
		text[n + 1] ??= r.body.refresh_token;
		assert.equal(r.body.refresh_token, text[n + 1], `${order}/${world}: another successor, ${trace.join(' ')}`);
		if (isLost[who]) isLost[who] = false;	// it was, and is asked for again later
		else holds[who] = n + 1;
	};
	const wait = async () => {
		family.pass();
		trace.push('W');
		await pass(first.id);
	};
	for (const step of order) {
		if (step === 'W') await wait();
		else if (step === 'S') holds.T = holds.A;
		else await use(step);
	}
	const live = await svc.db.rows('select from refresh_token where session_id = $1 and spent_at is null', [first.id]);
	assert.ok(live.length === 1, `${order}/${world}: ${live.length} live tokens`);
	assert.equal(new Set(text).size, text.length);
	const honest = !family.ended;
	// Whoever holds what, if thief and victim both go on, the thief is found.
	for (const who of ['A', 'T', 'A']) {
		await wait();
		await use(who);
	}
	assert.ok(family.ended);
	const [s] = await svc.db.rows('select revoke_reason from session where id = $1', [first.id]);
	assert.equal(s.revoke_reason, 'refresh_reused', `${order}/${world}: ${trace.join(' ')}`);
	return honest;
}

test('every interleaving of two clients, a lost answer and a thief', async () => {
	const orders = interleavings(STEPS);
	assert.equal(orders.length, 630);	// 7! / (2! 1! 2! 2!)
	assert.equal(new Set(orders).size, 630);
	const runs = orders.flatMap((order) => WORLDS.map((world) => ({ order, world })));
	const sessions = await manySessions(runs.length);
	let next = 0;
	let alive = 0;
	await Promise.all(Array.from({ length: 8 }, async () => {
		while (next < runs.length) {
			const i = next++;
			if (await play(runs[i].order, runs[i].world, sessions[i])) alive++;
		}
	}));
	assert.ok(alive > 0 && alive < runs.length, `${alive} of ${runs.length} lived to the epilogue`);
	const [{ n }] = await svc.db.rows('select count(*)::int as n from audit where event = \'refresh_reused\' and session_id = any($1)', [sessions.map((s) => s.id)]);
	assert.equal(n, runs.length, 'one audit row for each theft');
	agent.destroy();
});

test('without a thief nobody is logged out while retries come in time', async () => {
	const orders = interleavings({ A: 'AAA', B: 'BBB' });
	const runs = orders.flatMap((order) => WORLDS.map((world) => ({ order, world })));
	const sessions = await manySessions(runs.length);
	const keep = new http.Agent({ keepAlive: true, maxSockets: 8 });
	for (const [i, { order, world }] of runs.entries()) {
		const holds = { A: sessions[i].token, B: sessions[i].token };
		let isLost = world;
		for (const who of order) {
			const r = await refresh(holds[who], { agent: keep });
			assert.equal(r.status, 200, `${order}/${world}: ${r.text}`);
			if (isLost === who) isLost = '';
			else holds[who] = r.body.refresh_token;
		}
	}
	keep.destroy();
});
