#!/usr/bin/env node
// sync_client - keeps an application's copy of its people in a file.  What it
// does with the file, an application does with its database: copy and cursor
// change in one transaction.  Needs nothing but Node 18.
//
//	ID=https://identity.example.org KEY=isk_… node sync_client.mjs COPY.json
//
// --once ends when the copy is proven to be equal.

import { createHash } from 'node:crypto';
import fs from 'node:fs';

const { ID, KEY } = process.env;
const file = process.argv.slice(2).find((a) => !a.startsWith('--'));
const isOnce = process.argv.includes('--once');
if (!ID || !KEY || !file) {
	console.error('usage: ID=URL KEY=isk_… sync_client.mjs COPY.json [--once]');
	process.exit(2);
}

const sha256 = (text) => createHash('sha256').update(text).digest();
const pause = (ms) => new Promise((go) => { setTimeout(go, ms); });

// { cursor, users: { id: User }, fresh: the snapshot that is being taken }
let state = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { cursor: null, users: {}, fresh: null };

// All or nothing, as a transaction would.
function save(next) {
	fs.writeFileSync(`${file}.new`, JSON.stringify(next));
	fs.renameSync(`${file}.new`, file);
	state = next;
}

function apply(page) {
	const isFirst = state.cursor === null;
	const fresh = page.full ? { ...(isFirst ? {} : state.fresh) } : null;
	const users = page.full ? state.users : { ...state.users };
	const into = fresh ?? users;
	for (const u of page.users) into[u.auth_user_id] = u;
	for (const r of page.removed) delete into[r.auth_user_id];
	// A snapshot takes the old copy's place when it is whole.
	if (fresh !== null && !page.has_more) save({ cursor: page.cursor, users: fresh, fresh: null });
	else save({ cursor: page.cursor, users, fresh });
}

// Is the copy what the server has?
function isEqual(setHash) {
	const xor = Buffer.alloc(32);
	for (const u of Object.values(state.users)) {
		const hash = sha256(JSON.stringify({ email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: u.status })).toString('hex');
		sha256(`${u.auth_user_id}:${hash}`).forEach((b, i) => { xor[i] ^= b; });
	}
	return xor.toString('hex') === setHash;
}

async function poll() {
	const query = new URLSearchParams({ limit: '1000', set_hash: '1' });
	if (state.cursor !== null) {
		query.set('cursor', state.cursor);
		if (!isOnce) query.set('wait', '30');
	}
	const r = await fetch(`${ID}/users/sync?${query}`, { headers: { 'X-Auth-Service-Key': KEY } });
	if (r.status === 410 || r.status === 422) {
		// The cursor is of no use any more: begin again, keep the old copy
		// until the new one is whole.
		save({ ...state, cursor: null, fresh: null });
		return null;
	}
	if (!r.ok) throw new Error(`${r.status} ${await r.text()}`);
	const page = await r.json();
	apply(page);
	return page;
}

for (let failures = 0; ;) {
	try {
		const page = await poll();
		failures = 0;
		if (page?.set_hash === undefined) continue;
		if (!isEqual(page.set_hash)) {
			console.error('the copy differs from the directory: begin again');
			save({ ...state, cursor: null, fresh: null });
		} else if (isOnce) {
			break;
		}
	} catch (e) {
		console.error(e.message);
		await pause(Math.min(60_000, 500 * 2 ** failures++));
	}
}
