#!/usr/bin/env node
// apidoc - writes what describes the API from its sources:
//	docs/openapi/*.mjs, src/http/problem.def, kore.conf -> assets/openapi.json
//	src/http/problem.def -> the error table of docs/guide.md
//	both of these -> assets/console/docs/reference.html and guide.html
// Only paths that kore.conf routes are in the document, so it never tells of
// what the binary does not answer.  Needs no packages.
//
//	tools/apidoc.mjs [--check]	--check: 1 when a file is not current

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { guidePage } from './doc_guide.mjs';
import { referencePage } from './doc_reference.mjs';

const TOP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (name) => path.join(TOP, name);
const read = (name) => fs.readFileSync(at(name), 'utf8');

// ---- sources

// { code: { status, title, text } } in the order of problem.def.
export function readProblems() {
	const STRING = '((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)';
	const ROW = new RegExp(`^PROBLEM\\((\\w+),\\s*(\\d+),\\s*${STRING},\\s*${STRING},\\s*${STRING}\\)`, 'gm');
	const join = (s) => [...s.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]).join('').replace(/\\(.)/g, '$1');
	const out = {};
	for (const m of read('src/http/problem.def').matchAll(ROW))
		out[join(m[3])] = { status: Number(m[2]), title: join(m[4]), text: join(m[5]) };
	return out;
}

// Functions that tell whether kore.conf answers a path, less those that take
// whatever is left.
export function readRoutes() {
	return [...read('kore.conf').matchAll(/^route\s+(\S+)\s+(\S+)/gm)]
		.filter((m) => !['api_not_found', 'console_home'].includes(m[2]))
		.map((m) => ({ path: m[1], handler: m[2], matches: m[1].startsWith('^') ? (p) => new RegExp(m[1]).test(p) : (p) => p === m[1] }));
}

async function readGroups() {
	const names = fs.readdirSync(at('docs/openapi')).filter((n) => n.endsWith('.mjs') && !n.endsWith('common.mjs')).sort();
	const groups = [];
	for (const n of names) groups.push(await import(pathToFileURL(at(`docs/openapi/${n}`)).href));
	return groups;
}

// A path with the examples of its parameters in their places.
export const samplePath = (template, item) => template.replace(/\{(\w+)\}/g, (_, name) =>
	Object.values(item).flatMap((o) => o.parameters ?? []).find((p) => p.in === 'path' && p.name === name).example);

// ---- the document

const REQUEST_ID = '0198c2a1-9a00-7b00-8c00-1234567890ab';
const TOKEN_CODES = ['token_missing', 'token_invalid', 'token_expired', 'session_revoked', 'refresh_invalid', 'refresh_expired', 'refresh_reused'];
// Before the operation is known: HTTP itself, and the method.
const BEFORE = ['method_not_allowed', 'length_required', 'uri_too_long', 'header_too_large', 'not_supported', 'http_version_not_supported'];
const KEYED = ['api_key_missing', 'api_key_invalid', 'application_disabled', 'ip_not_allowed', 'rate_limited', 'internal', 'overloaded', 'database_unavailable'];
// Of the console: what its guard says, and what every call may meet.
const CONSOLE = ['console_session_required', 'https_required', 'internal', 'overloaded', 'database_unavailable'];
const WITH_BODY = ['body_too_large', 'unsupported_media_type', 'invalid_parameter'];
const SHARED = {
	400: 'Malformed', 401: 'KeyRefused', 403: 'ApplicationRefused', 413: 'TooLarge', 415: 'MediaType', 422: 'InvalidParameter',
	429: 'RateLimited', 500: 'Internal', 503: 'Unavailable',
};
const SHARED_CONSOLE = { ...SHARED, 401: 'SignedOut', 403: 'ConsoleRefused', 429: 'ConsoleLimited' };

const isOfConsole = (o) => o.tag.startsWith('Console');

class Document {
	constructor(common, groups) {
		this.common = common;
		this.problems = readProblems();
		this.shared = {};
		this.schemas = Object.assign({}, common.schemas, ...groups.map((g) => g.schemas ?? {}));
		this.routes = readRoutes();
		const live = groups.map((g) => ({ ...g, paths: Object.fromEntries(Object.entries(g.paths).filter(([p, item]) => this.isRouted(p, item))) }));
		this.items = Object.assign({}, ...live.map((g) => g.paths));
		// A group may add to operations of others, once it is there itself.
		const extend = Object.assign({}, ...live.map((g) => (Object.keys(g.paths).length > 0 ? g.extend : {})));
		for (const item of Object.values(this.items))
			for (const [method, o] of Object.entries(item)) item[method] = extend[o.id]?.(o) ?? o;
	}

	isRouted(template, item) {
		return this.routes.some((r) => r.matches(samplePath(template, item)));
	}

	headers(names) {
		return Object.fromEntries(names.map((n) => [
			{ RequestId: 'X-Request-Id', NoStore: 'Cache-Control', CacheControl: 'Cache-Control', SyncTag: 'ETag', RetryAfter: 'Retry-After', WwwAuthenticate: 'WWW-Authenticate', RateLimitPolicy: 'RateLimit-Policy', VersionTag: 'ETag', SetCookie: 'Set-Cookie', Attachment: 'Content-Disposition' }[n] ?? n,
			{ $ref: `#/components/headers/${n}` }]));
	}

	problem(codes, { description, headers = [], isDefault = false }) {
		const rows = codes.map((code) => ({ code, ...this.problems[code] }));
		for (const r of rows) if (r.status === undefined) throw new Error(`problem.def has no ${r.code}`);
		const statuses = [...new Set(rows.map((r) => r.status))];
		const extras = rows.filter((r) => this.common.extras[r.code]).map((r) => ({ code: r.code, ...this.common.extras[r.code] }));
		const schema = {
			allOf: [{ $ref: '#/components/schemas/Problem' }],
			type: 'object',
			properties: {
				status: { type: 'integer', ...(statuses.length === 1 ? { const: statuses[0] } : { enum: statuses }) },
				code: { type: 'string', enum: codes },
				...Object.assign({}, ...extras.map((e) => e.properties)),
			},
		};
		// Told with one code only: required where no other is possible.
		for (const e of extras.filter((x) => !x.isOptional)) {
			const required = Object.keys(e.properties);
			if (rows.length === 1) schema.required = required;
			else Object.assign(schema, { if: { properties: { code: { const: e.code } } }, then: { required } });
		}
		const names = ['RequestId', ...(isDefault ? ['Allow'] : []), 'NoStore', ...headers];
		if (statuses.length === 1 && [429, 503].includes(statuses[0])) names.push('RetryAfter');
		if (codes.some((c) => TOKEN_CODES.includes(c))) names.push('WwwAuthenticate');
		// A cookie that is good for nothing is taken away.
		if (codes.includes('console_session_required')) names.push('SetCookie');
		return {
			description: description ?? rows.map((r) => `\`${r.code}\`: ${r.text}`).join('\n\n'),
			headers: this.headers(names),
			content: {
				'application/problem+json': {
					schema,
					examples: Object.fromEntries(rows.map((r) => [r.code, {
						value: {
							type: `urn:identity:problem:${r.code}`, title: r.title, status: r.status, code: r.code, detail: r.text, request_id: REQUEST_ID,
							...this.common.extras[r.code]?.example,
						},
					}])),
				},
			},
		};
	}

	// Statuses of an operation; what every operation has is written once.
	problemResponses(o, method) {
		const isConsole = o.security === 'console';
		const guard = isConsole ? [...CONSOLE, ...(method === 'get' ? [] : ['csrf_failed'])] : o.security === 'none' ? [] : KEYED;
		const base = ['malformed_request', ...guard, ...(o.request ? WITH_BODY : [])];
		const names = isConsole ? { ...SHARED_CONSOLE, ...(method === 'get' ? { 403: 'ConsoleRefusedGet' } : {}) } : SHARED;
		const own = o.problems.filter((c) => !base.includes(c));
		const order = Object.keys(this.problems);
		const all = [...base, ...own].sort((a, b) => order.indexOf(a) - order.indexOf(b));
		const out = {};
		for (const status of [...new Set(all.map((c) => this.problems[c]?.status))]) {
			if (status === undefined) throw new Error(`${o.id}: a code that problem.def does not have: ${all}`);
			const codes = all.filter((c) => this.problems[c].status === status);
			// Answers that are written once are those of keyed operations too.
			const isShared = codes.every((c) => base.includes(c)) && names[status] === SHARED[status];
			const headers = isShared || (o.security !== 'none' && !isConsole) ? ['RateLimit', 'RateLimitPolicy'] : [];
			const response = this.problem(codes, { headers });
			if (codes.every((c) => base.includes(c))) {
				this.shared[names[status]] = response;
				out[status] = { $ref: `#/components/responses/${names[status]}` };
			} else {
				out[status] = response;
			}
		}
		this.shared.Refused = this.problem(BEFORE, { isDefault: true, description: 'Refused before the operation was reached.' });
		out.default = { $ref: '#/components/responses/Refused' };
		return out;
	}

	operation(o, method) {
		const schemaOf = (name) => (Array.isArray(name) ? { oneOf: name.map(schemaOf) } : { $ref: `#/components/schemas/${name}` });
		const json = (schema, examples) => ({
			schema: schemaOf(schema),
			examples: Object.fromEntries(Object.entries(examples).map(([k, value]) => [k, { value }])),
		});
		const answers = Object.fromEntries(Object.entries(o.answers).map(([status, a]) => [status, {
			description: a.description,
			headers: this.headers(['RequestId', ...(a.headers ?? ['NoStore']), ...(['none', 'console'].includes(o.security) ? [] : ['RateLimit', 'RateLimitPolicy'])]),
			...(a.schema ? { content: { [a.type ?? 'application/json']: json(a.schema, a.examples) } } : {}),
		}]));
		const key = { applicationKey: [] };
		const both = { applicationKey: [], accessToken: [] };
		return {
			operationId: o.id, tags: [o.tag], summary: o.summary,
			...(o.description ? { description: o.description } : {}),
			security: { none: [], console: [{ consoleSession: [] }], token: [both], 'token-or-body': [key, both] }[o.security] ?? [key],
			...(o.parameters ? { parameters: o.parameters } : {}),
			// The other side's format: no rule of ours holds for it.
			...(o.request?.isForeign ? { 'x-foreign-body': true } : {}),
			...(o.request ? {
				requestBody: {
					required: !o.request.isOptional,
					content: o.request.bytes ? { [o.request.bytes]: { schema: { type: 'string', contentMediaType: o.request.bytes }, examples: { bytes: { value: 'the bytes of the file' } } } } : {
						'application/json': json(o.request.schema, o.request.examples),
						// The console's API takes JSON alone.
						...(isOfConsole(o) ? {} : { 'application/x-www-form-urlencoded': { schema: schemaOf(o.request.schema) } }),
					},
				},
			} : {}),
			responses: { ...answers, ...this.problemResponses(o, method) },
		};
	}

	json() {
		const paths = {};
		const tags = new Set();
		for (const [template, item] of Object.entries(this.items)) {
			paths[template] = Object.fromEntries(Object.entries(item).map(([method, o]) => [method, this.operation(o, method)]));
			for (const o of Object.values(item)) tags.add(o.tag);
		}
		const doc = {
			openapi: '3.1.0',
			info: this.common.info,
			servers: [{ url: '/', description: 'The service that gave out this document.' }],
			tags: this.common.tags.filter((t) => tags.has(t.name)),
			paths,
			components: {
				securitySchemes: this.common.securitySchemes,
				schemas: this.schemas, responses: this.shared, headers: this.common.headers,
			},
		};
		for (const kind of ['responses', 'schemas', 'headers']) this.prune(doc, kind);
		return `${JSON.stringify(doc, null, '\t')}\n`;
	}

	// What nothing refers to belongs to paths that are not there.
	prune(doc, kind) {
		for (;;) {
			const text = JSON.stringify(doc);
			const unused = Object.keys(doc.components[kind]).filter((n) => !text.includes(`"#/components/${kind}/${n}"`));
			if (unused.length === 0) return;
			for (const n of unused) delete doc.components[kind][n];
		}
	}
}

// ---- the error table of the guide

const BEGIN = '<!-- errors: tools/apidoc.mjs writes this table from src/http/problem.def -->';
const END = '<!-- end of errors -->';

function guide() {
	const text = read('docs/guide.md');
	const from = text.indexOf(BEGIN);
	const to = text.indexOf(END);
	if (from < 0 || to < from) throw new Error('docs/guide.md has no place for the table of errors');
	const rows = Object.entries(readProblems()).map(([code, p]) => `| ${p.status} | \`${code}\` | ${p.text} |`);
	return `${text.slice(0, from + BEGIN.length)}\n\n| status | code | meaning |\n|---|---|---|\n${rows.join('\n')}\n\n${text.slice(to)}`;
}

async function main() {
	const common = await import(pathToFileURL(at('docs/openapi/common.mjs')).href);
	const openapi = new Document(common, await readGroups()).json();
	const guideText = guide();
	const made = {
		'assets/openapi.json': openapi,
		'docs/guide.md': guideText,
		'assets/console/docs/reference.html': referencePage(JSON.parse(openapi)),
		'assets/console/docs/guide.html': guidePage(guideText),
	};
	let stale = 0;
	for (const [name, text] of Object.entries(made)) {
		if (fs.existsSync(at(name)) && read(name) === text) continue;
		if (process.argv.includes('--check')) {
			process.stderr.write(`apidoc: ${name} is not current: run tools/apidoc.mjs\n`);
			stale++;
		} else {
			fs.writeFileSync(at(name), text);
		}
	}
	process.exitCode = stale > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
