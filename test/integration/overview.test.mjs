// The console's first page, the hourly sums behind its charts, and /metrics.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { auditRows, consoleLogin, makeCast, setSetting, signIn, startService, waitUntil } from './harness.mjs';

const svc = await startService({ settings: { audit_seal_s: 1 }, env: { IDENTITY_TRUSTED_PROXIES: '127.0.0.1/32' } });
const cast = await makeCast(svc);
const admin = await consoleLogin(svc);
const overview = async (range = '24h') => {
	const r = await admin.get(`/overview?range=${range}`);
	assert.equal(r.status, 200, r.text);
	return r.body;
};
const metrics = async (headers = {}) => svc.get('/metrics', { headers });
const value = (text, name) => {
	const line = text.split('\n').find((l) => l.startsWith(`${name} `));
	return line === undefined ? undefined : Number(line.slice(name.length + 1));
};

test('a new installation has a list of what is still to be done', async () => {
	const o = await overview();
	const done = Object.fromEntries(o.checklist.map((c) => [c.id, c.done]));
	assert.deepEqual(done, { second_admin: false, admin_mfa: false, email_tested: false, sms_tested: false, public_url: false,
		trusted_proxies: true, application: false, backup: false });
	for (const c of o.checklist) assert.match(c.link, /^\/setup\//);
	assert.ok(o.health.every((h) => ['ok', 'warn', 'bad'].includes(h.state) && h.text.length > 0));
	assert.deepEqual([o.kpis.people, o.kpis.applications, o.kpis.active_24h >= 0], [2, 1, true]);
	assert.match(o.version, /^\d+\.\d+\.\d+/);
});

test('what happened shows as numbers', async () => {
	await signIn(svc, cast);
	for (let i = 0; i < 3; i++) await svc.post('/auth/login', { identifier: cast.user.email, password: 'wrong' }, { key: cast.key });
	await svc.get('/auth/session', { key: 'isk_nothing' });
	const last = (list) => list.at(-1);
	const o = await waitUntil(async () => {
		const x = await overview();
		const s = last(x.charts.sign_ins);
		return s.ok >= 1 && s.failed >= 3 && last(x.charts.denied).api_key_invalid >= 1 && x.charts.latency.length > 0
		    && x.kpis.sessions >= 1 && x;
	}, { timeoutMs: 90_000, what: 'sums are written' });
	assert.equal(o.charts.sign_ins.length, 24);
	assert.equal(o.kpis.active_24h, 2);	// the administrator too
	assert.ok(last(o.charts.latency).p95_ms >= last(o.charts.latency).p50_ms);
	assert.ok(o.checklist.find((c) => c.id === 'application').done);
	assert.ok(o.recent.length > 0 && o.recent.every((a) => a.event && a.at));
	assert.deepEqual((await Promise.all(['7d', '30d', '90d'].map(overview))).map((x) => x.charts.sign_ins.length), [28, 30, 90]);
	assert.equal((await admin.get('/overview?range=1y')).status, 422);
});

test('counting a large directory is not done at every look', async () => {
	await svc.db.query(`update overview_count set took = interval '1 hour'`);
	const people = (await overview()).kpis.people;
	await svc.db.query(`insert into person (name) values ('Somebody New')`);
	assert.equal((await overview()).kpis.people, people);
	await svc.db.query(`update overview_count set took = interval '0', at = now() - interval '1 minute'`);
	assert.equal((await overview()).kpis.people, people + 1);
});

test('metrics are well-formed and say what happened', async () => {
	const r = await metrics();
	assert.equal(r.status, 200, r.text);
	assert.match(r.headers['content-type'], /^text\/plain; version=0\.0\.4/);
	const seen = new Set(), typed = new Set();
	for (const line of r.text.trimEnd().split('\n')) {
		const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram|summary)$/.exec(line);
		if (type) {
			assert.ok(!typed.has(type[1]), `${type[1]} twice`);
			typed.add(type[1]);
		}
		if (line.startsWith('#')) continue;
		const m = /^([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+$/.exec(line);
		assert.ok(m, line);
		assert.ok(typed.has(m[1].replace(/_(bucket|sum|count)$/, '')) || typed.has(m[1]), `${m[1]} has no type`);
		assert.ok(!seen.has(m[1] + (m[2] ?? '')), `${line} twice`);
		seen.add(m[1] + (m[2] ?? ''));
		assert.doesNotMatch(line, /127\.0\.0\.1|@example|[0-9a-f]{8}-/);
	}
	const t = r.text;
	assert.ok(value(t, 'identityd_sign_ins_total{method="password",result="ok"}') >= 1);
	assert.ok(value(t, 'identityd_sign_ins_total{method="",result="wrong_password"}') >= 3);
	assert.ok(value(t, 'identityd_denied_requests_total{reason="api_key_invalid"}') >= 1);
	assert.ok(value(t, 'identityd_http_requests_total{route="session",method="GET",code="401"}') >= 1);
	assert.equal(value(t, 'identityd_sessions_active') >= 1, true);
	assert.ok(value(t, 'identityd_db_connections{state="ready"}') >= 1);
	const query = (kind) => value(t, `identityd_db_query_duration_seconds_${kind}{query="login_begin"}`);
	assert.ok(query('count') >= 4 && query('sum') > 0 && query('sum') < 60, `${query('count')} ${query('sum')}`);
});

test('what the processes use', async () => {
	// Each worker tells once a second.
	const t = await waitUntil(async () => {
		const { text } = await metrics();
		return value(text, 'process_cpu_seconds_total') > 0 && text;
	}, { timeoutMs: 30_000, what: 'the workers have told' });
	const rss = svc.workerPids().map((pid) => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))[1]));
	const memory = value(t, 'process_resident_memory_bytes');
	assert.ok(memory > Math.max(...rss) / 2 && memory < 2 * rss.reduce((a, b) => a + b, 0), `${memory} and ${rss}`);
	assert.ok(value(t, 'process_open_fds') > 3 * svc.workerPids().length);
	assert.ok(Math.abs(value(t, 'process_start_time_seconds') - Date.now() / 1000) < 600);
	const cpu = value(t, 'process_cpu_seconds_total');
	assert.ok(cpu < 600);
	await waitUntil(async () => {
		for (let i = 0; i < 20; i++) await svc.get('/healthz');
		return value((await metrics()).text, 'process_cpu_seconds_total') > cpu;
	}, { timeoutMs: 30_000, what: 'work shows' });
});

test('counts of all workers are one', async () => {
	const name = 'identityd_http_requests_total{route="health",method="GET",code="200"}';
	const before = value((await metrics()).text, name) ?? 0;
	await Promise.all(Array.from({ length: 40 }, () => svc.get('/healthz', { agent: false })));
	const after = await Promise.all(Array.from({ length: 8 }, async () => value((await metrics()).text, name)));
	assert.deepEqual(new Set(after), new Set([before + 40]));
});

test('metrics are for the addresses of the setting', async () => {
	const far = { 'x-forwarded-for': '203.0.113.9' };
	const r = await metrics(far);
	assert.deepEqual([r.status, r.body.code], [403, 'ip_not_allowed']);
	await setSetting(svc.db, 'metrics_allow', ['203.0.113.0/24']);
	assert.equal((await metrics(far)).status, 200);
	assert.equal((await metrics()).status, 403);
});

test('guesses at codes are told once an hour: overview, log, audit', async () => {
	const own = await startService();
	const { db } = own;
	const { app, user } = await makeCast(own);
	// One in six is mistyped: what an honest hour looks like.
	const hour = (n, attempts, isUsed) => db.query(`
		insert into challenge (id, person_id, application_id, purpose, channel, destination, code_mac, max_attempts, attempts, expires_at, used_at, ended_at)
		select uuid_v7(), '${user.auth_user_id}', '${app.id}', 'sign_in', 'email', 'x@example.org', sha256('x'), 5, ${attempts}, now(),
		    case when ${isUsed} then now() end, case when not ${isUsed} then now() end
		from generate_series(1, ${n})`);
	await hour(60, 2, true);
	const guessed = async () => (await db.rows('select wrong::int4, used::int4, is_odd from codes_of_hour()'))[0];
	assert.deepEqual(await guessed(), { wrong: 60, used: 60, is_odd: false });
	await hour(20, 5, false);
	assert.deepEqual(await guessed(), { wrong: 160, used: 60, is_odd: true });
	await own.restart();
	await own.logContains(/one-time codes are guessed: 160 wrong/, 30_000);
	await Promise.all(Array.from({ length: 4 }, () => db.query('select codes_alarm()')));
	const rows = await auditRows(db, { event: 'wrong_codes' });
	assert.deepEqual(rows.map((a) => [a.outcome, a.detail]), [['alarm', { used: 60, wrong: 160 }]]);
	const [{ health }] = await db.rows('select overview_health($1) as health', [{ db_waiting: 0, db_busy: 0, db_ready: 4, schema_version: 17, dev_otp: false }]);
	assert.equal(health.find((h) => h.id === 'codes').state, 'bad');
});
