// A checkout or data directory below a folder that only root may enter.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeCast, signIn, startService, tempDir, waitUntil } from './harness.mjs';

const closed = path.join(tempDir('closed'), 'root-only');
fs.mkdirSync(closed, { mode: 0o700 });
const svc = await startService({ env: { IDENTITY_DATA_DIR: path.join(closed, 'data') } });

test('both listeners serve, and the key manager signs', async () => {
	const cast = await makeCast(svc);
	for (const https of [false, true]) {
		const tokens = await signIn(svc, cast, { request: { https } });
		const r = await svc.get('/auth/session', { key: cast.key, token: tokens.access_token, https });
		assert.equal(r.status, 200);
	}
});

test('the certificate is read again after a signal', async () => {
	process.kill(svc.pid, 'SIGHUP');
	await waitUntil(() => (svc.log.match(/loaded private key/g) ?? []).length === 2);
	assert.equal((await svc.get('/healthz', { https: true })).status, 200);
	assert.doesNotMatch(svc.log, /cannot read|Permission denied/);
});

test('it stops and starts again', async () => {
	await svc.restart();
	assert.equal((await svc.get('/healthz', { https: true })).status, 200);
});
