// directory - the benchmarks of many people: a CSV file against plain COPY of
// the same rows into the same table; pages and searches of the console.
//
//	node bench/directory.mjs [--smoke] [import] [directory]
//
// Both, one after the other, when none is named: the pages are then those of
// the people that were imported.  Writes the sections "Import" and "Directory"
// of bench/results.md (--smoke: prints them).

import { startCluster } from '../test/integration/harness_cluster.mjs';
import { teardown } from '../test/integration/harness_env.mjs';
import { say } from './kit.mjs';
import { fillPeople, importPeople, measurePages } from './people.mjs';
import { factTable, othersShare, writeSection } from './results.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ? { people: 3_000, requests: 60 } : { people: 1_000_000, requests: 600 };
const whole = (n) => Math.round(n).toLocaleString('en').replaceAll(',', ' ');

async function main() {
	const named = process.argv.slice(2).filter((a) => a !== '--smoke');
	const parts = named.length > 0 ? named : ['import', 'directory'];
	const cluster = startCluster({ fast: false });
	const n = SIZE.people;
	let isBusy = await othersShare() > 0.2;
	const write = (title, facts, tail) => writeSection(title,
		`${isBusy ? '**The machine was busy with something else: this part judges nothing.**\n\n' : ''}${factTable(facts, !IS_SMOKE && !isBusy)}\n${tail}`, IS_SMOKE);
	let svc = null;
	if (parts.includes('import')) {
		const r = await importPeople({ cluster, n, say });
		({ svc } = r);
		const ratio = r.copyMs / r.importMs;
		write('Import', [[`import of ${whole(n)} people (CSV, checked and committed) against COPY into the same table`,
			`${ratio.toFixed(2)} (${(r.importMs / 1000).toFixed(1)} s, COPY ${(r.copyMs / 1000).toFixed(1)} s)`, '≥ 0.30', ratio >= 0.3]],
		'`identityd user import` on the machine of the database; COPY has the same constraints and indexes to keep.');
	}
	if (parts.includes('directory')) {
		svc ??= await fillPeople({ cluster, n, say });
		isBusy ||= await othersShare() > 0.2;
		const r = await measurePages({ svc, n, requests: SIZE.requests, say });
		write('Directory', [
			[`a page of ${whole(n)} people, p95 (ms)`, r.listMs.toFixed(1), '≤ 20', r.listMs <= 20],
			['a search among them, p95 (ms)', r.searchMs.toFixed(1), '≤ 50', r.searchMs <= 50],
		], `One connection over HTTP, ${SIZE.requests} requests each.\n\n| kind | median (ms) | p95 (ms) |\n|---|---|---|\n${
			r.kinds.map((k) => `| ${k.name} | ${k.median.toFixed(1)} | ${k.p95.toFixed(1)} |`).join('\n')}`);
	}
	await teardown();
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
