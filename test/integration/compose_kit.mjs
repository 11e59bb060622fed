// compose_kit - what "docker compose config" does with compose*.yaml, for a
// machine without an engine: reads, fills in variables, merges overlays, and
// checks the outcome against the Compose Specification as far as these files
// use it.  Must not know: which files there are.  Ref: compose-spec.io.

import Ajv from 'ajv';
import yaml from 'js-yaml';

// !reset takes what is below it away, !override takes its place.
class Tagged {
	constructor(how, value) { Object.assign(this, { how, value }); }
}
const tag = (how, kind) => new yaml.Type(`!${how}`, { kind, construct: (v) => new Tagged(how, v) });
const SCHEMA = yaml.DEFAULT_SCHEMA.extend(['reset', 'override'].flatMap((how) => ['scalar', 'sequence', 'mapping'].map((k) => tag(how, k))));

// Where the bracket that was opened before |i| is closed.
function closing(text, i) {
	for (let depth = 1; i < text.length; i++) {
		if (text.startsWith('${', i)) depth++;
		else if (text[i] === '}' && --depth === 0) return i;
	}
	throw new Error(`not closed: ${text}`);
}

// $$, $NAME, ${NAME}, ${NAME:-default}, ${NAME:?why not}; nested too.
export function interpolate(text, env) {
	let out = '';
	for (let i = 0; i < text.length; i++) {
		if (text[i] !== '$') {
			out += text[i];
			continue;
		}
		const rest = text.slice(i + 1);
		const bare = /^[A-Za-z_]\w*/.exec(rest);
		if (rest[0] === '$') {
			out += '$';
			i++;
		} else if (bare) {
			out += env[bare[0]] ?? '';
			i += bare[0].length;
		} else if (rest[0] === '{') {
			const end = closing(text, i + 2);
			const m = /^([A-Za-z_]\w*)(?:(:-|:\?)(.*))?$/s.exec(text.slice(i + 2, end));
			if (!m) throw new Error(`no variable: ${text.slice(i, end + 1)}`);
			const [, name, op, word] = m;
			if (op === ':?' && !env[name]) throw new Error(`${name}: ${interpolate(word, env)}`);
			out += op === ':-' && !env[name] ? interpolate(word, env) : env[name] ?? '';
			i = end;
		} else {
			throw new Error(`a lone $: ${text}`);
		}
	}
	return out;
}

function fill(v, env) {
	if (typeof v === 'string') return interpolate(v, env);
	if (v instanceof Tagged) return new Tagged(v.how, fill(v.value, env));
	if (Array.isArray(v)) return v.map((x) => fill(x, env));
	if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, fill(x, env)]));
	return v;
}

const plain = (v) => {
	if (v instanceof Tagged) return v.how === 'reset' ? undefined : plain(v.value);
	if (Array.isArray(v)) return v.map(plain);
	if (!v || typeof v !== 'object') return v;
	return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]).filter(([, x]) => x !== undefined));
};

// Lists of these take the place of the earlier one; others are added to it.
const REPLACED = new Set(['command', 'entrypoint', 'test']);

function merge(a, b, key) {
	if (b instanceof Tagged) return plain(b);
	if (a === undefined || a === null) return plain(b);
	if (b === null) return a;
	if (Array.isArray(a) && Array.isArray(b)) return REPLACED.has(key) ? plain(b) : [...new Set([...a, ...plain(b)])];
	if (typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
		const out = { ...a };
		for (const [k, v] of Object.entries(b)) {
			out[k] = merge(a[k], v, k);
			if (out[k] === undefined) delete out[k];
		}
		return out;
	}
	if (Array.isArray(a) !== Array.isArray(b)) throw new Error(`${key}: a list and a mapping`);
	return plain(b);
}

// The project that these texts make together.
export const compose = (texts, env = {}) =>
	texts.map((t) => fill(yaml.load(t, { schema: SCHEMA }), env)).reduce((a, b) => merge(a, b, ''), {});

// ---- what may be in it

const text = { type: 'string', minLength: 1 };
const strings = { type: 'array', items: text, uniqueItems: true };
const argv = { type: 'array', items: { type: 'string' }, minItems: 1 };
const time = { type: 'string', pattern: '^(\\d+(us|ms|s|m|h))+$' };
const size = { type: 'string', pattern: '^\\d+[bkmg]$' };
const closed = (properties, required = []) => ({ type: 'object', properties, required, additionalProperties: false });
const named = (schema) => ({ type: 'object', propertyNames: { pattern: '^[a-zA-Z0-9._-]+$' }, additionalProperties: schema });

const service = {
	...closed({
		image: { type: 'string', pattern: '^[a-z0-9][a-z0-9./_-]*:[\\w][\\w.-]*$' },
		build: closed({ context: text, dockerfile: text }, ['context']),
		user: { type: 'string', pattern: '^\\d+:\\d+$' },
		command: argv, entrypoint: argv,
		restart: { enum: ['no', 'always', 'on-failure', 'unless-stopped'] },
		depends_on: named(closed({ condition: { enum: ['service_started', 'service_healthy', 'service_completed_successfully'] } }, ['condition'])),
		environment: { type: 'object', propertyNames: { pattern: '^[A-Z][A-Z0-9_]*$' }, additionalProperties: { type: ['string', 'number'] } },
		labels: { type: 'array', items: { type: 'string', pattern: '^[^=]+=.+$' } },
		network_mode: { enum: ['none'] },
		networks: strings,
		ports: { type: 'array', items: { type: 'string', pattern: '^(\\d{1,3}(\\.\\d{1,3}){3}:)?\\d{1,5}:\\d{1,5}$' }, uniqueItems: true },
		volumes: { type: 'array', items: { type: 'string', pattern: '^[^:]+:/[^:]+(:(ro|rw))?$' }, uniqueItems: true },
		tmpfs: strings, read_only: { type: 'boolean' },
		cap_drop: strings, cap_add: strings, security_opt: strings,
		pids_limit: { type: 'integer', minimum: 1 }, mem_limit: size, shm_size: size, stop_grace_period: time,
		healthcheck: closed({ test: argv, interval: time, timeout: time, retries: { type: 'integer', minimum: 1 }, start_period: time }, ['test']),
		logging: closed({ driver: text, options: { type: 'object', additionalProperties: text } }, ['driver']),
	}),
	anyOf: [{ required: ['image'] }, { required: ['build'] }],
	not: { required: ['network_mode', 'networks'] },
};
const isProject = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(closed({
	name: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' },
	services: { ...named(service), minProperties: 1 },
	networks: named({ anyOf: [{ type: 'null' }, closed({ name: text, internal: { type: 'boolean' },
		ipam: closed({ config: { type: 'array', items: closed({ subnet: text }) } }) })] }),
	volumes: named({ type: 'null' }),
}, ['services']));

// What is wrong with a project; empty when an engine would take it.
export function problems(p) {
	if (!isProject(p)) return isProject.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
	const wrong = [];
	const want = (ok, why) => { if (!ok) wrong.push(why); };
	for (const [name, s] of Object.entries(p.services)) {
		for (const n of s.networks ?? []) want(n in (p.networks ?? {}), `${name}: no network ${n}`);
		for (const [d, how] of Object.entries(s.depends_on ?? {})) {
			want(d in p.services, `${name}: no service ${d}`);
			want(how.condition !== 'service_healthy' || d !== name && (p.services[d]?.healthcheck || p.services[d]?.build),
				`${name}: ${d} has no health check`);
		}
		const targets = (s.volumes ?? []).map((v) => v.split(':')[1]);
		want(new Set(targets).size === targets.length, `${name}: two volumes in one place`);
		for (const v of (s.volumes ?? []).map((x) => x.split(':')[0]))
			want(/^[./]/.test(v) || v in (p.volumes ?? {}), `${name}: no volume ${v}`);
		for (const port of s.ports ?? [])
			want(port.split(':').slice(-2).every((x) => Number(x) >= 1 && Number(x) <= 65535), `${name}: port ${port}`);
	}
	const published = Object.values(p.services).flatMap((s) => s.ports ?? []).map((x) => x.split(':').at(-2));
	want(new Set(published).size === published.length, 'one port of the machine twice');
	return wrong;
}
