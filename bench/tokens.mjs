// tokens - the benchmark of what runs all day: sessions asked for, warm and not
// in memory, tokens refreshed; each with a thousand and with a million people
// and sessions, side by side; and sessions while sign-ins arrive at ten times
// what the machine can hash.  Alternating rounds, medians of each round's ratio.
//
//	node bench/tokens.mjs [--smoke]
//
// Writes the section "Tokens" of bench/results.md (--smoke: prints it).  Must not:
// judge by exit code; only errors are failures.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { startCluster, newDatabase } from '../test/integration/harness_cluster.mjs';
import { onExit, teardown, tempDir } from '../test/integration/harness_env.mjs';
import { startService } from '../test/integration/harness_service.mjs';
import { makeCast, signIn } from '../test/integration/harness_cast.mjs';
import { CORES, OUT, buildFloor, median, pgbenchInsert, rawRequest, requestFile, say, startBare, wrk } from './kit.mjs';
import { writeSection } from './results.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ? { rounds: 1, seconds: 1, tokens: 36, small: 100, large: 2_000 } :
	{ rounds: 5, seconds: 5, tokens: 96, small: 1_000, large: 1_000_000 };
const CONNECTIONS = 32;
const FLOOD_CONNECTIONS = 64;

// A service of its own with |n| people and as many live sessions.
async function install(cluster, n) {
	const db = await newDatabase({ cluster });
	const svc = await startService({ db, isQuiet: true, env: { IDENTITY_WORKERS: String(CORES) } });
	const cast = await makeCast(svc);
	say(`${n} people and sessions`);
	await db.query(`with p as (
		insert into person (name, email, password_hash)
		select 'Seed ' || i, 'seed' || i || '@example.net', p.password_hash
		from generate_series(1, $2::int) i, person p where p.auth_user_id = $3
		returning auth_user_id), a as (
		insert into assignment (application_id, person_id) select $1, auth_user_id from p)
		insert into session (person_id, application_id, method, expires_at, absolute_expires_at)
		select auth_user_id, $1, 'password', now() + interval '7 days', now() + interval '30 days' from p`, [cast.app.id, n, cast.user.auth_user_id]);
	await db.query('vacuum analyze');
	const tokens = [];
	for (let i = 0; i < SIZE.tokens; i++) tokens.push(await signIn(svc, cast));
	const dir = tempDir('tokens');
	const key = `X-Auth-Service-Key: ${cast.key}`;
	const w = { n, db, svc, cast, spent: path.join(dir, 'refresh'),
		sessions: requestFile('sessions', tokens.map((t) => rawRequest('GET', '/auth/session', [key, `Authorization: Bearer ${t.access_token}`]))) };
	fs.writeFileSync(w.spent, tokens.map((t) => `${t.refresh_token}\n`).join(''));
	w.bytes = (await svc.get('/auth/session', { key: cast.key, token: tokens[0].access_token })).text.length;
	return w;
}

const rate = (r) => r.requests / (r.us / 1e6);
const plainErrors = (r) => r.connect + r.read + r.write + r.timeout + r.status;

async function ask(url, file, seconds = SIZE.seconds) {
	const r = await wrk({ url, script: 'requests.lua', args: [file], connections: CONNECTIONS, seconds });
	return { rate: rate(r), p99: r.p99_us, requests: r.requests, errors: plainErrors(r) };
}

// The last second's may be missing.
async function transactions(db) {
	return Number((await db.rows('select xact_commit as n from pg_stat_database where datname = current_database()'))[0].n);
}

// A node that does not hear of changes uses nothing that it keeps in memory:
// its line is ended, and the server takes no new one meanwhile.
async function askCold(w) {
	const before = await transactions(w.db);
	const [line] = await w.db.rows("select pid from pg_stat_activity where datname = current_database() and (query = 'select 1' or query like 'listen %')");
	const postmaster = Number(fs.readFileSync(path.join(w.db.cluster.dir, 'data/postmaster.pid'), 'latin1').split('\n')[0]);
	const goOn = () => { try { process.kill(postmaster, 'SIGCONT'); } catch { /* ended */ } };
	onExit(goOn);
	process.kill(postmaster, 'SIGSTOP');
	let r;
	try {
		process.kill(line.pid, 'SIGTERM');
		await new Promise((go) => { setTimeout(go, 1500); });
		r = await ask(w.svc.url, w.sessions, Math.max(3, SIZE.seconds));
	} finally {
		goOn();
	}
	const each = (await transactions(w.db) - before) / r.requests;
	if (each < 0.5) throw new Error(`${each.toFixed(2)} transactions for a request: it was answered from memory`);
	return r;
}

async function refresh(w) {
	const r = await wrk({ url: w.svc.url, script: 'refresh.lua', args: ['/auth/token/refresh', w.spent, 'json', 'X-Auth-Service-Key', w.cast.key], connections: 16, seconds: SIZE.seconds });
	return { rate: rate(r), p99: r.p99_us, errors: r.errors };
}

// Fresh refresh tokens for a round: the last one has spent them.
async function freshTokens(w) {
	const tokens = [];
	for (let i = 0; i < SIZE.tokens; i++) tokens.push((await signIn(w.svc, w.cast)).refresh_token);
	fs.writeFileSync(w.spent, tokens.map((t) => `${t}\n`).join(''));
}

async function flood(w, perSecond) {
	const pause = Math.round(FLOOD_CONNECTIONS / (10 * perSecond) * 1000);
	const storm = wrk({ url: w.svc.url, script: 'flood.lua', args: [w.cast.key, Math.min(w.n, 10_000), w.cast.user.password, pause],
		connections: FLOOD_CONNECTIONS, seconds: SIZE.seconds + 2 });
	await new Promise((go) => { setTimeout(go, 1000); });
	const r = await ask(w.svc.url, w.sessions);
	return { ...r, storm: await storm };
}

const whole = (n) => Math.round(n).toLocaleString('en').replaceAll(',', ' ');

async function main() {
	buildFloor();
	const cluster = startCluster({ fast: false });
	const small = await install(cluster, SIZE.small);
	const large = await install(cluster, SIZE.large);
	await large.db.query('create table bench_row (id int4 primary key, a int4, b text)');
	await large.db.query(`insert into bench_row select i, i, 'a row of some bytes' from generate_series(1, ${SIZE.large}) i`);
	await large.db.query('vacuum analyze bench_row');
	const bare = await startBare({ size: large.bytes, databaseUrl: large.db.url, rows: SIZE.large });
	const query = requestFile('query', [rawRequest('GET', '/query', [])]);
	const hashes = Number(execFileSync(path.join(OUT, 'bench_argon2'), [String(CORES), '2'], { encoding: 'utf8' }));

	const rounds = [];
	for (let i = 1; i <= SIZE.rounds; i++) {
		const r = { insert: await pgbenchInsert(large.db, { clients: 16, seconds: SIZE.seconds }), query: await ask(bare.url, query) };
		for (const [name, w] of [['small', small], ['large', large]]) {
			if (i > 1) await freshTokens(w);
			r[name] = { warm: await ask(w.svc.url, w.sessions), cold: await askCold(w), refresh: await refresh(w) };
		}
		r.flood = await flood(large, hashes);
		rounds.push(r);
		const said = (x) => `${x.rate.toFixed(0)}${x.errors > 0 ? ` (${x.errors} errors)` : ''}`;
		say(`round ${i}: bare query ${said(r.query)}, insert ${r.insert.toFixed(0)}; ` +
			['small', 'large'].map((k) => `${k}: warm ${said(r[k].warm)}, cold ${said(r[k].cold)}, refresh ${said(r[k].refresh)}`).join('; ') +
			`; in a flood ${said(r.flood)}`);
	}
	const of = (f) => median(rounds.map(f));
	const errors = rounds.flatMap((r) => [r.query, r.flood, ...['small', 'large'].flatMap((k) => Object.values(r[k]))]).reduce((n, x) => n + x.errors, 0)
		+ rounds.reduce((n, r) => n + r.flood.storm.bad, 0);
	const judge = (ok) => (IS_SMOKE ? '' : ok && errors === 0 ? 'met' : '**missed**');
	const rows = [];
	const line = (what, value, ratio, target, ok) => rows.push(`| ${what} | ${whole(value)} | ${ratio} | ${target} | ${judge(ok)} |`);
	const cold = of((r) => r.large.cold.rate / r.query.rate);
	const fresh = of((r) => r.large.refresh.rate / r.insert);
	const share = of((r) => r.flood.rate / (r.large.warm.rate / 2));
	const slow = of((r) => r.flood.p99 / r.large.warm.p99);
	line('`/auth/session`, not in memory', of((r) => r.large.cold.rate), `${cold.toFixed(2)} of bare Kore with one query (${whole(of((r) => r.query.rate))})`, '≥ 0.60', cold >= 0.6);
	line('`/auth/token/refresh`', of((r) => r.large.refresh.rate), `${fresh.toFixed(2)} of pgbench's one-row insert (${whole(of((r) => r.insert))})`, '≥ 0.50', fresh >= 0.5);
	line('`/auth/session` while sign-ins come at ten times the hashing limit', of((r) => r.flood.rate), `${share.toFixed(2)} of half its quiet rate, its fair share beside as many hashing threads`, '≥ 0.80', share >= 0.8);
	line('its p99 then (µs)', of((r) => r.flood.p99), `${slow.toFixed(2)} of the quiet one`, '≤ 2', slow <= 2);
	for (const [key, what] of [['warm', '`/auth/session`'], ['cold', '`/auth/session`, not in memory'], ['refresh', '`/auth/token/refresh`']]) {
		const growth = of((r) => r.large[key].rate / r.small[key].rate);
		line(`${what} with ${whole(SIZE.large)} people and sessions`, of((r) => r.large[key].rate), `${growth.toFixed(2)} of that with ${whole(SIZE.small)}`, '≥ 0.90', growth >= 0.9);
	}
	const storm = rounds.map((r) => r.flood.storm);
	const text = `| what | a second | ratio | target | |
|---|---|---|---|---|
${rows.join('\n')}

${SIZE.rounds} alternating rounds of ${SIZE.seconds} s, ${CONNECTIONS} connections, ${errors} errors. In the flood, ${whole(median(storm.map((s) => s.good / (s.us / 1e6))))} sign-ins a second
were answered with tokens and ${whole(median(storm.map((s) => s.busy / (s.us / 1e6))))} with 503; this machine hashes ${whole(hashes)}.
`;
	writeSection('Tokens', text, IS_SMOKE);
	await teardown();
	if (errors > 0) throw new Error(`${errors} requests failed: this run does not count`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
