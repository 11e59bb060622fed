// harness_cast - applications, keys and people, made the way an operator does.
// Must not: reach into tables to make them.

import { randomBytes } from 'node:crypto';

let counter = 0;	// names and addresses that do not collide

// A service's own command line: { code, stdout, stderr, json() }.
export const cli = (svc, args, o) => svc.cli(args, o);

async function cliJson(svc, args, o) {
	const r = await svc.cli([...args, '--json'], o);
	if (r.code !== 0) throw new Error(`identityd ${args.join(' ')}: exit ${r.code}\n${r.stderr}`);
	return r.json();
}

// { id, name, … }; allowed from this machine unless |allow| says otherwise.
export function makeApp(svc, { name = `app ${++counter}`, allow = ['127.0.0.1', '::1'] } = {}) {
	return cliJson(svc, ['app', 'create', '--name', name, ...allow.flatMap((a) => ['--allow-ip', a])]);
}

// { id, key } of |app| (an object of makeApp, an id or a name).
export function makeKey(svc, app, { expires } = {}) {
	return cliJson(svc, ['key', 'create', '--app', app.id ?? app,
		...(expires === undefined ? [] : ['--expires', String(expires)])]);
}

// The User, with |password| beside it (random unless given; null: none).
export async function makeUser(svc, o = {}) {
	const n = ++counter;
	const password = o.password === undefined ? randomBytes(12).toString('base64url') : o.password;
	const email = o.email === undefined ? `person${n}.${process.pid}@example.org` : o.email;
	const args = ['user', 'create', '--name', o.name ?? `Person ${n}`];
	if (email !== null) args.push('--email', email);
	if (o.mobile) args.push('--mobile', o.mobile);
	if (o.empId) args.push('--emp-id', o.empId);
	if (o.mfa) args.push('--mfa');
	for (const app of o.apps ?? []) args.push('--app', app.id ?? app);
	if (password !== null) args.push('--password-stdin');
	const user = await cliJson(svc, args, { stdin: password === null ? '' : `${password}\n` });
	return { ...user, password };
}

// The usual cast in one call: { svc, app, key (text), user }.
export async function makeCast(svc, o = {}) {
	const app = await makeApp(svc, o.app);
	const { key, id: keyId } = await makeKey(svc, app, o.key);
	const user = await makeUser(svc, { apps: [app], ...o.user });
	return { svc, app, key, keyId, user };
}

// Signs |user| in; gives Tokens.  |o| goes to the request.
export async function signIn(svc, { key, user }, o = {}) {
	const r = await svc.post('/auth/login', { identifier: user.email ?? user.mobile_number, password: user.password, ...o.body }, { key, ...o.request });
	if (r.status !== 200) throw new Error(`login: ${r.status} ${r.text}`);
	return r.body;
}

// Audit rows in order, newest last; |where| compares columns.
export async function auditRows(db, where = {}) {
	const names = Object.keys(where);
	const cond = names.map((n, i) => `${n} = $${i + 1}`).join(' and ') || 'true';
	return db.rows(`select * from audit where ${cond} order by id`, Object.values(where));
}
