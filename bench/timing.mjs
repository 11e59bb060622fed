// timing - can people be told apart by the time that an answer takes?
// Asks /auth/login (and /auth/password/request-reset, where it is) about
// people of several classes in interleaved random order, one at a time so that
// no answer waits for another, and compares each two classes by Welch's t.
// What a stranger must not tell apart is compared; after the right password
// there is no secret.
//
//	node bench/timing.mjs [--smoke] [--samples N]
//
// Each processor measures its share, pinned to it, with a service and a
// database of its own; the samples are put together at the end.
//
// Writes bench/results-timing.md (--smoke: bench/raw/timing-smoke.md).  Exits
// with 1 only when requests failed or, without --smoke, when classes differ.

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { newDatabase, startCluster } from '../test/integration/harness_cluster.mjs';
import { TOP, teardown } from '../test/integration/harness_env.mjs';
import { startService } from '../test/integration/harness_service.mjs';
import { request } from '../test/integration/harness_wire.mjs';
import { makeCast, makeUser } from '../test/integration/harness_cast.mjs';
import { compare, describe as summary } from './welch.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const given = process.argv.indexOf('--samples');
const N = given > 0 ? Number(process.argv[given + 1]) : IS_SMOKE ? 50 : 10_000;
if (!Number.isInteger(N) || N < 10) throw new Error('--samples: a number from 10 on');
// |t| over this would happen by chance once in 5 000 comparisons of equals.
const T_MAX = 3.72;
const PEOPLE = Math.min(N, 500);	// of each class
const CORES = os.availableParallelism?.() ?? os.cpus().length;
// "2/3:FILE": the second share of three, whose samples go to FILE.
const [, SHARE, SHARES, SHARE_FILE] = /^(\d+)\/(\d+):(.*)$/.exec(process.argv[process.argv.indexOf('--share') + 1] ?? '') ?? [];

const say = (text) => process.stderr.write(`timing: ${text}\n`);

// People by SQL, as many as a class needs, with the hash of a known password.
async function seed(db, app, hash) {
	const make = (cls, extra) => db.query(`with p as (
		insert into person (name, email, password_hash, status)
		select $1 || i, $1 || i || '@timing.example', ${extra.hash ? '$3' : 'null'}, '${extra.status}' from generate_series(1, $2::int) i
		returning auth_user_id)
		insert into assignment (application_id, person_id) select '${app.id}', auth_user_id from p`,
	extra.hash ? [cls, PEOPLE, hash] : [cls, PEOPLE]);
	await make('wrong', { hash: true, status: 'active' });
	await make('disabled', { hash: true, status: 'disabled' });
	await make('bare', { hash: false, status: 'active' });
	await db.query(`insert into person (name, email, password_hash) select 'far' || i, 'far' || i || '@timing.example', $2 from generate_series(1, $1::int) i`, [PEOPLE, hash]);
	// A reset writes its message for whoever has a password to forget.
	await db.query("insert into provider (name, type, is_enabled) values ('mail', 'smtp', true)");
	// One application fails here more often than any in earnest.
	await db.query("update setting set value = '0' where name in ('login_app_max', 'login_address_max')");
	await db.query('analyze');
}

const CLASSES = [
	['unknown', 'unknown'],		// nobody of that name
	['wrong', 'wrong password'],
	['disabled', 'disabled person'],
	['bare', 'no password set'],
	['far', 'not assigned'],
];

function shuffled(list) {
	for (let i = list.length - 1; i > 0; i--) {
		const k = randomInt(i + 1);
		[list[i], list[k]] = [list[k], list[i]];
	}
	return list;
}

// Each person fails once in a round, so that nobody has to wait: the counts
// are cleared in between, when nothing is measured.
async function measure(w, op) {
	const share = Math.ceil(N / SHARES);
	const plan = [];
	for (let done = 0; done < share; done += PEOPLE)
		plan.push(...shuffled(CLASSES.flatMap(([cls]) => Array.from({ length: Math.min(PEOPLE, share - done) }, (_, i) => ({ cls, n: 1 + i })))));
	const times = Object.fromEntries(CLASSES.map(([cls]) => [cls, []]));
	const statuses = {};
	const bodies = new Set();
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const pause = CLASSES.length * PEOPLE;
	let failed = 0;
	for (const [i, { cls, n }] of plan.entries()) {
		if (i % pause === 0) {
			await op.forget(w);
			if (i > 0) say(`${op.path}: ${i} of ${plan.length}`);
		}
		const started = process.hrtime.bigint();
		const r = await request(w.svc.url + op.path, { key: w.key, agent, body: op.body(`${cls}${n}@timing.example`) });
		const ms = Number(process.hrtime.bigint() - started) / 1e6;
		statuses[r.status] = (statuses[r.status] ?? 0) + 1;
		if (r.status !== op.status) failed++;
		bodies.add(op.shape(r.body));
		times[cls].push(ms);
	}
	agent.destroy();
	return { path: op.path, times, statuses, failed, bodies: [...bodies] };
}

const OPS = [
	{
		path: '/auth/login', status: 401,
		body: (identifier) => ({ identifier, password: 'not the right one, ever' }),
		shape: (b) => JSON.stringify({ ...b, request_id: '' }),
		forget: (w) => w.db.query('delete from person_login').then(() => w.db.query('delete from throttle')),
	},
	{
		path: '/auth/password/request-reset', status: 202,
		body: (identifier) => ({ identifier }),
		shape: (b) => JSON.stringify(Object.keys(b).sort()),
		forget: (w) => w.db.query('delete from throttle').then(() => w.db.query('delete from password_reset')).then(() => w.db.query('delete from outbox')),
	},
];

function report(results, seconds) {
	const out = [
		'# Timing', '',
		`Can a stranger tell by the time of an answer who is in the directory? ${N} samples a class, interleaved in`,
		`random order, one request at a time on each of ${Math.min(CORES, 4)} processors, ${PEOPLE} different people a class; ${os.cpus()[0].model.trim()},`,
		`${os.availableParallelism?.() ?? os.cpus().length} processors; ${Math.round(seconds)} s. \`make bench-timing\` writes this file.`, '',
		`Welch's t compares two classes; |t| up to ${T_MAX} counts as equal (p = 0.0002 for one comparison of equals).`,
		'Also shown: the times without the slowest 5 %, where the machine\'s own hiccups are gone.', '',
	];
	let worst = 0;
	for (const r of results) {
		out.push(`## ${r.path}`, '', '| class | n | mean ms | sd | median | 95 % | 99 % |', '|---|---:|---:|---:|---:|---:|---:|');
		for (const [cls, name] of CLASSES) {
			const s = summary(r.times[cls]);
			out.push(`| ${name} | ${s.n} | ${s.mean.toFixed(3)} | ${s.sd.toFixed(3)} | ${s.median.toFixed(3)} | ${s.p95.toFixed(3)} | ${s.p99.toFixed(3)} |`);
		}
		out.push('', '| compared | difference of means ms | t | df | p | t without the slowest 5 % | |', '|---|---:|---:|---:|---:|---:|---|');
		for (let a = 0; a < CLASSES.length; a++) {
			for (let b = a + 1; b < CLASSES.length; b++) {
				const all = compare(r.times[CLASSES[a][0]], r.times[CLASSES[b][0]]);
				const cut = compare(r.times[CLASSES[a][0]], r.times[CLASSES[b][0]], 0.05);
				worst = Math.max(worst, Math.abs(all.t), Math.abs(cut.t));
				out.push(`| ${CLASSES[a][1]}, ${CLASSES[b][1]} | ${all.difference.toFixed(4)} | ${all.t.toFixed(2)} | ${all.df.toFixed(0)} | ${all.p.toFixed(4)} | ${cut.t.toFixed(2)} | ${Math.max(Math.abs(all.t), Math.abs(cut.t)) <= T_MAX ? 'equal' : '**differ**'} |`);
			}
		}
		out.push('', `Statuses: ${Object.entries(r.statuses).map(([k, v]) => `${v} times ${k}`).join(', ')}; ${r.bodies.length} kind${r.bodies.length === 1 ? '' : 's'} of body.`, '');
	}
	return { text: `${out.join('\n').trimEnd()}\n`, worst };
}

// One share: everything of its own, samples into SHARE_FILE.
async function measureShare() {
	const db = await newDatabase({ cluster: startCluster() });
	const svc = await startService({ db });
	const { app, key } = await makeCast(svc);
	const one = await makeUser(svc, { apps: [app] });
	const [{ password_hash: hash }] = await db.rows('select password_hash from person where auth_user_id = $1', [one.auth_user_id]);
	await seed(db, app, hash);
	const w = { svc, db, key };
	const results = [];
	for (const op of OPS) {
		say(`${op.path}: share ${SHARE} of ${SHARES}, ${N} samples of ${CLASSES.length} classes in all`);
		results.push(await measure(w, op));
	}
	fs.writeFileSync(SHARE_FILE, JSON.stringify(results));
	await teardown();
}

const startShare = (i, n, file) => new Promise((resolve, reject) => {
	const p = spawn('taskset', ['-c', String(i - 1), process.execPath, ...process.argv.slice(1), '--share', `${i}/${n}:${file}`],
		{ stdio: ['ignore', 'inherit', 'inherit'] });
	p.on('error', reject);
	p.on('exit', (code) => (code === 0 ? resolve(JSON.parse(fs.readFileSync(file, 'utf8'))) : reject(new Error(`share ${i}: exit ${code}`))));
});

// The samples of all shares as if they were of one run.
function together(shares) {
	return shares[0].map((first, k) => {
		const of = shares.map((s) => s[k]);
		const statuses = {};
		for (const r of of) for (const [status, n] of Object.entries(r.statuses)) statuses[status] = (statuses[status] ?? 0) + n;
		return {
			path: first.path, statuses, failed: of.reduce((n, r) => n + r.failed, 0),
			bodies: [...new Set(of.flatMap((r) => r.bodies))],
			times: Object.fromEntries(CLASSES.map(([cls]) => [cls, of.flatMap((r) => r.times[cls])])),
		};
	});
}

async function main() {
	if (SHARE_FILE) return measureShare();
	const started = performance.now();
	const raw = path.join(TOP, 'bench/raw');
	fs.mkdirSync(raw, { recursive: true });
	const n = Math.min(CORES, 4);
	const results = together(await Promise.all(Array.from({ length: n }, (_, i) => startShare(i + 1, n, path.join(raw, `timing-share-${i + 1}.json`)))));
	const { text, worst } = report(results, (performance.now() - started) / 1000);
	fs.writeFileSync(IS_SMOKE ? path.join(raw, 'timing-smoke.md') : path.join(TOP, 'bench/results-timing.md'), text);
	process.stdout.write(text);
	for (const r of results) {
		if (r.failed > 0) throw new Error(`${r.path}: ${r.failed} answers of another status: this run does not count`);
		if (r.bodies.length > 1) throw new Error(`${r.path}: the bodies differ: ${r.bodies.join(' ')}`);
	}
	if (!IS_SMOKE && worst > T_MAX) throw new Error(`classes differ: |t| = ${worst.toFixed(2)}`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
