// copies - the benchmark of /users/sync: snapshots of all people against COPY
// of the same JSON, alternating; what calls that wait cost; the hash over all.
//
//	node bench/copies.mjs [--smoke]
//
// Writes the section "Copies" of bench/results.md (--smoke: prints it).

import fs from 'node:fs';
import { startCluster, newDatabase } from '../test/integration/harness_cluster.mjs';
import { teardown } from '../test/integration/harness_env.mjs';
import { startService } from '../test/integration/harness_service.mjs';
import { CORES, median, say } from './kit.mjs';
import { factTable, othersShare, writeSection } from './results.mjs';
import { copyFloor, seedMirror, setHash, snapshot, waitingCalls } from './sync.mjs';

const IS_SMOKE = process.argv.includes('--smoke');
const SIZE = IS_SMOKE ? { people: 3_000, rounds: 2, waiting: 200 } : { people: 1_000_000, rounds: 3, waiting: 4_000 };
const whole = (n) => Math.round(n).toLocaleString('en').replaceAll(',', ' ');
const mib = (kib) => (kib / 1024).toFixed(1);
const pssKib = (pid) => Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1]);

async function main() {
	const others = await othersShare();
	const db = await newDatabase({ cluster: startCluster({ fast: false }) });
	const svc = await startService({ db, isQuiet: true, env: { IDENTITY_WORKERS: String(CORES) } });
	const kib = () => svc.workerPids().map(pssKib);
	say(`${SIZE.people} people to copy`);
	const mirror = await seedMirror(svc, db, SIZE.people);
	const rounds = [];
	let peakKib = 0;
	for (let i = 0; i < SIZE.rounds; i++) {
		const before = Math.max(...kib());
		const floor = await copyFloor(db, mirror);
		const timer = setInterval(() => { peakKib = Math.max(peakKib, Math.max(...kib()) - before); }, 100);
		const { seconds, bytes } = await snapshot(svc, mirror);
		clearInterval(timer);
		rounds.push({ floor, seconds, bytes });
		say(`snapshot: ${seconds.toFixed(2)} s, COPY ${floor.toFixed(2)} s`);
	}
	const hash = await setHash(svc, db, mirror);
	say(`hash over all: ${hash.sqlMs.toFixed(0)} ms, asked for: ${hash.status} in ${hash.httpMs.toFixed(0)} ms`);
	const w = await waitingCalls(svc, db, mirror, SIZE.waiting, () => kib().reduce((a, b) => a + b, 0));
	say(`${w.n} waiting calls: ${w.kib.toFixed(1)} KiB each, woken within ${w.wokenMs.toFixed(0)} ms`);
	const ratio = median(rounds.map((x) => x.floor / x.seconds));
	const isBusy = others > 0.2;
	writeSection('Copies', `${isBusy ? '**The machine was busy with something else: this part judges nothing.**\n\n' : ''}${factTable([
		[`\`/users/sync\`, snapshot of ${whole(mirror.n)} people, against \`COPY … TO STDOUT\` of the same JSON (people a second)`,
			`${ratio.toFixed(2)} (${whole(median(rounds.map((x) => mirror.n / x.seconds)))})`, '≥ 0.50', ratio >= 0.5],
		['memory of a worker during it, beyond before (MiB)', mib(peakKib), '≤ 16', peakKib <= 16384],
		['`set_hash` over all of them in the database (ms); a poll that asks for it (ms)', `${whole(hash.sqlMs)}; ${whole(hash.httpMs)} (${hash.status})`, 'answered', hash.status === 200],
		[`${whole(w.n)} calls that wait: memory of all workers for each (KiB); connections to the database`,
			`${w.kib.toFixed(1)}; ${w.connections}`, 'memory only', w.failed === 0 && w.connections < 40],
		['from a change to the last of them answered (ms)', whole(w.wokenMs), '', true],
	], !IS_SMOKE && !isBusy)}\n${rounds.length} alternating rounds.`, IS_SMOKE);
	await teardown();
}

main().then(() => process.exit(0), (e) => {
	say(e.stack);
	process.exit(1);
});
