// The console's own files: packed, cached for ever, within their budgets.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { TOP, startService } from './harness.mjs';

const ROOT = path.join(TOP, 'assets/console');
const FILES = fs.readdirSync(ROOT, { recursive: true }).filter((f) => !f.endsWith('.html') && fs.statSync(path.join(ROOT, f)).isFile());
const KB = 1024;
// A file as tools/genasset.sh sends it.
const sent = (f) => {
	const text = fs.readFileSync(path.join(ROOT, f), 'utf8');
	if (f.endsWith('.css')) return Buffer.from(text.replaceAll(/^\t*/gm, '').replaceAll(/^\/\*[^]*?\*\/$/gm, '').replaceAll(/([:;{,]) /g, '$1').replaceAll(/;* ([{}])/g, '$1').replaceAll('\n', ''));
	return Buffer.from(f.startsWith('app/') ? text.replaceAll(/^\t*/gm, '').replaceAll(/^\/\/ .*/gm, '').replaceAll(/\t\/\/ .*/g, '').replaceAll(/^\n/gm, '') : text);
};

const svc = await startService();
const page = await svc.get('/setup/signin');
const base = /"(\/setup\/a\/[0-9a-f]{16})\/console\.css"/.exec(page.text)?.[1];

// The body as it went over the wire: fetch() would unpack it.
function get(path, accept) {
	return new Promise((resolve, reject) => {
		http.get({ host: '127.0.0.1', port: svc.port, path, headers: accept === undefined ? {} : { 'accept-encoding': accept } }, async (r) => {
			resolve({ status: r.statusCode, headers: r.headers, bytes: Buffer.concat(await r.toArray()) });
		}).on('error', reject);
	});
}

test('each file comes as it is, by gzip and by brotli, to be kept for ever', async () => {
	assert.ok(base, page.text);
	for (const f of FILES) {
		const want = sent(f);
		for (const [accept, coding, unpack] of [
			[undefined, undefined, (b) => b],
			['gzip;q=0, br;q=0', undefined, (b) => b],
			['gzip, deflate', 'gzip', zlib.gunzipSync],
			['gzip, deflate, br, zstd', 'br', zlib.brotliDecompressSync],
		]) {
			const r = await get(`${base}/${f}`, accept);
			assert.equal(r.status, 200, f);
			assert.equal(r.headers['content-encoding'], coding, f);
			assert.deepEqual(unpack(r.bytes), want, `${f} by ${accept}`);
			assert.equal(r.headers.vary, 'accept-encoding');
			assert.equal(r.headers['cache-control'], 'public, max-age=31536000, immutable');
			assert.equal(r.headers['x-content-type-options'], 'nosniff');
			assert.match(r.headers['content-type'], { '.js': /^text\/javascript/, '.css': /^text\/css/, '.svg': /^image\/svg/ }[path.extname(f)]);
		}
	}
});

test('what is not there is 404, whatever is asked for', async () => {
	for (const p of [`${base}/`, base, `${base}/app`, `${base}/app/none.js`, `${base}/../openapi.json`, `${base}/openapi.json`, `${base}/docs/guide.html`, `${base}/console.css/`,
		'/setup/a/0000000000000000/console.css', '/setup/a/', `${base}//console.css`, `${base}/%63onsole.css`, `${base}/${'x'.repeat(500)}`]) {
		const r = await get(p, 'br');
		assert.equal(r.status, 404, p);
		assert.equal(r.headers['cache-control'], 'no-store', p);
	}
});

test('vendored code is what docs/vendor.md says', () => {
	const doc = fs.readFileSync(path.join(TOP, 'docs/vendor.md'), 'utf8');
	const files = FILES.filter((f) => f.startsWith('vendor/'));
	assert.ok(files.length > 0);
	for (const f of files)
		assert.ok(doc.includes(createHash('sha256').update(fs.readFileSync(path.join(ROOT, f))).digest('hex')), `${f} is another`);
});

// What a module needs before it runs: its static imports, and theirs.
function closure(entry, seen = new Set()) {
	if (seen.has(entry)) return seen;
	seen.add(entry);
	const text = fs.readFileSync(path.join(ROOT, entry), 'utf8');
	for (const m of text.matchAll(/^\s*(?:import|export)\b[^'"\n(]*?from '([^']+)'|^\s*import '([^']+)'/gm))
		closure(path.join(path.dirname(entry), m[1] ?? m[2]), seen);
	return seen;
}

test('budgets: what a first page loads', () => {
	const size = (files, pack) => [...files].reduce((n, f) => n + pack(sent(f)).length, 0);
	const plain = (b) => b;
	const gzip = (b) => zlib.gzipSync(b, { level: 9 });
	const br = (b) => zlib.brotliCompressSync(b);
	const css = ['console.css'];
	assert.ok(size(css, plain) <= 30 * KB, `CSS ${size(css, plain)}`);
	assert.ok(size(css, gzip) <= 7 * KB, `CSS packed ${size(css, gzip)}`);
	const shell = closure('app/main.js');
	const loads = FILES.filter((f) => f.startsWith('app/pages/')).flatMap((page) => {
		// its parts are fetched one at a time
		const parts = [...fs.readFileSync(path.join(ROOT, page), 'utf8').matchAll(/import\('([^']+)'\)/g)].map((m) => path.join(path.dirname(page), m[1]));
		return (parts.length > 0 ? parts : [page]).map((part) => closure(part, closure(page, new Set(shell))));
	});
	const [worst] = loads.sort((a, b) => size(b, gzip) - size(a, gzip));
	const names = [...worst].map((f) => `${f} ${size([f], gzip)}`).join(', ');
	assert.ok(size(worst, plain) <= 130 * KB, `JS ${size(worst, plain)}: ${names}`);
	assert.ok(size(worst, gzip) <= 35 * KB, `JS packed ${size(worst, gzip)}: ${names}`);
	const wire = size(worst, br) + size(css, br);
	assert.ok(wire <= 60 * KB, `first load ${wire}`);
	console.log(`JS ${size(worst, plain)}, packed ${size(worst, gzip)}; CSS ${size(css, plain)}, packed ${size(css, gzip)}; over the wire ${wire}`);
});
