// harness_console - an administrator at the console's JSON API.
// Must not: reach into tables to sign somebody in.

import { randomBytes } from 'node:crypto';

let counter = 0;

// An administrator, made the way an operator does: the User and its |password|.
export async function makeAdmin(svc, o = {}) {
	const n = ++counter;
	const password = o.password ?? `correct ${randomBytes(9).toString('base64url')} staple`;
	const args = ['admin', 'create', '--json', '--name', o.name ?? `Admin ${n}`,
		'--email', o.email ?? `admin${n}.${process.pid}@example.org`];
	if (o.mobile) args.push('--mobile', o.mobile);
	const r = await svc.cli([...args, '--password-stdin'], { stdin: `${password}\n` });
	if (r.code !== 0) throw new Error(`admin create: exit ${r.code}\n${r.stderr}`);
	return { ...r.json(), password };
}

// The cookie of an answer as a browser would send it back: "name=value".
export function cookieOf(r) {
	const set = [r.headers['set-cookie'] ?? []].flat();
	return set.length === 0 ? null : set[0].split(';')[0];
}

// Signs an administrator (made unless given as |o.admin|) in.  Gives { admin,
// cookie, csrf, session (body of the sign-in), request(method, path, o), get,
// post, put, patch, del, stepUp() }.  Calls carry cookie and CSRF token;
// |o.version| of a call becomes If-Match.  Paths begin with /setup/api unless
// they begin with /setup already.
export async function consoleLogin(svc, o = {}) {
	const admin = o.admin ?? await makeAdmin(svc, o);
	const r = await svc.post('/setup/api/session', { identifier: admin.email, password: admin.password }, o.request);
	if (r.status !== 200 || !r.body.csrf_token) throw new Error(`console sign-in: ${r.status} ${r.text}`);
	const c = { admin, cookie: cookieOf(r), csrf: r.body.csrf_token, session: r.body };
	c.request = async (method, target, q = {}) => {
		const { version, ...rest } = q;
		const answer = await svc.request(method, target.startsWith('/setup') ? target : `/setup/api${target}`, {
			...o.request, ...rest,
			headers: {
				cookie: c.cookie, 'x-csrf-token': c.csrf,
				...(version === undefined ? {} : { 'if-match': `"${version}"` }), ...rest.headers,
			},
		});
		return answer;
	};
	c.get = (target, q) => c.request('GET', target, q);
	c.del = (target, q) => c.request('DELETE', target, q);
	for (const method of ['post', 'put', 'patch'])
		c[method] = (target, body, q) => c.request(method.toUpperCase(), target, { body, ...q });
	// Proves to be there; the cookie and the token are new ones afterwards.
	c.stepUp = async () => {
		const s = await c.post('/session/step-up', { password: admin.password });
		if (s.status !== 200) throw new Error(`step-up: ${s.status} ${s.text}`);
		c.cookie = cookieOf(s) ?? c.cookie;
		c.csrf = s.body.csrf_token ?? c.csrf;
		return s.body;
	};
	return c;
}
