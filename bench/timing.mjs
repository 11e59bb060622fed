// timing - can people be told apart by the time that an answer takes?
// Asks /auth/login (and /auth/password/request-reset, where it is) about
// people of several classes in interleaved random order, one at a time so that
// no answer waits for another, and compares each two classes by Welch's t.
// What a stranger must not tell apart is compared; after the right password
// there is no secret.
//
//	node bench/timing.mjs [--smoke] [--samples N]
//
// Writes bench/results-timing.md (--smoke: bench/raw/timing-smoke.md).  Exits
// with 1 only when requests failed or, without --smoke, when classes differ.

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
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

// Each person fails once in a round, so that nobody has to wait: the counts
// are cleared in between, when nothing is measured.
async function measure(w, op) {
	const plan = CLASSES.flatMap(([cls]) => Array.from({ length: N }, (_, i) => ({ cls, n: 1 + (i % PEOPLE) })));
	for (let i = plan.length - 1; i > 0; i--) {
		const k = randomInt(i + 1);
		[plan[i], plan[k]] = [plan[k], plan[i]];
	}
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
	return { op, times, statuses, failed, bodies };
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
		`random order, one request at a time over one connection, ${PEOPLE} different people a class; ${os.cpus()[0].model.trim()},`,
		`${os.availableParallelism?.() ?? os.cpus().length} processors; ${Math.round(seconds)} s. \`make bench-timing\` writes this file.`, '',
		`Welch's t compares two classes; |t| up to ${T_MAX} counts as equal (p = 0.0002 for one comparison of equals).`,
		'Also shown: the times without the slowest 5 %, where the machine\'s own hiccups are gone.', '',
	];
	let worst = 0;
	for (const r of results) {
		out.push(`## ${r.op.path}`, '', '| class | n | mean ms | sd | median | 95 % | 99 % |', '|---|---:|---:|---:|---:|---:|---:|');
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
		out.push('', `Statuses: ${Object.entries(r.statuses).map(([k, v]) => `${v} times ${k}`).join(', ')}; ${r.bodies.size} kind${r.bodies.size === 1 ? '' : 's'} of body.`, '');
	}
	return { text: `${out.join('\n').trimEnd()}\n`, worst };
}

async function main() {
	const started = performance.now();
	const db = await newDatabase({ cluster: startCluster() });
	const svc = await startService({ db });
	const { app, key } = await makeCast(svc);
	const one = await makeUser(svc, { apps: [app] });
	const [{ password_hash: hash }] = await db.rows('select password_hash from person where auth_user_id = $1', [one.auth_user_id]);
	await seed(db, app, hash);
	const w = { svc, db, key };
	const results = [];
	for (const op of OPS) {
		const there = await request(svc.url + op.path, { key, body: {} });
		if (there.status === 404) continue;
		say(`${op.path}: ${N} samples of ${CLASSES.length} classes`);
		results.push(await measure(w, op));
	}
	const { text, worst } = report(results, (performance.now() - started) / 1000);
	const file = path.join(TOP, IS_SMOKE ? 'bench/raw/timing-smoke.md' : 'bench/results-timing.md');
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, text);
	process.stdout.write(text);
	await teardown();
	for (const r of results) {
		if (r.failed > 0) throw new Error(`${r.op.path}: ${r.failed} answers of another status: this run does not count`);
		if (r.bodies.size > 1) throw new Error(`${r.op.path}: the bodies differ: ${[...r.bodies].join(' ')}`);
	}
	if (!IS_SMOKE && worst > T_MAX) throw new Error(`classes differ: |t| = ${worst.toFixed(2)}`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
