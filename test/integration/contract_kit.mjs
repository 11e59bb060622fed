// contract_kit - holds the running service to its own OpenAPI document.
// Owns: calling operations by their operationId, judging every answer by the
// document, and the account of what was seen.  Must not: know an endpoint.

import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { rawRequest } from './harness.mjs';

export class Contract {
	constructor(doc) {
		this.doc = doc;
		this.seen = new Set();
		this.checks = new Map();
		this.ajv = new Ajv2020({ strict: false, allErrors: true });
		addFormats(this.ajv);
		this.ajv.addSchema(strict(structuredClone(doc)), 'doc');
		this.ops = {};
		for (const [template, item] of Object.entries(doc.paths)) {
			for (const [method, o] of Object.entries(item)) {
				this.ops[o.operationId] = {
					id: o.operationId, template, method: method.toUpperCase(), spec: o,
					isKeyed: (o.security ?? []).length > 0,
					hasBody: o.requestBody !== undefined && !o['x-foreign-body'],
					pointer: `#/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`,
				};
			}
		}
	}

	has(id) { return this.ops[id] !== undefined; }

	op(id) {
		if (!this.has(id)) throw new Error(`no operation ${id}`);
		return this.ops[id];
	}

	path(id, params = {}) {
		const { template, spec } = this.op(id);
		return template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(
			params[name] ?? spec.parameters.find((p) => p.in === 'path' && p.name === name).example));
	}

	// One call, judged.  |o| as of request(), params of the path, and a query.
	async call(svc, id, o = {}) {
		const { method } = this.op(id);
		const r = await svc.request(method, this.path(id, o.params) + (o.query ?? ''), o);
		this.judge(id, r);
		return r;
	}

	// A call of exactly this status and code (undefined: a good answer).
	async expect(svc, id, status, code, o) {
		const r = await this.call(svc, id, o);
		assert.equal(`${r.status} ${r.body?.code ?? ''}`, `${status} ${code ?? ''}`, `${id}: ${r.text}`);
		return r;
	}

	// The answer is one of those that the document has for the operation.
	judge(id, r) {
		const { pointer, spec } = this.op(id);
		const code = r.status >= 400 ? r.body?.code : '';
		const what = `${id} answered ${r.status} ${code ?? ''}: ${r.text.slice(0, 500)}`;
		let slot = String(r.status);
		if (spec.responses[slot] === undefined || (r.status >= 400 && !this.codes(id, slot).includes(code))) slot = 'default';
		assert.ok(slot !== 'default' || this.codes(id, slot).includes(code), `not in the document: ${what}`);
		const response = this.deref(spec.responses[slot]);
		this.judgeHeaders(response, r, what);
		const [type] = Object.keys(response.content ?? {});
		if (type === undefined) {
			assert.equal(r.text, '', `a body where none belongs: ${what}`);
			assert.equal(r.headers['content-type'], undefined, what);
		} else {
			assert.equal(r.headers['content-type'], type, what);
			const at = spec.responses[slot].$ref ?? `${pointer}/responses/${slot}`;
			const check = this.validator(`${at}/content/${type.replaceAll('/', '~1')}/schema`);
			assert.ok(check(type.endsWith('json') ? r.body : r.text), `${what}\n${this.ajv.errorsText(check.errors, { dataVar: 'answer', separator: '\n' })}`);
		}
		if (r.status >= 400) this.judgeProblem(r, what);
		this.seen.add(`${id} ${slot} ${code}`);
	}

	judgeHeaders(response, r, what) {
		for (const [name, h] of Object.entries(response.headers ?? {})) {
			const header = this.deref(h);
			let value = r.headers[name.toLowerCase()];
			if (value === undefined) {
				assert.ok(!header.required, `no ${name}: ${what}`);
				continue;
			}
			if (Array.isArray(value)) value = value.join(', ');
			if (header.schema.type === 'integer') value = Number(value);
			assert.ok(this.ajv.validate(header.schema, value), `${name}: ${value}: ${what}`);
		}
		const known = new Set(['connection', 'keep-alive', 'content-length', 'content-type', 'date', 'server',
			'strict-transport-security', 'transfer-encoding', 'x-content-type-options', ...Object.keys(response.headers ?? {}).map((n) => n.toLowerCase())]);
		const unknown = Object.keys(r.headers).filter((n) => !known.has(n));
		assert.deepEqual(unknown, [], `headers that are not in the document: ${what}`);
	}

	// What no schema can say: the members repeat each other and the head.
	judgeProblem(r, what) {
		assert.equal(r.body.type, `urn:identity:problem:${r.body.code}`, what);
		assert.equal(r.body.status, r.status, what);
		assert.equal(r.body.request_id, r.headers['x-request-id'], what);
		if (r.status !== 401) return;
		const isBearer = ['token_invalid', 'token_expired', 'session_revoked', 'refresh_invalid', 'refresh_expired', 'refresh_reused'].includes(r.body.code);
		const wanted = isBearer ? 'Bearer error="invalid_token"' : r.body.code === 'token_missing' ? 'Bearer' : undefined;
		assert.equal(r.headers['www-authenticate'], wanted, what);
	}

	// What a raw socket got, as an answer of |id|.
	async raw(svc, id, data) {
		const { responses: [r] } = await rawRequest(svc, data);
		assert.ok(r, `${id}: no answer`);
		const answer = { status: r.status, headers: r.headers, text: r.body, body: JSON.parse(r.body) };
		this.judge(id, answer);
		return answer;
	}

	deref(x) { return x.$ref ? x.$ref.slice(2).split('/').reduce((o, k) => o[k], this.doc) : x; }

	codes(id, slot) {
		const content = this.deref(this.op(id).spec.responses[slot]).content?.['application/problem+json'];
		return content === undefined ? [''] : content.schema.properties.code.enum;
	}

	validator(pointer) {
		if (!this.checks.has(pointer)) this.checks.set(pointer, this.ajv.compile({ $ref: `doc${pointer}` }));
		return this.checks.get(pointer);
	}

	// What is written and was never answered.
	missing() {
		const all = Object.values(this.ops).flatMap((o) => Object.keys(o.spec.responses)
			.flatMap((slot) => this.codes(o.id, slot).map((code) => `${o.id} ${slot} ${code}`)));
		return all.filter((x) => !this.seen.has(x));
	}
}

// In the document an answer may gain fields; in this test it may not, or one
// would never be described.  Problem alone is extended by those that name it.
function strict(doc) {
	const walk = (s, isBase) => {
		if (s === null || typeof s !== 'object') return;
		if (!isBase && s.properties && s.additionalProperties === undefined) s.unevaluatedProperties = false;
		for (const [k, v] of Object.entries(s)) {
			if (['allOf', 'if', 'then', 'else', 'oneOf', 'anyOf'].includes(k)) for (const x of Array.isArray(v) ? v : [v]) walk(x, true);
			else if (k === 'properties') for (const x of Object.values(v)) walk(x, false);
			else if (k === 'items') walk(v, false);
		}
	};
	for (const [name, s] of Object.entries(doc.components.schemas)) walk(s, name === 'Problem');
	const responses = [doc.components.responses, ...Object.values(doc.paths).flatMap((i) => Object.values(i).map((o) => o.responses))];
	for (const r of responses.flatMap((x) => Object.values(x)))
		for (const m of Object.values(r.content ?? {})) walk(m.schema, false);
	return doc;
}
