// console_common - what the operations of the console's API share.  They are
// written short: get(), post() … add the parameters of the path, the list's
// frame, If-Match and the codes that go with them.

import { UUID } from './common.mjs';

export const TIME = '2026-11-23T09:20:00.000Z';
export const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
export const text = (description, rest = {}) => ({ type: 'string', ...(description ? { description } : {}), ...rest });
export const int = (description, rest = {}) => ({ type: 'integer', ...(description ? { description } : {}), ...rest });
export const bool = (description) => ({ type: 'boolean', ...(description ? { description } : {}) });
export const uuid = (description) => text(description, { format: 'uuid' });
export const time = (description) => text(description, { format: 'date-time' });
export const orNull = (schema) => ({ ...schema, type: [schema.type, 'null'] });
export const list = (items, rest = {}) => ({ type: 'array', items, ...rest });
// An object with exactly these members, all there unless |optional| names it.
export const object = (properties, { optional = [], ...rest } = {}) =>
	({ type: 'object', required: Object.keys(properties).filter((k) => !optional.includes(k)), properties, ...rest });
// One that may have more members.
export const open = (properties, rest = {}) => ({ type: 'object', properties, additionalProperties: true, ...rest });

export const schemas = {
	Page: object({
		next_cursor: orNull(text('For `cursor` of the next page; null on the last.')), has_more: bool(),
		count: int('With `count=1`: how many there are, as far as 10 000.'), count_capped: bool('There are more than `count` says.'),
		first_matches: int('The search was cut to so many before it was put in order.'),
	}, { optional: ['count', 'count_capped', 'first_matches'] }),
	IdName: object({ id: uuid(), name: text() }),
};
export const PAGE = { next_cursor: null, has_more: false };
// A list of |item| with its page.
export const listOf = (item) => object({ data: list(ref(item)), page: ref('Page') });

const PATH = {
	id: 'The id of it.', app_id: 'The application.', sid: 'The session.', key_id: 'The id of the key.', name: 'The name of it.', n: 'Number of the chunk, from 0.',
	channel: '`sms` or `email`.', language: 'A language tag, such as `en`.',
};
const SAMPLE = { key_id: '7Fq2mXo3bq9s', name: 'gateway', n: 0, channel: 'sms', language: 'en' };

export const q = (name, description, schema = { type: 'string' }, example = undefined) => ({ name, in: 'query', description, schema, ...(example === undefined ? {} : { example }) });
export const PAGING = [
	q('limit', 'Rows of a page.', { type: 'integer', minimum: 1, maximum: 200, default: 50 }, 50),
	q('cursor', 'Of the page before, as it was given.'),
];
const IF_MATCH = { name: 'If-Match', in: 'header', required: true, description: 'The version that was read, as the ETag has it.', schema: { type: 'string' }, example: '"3"' };

// |o|: id, summary, description, query, headers, params {name: example}, body
// [schema, example], bodyType (bytes), isBodyOptional, ok [status, schema,
// example, description], orCreated (201 too), okType, versioned, stepUp,
// problems.
function operation(method, path, tag, o) {
	const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
	const codes = [...(o.problems ?? [])];
	if (names.length > 0 && !o.isAnyName) codes.push(o.notFound ?? 'not_found');
	if (o.versioned) codes.push('if_match_required', 'precondition_failed');
	if (o.stepUp) codes.push('step_up_required');
	if (o.query?.length > 0) codes.push('invalid_parameter');
	const [status, schema, example, said] = o.ok ?? [204];
	const isTagged = o.tagged ?? (o.versioned && status !== 204);
	return {
		id: o.id, tag, summary: o.summary, security: o.security ?? 'console',
		...(o.description || o.stepUp ? { description: [o.description, o.stepUp && 'Needs a step-up in the last five minutes.'].filter(Boolean).join(' ') } : {}),
		...(names.length + (o.query?.length ?? 0) > 0 || o.versioned ? {
			parameters: [
				...names.map((name) => ({ name, in: 'path', required: true, description: PATH[name], schema: { type: name === 'n' ? 'integer' : 'string' }, example: o.params?.[name] ?? SAMPLE[name] ?? UUID })),
				...(o.query ?? []), ...(o.versioned ? [IF_MATCH] : [])],
		} : {}),
		...(o.body ? { request: { schema: o.body[0], examples: { example: o.body[1] }, isOptional: o.isBodyOptional } } : {}),
		...(o.bodyType ? { request: { bytes: o.bodyType } } : {}),
		answers: Object.fromEntries([status, ...(o.orCreated ? [201] : [])].map((s) => [
			s, {
				description: said ?? (status === 204 ? 'Done.' : status === 201 ? 'It was made.' : 'As it is now.'),
				...(schema ? { schema, examples: { example } } : {}), ...(o.okType ? { type: o.okType } : {}),
				headers: ['NoStore', ...(isTagged && s === status ? ['VersionTag'] : []), ...(o.okHeaders ?? [])],
			},
		])),
		problems: codes,
	};
}

// Collects the operations of one area: { paths, get(path, o), post(…) … }.
export function area(tag) {
	const paths = {};
	const add = (method) => (path, o) => { (paths[`/setup/api${path}`] ??= {})[method] = operation(method, path, tag, o); };
	return { paths, get: add('get'), post: add('post'), put: add('put'), patch: add('patch'), del: add('delete') };
}
