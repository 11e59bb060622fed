// delivery_kit - real servers that codes are delivered to: SMTP with TLS and
// sign-in, and HTTP servers that answer as providers do.
// Must not: know what a test expects of them.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { SLOW, onTeardown, tempDir } from './harness_env.mjs';
import { waitUntil } from './harness_service.mjs';

export const EGRESS = { IDENTITY_EGRESS_ALLOW: '127.0.0.0/8,::1/128' };

// An authority and a certificate of it for this machine: { ca (path), key, cert }.
export function makeCerts() {
	const dir = tempDir('certs');
	const at = (name) => path.join(dir, name);
	const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
	openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=Test CA',
		'-keyout', at('ca.key'), '-out', at('ca.pem'));
	openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost',
		'-keyout', at('key.pem'), '-out', at('req.pem'));
	fs.writeFileSync(at('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n');
	openssl('x509', '-req', '-in', at('req.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2',
		'-extfile', at('san'), '-out', at('cert.pem'));
	fs.chmodSync(at('ca.pem'), 0o644);
	return { ca: at('ca.pem'), key: fs.readFileSync(at('key.pem')), cert: fs.readFileSync(at('cert.pem')) };
}

function closed(server) {
	return new Promise((resolve) => {
		server.closeAllConnections?.();
		server.close(() => resolve());
	});
}

// A mail server.  |o|: { certs, secure (TLS from the start), user, pass,
// rcpt (address => error or null), hold (never answers the data), port }.
// Gives { port, mails: [parsed, with .envelope], close() }.
export async function startSmtp(o = {}) {
	const mails = [];
	const sockets = new Set();
	const server = new SMTPServer({
		secure: o.secure ?? false, key: o.certs?.key, cert: o.certs?.cert,
		authOptional: !o.user, disabledCommands: o.certs ? [] : ['STARTTLS'],
		allowInsecureAuth: true, logger: false, closeTimeout: 100,
		onConnect(session, done) { done(); },
		onAuth(a, session, done) {
			if (a.username === o.user && a.password === o.pass) done(null, { user: a.username });
			else done(Object.assign(new Error('Invalid username or password'), { responseCode: 535 }));
		},
		onRcptTo(a, session, done) {
			const e = o.rcpt?.(a.address);
			done(e ? Object.assign(new Error(e.message), { responseCode: e.code }) : undefined);
		},
		onData(stream, session, done) {
			const parts = [];
			stream.on('data', (d) => parts.push(d));
			stream.on('end', async () => {
				if (o.hold) return;
				const raw = Buffer.concat(parts);
				const mail = await simpleParser(raw);
				mail.raw = raw.toString('latin1');
				mail.envelope = { from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((r) => r.address) };
				mail.isTls = session.secure;
				mail.user = session.user;
				mails.push(mail);
				done(null, 'queued as 4711');
			});
		},
	});
	server.on('error', () => {});	// a client that broke off
	server.server.on('connection', (s) => { sockets.add(s); s.on('close', () => sockets.delete(s)); });
	await new Promise((resolve) => { server.listen(o.port ?? 0, '127.0.0.1', resolve); });
	const smtp = {
		port: server.server.address().port, mails,
		close: () => new Promise((resolve) => {
			for (const s of sockets) s.destroy();
			server.close(() => resolve());
		}),
	};
	onTeardown(smtp.close);
	return smtp;
}

// An HTTP server.  |answer|: (request { method, url, headers, body, json },
// response) => [status, body, headers] or undefined when it took care itself;
// it can be changed later.  Gives { port, url, requests, answer, close() }.
export async function startHttp({ answer, certs, port } = {}) {
	const sms = { requests: [], answer: answer ?? (() => [200, { ok: true }]) };
	const listener = (req, res) => {
		const parts = [];
		req.on('data', (d) => parts.push(d));
		req.on('error', () => {});
		req.on('end', () => {
			const r = { method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(parts).toString(), at: Date.now() };
			try {
				r.json = JSON.parse(r.body);
			} catch {
				r.form = Object.fromEntries(new URLSearchParams(r.body));
			}
			sms.requests.push(r);
			const a = sms.answer(r, res);
			if (a === undefined) return;
			const [status, body, headers = {}] = a;
			const isText = typeof body === 'string';
			res.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
			res.end(isText ? body : JSON.stringify(body));
		});
	};
	const server = certs ? https.createServer({ key: certs.key, cert: certs.cert }, listener) : http.createServer(listener);
	server.keepAliveTimeout = 1000;
	await new Promise((resolve) => { server.listen(port ?? 0, '127.0.0.1', resolve); });
	sms.port = server.address().port;
	sms.url = `${certs ? 'https' : 'http'}://127.0.0.1:${sms.port}`;
	sms.close = () => closed(server);
	onTeardown(sms.close);
	return sms;
}

// Fast2SMS as its documents describe it: |code| undefined is a good answer.
export function fast2sms(code, text = 'refused') {
	if (code === undefined)
		return [200, { return: true, request_id: 'lwdtp7cjyqxvfe9', message: ['Message sent successfully'] }];
	return [code === 412 || code === 413 ? 401 : 400, { return: false, status_code: code, message: text }];
}

// The documents of the examples in the guide, pointed at a server of ours.
export const genericDoc = (sms, o = {}) => ({
	name: 'gateway', type: 'generic', enabled: true, priority: 10, timeout_s: 5, method: 'POST', url: `${sms.url}/send`,
	content_type: 'application/json', headers: { 'Idempotency-Key': '{request_id}' }, auth: { kind: 'bearer', token: 'sekret-token-1' },
	body: '{"to":"{to_e164}","text":"{message}","code":"{code}"}',
	success: { status: '2xx', pointer: '/ok', equals: true }, message_id_pointer: '/id', ...o,
});
export const smtpDoc = (smtp, o = {}) => ({
	name: 'mail', type: 'smtp', enabled: true, priority: 10, timeout_s: 5, host: '127.0.0.1', port: smtp.port, security: 'none',
	from: 'Identity <codes@example.org>', ...o,
});

// `identityd provider apply` of |doc|.
export async function applyProvider(svc, doc, o = {}) {
	const r = await svc.cli(['provider', 'apply', '-', '--json'], { stdin: JSON.stringify(doc) });
	if (o.mayFail) return r;
	if (r.code !== 0) throw new Error(`provider apply: ${r.stderr}`);
	return r.json()[0];
}

// The newest row of the outbox of a challenge or a person.
export const outboxRow = async (db, where, value) =>
	(await db.rows(`select * from outbox where ${where} = $1 order by id desc limit 1`, [value]))[0];
// Waits until that row has one of |states|.
export function outboxEnds(db, where, value, states = ['sent', 'failed', 'expired', 'refused'], timeoutMs = 15_000 * SLOW) {
	let last;
	return waitUntil(async () => {
		last = await outboxRow(db, where, value);
		return last && states.includes(last.state) ? last : null;
	}, { timeoutMs, stepMs: 40, what: `the message of ${where} ${value} is ${states}` })
		.catch((e) => { throw new Error(`${e.message}: ${JSON.stringify({ ...last, payload: undefined })}`); });
}
