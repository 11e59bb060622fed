// harness_env - what all parts of the test harness share.
// Owns: the binary under test, the environment of its processes, temporary
// directories, and what happens at the end of a test file.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const TOP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BIN = path.resolve(process.env.IDENTITYD_BIN ?? path.join(TOP, 'build/identityd'));
// The sanitized build is several times slower: time limits are multiplied.
export const IS_ASAN = /asan/.test(BIN);
export const SLOW = IS_ASAN ? 4 : 1;

export const SANITIZERS = {
	ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=99:allocator_may_return_null=1',
	UBSAN_OPTIONS: 'print_stacktrace=1',
};

// The environment for a process of the service: ours without any IDENTITY_
// variable (an unknown one stops the service), plus |extra|.
export function serviceEnv(extra = {}) {
	const env = { ...SANITIZERS };
	for (const [k, v] of Object.entries(process.env))
		if (!k.startsWith('IDENTITY_') && !k.startsWith('PG')) env[k] = v;
	return { ...env, ...extra };
}

const teardowns = [];	// async, at the end of the file, last first
const exits = [];	// synchronous, also when the file dies half-way

export const onTeardown = (fn) => { teardowns.push(fn); };
export const onExit = (fn) => { exits.push(fn); };

let base = null;	// one temporary directory for each test process

// A fresh directory, removed at the end of the process.  The account that the
// service drops to may walk through it, but not read it.
export function tempDir(label) {
	if (base === null) {
		base = fs.mkdtempSync(path.join(os.tmpdir(), 'identityd-'));
		fs.chmodSync(base, 0o711);
	}
	const dir = fs.mkdtempSync(path.join(base, `${label}-`));
	fs.chmodSync(dir, 0o711);
	return dir;
}

// Runs what was registered, last first; harness.mjs calls it after the last
// test of a file.  Throws what went wrong, after all of it ran.
export async function teardown() {
	const errors = [];
	for (const fn of teardowns.splice(0).reverse()) {
		try {
			await fn();
		} catch (e) {
			errors.push(e);
		}
	}
	if (errors.length === 1) throw errors[0];
	if (errors.length > 1) throw new AggregateError(errors, errors.map((e) => e.message).join('\n'));
}

process.on('exit', () => {
	for (const fn of exits.reverse()) {
		try {
			fn();
		} catch (e) {
			process.stderr.write(`harness: ${e.message}\n`);
			process.exitCode = 1;
		}
	}
	if (base !== null) fs.rmSync(base, { recursive: true, force: true });
});
for (const sig of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(sig, () => process.exit(1));
