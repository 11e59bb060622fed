// report - the figures of run.mjs as a section.  Pure: figures in, Markdown out.

import { median } from './kit.mjs';
import { factTable } from './results.mjs';

const rates = (s) => s.runs.map((r) => r.rate);
const p99 = (s) => median(s.runs.map((r) => r.p99_us));
const whole = (n) => Math.round(n).toLocaleString('en').replaceAll(',', ' ');
const number = (n) => (n < 1000 ? n.toFixed(1) : whole(n));
const mib = (kib) => (kib / 1024).toFixed(1);

// The ratio of each round to its own floor: what drifts between rounds cancels.
const ratio = (s, floor) => median(s.runs.map((r, i) => r.rate / floor.runs[i].rate));

export function report(r) {
	const find = (id, scheme = '') => r.list.find((s) => s.id === id && s.scheme === scheme);
	const rows = [];
	const row = (...cells) => rows.push(`| ${cells.join(' | ')} |`);
	// Hashing needs nothing but a processor: where its rate swings, somebody
	// else was at work on this machine.
	const limit = rates(find('argon2'));
	const isBusy = r.othersShare > 0.2 || Math.max(...limit) > 1.25 * Math.min(...limit);
	const judge = (ok) => (r.isSmoke || isBusy ? '' : ok ? 'met' : '**missed**');

	for (const scheme of ['HTTP', 'HTTPS']) {
		const bare = find('bare', scheme);
		const line = (s, floor, least, name) => {
			const q = ratio(s, floor);
			const errors = s.runs.reduce((n, x) => n + x.errors, 0);
			row(s.name, `${number(median(rates(s)))} (${number(Math.min(...rates(s)))}–${number(Math.max(...rates(s)))})`,
				whole(p99(s)), errors, name ? `${q.toFixed(2)} of ${name}` : '',
				least ? `≥ ${least.toFixed(2)}` : '', least ? judge(q >= least && errors === 0) : '');
		};
		line(bare, bare, null, '');
		line(find('bad key', scheme), bare, 0.8, 'bare');
		line(find('wrong address', scheme), bare, 0.8, 'bare');
		line(find('session', scheme), bare, 0.7, 'bare');
		line(find('sync', scheme), find('session', scheme), 0.5, '/auth/session');
		line(find('login', scheme), find('argon2'), 0.95, 'argon2id');
	}
	const hash = find('argon2');
	row(hash.name, `${number(median(rates(hash)))} (${number(Math.min(...rates(hash)))}–${number(Math.max(...rates(hash)))})`, '', 0, '', '', '');

	const slow = (scheme) => p99(find('session', scheme)) / p99(find('bare', scheme));
	const m = r.memory;
	const refused = r.list.filter((s) => /bad key|wrong/.test(s.id)).flatMap((s) => s.runs).reduce((n, x) => n + x.requests, 0);
	const facts = [
		['p99 of `/auth/session` against bare, HTTP', slow('HTTP').toFixed(2), '≤ 3', slow('HTTP') <= 3],
		['p99 of `/auth/session` against bare, HTTPS', slow('HTTPS').toFixed(2), '≤ 3', slow('HTTPS') <= 3],
		['audit rows for the refusals above', `${r.refusalRows} for ${whole(refused)}`, 'no row each', r.refusalRows < refused / 1000],
		['memory of a worker that is ready, before any request (PSS, MiB), bare Kore\'s', `${mib(m.idleKib)}, ${mib(m.bareKib)}`, '≤ bare + 4', m.idleKib <= m.bareKib + 4096],
		['memory of a worker after this run (MiB)', mib(m.afterKib), '≤ before + 8, plus hashing lanes', m.afterKib <= m.idleKib + 8192 + 2 * 19456],
		['start to ready on a migrated database (ms)', whole(r.readyMs), '≤ 500', r.readyMs <= 500],
		['binary (MB)', (r.binaryBytes / 1e6).toFixed(2), '≤ 4', r.binaryBytes <= 4e6],
	];
	return `${isBusy ? '**The machine was busy with something else: this part judges nothing.**\n\n' : ''}- ${r.size.rounds} alternating rounds of ${r.size.seconds} s (login and argon2id ${r.size.loginSeconds} s), keep-alive, ${r.connections} connections (login ${r.loginConnections}), ${r.cores} workers
- ${whole(r.size.sessions)} live sessions in the table, ${r.size.tokens} tokens in turn; answer of ${r.bodyBytes} bytes, bare Kore's of the same size
- the service logs every request; its log goes to /dev/null

| what | a second: median (min–max) | p99 µs | errors | ratio | target | |
|---|---|---|---|---|---|---|
${rows.join('\n')}

${factTable(facts, !r.isSmoke && !isBusy)}`;
}
