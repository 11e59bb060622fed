// service - what needs no key: health, readiness, this document.

import { object } from './common.mjs';

export const schemas = {
	Health: object({ status: { type: 'string', const: 'ok' } }),
	Readiness: object({
		status: { type: 'string', const: 'ready' },
		schema_version: { type: 'integer', minimum: 1 },
		database: object({
			connections: { type: 'integer', minimum: 0 },
			busy: { type: 'integer', minimum: 0 },
			waiting: { type: 'integer', minimum: 0, description: 'Requests that wait for a connection.' },
		}),
	}),
	Metrics: { type: 'string', minLength: 1, description: 'Prometheus\' text format 0.0.4.' },
	Document: object({ openapi: { type: 'string' } }, ['openapi'], { additionalProperties: true, description: 'OpenAPI 3.1.' }),
};

export const paths = {
	'/healthz': {
		get: {
			id: 'getHealth', tag: 'Service', security: 'none', summary: 'Does the process answer?',
			answers: { 200: { description: 'It does.', schema: 'Health', examples: { ok: { status: 'ok' } } } },
			problems: [],
		},
	},
	'/readyz': {
		get: {
			id: 'getReadiness', tag: 'Service', security: 'none', summary: 'Can it serve? Database, schema, queue.',
			description: 'For a load balancer: 503 also while the instance is stopping.',
			answers: { 200: { description: 'It can.', schema: 'Readiness', examples: { ready: { status: 'ready', schema_version: 6, database: { connections: 8, busy: 0, waiting: 0 } } } } },
			problems: ['internal', 'overloaded', 'database_unavailable', 'draining'],
		},
	},
	'/metrics': {
		get: {
			id: 'getMetrics', tag: 'Service', security: 'none', summary: 'What it counts, for Prometheus',
			description: 'Requests by route, method and status, and their times; statements and their times; sign-ins, refusals and codes; sessions and people; what the '
				+ 'processes use. Of all workers of the node. For addresses of the setting `metrics_allow`, at first the machine itself.',
			answers: { 200: { description: 'The counts.', schema: 'Metrics', type: 'text/plain; version=0.0.4; charset=utf-8',
				examples: { some: '# HELP process_open_fds Of all workers.\n# TYPE process_open_fds gauge\nprocess_open_fds 42\n' } } },
			problems: ['ip_not_allowed', 'internal', 'overloaded', 'database_unavailable'],
		},
	},
	'/openapi.json': {
		get: {
			id: 'getOpenapi', tag: 'Service', security: 'none', summary: 'This document',
			parameters: [{ name: 'If-None-Match', in: 'header', description: 'The ETag of the copy at hand.', schema: { type: 'string' }, example: '"0f1e2d3c"' }],
			answers: {
				200: { description: 'The document.', schema: 'Document', headers: ['ETag', 'CacheControl', 'Vary'], examples: { document: { openapi: '3.1.0' } } },
				304: { description: 'The copy at hand is current.', headers: ['ETag', 'CacheControl', 'Vary'] },
			},
			problems: [],
		},
	},
};
