// results - bench/results.md, section by section: each part of the benchmark
// owns one, and a part that runs alone leaves the others as they are.
// Must not: judge.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TOP } from '../test/integration/harness_env.mjs';

const FILE = path.join(TOP, 'bench/results.md');
const ORDER = ['Requests', 'Copies', 'Import', 'Directory', 'Tokens', 'Codes', 'Peers'];
const HEAD = `# Benchmark

Written by \`make bench\`, a section by each of its parts (\`make bench PART=directory\`),
and by \`make bench-peers\`. Ratios count; absolute figures do not carry over to another machine. The load
generator runs on the same cores.
`;
const out = (cmd, ...args) => (spawnSync(cmd, args, { cwd: TOP, encoding: 'utf8' }).stdout ?? '').trim().split('\n')[0];

// Share of the processors that somebody uses while we do nothing.
export async function othersShare(ms = 2000) {
	const read = () => os.cpus().map((c) => c.times).reduce((a, t) => ({ idle: a.idle + t.idle, all: a.all + t.user + t.nice + t.sys + t.irq + t.idle }), { idle: 0, all: 0 });
	const a = read();
	await new Promise((go) => { setTimeout(go, ms); });
	const b = read();
	return b.all > a.all ? 1 - (b.idle - a.idle) / (b.all - a.all) : 0;
}

// What machine and commit a section is of.
export const provenance = () => `${os.cpus()[0].model.trim()}, ${os.availableParallelism?.() ?? os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB; Linux ${os.release()}; ` +
	`commit ${out('git', 'rev-parse', '--short', 'HEAD')}${out('git', 'status', '--porcelain', '-uno') ? ' with local changes' : ''}, ${new Date().toISOString().slice(0, 10)}; ` +
	`Kore ${out('dpkg-query', '-W', '-f=\${Version}', 'kore')}, ${out('psql', '--version')}`;

// |text| with the section |title| of |body|, in its place.
export function withSection(text, title, body) {
	const sections = new Map(text.split(/^(?=## )/m).slice(1).map((s) => [/^## (.*)$/m.exec(s)[1], s.trim()]));
	sections.set(title, `## ${title}\n\n${body.trim()}`);
	const at = (t) => (ORDER.includes(t) ? ORDER.indexOf(t) : ORDER.length);
	return [HEAD, ...[...sections].sort(([a], [b]) => at(a) - at(b)).map(([, s]) => `${s}\n`)].join('\n');
}

// Prints a section; keeps it in bench/results.md unless this is a smoke run.
export function writeSection(title, body, isSmoke) {
	if (!ORDER.includes(title)) throw new Error(`no section ${title}`);
	const text = `${body.trim()}\n\n${provenance()}\n`;
	process.stdout.write(`\n## ${title}${isSmoke ? ' (smoke: shows that it runs, judges nothing)' : ''}\n\n${text}`);
	if (isSmoke) return;
	const had = fs.existsSync(FILE) ? fs.readFileSync(FILE, 'utf8') : '';
	fs.writeFileSync(FILE, withSection(had, title, text));
}

// | what | measured | target | met? |
export function factTable(facts, judges) {
	return `| what | measured | target | |\n|---|---|---|---|\n${facts.map(([what, v, target, ok]) =>
		`| ${what} | ${v} | ${target} | ${!judges || target === '' ? '' : ok ? 'met' : '**missed**'} |`).join('\n')}\n`;
}
