// harness_wire - HTTP from the outside: a plain client, and sockets for what a
// client library would never send.  Must not: know endpoints.

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { SLOW } from './harness_env.mjs';

// One request on a connection of its own.  |o|: { method, headers, body
// (object: JSON; string or Buffer: as is), form (object), key (API key), token
// (bearer), agent, localAddress, tls (options), timeoutMs }.
// Gives { status, headers, text, body (parsed JSON or null), ms }.
export function request(url, o = {}) {
	const u = new URL(url);
	const headers = { ...o.headers };
	let body = o.body;
	if (o.form !== undefined) {
		body = new URLSearchParams(o.form).toString();
		headers['content-type'] ??= 'application/x-www-form-urlencoded';
	} else if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) {
		body = JSON.stringify(body);
		headers['content-type'] ??= 'application/json';
	}
	if (body !== undefined) headers['content-length'] ??= Buffer.byteLength(body);
	if (o.key) headers['x-auth-service-key'] = o.key;
	if (o.token) headers.authorization = `Bearer ${o.token}`;
	const started = performance.now();
	return new Promise((resolve, reject) => {
		const req = (u.protocol === 'https:' ? https : http).request(u, {
			method: o.method ?? (body === undefined ? 'GET' : 'POST'),
			headers, agent: o.agent ?? false, rejectUnauthorized: false,
			localAddress: o.localAddress, ...o.tls,
		}, (res) => {
			const parts = [];
			res.on('data', (d) => parts.push(d));
			res.on('error', reject);
			res.on('end', () => {
				const text = Buffer.concat(parts).toString();
				resolve({
					status: res.statusCode, headers: res.headers, text,
					body: parseJson(text), ms: performance.now() - started,
				});
			});
		});
		req.setTimeout(o.timeoutMs ?? 15_000 * SLOW, () => req.destroy(new Error(`no answer: ${u.pathname}`)));
		req.on('error', reject);
		req.end(body);
	});
}

function parseJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

// Splits what came over a socket into responses: [{ status, head, headers,
// body }].  A response that is not complete yet is left out.
export function parseResponses(buf) {
	const out = [];
	for (let at = 0; ;) {
		const end = buf.indexOf('\r\n\r\n', at);
		if (end < 0) return out;
		const head = buf.subarray(at, end).toString('latin1');
		const lines = head.split('\r\n');
		const headers = {};
		for (const line of lines.slice(1)) {
			const colon = line.indexOf(':');
			headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
		}
		const len = Number(headers['content-length'] ?? 0);
		if (buf.length < end + 4 + len) return out;
		out.push({
			status: Number(lines[0].split(' ')[1]), head, headers,
			body: buf.subarray(end + 4, end + 4 + len).toString(),
		});
		at = end + 4 + len;
	}
}

// A socket to |svc|: { socket, write(data), received() (Buffer), responses(),
// waitResponses(n, ms), waitClosed(ms), isClosed, wasReset, end(), reset() }.
export function connectRaw(svc, { https: isTls = false, tls: tlsOptions, localAddress } = {}) {
	const port = isTls ? svc.httpsPort : svc.port;
	return new Promise((resolve, reject) => {
		const socket = isTls ?
			tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...tlsOptions }) :
			net.connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
		const parts = [];
		let wake = () => {};
		const conn = {
			socket, isClosed: false, wasReset: false,
			write: (data) => new Promise((done) => socket.write(data, () => done())),
			received: () => Buffer.concat(parts),
			responses: () => parseResponses(conn.received()),
			end: () => socket.end(),
			reset: () => (isTls ? socket.destroy() : socket.resetAndDestroy()),
			waitResponses: (n, ms) => until(() => conn.responses().length >= n || conn.isClosed, ms),
			waitClosed: (ms) => until(() => conn.isClosed, ms),
		};
		async function until(test, ms = 5_000 * SLOW) {
			const deadline = performance.now() + ms;
			while (!test()) {
				const left = deadline - performance.now();
				if (left <= 0) return false;
				await new Promise((go) => {
					const t = setTimeout(go, left);
					wake = () => { clearTimeout(t); go(); };
				});
			}
			return true;
		}
		const closed = () => { conn.isClosed = true; wake(); };
		socket.on(isTls ? 'secureConnect' : 'connect', () => resolve(conn));
		socket.on('data', (d) => { parts.push(d); wake(); });
		socket.on('end', () => { closed(); socket.end(); });
		socket.on('close', closed);
		socket.on('error', (e) => {
			conn.wasReset ||= e.code === 'ECONNRESET' || e.code === 'EPIPE';
			closed();
			reject(e);
		});
	});
}

// Sends |data| (string, Buffer or a list of them, |gapMs| apart) as it is and
// reads until |responses| answers are there (default 1), the peer closes, or
// |timeoutMs|.  |close| true waits for the peer to close afterwards.
// Gives { responses, status (of the first), text, closed, reset, timedOut, ms }.
export async function rawRequest(svc, data, o = {}) {
	const started = performance.now();
	const conn = await connectRaw(svc, o);
	for (const [i, part] of (Array.isArray(data) ? data : [data]).entries()) {
		if (i > 0) await new Promise((go) => { setTimeout(go, o.gapMs ?? 0); });
		if (conn.isClosed) break;
		await conn.write(part);
	}
	if (o.halfClose) conn.end();
	let isDone = await conn.waitResponses(o.responses ?? 1, o.timeoutMs);
	if (o.close) isDone = await conn.waitClosed(o.timeoutMs);
	const responses = conn.responses();
	const result = {
		responses, status: responses[0]?.status ?? null, text: conn.received().toString('latin1'),
		closed: conn.isClosed, reset: conn.wasReset, timedOut: !isDone, ms: performance.now() - started,
	};
	conn.socket.destroy();
	return result;
}
