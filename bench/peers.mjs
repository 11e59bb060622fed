// peers - this service beside others that do the same work: better-auth,
// oidc-provider, glewlwyd and slapd, on this machine, on 127.0.0.1, in one run
// of alternating rounds.  What they are set up from, and how they differ from
// their defaults, stands in bench/peers/, a file for each.
//
//	node bench/peers.mjs [--smoke]
//
// Writes the section "Peers" of bench/results.md (--smoke: prints it).  A peer
// that cannot be set up stands there with the reason.  Must not: judge by exit
// code; only errors are failures.

import { startCluster } from '../test/integration/harness_cluster.mjs';
import { TOP, teardown } from '../test/integration/harness_env.mjs';
import { CORES, median, say } from './kit.mjs';
import { othersShare, writeSection } from './results.mjs';
import { CONNECTIONS, LOGIN_CONNECTIONS, memoryMib } from './peers/shared.mjs';
import * as ours from './peers/ours.mjs';
import * as betterAuth from './peers/better_auth.mjs';
import * as oidcProvider from './peers/oidc_provider.mjs';
import * as glewlwyd from './peers/glewlwyd.mjs';
import * as slapd from './peers/slapd.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ? { rounds: 1, seconds: 2, warmSeconds: 2, loginSeconds: 4, people: 4, tokens: 40, rows: 500 } :
	{ rounds: 5, seconds: 6, warmSeconds: 15, loginSeconds: 10, people: 16, tokens: 96, rows: 100_000 };
const WORK = ['check', 'refresh', 'login'];
const TITLE = { check: 'Session check', refresh: 'Refresh', login: 'Sign-in with a password' };

// One line, without addresses and places of this machine: it is committed.
const reasonOf = (e) => e.message.replaceAll(TOP, '.').replace(/\w+:\/\/\S+/g, '(address)').replace(/\s+/g, ' ').slice(0, 400);

async function setUpAll() {
	const cluster = startCluster({ fast: false });
	const ctx = { cluster, size: SIZE };
	const services = [];
	for (const m of [ours, betterAuth, oidcProvider, glewlwyd, slapd]) {
		say(`setting up ${m.name}`);
		try {
			const s = await m.setUp(ctx);
			if (m === ours) ctx.ours = s;
			services.push({ ...s, name: m.name, runs: { check: [], refresh: [], login: [] } });
		} catch (e) {
			if (m === ours) throw e;
			say(`${m.name}: ${e.stack}`);
			services.push({ name: m.name, reason: reasonOf(e) });
		}
	}
	return services;
}

// What |fn| gives, or a run of one error: the others go on.
async function attempt(s, fn) {
	try {
		return await fn();
	} catch (e) {
		say(`${s.name}: ${e.message}`);
		return { rate: 0, p99_us: 0, errors: 1 };
	}
}

// Round 0 does not count: Node compiles what it runs often, which takes it
// seconds of processor time.
async function round(services, number) {
	for (const work of WORK) {
		for (const s of services.filter((x) => typeof x[work] === 'object' && (number > 0 || work !== 'login'))) {
			const seconds = number === 0 ? SIZE.warmSeconds : work === 'login' ? SIZE.loginSeconds : SIZE.seconds;
			const r = await attempt(s, async () => s[work].run(...s[work].prepare ? [await s[work].prepare()] : [], seconds));
			if (number === 0) continue;
			s.runs[work].push(r);
			say(`round ${number}: ${s.name}: ${work} ${r.rate.toFixed(1)}/s${r.errors > 0 ? `, ${r.errors} ERRORS` : ''}`);
		}
	}
}

// ---- the section

const whole = (n) => Math.round(n).toLocaleString('en').replaceAll(',', ' ');
const figure = (n) => (n < 1000 ? n.toFixed(1) : whole(n));
const errorsOf = (runs) => runs.reduce((n, r) => n + r.errors, 0);
// Of each round: what drifts between rounds cancels.
const ratio = (a, b) => median(a.map((r, i) => r.rate / b[i].rate));

function workTable(work, services) {
	const [own] = services;
	const rows = services.filter((s) => s.runs).map((s) => {
		if (typeof s[work] === 'string') return `| ${s.name} | – | ${s[work]} | | | |`;
		const rates = s.runs[work].map((r) => r.rate);
		const isSame = s !== own && errorsOf(s.runs[work]) === 0 && (work !== 'login' || s.login.hash === own.login.hash);
		return `| ${s.name} | ${figure(median(rates))} (${figure(Math.min(...rates))}–${figure(Math.max(...rates))}) | ${s[work].what}${
			work === 'login' ? `; ${s.login.hash}` : ''} | ${whole(median(s.runs[work].map((r) => r.p99_us)))} | ${errorsOf(s.runs[work])} | ${
			isSame ? ratio(own.runs[work], s.runs[work]).toFixed(work === 'login' ? 2 : 1) : ''} |`;
	});
	return `### ${TITLE[work]}\n\n| service | a second: median (min–max) | what | p99 µs | errors | ours to it |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function targets(services, judges) {
	const [own, ...peers] = services.filter((s) => s.runs);
	const rows = [];
	const line = (work, what, list, least) => {
		const some = list.filter((s) => typeof s[work] === 'object' && errorsOf(s.runs[work]) === 0);
		const q = some.map((s) => [ratio(own.runs[work], s.runs[work]), s.name]).sort((a, b) => a[0] - b[0])[0];
		const ok = q && q[0] >= least && errorsOf(own.runs[work]) === 0;
		rows.push(`| ${what} | ${q ? `${q[0].toFixed(1)} (${q[1]})` : 'nothing to compare with'} | ≥ ${least} | ${!judges || !q ? '' : ok ? 'met' : '**missed**'} |`);
	};
	line('check', '`/auth/session` to the best peer on PostgreSQL', peers.filter((s) => s.check.onPostgres), 20);
	line('check', '`/auth/session` to slapd\'s look-up', peers.filter((s) => s.name === 'slapd'), 1);
	line('refresh', '`/auth/token/refresh` to the best peer', peers, 5);
	return `| what | ratio | target | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function report(services, share) {
	const isBusy = share > 0.2;
	const up = services.filter((s) => s.runs);
	const facts = up.map((s) => `| ${s.name} | ${s.version} | ${s.readyMib.toFixed(0)}; ${s.afterMib.toFixed(0)} | ${whole(s.readyMs)} | ${(s.bytes / 1e6).toFixed(1)} |`);
	const out = services.filter((s) => !s.runs).map((s) => `- **${s.name} was not measured**: ${s.reason}\n`);
	return `${isBusy ? `**The machine was busy with something else (${Math.round(share * 100)} %): this part judges nothing.**\n\n` : ''}${out.length ? `${out.join('')}\n` : ''}- ${SIZE.rounds} alternating rounds, after one of ${SIZE.warmSeconds} s that does not count, of ${SIZE.seconds} s (sign-in ${SIZE.loginSeconds} s), keep-alive, ${CONNECTIONS} connections (sign-in ${LOGIN_CONNECTIONS}), ${CORES} workers where a service has workers
- ${whole(SIZE.rows)} people and sessions more in each store, ${SIZE.tokens} tokens in turn; before and after, each is seen to name its person and a wrong one to be refused
- ours answers \`/auth/session\` from memory that the database keeps correct; the peers ask their store each time

${targets(services, !IS_SMOKE && !isBusy)}
${WORK.map((w) => workTable(w, services)).join('\n')}
Another password hash is another amount of work: no ratio there.

### Size

| service | version | memory ready; after the run (PSS of all its processes, MiB) | start to ready (ms) | on disk (MB) |
|---|---|---|---|---|
${facts.join('\n')}

PostgreSQL is not in the memory; slapd's includes its database, which it maps, and a thread's hashing memory is kept. On disk: our binary; npm packages with all they need, without Node; Debian packages with what they need beyond this machine's.
`;
}

async function main() {
	const share = await othersShare();
	const services = await setUpAll();
	const up = services.filter((s) => s.runs);
	for (let i = 0; i <= SIZE.rounds; i++) await round(up, i);
	for (const s of up) {
		s.afterMib = memoryMib(s.pid);
		s.runs.check.at(-1).errors += (await attempt(s, s.verify))?.errors ?? 0;
	}
	writeSection('Peers', report(services, share), IS_SMOKE);
	await teardown();
	const errors = up.flatMap((s) => WORK.map((w) => errorsOf(s.runs[w]))).reduce((a, b) => a + b, 0);
	if (errors > 0) throw new Error(`${errors} requests failed: this run does not count`);
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
