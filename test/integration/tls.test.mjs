// HTTPS by the binary itself: the key manager on OpenSSL 3, reload, where the
// private key is, headers.  Fails without src/kore/openssl3.c, cert_wait.c,
// reload.c, msg_shim.c and src/app/tls_files.c.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { IS_ASAN, SLOW, connectRaw, freePort, newDatabase, rawRequest, run, startService, tempDir, waitUntil } from './harness.mjs';

const IS_ROOT = process.getuid() === 0;
const KEYS = {
	rsa: ['-newkey', 'rsa:2048'],
	rsa4096: ['-newkey', 'rsa:4096'],
	ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
	ec384: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
	ed25519: ['-newkey', 'ed25519'],
};

// A certificate and its key in |dir| (or new ones over them).
function makePair(kind, dir = tempDir('pair')) {
	const cert = path.join(dir, 'cert.pem');
	const key = path.join(dir, 'key.pem');
	execFileSync('openssl', ['req', '-x509', ...KEYS[kind], '-nodes', '-keyout', key, '-out', cert, '-days', '30',
		'-subj', '/CN=id.example.org', '-addext', 'subjectAltName=DNS:id.example.org,DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
	return { dir, cert, key, pem: fs.readFileSync(cert, 'utf8') };
}

const startWith = (pair, env = {}) => startService({ env: { IDENTITY_TLS_CERT: pair.cert, IDENTITY_TLS_KEY: pair.key, ...env } });

// What the peer shows on a new connection (no resumed session).
function peerOf(svc, options = {}) {
	return new Promise((resolve, reject) => {
		const s = tls.connect({ host: '127.0.0.1', port: svc.httpsPort, rejectUnauthorized: false, ...options }, () => {
			resolve({ fingerprint: s.getPeerCertificate().fingerprint256, protocol: s.getProtocol(), cert: s.getPeerCertificate() });
			s.destroy();
		});
		s.on('error', reject);
	});
}
const fingerprint = (pem) => execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256'], { input: pem }).toString().split('=')[1].trim();
const reload = (svc, signal = 'SIGUSR1') => process.kill(svc.pid, signal);
const count = (svc, re) => (svc.log.match(re) ?? []).length;

for (const kind of ['rsa', 'rsa4096', 'ec', 'ec384']) {
	describe(`a certificate with a key of kind ${kind}`, async () => {
		const pair = makePair(kind);
		const svc = await startWith(pair);

		for (const version of ['TLSv1.2', 'TLSv1.3']) {
			test(`${version}: verified handshake and answer`, async () => {
				const o = { minVersion: version, maxVersion: version, ca: pair.pem, rejectUnauthorized: true, servername: 'id.example.org' };
				assert.equal((await peerOf(svc, o)).protocol, version);
				const r = await svc.get('/healthz', { https: true, tls: o, headers: { host: 'id.example.org' } });
				assert.equal(r.status, 200);
			});
		}

		test('TLS 1.1 is refused', async () => {
			await assert.rejects(peerOf(svc, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
		});

		test('no SNI, SNI with a port in Host, Host other than SNI', async () => {
			for (const [servername, host] of [['', '127.0.0.1'], ['localhost', `localhost:${svc.httpsPort}`], ['id.example.org', 'other.example.org']]) {
				const r = await rawRequest(svc, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { https: true, tls: { servername } });
				assert.equal(r.status, 200, `${servername} ${host}`);
			}
		});

		test('fifty handshakes side by side', async () => {
			const all = await Promise.all(Array.from({ length: 50 }, () => svc.get('/healthz', { https: true })));
			assert.ok(all.every((r) => r.status === 200));
		});
	});
}

test('an IPv6 listener: SNI, and Host with a port', async (t) => {
	const has6 = await new Promise((done) => {
		const s = net.createServer();
		s.on('error', () => done(false));
		s.listen(0, '::1', () => s.close(() => done(true)));
	});
	const port = await freePort();
	// Where there is no IPv6 the start must say so in one line.
	const env = { IDENTITY_HTTPS_LISTEN: `[::1]:${port}` };
	if (!has6) {
		const db = await newDatabase({});
		const r = await run(['serve'], { env: { ...env, IDENTITY_DATABASE_URL: db.url, IDENTITY_DATA_DIR: tempDir('data') } });
		assert.equal(r.code, 1);
		t.diagnostic('this machine has no IPv6');
		return;
	}
	const svc = await startService({ env });
	const text = await new Promise((resolve, reject) => {
		let got = '';
		const s = tls.connect({ host: '::1', port, rejectUnauthorized: false, servername: 'localhost' }, () => {
			s.write(`GET /healthz HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
		});
		s.on('data', (d) => { got += d; });
		s.on('end', () => resolve(got));
		s.on('error', reject);
	});
	assert.match(text, /^HTTP\/1\.1 200 /);
	assert.equal((await svc.get('/healthz')).status, 200);
});

describe('reload', async () => {
	const pair = makePair('rsa');
	const svc = await startWith(pair);
	let good = fingerprint(pair.pem);

	for (const [kind, signal] of [['ec', 'SIGUSR1'], ['rsa', 'SIGHUP']]) {
		test(`a new ${kind} pair by ${signal}, in every worker that was there`, async () => {
			const workers = svc.workerPids().sort();
			const next = fingerprint(makePair(kind, pair.dir).pem);
			reload(svc, signal);
			await waitUntil(async () => (await peerOf(svc)).fingerprint === next);
			good = next;
			// Both workers have it.
			for (let i = 0; i < 20; i++) assert.equal((await peerOf(svc)).fingerprint, good);
			assert.deepEqual(svc.workerPids().sort(), workers);
		});
	}

	const bad = {
		'a key that belongs to another certificate': () => fs.copyFileSync(makePair('rsa').key, pair.key),
		'rubbish instead of a certificate': () => fs.writeFileSync(pair.cert, 'not a certificate\n'),
		'a chain cut off in the middle': () => fs.appendFileSync(pair.cert, fs.readFileSync(pair.cert, 'utf8').slice(0, 200)),
		'an empty key': () => fs.writeFileSync(pair.key, ''),
		'a missing key': () => fs.rmSync(pair.key),
		'a missing certificate': () => fs.rmSync(pair.cert),
		'a key of a kind that is not supported': () => makePair('ed25519', pair.dir),
		'a key with a passphrase': () => execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-aes256', '-pass', 'pass:x', '-out', pair.key], { stdio: 'ignore' }),
	};
	for (const [what, spoil] of Object.entries(bad)) {
		test(`${what}: said in the log, the old pair stays`, async () => {
			fs.rmSync(pair.cert, { force: true });
			makePair('rsa', pair.dir);
			spoil();
			const before = count(svc, /certificate not reloaded/g);
			reload(svc);
			await waitUntil(() => count(svc, /certificate not reloaded/g) === before + 1);
			assert.equal((await peerOf(svc)).fingerprint, good);
			assert.equal((await svc.get('/healthz', { https: true })).status, 200);
		});
	}

	test('and a good one is taken again', async () => {
		const next = fingerprint(makePair('ec', pair.dir).pem);
		reload(svc);
		await waitUntil(async () => (await peerOf(svc)).fingerprint === next);
	});
});

describe('the private key', async () => {
	const pair = makePair('ec');
	fs.chmodSync(pair.key, 0o400);
	const svc = await startWith(pair);
	const secret = fs.readFileSync(pair.key, 'utf8').split('\n')[1];
	const fdsOf = (pid) => fs.readdirSync(`/proc/${pid}/fd`).map((n) => {
		try {
			return fs.readlinkSync(`/proc/${pid}/fd/${n}`);
		} catch {
			return '';
		}
	});

	test('is open in the key manager and in no worker', () => {
		const keymgr = svc.processes().filter((p) => /keymgr/.test(p.title));
		assert.equal(keymgr.length, 1);
		assert.ok(fdsOf(keymgr[0].pid).some((f) => f.includes('tls-key')));
		assert.equal(svc.workerPids().length, 2);
		for (const pid of svc.workerPids()) assert.ok(!fdsOf(pid).some((f) => f.includes('tls-key')), `worker ${pid}`);
	});

	test('is in no file of the data directory that the workers may read', () => {
		const walk = (d) => fs.readdirSync(d, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(path.join(d, e.name)) : [path.join(d, e.name)]));
		for (const f of walk(path.join(svc.dir, 'data')))
			assert.ok(!fs.readFileSync(f, 'latin1').includes(secret), f);
	});

	test('is not in the memory of a worker', () => {
		const scalar = scalarOf(pair.key);
		const forms = [Buffer.from(secret), scalar, Buffer.from(scalar).reverse()];
		const keymgr = svc.processes().find((p) => /keymgr/.test(p.title));
		if (IS_ROOT) assert.ok(memoryHas(keymgr.pid, forms) >= 0, 'the key manager has it');
		for (const pid of svc.workerPids()) {
			// Not root: nobody may look at all.
			if (IS_ROOT || IS_ASAN) assert.equal(memoryHas(pid, forms), -1);
			else assert.throws(() => memoryHas(pid, forms), { code: 'EACCES' });
		}
	});

	// In the sanitized build a process may be looked at, for LeakSanitizer.
	test('a worker cannot look into the key manager', () => {
		const keymgr = svc.processes().find((p) => /keymgr/.test(p.title));
		const owner = fs.statSync(`/proc/${keymgr.pid}/mem`).uid;
		if (IS_ROOT && !IS_ASAN) assert.equal(owner, 0, 'its /proc files are root\'s');
		const status = fs.readFileSync(`/proc/${keymgr.pid}/status`, 'utf8');
		assert.match(status, /Seccomp:\s+2/);
	});

	test('a worker that died and came back signs through the key manager', async () => {
		for (let round = 1; round <= 3; round++) {
			const [victim] = svc.workerPids();
			svc.allowDeaths();
			process.kill(victim, 'SIGKILL');
			await waitUntil(() => svc.workerPids().length === 2 && !svc.workerPids().includes(victim));
			const all = await Promise.all(Array.from({ length: 40 }, () => svc.get('/healthz', { https: true })));
			assert.ok(all.every((r) => r.status === 200), `after ${round} deaths`);
		}
	});
});

// One worker, so that no other can take the connection; a key manager that is
// stopped stands for one that a busy machine does not run yet.
test('who connects before the certificate has come waits for it', async () => {
	const svc = await startService({ env: { IDENTITY_WORKERS: '1' } });
	const keymgr = svc.processes().find((p) => /keymgr/.test(p.title));
	const [victim] = svc.workerPids();
	let early;
	process.kill(keymgr.pid, 'SIGSTOP');
	try {
		svc.allowDeaths();
		process.kill(victim, 'SIGKILL');
		await waitUntil(() => svc.workerPids().some((pid) => pid !== victim));
		early = Promise.allSettled([true, false].map((https) => svc.get('/healthz', { https })));
		// Without the wait it is hung up on within this time.
		const first = await Promise.race([early, new Promise((go) => { setTimeout(go, 1_500, 'none'); })]);
		assert.equal(first, 'none', JSON.stringify(first));
	} finally {
		process.kill(keymgr.pid, 'SIGCONT');
	}
	for (const { value, reason } of await early) assert.equal(value?.status, 200, String(reason));
	assert.doesNotMatch(svc.log, /not yet complete/);
});

test('a stop is obeyed by a worker that waits for its certificate', async () => {
	const svc = await startService({ env: { IDENTITY_WORKERS: '1' } });
	const keymgr = svc.processes().find((p) => /keymgr/.test(p.title));
	const [victim] = svc.workerPids();
	process.kill(keymgr.pid, 'SIGSTOP');
	try {
		svc.allowDeaths();
		process.kill(victim, 'SIGKILL');
		await waitUntil(() => svc.workerPids().some((pid) => pid !== victim));
		process.kill(svc.pid, 'SIGTERM');
		await waitUntil(() => svc.workerPids().length === 0, { timeoutMs: 20_000 * SLOW });
	} finally {
		process.kill(keymgr.pid, 'SIGCONT');
	}
	assert.deepEqual(await svc.stop(), { code: 0, signal: null });
});

// The 32 bytes that are the secret of a P-256 key; OpenSSL keeps them in the
// order of the processor.
function scalarOf(file) {
	const text = execFileSync('openssl', ['pkey', '-in', file, '-text', '-noout']).toString();
	const hex = /priv:([\s0-9a-f:]+)pub:/.exec(text)[1].replace(/[^0-9a-f]/g, '');
	return Buffer.from(hex, 'hex').subarray(-32);
}

// Which of |needles| is in the private, writable memory of |pid|, or -1.
function memoryHas(pid, needles) {
	const fd = fs.openSync(`/proc/${pid}/mem`, 'r');
	try {
		for (const line of fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
			const m = /^([0-9a-f]+)-([0-9a-f]+) rw-p /.exec(line);
			if (!m) continue;
			const from = BigInt(`0x${m[1]}`);
			const size = Number(BigInt(`0x${m[2]}`) - from);
			if (size > 64 * 1024 * 1024) continue;	// a sanitizer's shadow
			const buf = Buffer.alloc(size);
			try {
				fs.readSync(fd, buf, 0, size, from);
			} catch {
				continue;	// a guard page
			}
			const i = needles.findIndex((n) => buf.includes(n));
			if (i >= 0) return i;
		}
	} finally {
		fs.closeSync(fd);
	}
	return -1;
}

describe('without a certificate of one\'s own', async () => {
	const svc = await startService({ env: { IDENTITY_PUBLIC_URL: 'https://id.example.net:8443' } });

	test('a self-signed one for localhost, loopback and the public host, 397 days', async () => {
		const { cert } = await peerOf(svc);
		for (const name of ['DNS:localhost', 'IP Address:127.0.0.1', 'IP Address:0:0:0:0:0:0:0:1', 'DNS:id.example.net'])
			assert.ok(cert.subjectaltname.includes(name), cert.subjectaltname);
		const days = (new Date(cert.valid_to) - new Date(cert.valid_from)) / 86_400_000;
		assert.equal(Math.round(days), 397);
		const key = path.join(svc.dir, 'data/tls/self-signed.key');
		assert.equal(fs.statSync(key).mode & 0o077, 0);
	});

	test('it is kept over a restart', async () => {
		const before = (await peerOf(svc)).fingerprint;
		await svc.restart();
		assert.equal((await peerOf(svc)).fingerprint, before);
	});

	test('HSTS over TLS only; no version in the server header', async () => {
		for (const target of ['/healthz', '/nowhere', '/setup', '/auth/session']) {
			const secure = await svc.get(target, { https: true });
			const plain = await svc.get(target);
			assert.match(secure.headers['strict-transport-security'] ?? '', /^max-age=31536000/, target);
			assert.equal(plain.headers['strict-transport-security'], undefined, target);
			for (const r of [secure, plain]) assert.doesNotMatch(r.headers.server ?? '', /\d|kore/i, target);
		}
		// Also what is answered before a route is known.
		const bad = await rawRequest(svc, 'GET / HTTP/1.1\r\n\r\n', { https: true, close: true });
		assert.match(bad.responses[0].headers['strict-transport-security'] ?? '', /^max-age=31536000/);
		const badPlain = await rawRequest(svc, 'GET / HTTP/1.1\r\n\r\n', { close: true });
		assert.equal(badPlain.responses[0].headers['strict-transport-security'], undefined);
	});

	test('a resumed session works', async () => {
		const first = await connectRaw(svc, { https: true, tls: { maxVersion: 'TLSv1.2' } });
		const session = first.socket.getSession();
		first.end();
		for (let i = 0; i < 4; i++) {
			const r = await rawRequest(svc, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', { https: true, tls: { maxVersion: 'TLSv1.2', session } });
			assert.equal(r.status, 200);
		}
	});
});

test('HTTPS alone', async () => {
	const svc = await startService({ env: { IDENTITY_HTTP_LISTEN: 'off' }, ready: false });
	await waitUntil(async () => (await svc.get('/healthz', { https: true })).status === 200);
	await assert.rejects(svc.get('/healthz'));
});

describe('a start with bad files ends with one clear line', async () => {
	const db = await newDatabase({});
	const pair = makePair('rsa');
	const other = makePair('rsa');
	const missing = path.join(pair.dir, 'missing.pem');
	const start = (env) => run(['serve'], {
		env: { IDENTITY_DATABASE_URL: db.url, IDENTITY_DATA_DIR: tempDir('data'), IDENTITY_HTTP_LISTEN: 'off', ...env },
	});

	for (const [what, cert, key, re] of [
		['a missing certificate', missing, pair.key, /missing\.pem/],
		['a missing key', pair.cert, missing, /missing\.pem/],
		['a key of another certificate', pair.cert, other.key, /does not belong to the certificate/],
		['key and certificate mixed up', pair.key, pair.cert, /no PEM certificate/],
	]) {
		test(what, async () => {
			const r = await start({ IDENTITY_HTTPS_LISTEN: `127.0.0.1:${await freePort()}`, IDENTITY_TLS_CERT: cert, IDENTITY_TLS_KEY: key });
			assert.ok(r.code === 1 || r.code === 2, `${r.code} ${r.stderr}`);
			assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
			assert.match(r.stderr, re);
		});
	}

	test('one of the two only', async () => {
		const r = await start({ IDENTITY_HTTPS_LISTEN: `127.0.0.1:${await freePort()}`, IDENTITY_TLS_CERT: pair.cert });
		assert.ok(r.code === 1 || r.code === 2);
		assert.match(r.stderr, /IDENTITY_TLS_(CERT|KEY)/);
		assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
	});
});
