// otp - the benchmark of codes: request and verify, in pairs, while a provider
// takes every message; against pgbench's insert of one row with commit, in the
// same run on the same cluster.  Alternating rounds, median of the ratios.
//
//	node bench/otp.mjs [--smoke]
//
// Writes the section "Codes" of bench/results.md (--smoke: prints it).  Must not:
// judge by exit code; only errors are failures.

import { startCluster, newDatabase } from '../test/integration/harness_cluster.mjs';
import { teardown } from '../test/integration/harness_env.mjs';
import { setSetting, startService, waitUntil } from '../test/integration/harness_service.mjs';
import { makeCast } from '../test/integration/harness_cast.mjs';
import { CORES, buildFloor, median, pgbenchInsert, say, startBare, wrk } from './kit.mjs';
import { writeSection } from './results.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ? { rounds: 1, seconds: 2, people: 4_000 } : { rounds: 5, seconds: 6, people: 60_000 };
const CONNECTIONS = 16;
const TARGET = 0.25;

let run = 0;

async function pairs(svc, key) {
	const start = run++ * Math.floor(SIZE.people / 2 / (SIZE.rounds + 1));
	const v = await wrk({ url: svc.url, script: 'otp.lua', args: [key, SIZE.people, start], connections: CONNECTIONS, seconds: SIZE.seconds });
	return { rate: v.pairs / (v.us / 1e6), errors: v.errors, p99_us: v.p99_us };
}

async function main() {
	buildFloor();
	const cluster = startCluster({ fast: false });
	const db = await newDatabase({ cluster });
	for (const name of ['sms_hour_max', 'sms_country_hour_max', 'sms_app_hour_max']) await setSetting(db, name, 1_000_000);
	for (const name of ['sms_day_max', 'sms_country_day_max', 'sms_app_day_max', 'otp_app_hour_max']) await setSetting(db, name, 1_000_000 * (name === 'sms_app_day_max' ? 1 : 10));
	for (const name of ['sms_person_day_max', 'sms_destination_day_max']) await setSetting(db, name, 10_000);
	const svc = await startService({ db, isQuiet: true, env: { IDENTITY_WORKERS: String(CORES), IDENTITY_DEV_OTP: '1', IDENTITY_EGRESS_ALLOW: '127.0.0.0/8' } });
	const { app, key } = await makeCast(svc);
	await db.query(`with p as (
		insert into person (name, email, mobile_number)
		select 'Seed ' || i, 'seed' || i || '@example.net', '+9190' || lpad(i::text, 8, '0') from generate_series(1, $2::int) i
		returning auth_user_id)
		insert into assignment (application_id, person_id) select $1, auth_user_id from p`, [app.id, SIZE.people]);
	await db.query('analyze');
	// A provider that says yes at once.
	const stub = await startBare({ size: 11, workers: 1 });
	const doc = { name: 'stub', type: 'generic', enabled: true, method: 'GET', url: `${stub.url}/?to={to_e164}&text={message}`,
		success: { status: '2xx' } };
	const applied = await svc.cli(['provider', 'apply', '-'], { stdin: JSON.stringify(doc) });
	if (applied.code !== 0) throw new Error(applied.stderr);

	// Each connection plans its statements once.
	await pairs(svc, key);
	const runs = [];
	for (let i = 1; i <= SIZE.rounds; i++) {
		const floor = await pgbenchInsert(db, { clients: CONNECTIONS, seconds: SIZE.seconds });
		const r = await pairs(svc, key);
		runs.push({ ...r, floor, ratio: r.rate / floor });
		say(`round ${i}: ${r.rate.toFixed(0)} pairs/s, ${floor.toFixed(0)} inserts/s, ${r.errors} errors`);
	}
	// What was asked for is delivered, too, within seconds.
	await waitUntil(async () => (await db.rows(`select 1 from outbox where state in ('queued', 'sending') limit 1`)).length === 0, { timeoutMs: 60_000, what: 'the outbox is empty' });
	const [o] = await db.rows(`select count(*)::int as n, count(*) filter (where state = 'sent')::int as sent from outbox`);
	const q = median(runs.map((r) => r.ratio));
	const errors = runs.reduce((n, r) => n + r.errors, 0);
	const text = `| what | pairs a second | p99 (µs) | errors | ratio | target | |
|---|---|---|---|---|---|---|
| \`/auth/otp/request\` and \`/auth/otp/verify\`, each message sent to a stub | ${median(runs.map((r) => r.rate)).toFixed(0)} (${Math.min(...runs.map((r) => r.rate)).toFixed(0)}–${Math.max(...runs.map((r) => r.rate)).toFixed(0)}) | ${median(runs.map((r) => r.p99_us))} | ${errors} | ${q.toFixed(2)} of pgbench's one-row insert (${median(runs.map((r) => r.floor)).toFixed(0)}) | ≥ ${TARGET} | ${IS_SMOKE ? '' : q >= TARGET && errors === 0 ? 'met' : '**missed**'} |

${o.sent} of ${o.n} messages were delivered. A pair is four transactions of the service: the person is read, the code is made, it
is tried and opens a session, its message is reported as sent; pgbench's is one.
`;
	writeSection('Codes', text, IS_SMOKE);
	await teardown();
	if (errors > 0) throw new Error(`${errors} requests failed: this run does not count`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
