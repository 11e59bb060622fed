// openapi_lint - lints assets/openapi.json with Redocly's linter, by the rules
// below; "make openapi".  Offline: the linter is a library here, and this
// process tells nobody anything.
// Ours are the rules about operationId, problem+json, request ids and
// examples; the other ones are Redocly's "recommended-strict".

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseResolver, Source, createConfig, lintDocument } from '@redocly/openapi-core';

const FILE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../assets/openapi.json');

const ERROR = /^[45]/;
const resolved = (node, ctx) => (node?.$ref ? ctx.resolve(node).node : node);

const rules = {
	// Every 4xx and 5xx, and the default, is a problem with its codes.
	'problem-json': () => ({
		ResponsesMap(responses, ctx) {
			for (const [status, r] of Object.entries(responses)) {
				if (!ERROR.test(status) && status !== 'default') continue;
				const content = resolved(r, ctx)?.content ?? {};
				const where = ctx.location.child([status]);
				if (Object.keys(content).join() !== 'application/problem+json') {
					ctx.report({ message: `${status} is not application/problem+json alone.`, location: where });
					continue;
				}
				const { schema, examples } = content['application/problem+json'];
				const codes = schema?.properties?.code?.enum;
				if (!Array.isArray(codes) || codes.length === 0)
					ctx.report({ message: `${status} does not name its codes.`, location: where });
				else if (codes.some((c) => examples?.[c] === undefined))
					ctx.report({ message: `${status} has a code without an example.`, location: where });
			}
		},
	}),
	// Every answer tells its request id; 429 and 503 when to come back.
	'answer-headers': () => ({
		ResponsesMap(responses, ctx) {
			for (const [status, r] of Object.entries(responses)) {
				const names = Object.keys(resolved(r, ctx)?.headers ?? {});
				for (const n of ['X-Request-Id', 'Cache-Control', ...(/^(429|503)$/.test(status) ? ['Retry-After'] : [])]) {
					if (!names.includes(n)) ctx.report({ message: `${status} lacks ${n}.`, location: ctx.location.child([status]) });
				}
			}
		},
	}),
	// Every JSON body, asked or answered, is shown once at least.
	'body-examples': () => ({
		MediaType(media, ctx) {
			if (ctx.key !== 'application/x-www-form-urlencoded' && Object.keys(media.examples ?? {}).length === 0)
				ctx.report({ message: 'A body without an example.' });
		},
	}),
	// A constructed object says which of its members are always there.
	'object-required': () => ({
		Schema(schema, ctx) {
			if (schema.type === 'object' && schema.required === undefined && schema.additionalProperties === undefined && schema.allOf === undefined)
				ctx.report({ message: 'An object without "required" or "additionalProperties".' });
		},
	}),
};

const config = await createConfig({
	extends: ['recommended-strict'],
	plugins: [{ id: 'ours', rules: { oas3: rules } }],
	rules: {
		...Object.fromEntries(Object.keys(rules).map((n) => [`ours/${n}`, 'error'])),
		'operation-operationId': 'error',
		'operation-operationId-unique': 'error',
		'operation-operationId-url-safe': 'error',
		'operation-description': 'off',
		'operation-singular-tag': 'error',
		'operation-tag-defined': 'error',
		'tag-description': 'error',
		'no-unused-components': 'error',
		'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
		'no-invalid-schema-examples': { severity: 'error', allowAdditionalProperties: true },
		'no-invalid-parameter-examples': { severity: 'error', allowAdditionalProperties: true },
		'parameter-description': 'error',
		'path-params-defined': 'error',
		'no-ambiguous-paths': 'error',
		'no-server-example.com': 'error',
	},
});

// Problems of the document as text, "" when there are none.
export async function lint(text, name = FILE) {
	const document = { source: new Source(name, text), parsed: JSON.parse(text) };
	const problems = await lintDocument({ document, config: config.styleguide, externalRefResolver: new BaseResolver() });
	return problems.map((p) => `${p.location[0]?.pointer ?? ''}: ${p.message} (${p.ruleId})`).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const bad = await lint(readFileSync(FILE, 'utf8'));
	if (bad !== '') process.stderr.write(`${bad}\n`);
	process.stdout.write(bad === '' ? 'openapi: assets/openapi.json, fine\n' : 'openapi: breaches\n');
	process.exitCode = bad === '' ? 0 : 1;
}
