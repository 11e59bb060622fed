// import_kit - a CSV file through the console's API.

import assert from 'node:assert/strict';
import { SLOW, waitUntil } from './harness.mjs';

const CHUNK = 1024 * 1024;

// Uploads |file| (text or bytes) and waits for the check; gives the Import.
export async function uploadImport(c, file, o = {}) {
	const r = await c.post('/imports', { file_name: 'people.csv', mode: 'both', ...o.create });
	assert.equal(r.status, 201, r.text);
	const bytes = Buffer.from(file);
	for (let n = 0; n * (o.chunk ?? CHUNK) < bytes.length; n++) {
		const body = bytes.subarray(n * (o.chunk ?? CHUNK), (n + 1) * (o.chunk ?? CHUNK));
		const p = await c.request('PUT', `/imports/${r.body.id}/chunks/${n}`, { body, headers: { 'content-type': 'application/octet-stream' } });
		assert.equal(p.status, 200, p.text);
	}
	return (await c.get(`/imports/${r.body.id}`)).body;
}
export async function waitImport(c, id, busy, timeoutMs = 60_000 * SLOW) {
	return waitUntil(async () => {
		const r = await c.get(`/imports/${id}`);
		assert.equal(r.status, 200, r.text);
		return r.body.state === busy ? null : r.body;
	}, { timeoutMs, stepMs: 50, what: `the end of ${busy}` });
}
export async function checkImport(c, file, o = {}) {
	const i = await uploadImport(c, file, o);
	const r = await c.post(`/imports/${i.id}/check`, o.mapping ? { mapping: o.mapping } : {});
	assert.equal(r.status, 200, r.text);
	return waitImport(c, i.id, 'checking');
}
export async function commitImport(c, id, body) {
	const r = await c.post(`/imports/${id}/commit`, body ?? {});
	assert.equal(r.status, 200, r.text);
	return waitImport(c, id, 'importing');
}
export async function undoImport(c, id) {
	const r = await c.post(`/imports/${id}/undo`, {});
	assert.equal(r.status, 200, r.text);
	return waitImport(c, id, 'undoing');
}
export const importRows = async (c, id, action) => (await c.get(`/imports/${id}/rows?action=${action}&limit=200`)).body.data;
