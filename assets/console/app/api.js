// api - the console's calls to /setup/api, and what they have in common:
// CSRF, problem documents, signing in again, stepping up.  Nothing is kept
// outside memory.

import { store, useLayoutEffect, useReducer, useRef } from './lib.js';

const BASE = '/setup/api';

// GET /setup/api/session, as answered last.
export const session = store(null);

// What went wrong with a call: |status| (0: no answer at all), |code|,
// |message| a sentence for people, |errors| [{field, message}], |body|.
export class ApiError extends Error {
	constructor(status, body, headers) {
		super(body.detail ?? body.title ?? `The service answered ${status}.`);
		this.status = status;
		this.code = body.code ?? 'unknown';
		this.errors = body.errors ?? [];
		this.requestId = body.request_id ?? headers?.get('x-request-id') ?? null;
		this.retryAfter = Number(headers?.get('retry-after')) || null;
		this.body = body;
	}
}

// How to have the person sign in again and step up; dialogs.js sets both.
// Each resolves to true when the call is to be repeated.
const help = { signIn: null, stepUp: null };
export function setHelp(h) { Object.assign(help, h); }

const asked = new Map();	// one dialog at a time, however many calls wait
function askOnce(name) {
	if (!asked.has(name)) asked.set(name, help[name]().finally(() => asked.delete(name)));
	return asked.get(name);
}

async function send(method, path, o) {
	const headers = { accept: 'application/json', ...o.headers };
	let body;
	if (o.bytes !== undefined) {
		body = o.bytes;
		headers['content-type'] = o.type ?? 'application/octet-stream';
	} else if (o.body !== undefined) {
		body = JSON.stringify(o.body);
		headers['content-type'] = 'application/json';
	}
	if (method !== 'GET' && session.value !== null) headers['x-csrf-token'] = session.value.csrf_token;
	if (o.ifMatch !== undefined) headers['if-match'] = `"${String(o.ifMatch).replaceAll('"', '')}"`;
	if (o.etag) headers['if-none-match'] = o.etag;
	let r;
	try {
		r = await fetch(path.startsWith('/') && !o.absolute ? BASE + path : path,
			{ method, headers, body, signal: o.signal, credentials: 'same-origin', cache: 'no-store', redirect: 'error' });
	} catch (e) {
		if (e.name === 'AbortError') throw e;
		throw new ApiError(0, { code: 'offline', detail: navigator.onLine
			? 'The service did not answer. It may be starting; try again in a moment.'
			: 'This computer is offline. What you typed is still here.' });
	}
	const isJson = /json/.test(r.headers.get('content-type') ?? '');
	const text = await r.text();
	let data = text;
	if (isJson && text !== '') {
		try {
			data = JSON.parse(text);
		} catch {
			throw new ApiError(r.status, { code: 'unreadable', detail: 'The answer of the service could not be read.' }, r.headers);
		}
	}
	if (!r.ok && r.status !== 304) throw new ApiError(r.status, isJson ? data : {}, r.headers);
	return { status: r.status, body: text === '' ? null : data, etag: r.headers.get('etag'), headers: r.headers };
}

// One call.  |o|: body (object, sent as JSON), bytes with type, ifMatch
// (version), etag (answers 304 with body null), headers, signal, absolute
// (|path| is a whole path, not one under /setup/api), quiet (no dialogs).
// Gives { status, body, etag, headers }; throws ApiError.
export async function call(method, path, o = {}) {
	const had = { signIn: 0, stepUp: 0, csrf: 0 };
	for (;;) {
		try {
			return await send(method, path, o);
		} catch (e) {
			if (!(e instanceof ApiError) || o.quiet) throw e;
			if (e.code === 'console_session_required' && help.signIn && had.signIn++ < 3 && await askOnce('signIn')) continue;
			if (e.code === 'step_up_required' && help.stepUp && had.stepUp++ < 2 && await askOnce('stepUp')) continue;
			// A session that was renewed in another tab has another token.
			if (e.code === 'csrf_failed' && had.csrf++ < 1) {
				await loadSession();
				continue;
			}
			throw e;
		}
	}
}

export const get = (path, o) => call('GET', path, o);
export const post = (path, body, o) => call('POST', path, { body, ...o });
export const put = (path, body, o) => call('PUT', path, { body, ...o });
export const patch = (path, body, o) => call('PATCH', path, { body, ...o });
export const del = (path, o) => call('DELETE', path, o);

export async function loadSession(o) {
	const { body } = await call('GET', '/session', o);
	session.set(body);
	return body;
}

// "?a=1&b=2" of what is neither empty, null, undefined nor false.
export function queryOf(o) {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(o)) {
		if (v !== '' && v !== null && v !== undefined && v !== false) q.set(k, v === true ? '1' : v);
	}
	const s = q.toString();
	return s === '' ? '' : `?${s}`;
}

// A GET that a component shows: { data, etag, error, isLoading, at, reload(),
// set(data) }.  |path| null: nothing is asked.  What was there stays while the
// next is on its way and when it fails (|error| beside |data|).  |every|: asks
// again after so many ms, by ETag, while the page is visible.
export function useLoad(path, { every = 0, absolute = false } = {}) {
	const [, redraw] = useReducer((n) => n + 1, 0);
	const me = useRef(null);
	me.current ??= { data: undefined, etag: null, error: null, isLoading: path !== null, at: null, turn: 0, path: null };
	const s = me.current;
	if (s.path !== path) {
		// What one address answered is not shown under another.
		if (s.path?.split('?')[0] !== path?.split('?')[0]) s.data = undefined;
		Object.assign(s, { path, etag: null, error: null, isLoading: path !== null });
	}
	s.load = async (byTag) => {
		const turn = ++s.turn;
		s.abort?.abort();
		if (s.path === null) return;
		s.abort = new AbortController();
		s.isLoading = true;
		try {
			const r = await get(s.path, { signal: s.abort.signal, absolute, etag: byTag ? s.etag : undefined });
			if (turn !== s.turn) return;
			if (r.status !== 304) Object.assign(s, { data: r.body, etag: r.etag });
			s.error = null;
			s.at = Date.now();
		} catch (e) {
			if (turn !== s.turn || e.name === 'AbortError') return;
			s.error = e;
		}
		s.isLoading = false;
		redraw();
	};
	useLayoutEffect(() => {
		s.load(false);
		return () => {
			s.turn++;
			s.abort?.abort();
		};
	}, [path]);
	useLayoutEffect(() => {
		if (every <= 0 || path === null) return undefined;
		const timer = setInterval(() => {
			if (document.visibilityState === 'visible' && !s.isLoading) s.load(true);
		}, every);
		return () => clearInterval(timer);
	}, [path, every]);
	return {
		data: s.data, etag: s.etag, error: s.error, isLoading: s.isLoading, at: s.at,
		reload: () => {
			const done = s.load(false);
			redraw();
			return done;
		},
		set: (data, etag) => {
			Object.assign(s, { data, etag: etag ?? s.etag });
			redraw();
		},
	};
}
