// sync_kit - a client of /users/sync as an application would have one, in a
// form that tests can torment.
// Owns: the copy, its proof, and the client's life.  Must not: look at the
// service's database.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import zlib from 'node:zlib';

const sha = (s) => createHash('sha256').update(s).digest();

// The sync_hash that a client computes itself (RFC 8785: keys in order, as
// JSON.stringify writes strings).
export const hashOf = (u) => sha(JSON.stringify({
	email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: u.status,
})).toString('hex');

export function setHashOf(users) {
	const xor = Buffer.alloc(32);
	for (const u of users) sha(`${u.auth_user_id}:${hashOf(u)}`).forEach((b, i) => { xor[i] ^= b; });
	return xor.toString('hex');
}

export class SyncClient {
	constructor(svc, key) {
		Object.assign(this, { svc, key, pages: 0, resyncs: 0, proofs: 0, failures: 0 });
		this.forget();
	}

	// A new client: nothing is known.
	forget() {
		this.users = new Map();
		this.cursor = null;
		this.etag = null;
		this.fresh = null;	// the snapshot that is being taken
	}

	// What a restart finds on disk: copy and cursor were written together.
	save() {
		return structuredClone({ users: this.users, cursor: this.cursor, etag: this.etag, fresh: this.fresh });
	}

	load(saved) { Object.assign(this, structuredClone(saved)); }

	apply(page) {
		if (this.cursor === null) this.fresh = new Map();
		const into = this.fresh ?? this.users;
		assert.equal(page.full, this.fresh !== null, 'full says whether a snapshot is being taken');
		for (const u of page.users) {
			assert.equal(u.sync_hash, hashOf(u), 'the hash is the one that a client computes');
			into.set(u.auth_user_id, u);
		}
		for (const r of page.removed) into.delete(r.auth_user_id);
		this.cursor = page.cursor;
		this.pages++;
		if (this.fresh !== null && !page.has_more) {
			this.users = this.fresh;
			this.fresh = null;
		}
		if (page.set_hash !== undefined) {
			assert.equal(page.has_more, false);
			assert.equal(setHashOf(this.users.values()), page.set_hash, 'the copy is equal at that moment');
			this.proofs++;
		}
	}

	// One call.  |o|: { limit, wait, setHash, gzip, abortMs }.  Gives the page,
	// null for "nothing new" and undefined for a failure that a client bears.
	async poll(o = {}) {
		const q = new URLSearchParams();
		if (this.cursor !== null) q.set('cursor', this.cursor);
		if (o.limit) q.set('limit', o.limit);
		if (o.wait) q.set('wait', o.wait);
		if (o.setHash) q.set('set_hash', '1');
		const headers = { 'x-auth-service-key': this.key };
		if (o.gzip) headers['accept-encoding'] = 'gzip';
		if (this.etag !== null && o.tag !== false) headers['if-none-match'] = this.etag;
		const r = await call(`${this.svc.url}/users/sync?${q}`, headers, o.abortMs);
		if (r === null || r.status === 503) {
			this.failures++;
			return undefined;
		}
		if (r.status === 304) return null;
		if (r.status === 410) {
			assert.equal(r.body.code, 'resync_required');
			this.resyncs++;
			this.cursor = this.etag = null;
			return undefined;
		}
		assert.equal(r.status, 200, r.text);
		this.etag = r.headers.etag ?? null;
		this.apply(r.body);
		return r.body;
	}

	// Until there is nothing more and the copy is proven.
	async finish({ limit = 1000, attempts = 200 } = {}) {
		for (let i = 0; i < attempts; i++) {
			const page = await this.poll({ limit, setHash: true, tag: false });
			if (page?.set_hash !== undefined) return;
			if (!page?.has_more) await new Promise((go) => { setTimeout(go, 50); });
		}
		throw new Error('no proof of equality');
	}
}

// null: cut off, by either side.
export function call(url, headers, abortMs) {
	return new Promise((resolve) => {
		const req = http.get(url, { headers, agent: false }, (res) => {
			const parts = [];
			res.on('data', (d) => parts.push(d));
			res.on('error', () => resolve(null));
			res.on('aborted', () => resolve(null));
			res.on('end', () => {
				let data = Buffer.concat(parts);
				if (res.headers['content-encoding'] === 'gzip') data = zlib.gunzipSync(data);
				const text = data.toString();
				resolve({ status: res.statusCode, headers: res.headers, text, body: text === '' ? null : JSON.parse(text) });
			});
		});
		req.on('error', () => resolve(null));
		if (abortMs !== undefined) setTimeout(() => req.destroy(), abortMs).unref();
	});
}

// A stream of Server-Sent Events: { status, events, comments, ended, close() }.
export function openStream(svc, key, { cursor, lastId, query = '' } = {}) {
	const q = new URLSearchParams(query);
	if (cursor) q.set('cursor', cursor);
	const headers = { 'x-auth-service-key': key, ...(lastId ? { 'last-event-id': lastId } : {}) };
	return new Promise((resolve, reject) => {
		const req = http.get(`${svc.url}/users/sync/stream?${q}`, { headers, agent: false }, (res) => {
			const s = { status: res.statusCode, headers: res.headers, events: [], comments: 0, ended: false, text: '', close: () => req.destroy() };
			let rest = '';
			res.setEncoding('utf8');
			res.on('data', (d) => {
				s.text += d;
				rest += d;
				for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
					const event = {};
					for (const line of rest.slice(0, at).split('\n')) {
						const [, name, value] = /^([a-z]*): ?(.*)$/.exec(line) ?? [null, line, ''];
						if (name === '' || name === ':') s.comments++;
						else event[name] = value;
					}
					rest = rest.slice(at + 2);
					if (event.data !== undefined) s.events.push({ ...event, data: JSON.parse(event.data) });
				}
			});
			res.on('end', () => { s.ended = true; });
			res.on('error', () => { s.ended = true; });
			resolve(s);
		});
		req.on('error', reject);
	});
}
