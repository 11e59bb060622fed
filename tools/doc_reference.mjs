// doc_reference - the API reference: assets/openapi.json as one static page.
// Everything that the document says of an operation is on it: purpose, proof
// of identity, parameters, fields, examples, every code.

import { escape, HOST, line, markdown, page, permalink, pre } from './doc_html.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const JSON_TYPES = ['application/json', 'application/problem+json'];

// ---- reading the document

class Api {
	constructor(doc) {
		this.doc = doc;
	}

	// What a $ref points to.
	at(node) {
		if (!node?.$ref) return node;
		const found = node.$ref.slice(2).split('/').reduce((o, k) => o?.[k.replace(/~1/g, '/').replace(/~0/g, '~')], this.doc);
		if (found === undefined) throw new Error(`${node.$ref} points nowhere`);
		return this.at(found);
	}

	operations() {
		return Object.entries(this.doc.paths).flatMap(([path, item]) => METHODS.filter((m) => item[m])
			.map((method) => ({ path, method, ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((p) => this.at(p)) })));
	}

	// Fields of an object, those of allOf among them.
	fields(schema) {
		const s = this.at(schema) ?? {};
		const parts = (s.allOf ?? []).map((p) => this.fields(p));
		const required = new Set(s.required ?? []);
		const own = Object.entries(s.properties ?? {}).map(([name, p]) => ({ name, schema: p, isRequired: required.has(name) }));
		return [...new Map([...parts.flat(), ...own].map((f) => [f.name, f])).values()];
	}

	example(media) {
		const examples = Object.entries(media?.examples ?? {}).map(([name, e]) => ({ name, value: this.at(e).value }));
		if (media?.example !== undefined) examples.push({ name: 'example', value: media.example });
		return examples;
	}
}

// ---- schemas

const schemaLink = (ref) => {
	const name = ref.split('/').at(-1);
	return `<a href="#schema-${escape(name)}">${escape(name)}</a>`;
};

function typeHtml(api, s) {
	if (s.$ref) return schemaLink(s.$ref);
	if (s.const !== undefined) return `<code>${escape(JSON.stringify(s.const))}</code>`;
	const either = s.oneOf ?? s.anyOf;
	if (either) return [...new Set(either.map((e) => typeHtml(api, e.$ref || e.type || e.oneOf ? e : { ...e, type: s.type })))].join(' or ');
	if (s.allOf?.length === 1 && !s.properties) return typeHtml(api, s.allOf[0]);
	const types = [s.type ?? (s.properties ? 'object' : 'any')].flat();
	return types.map((t) => {
		if (t === 'array') return `array of ${s.items ? typeHtml(api, s.items) : 'any'}`;
		return escape(t === 'string' && s.format ? s.format : t);
	}).join(' or ');
}

function boundsHtml(s) {
	const out = [];
	if (s.enum) out.push(`one of ${s.enum.map((e) => `<code>${escape(JSON.stringify(e))}</code>`).join(', ')}`);
	if (s.minLength !== undefined || s.maxLength !== undefined) out.push(`${s.minLength ?? 0} to ${s.maxLength ?? 'any number of'} characters`);
	if (s.minimum !== undefined || s.maximum !== undefined) out.push(`${s.minimum ?? '…'} to ${s.maximum ?? '…'}`);
	if (s.pattern) out.push(`pattern <code>${escape(s.pattern)}</code>`);
	if (s.default !== undefined) out.push(`default <code>${escape(JSON.stringify(s.default))}</code>`);
	return out.join('; ');
}

const meaningHtml = (s, description) => [description ? line(description) : '', boundsHtml(s)].filter(Boolean).join(' <br>');

function fieldRows(api, schema, prefix = '', depth = 0) {
	return api.fields(schema).flatMap(({ name, schema: s, isRequired }) => {
		const inner = s.type === 'array' ? s.items ?? {} : s;
		const row = `<tr><td data-label="Field"><code>${escape(prefix + name)}</code>${isRequired ? ' <span class="must">required</span>' : ''}</td><td data-label="Type">${
			typeHtml(api, s)}</td><td data-label="Meaning">${meaningHtml(s, s.description)}</td></tr>`;
		const nested = !inner.$ref && inner.properties && depth < 4 ? fieldRows(api, inner, `${prefix}${name}${s.type === 'array' ? '[]' : ''}.`, depth + 1) : [];
		return [row, ...nested];
	});
}

const wide = (label, html) => `<div class="scroll" tabindex="0" role="group" aria-label="${escape(label)}">${html}</div>`;

function fieldTable(api, schema, label) {
	const rows = fieldRows(api, schema);
	if (rows.length === 0) return '';
	return wide(label, `<table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`);
}

function schemaHtml(api, schema, label) {
	const s = schema ?? {};
	const either = s.oneOf ?? s.anyOf;
	if (either) return either.map((e) => `<p>${typeHtml(api, e)}</p>`).join('<p class="soft">or</p>');
	if (s.$ref) return `<p>${schemaLink(s.$ref)}</p>`;
	return fieldTable(api, s, label) || `<p>${typeHtml(api, s)}</p>`;
}

// ---- samples of calls

const shellQuote = (s) => `'${s.replace(/'/g, `'"'"'`)}'`;
const phpQuote = (s) => `'${s.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

// Header fields and cookies that prove who calls: { header, value: text around
// the name of a variable }.
function proof(api, o) {
	const schemes = Object.keys((o.security ?? [])[0] ?? {}).map((n) => ({ name: n, ...api.doc.components.securitySchemes[n] }));
	const proofs = schemes.map((s) => {
		if (s.type === 'http') return { header: 'Authorization', before: 'Bearer ', variable: 'TOKEN' };
		if (s.in === 'cookie') return { header: 'Cookie', before: `${s.name}=`, variable: 'SESSION' };
		return { header: s.name, before: '', variable: /key/i.test(s.name) ? 'KEY' : 'TOKEN' };
	});
	// What a browser says by itself, a program says with the session's token.
	const isWrite = o.method !== 'get' && schemes.some((s) => s.in === 'cookie');
	return isWrite ? [...proofs, { header: 'X-CSRF-Token', before: '', variable: 'CSRF' }] : proofs;
}

function call(api, o) {
	const url = HOST + o.path.replace(/\{(\w+)\}/g, (whole, name) => {
		const p = o.parameters.find((q) => q.in === 'path' && q.name === name);
		return encodeURIComponent(p?.example ?? p?.schema?.example ?? whole);
	}) + query(o);
	const content = o.requestBody?.content ?? {};
	const type = Object.keys(content)[0];
	const json = type === 'application/json' ? api.example(content[type])[0]?.value : undefined;
	const headers = o.parameters.filter((p) => p.in === 'header' && p.required).map((p) => ({ header: p.name, before: String(p.example ?? p.schema?.example ?? ''), variable: null }));
	return { method: o.method.toUpperCase(), url, headers: [...proof(api, o), ...headers], type, json };
}

function query(o) {
	const pairs = o.parameters.filter((p) => p.in === 'query' && p.required).map((p) => `${p.name}=${encodeURIComponent(p.example ?? p.schema?.example ?? '')}`);
	return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

const isFile = (c) => c.type !== undefined && c.json === undefined;

const SAMPLES = {
	curl(c) {
		const lines = [`curl -sS ${/[?&]/.test(c.url) ? `'${c.url}'` : c.url}`];
		if (c.method !== (c.type ? 'POST' : 'GET')) lines[0] = `curl -sS -X ${c.method} ${c.url}`;
		for (const h of c.headers) lines.push(h.variable ? `-H "${h.header}: ${h.before}$${h.variable}"` : `-H ${shellQuote(`${h.header}: ${h.before}`)}`);
		if (c.type) lines.push(`-H 'Content-Type: ${c.type}'`);
		if (c.json !== undefined) lines.push(`-d ${shellQuote(JSON.stringify(c.json, null, 2))}`);
		if (isFile(c)) lines.push('--data-binary @FILE');
		return lines.join(' \\\n  ');
	},
	JavaScript(c) {
		const headers = [
			...c.headers.map((h) => `    '${h.header}': ${h.variable ? (h.before ? `\`${h.before}\${process.env.${h.variable}}\`` : `process.env.${h.variable}`) : JSON.stringify(h.before)},`),
			...(c.type ? [`    'Content-Type': '${c.type}',`] : [])];
		const body = c.json !== undefined ? `  body: JSON.stringify(${JSON.stringify(c.json, null, 2).replace(/\n/g, '\n  ')}),\n` : isFile(c) ? '  body: await readFile(FILE),\n' : '';
		return `const res = await fetch('${c.url}', {\n  method: '${c.method}',\n${headers.length > 0 ? `  headers: {\n${headers.join('\n')}\n  },\n` : ''}${body}});\n`
			+ `if (!res.ok) {\n  const problem = await res.json();\n  throw new Error(\`\${problem.code}: \${problem.detail}\`);\n}\n`
			+ 'const answer = res.status === 204 ? null : await res.json();';
	},
	PHP(c) {
		const headers = [
			...c.headers.map((h) => `    ${h.variable ? `'${h.header}: ${h.before}' . getenv('${h.variable}')` : phpQuote(`${h.header}: ${h.before}`)},`),
			...(c.type ? [`    'Content-Type: ${c.type}',`] : [])];
		const body = c.json !== undefined ? `    CURLOPT_POSTFIELDS => ${phpQuote(JSON.stringify(c.json))},\n` : isFile(c) ? '    CURLOPT_POSTFIELDS => file_get_contents($file),\n' : '';
		return `$ch = curl_init('${c.url}');\ncurl_setopt_array($ch, [\n    CURLOPT_CUSTOMREQUEST => '${c.method}',\n    CURLOPT_RETURNTRANSFER => true,\n${
			headers.length > 0 ? `    CURLOPT_HTTPHEADER => [\n    ${headers.join('\n    ')}\n    ],\n` : ''}${body}]);\n`
			+ '$answer = json_decode(curl_exec($ch), true);\nif (curl_getinfo($ch, CURLINFO_RESPONSE_CODE) >= 400) {\n    throw new Exception($answer[\'code\'] . \': \' . $answer[\'detail\']);\n}';
	},
	Python(c) {
		const headers = c.headers.map((h) => `        "${h.header}": ${h.variable ? (h.before ? `f"${h.before}{os.environ['${h.variable}']}"` : `os.environ["${h.variable}"]`) : JSON.stringify(h.before)},`);
		if (isFile(c)) headers.push(`        "Content-Type": "${c.type}",`);
		const body = c.json !== undefined ? `    json=${pythonValue(c.json)},\n` : isFile(c) ? '    data=open(FILE, "rb"),\n' : '';
		return `import os, requests\n\nres = requests.${c.method.toLowerCase()}(\n    "${c.url}",\n${headers.length > 0 ? `    headers={\n${headers.join('\n')}\n    },\n` : ''}${body}    timeout=10,\n)\n`
			+ 'if not res.ok:\n    problem = res.json()\n    raise RuntimeError(f"{problem[\'code\']}: {problem[\'detail\']}")\nanswer = res.json() if res.content else None';
	},
};

function pythonValue(v) {
	const words = { true: 'True', false: 'False', null: 'None' };
	if (v === null || typeof v === 'boolean') return words[String(v)];
	if (Array.isArray(v)) return `[${v.map(pythonValue).join(', ')}]`;
	if (typeof v === 'object') return `{${Object.entries(v).map(([k, x]) => `${JSON.stringify(k)}: ${pythonValue(x)}`).join(', ')}}`;
	return JSON.stringify(v);
}

function samplesHtml(api, o) {
	const c = call(api, o);
	const all = Object.entries(SAMPLES).map(([name, make], i) => `<details${i === 0 ? ' open' : ''}><summary>${name}</summary>${pre(make(c), `${name} for ${o.summary}`)}</details>`);
	return `<div class="samples">${all.join('')}</div>`;
}

// ---- an operation

const PROOF_TEXT = {
	none: 'Open: no key and no token.',
	applicationKey: 'the application\'s key (<code>X-Auth-Service-Key</code>)',
	consoleSession: 'a console session (its cookie), and for all but GET its <code>csrf_token</code> in <code>X-CSRF-Token</code>',
	accessToken: "the person's access token (<code>Authorization: Bearer</code>)",
};

function proofHtml(api, o) {
	const ways = (o.security ?? []).map((s) => Object.keys(s).map((n) => {
		const scheme = api.doc.components.securitySchemes[n];
		return PROOF_TEXT[n] ?? `${scheme.in === 'cookie' ? 'cookie' : escape(scheme.in ?? scheme.scheme)} <code>${escape(scheme.name ?? n)}</code>`;
	}).join(' and ')).filter(Boolean);
	return ways.length === 0 ? PROOF_TEXT.none : `Needs ${ways.join(', or ')}.`;
}

function parametersHtml(api, o) {
	if (o.parameters.length === 0) return '';
	const rows = o.parameters.map((p) => `<tr><td data-label="Name"><code>${escape(p.name)}</code>${p.required ? ' <span class="must">required</span>' : ''}</td><td data-label="In">${escape(p.in)}</td><td data-label="Type">${
		typeHtml(api, p.schema ?? {})}</td><td data-label="Meaning">${meaningHtml(api.at(p.schema) ?? {}, p.description)}</td></tr>`);
	return `<h4>Parameters</h4>${wide('Parameters', `<table><thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`)}`;
}

function requestHtml(api, o) {
	const content = o.requestBody?.content;
	if (!content) return '';
	const [[type, media]] = Object.entries(content);
	const others = Object.keys(content).slice(1);
	const body = api.at(media.schema);
	const table = fieldTable(api, body, `Fields of ${o.summary}`) || schemaHtml(api, media.schema, 'Body');
	const rest = api.example(media).slice(1).map((e) => `<details><summary>Another request: ${escape(e.name)}</summary>${pre(JSON.stringify(e.value, null, 2), `Request: ${e.name}`)}</details>`);
	return `<h4>Body</h4><p class="soft"><code>${escape(type)}</code>${others.length > 0 ? `, or the same fields as <code>${others.map(escape).join('</code>, <code>')}</code>` : ''}${
		o.requestBody.required ? '' : '; may be left out'}</p>${table}${rest.join('')}`;
}

function answersHtml(api, o) {
	return Object.entries(o.responses).filter(([s]) => /^[123]/.test(s)).map(([status, r]) => {
		const answer = api.at(r);
		const [type, media] = Object.entries(answer.content ?? {})[0] ?? [];
		const examples = JSON_TYPES.includes(type) ? api.example(media) : [];
		const shown = examples.map((e, i) => (i === 0 ? pre(JSON.stringify(e.value, null, 2), `Answer ${status}`)
			: `<details><summary>Another answer: ${escape(e.name)}</summary>${pre(JSON.stringify(e.value, null, 2), `Answer ${status}: ${e.name}`)}</details>`));
		const what = media?.schema ? schemaHtml(api, media.schema, `Answer ${status}`) : '';
		return `<h5><span class="status">${status}</span> ${line(answer.description ?? '')}${type && !JSON_TYPES.includes(type) ? ` <code>${escape(type)}</code>` : ''}</h5>${what}${shown.join('')}`;
	}).join('');
}

// Each code with its sentence; what every operation has is folded up.
function codesHtml(api, o) {
	const rows = (isShared) => Object.entries(o.responses).filter(([s, r]) => !/^[123]/.test(s) && Boolean(r.$ref) === isShared).flatMap(([, r]) =>
		Object.entries(api.at(r).content?.['application/problem+json']?.examples ?? {}).map(([code, e]) => ({ code, ...api.at(e).value })));
	const own = rows(false);
	const shared = rows(true);
	const link = (code) => `<a href="/setup/guide#error-${escape(code)}"><code>${escape(code)}</code></a>`;
	const table = own.length === 0 ? '' : wide('Codes', `<table><thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">Meaning</th></tr></thead><tbody>${
		own.map((r) => `<tr><td data-label="Status">${r.status}</td><td data-label="Code">${link(r.code)}</td><td data-label="Meaning">${escape(r.detail)}</td></tr>`).join('')}</tbody></table>`);
	const rest = shared.length === 0 ? '' : `<p class="soft">${own.length > 0 ? 'Also' : 'Any of'}: ${shared.map((r) => `${link(r.code)} ${r.status}`).join(', ')}.</p>`;
	return `<h4>Refusals</h4>${table}${rest}`;
}

// What docs/try.js needs to make a call from the page: of what only reads, and
// of what a test user does.
function tryAttribute(api, o) {
	if (o.method !== 'get' && !o.path.startsWith('/auth/')) return '';
	const { json, type } = call(api, o);
	const proofs = proof(api, o);
	const value = {
		method: o.method.toUpperCase(), path: o.path, proofs: proofs.filter((p) => p.header !== 'Cookie' && p.variable !== 'CSRF'), isSession: proofs.some((p) => p.header === 'Cookie'),
		parameters: o.parameters.map((p) => ({ name: p.name, in: p.in, required: p.required || undefined, example: p.required ? p.example ?? p.schema?.example : undefined })),
		body: type ? json ?? {} : undefined,
	};
	return ` data-try="${escape(JSON.stringify(value))}"`;
}

function operationHtml(api, o) {
	const id = o.operationId;
	return `<article id="${escape(id)}" class="operation"${tryAttribute(api, o)}>
<h3>${escape(o.summary)} ${permalink(id, o.summary)}</h3>
<p class="route"><span class="verb ${o.method}">${o.method.toUpperCase()}</span> <code>${escape(o.path)}</code></p>
${o.description ? markdown(o.description, { level: 4 }) : ''}
<p class="soft">${proofHtml(api, o)}</p>
${samplesHtml(api, o)}
${parametersHtml(api, o)}
${requestHtml(api, o)}
<h4>Answers</h4>
${answersHtml(api, o)}
${codesHtml(api, o)}
</article>`;
}

// ---- the page

function schemasHtml(api) {
	return Object.entries(api.doc.components.schemas).map(([name, s]) => `<article id="schema-${escape(name)}"><h3>${escape(name)} ${permalink(`schema-${name}`, name)}</h3>${s.description ? markdown(s.description, { level: 4 }) : ''}${
		fieldTable(api, s, `Fields of ${name}`) || `<p>${typeHtml(api, s)} ${boundsHtml(s)}</p>`}</article>`).join('\n');
}

// The page of an OpenAPI document, given as an object.
export function referencePage(doc) {
	const api = new Api(doc);
	const operations = api.operations();
	const tags = doc.tags.map((t) => ({ ...t, operations: operations.filter((o) => o.tags[0] === t.name) })).filter((t) => t.operations.length > 0);
	const id = (t) => `tag-${t.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
	const body = `<h1>API reference</h1>
<p class="lead">${escape(doc.info.summary ?? '')} Version ${escape(doc.info.version)}; as a file: <a href="/openapi.json">openapi.json</a> (OpenAPI ${escape(doc.openapi)}).</p>
<p>In the examples <code>$KEY</code> is the application's key and <code>$TOKEN</code> the person's access token; in those of the console <code>$SESSION</code> is the value of the cookie and <code>$CSRF</code> the session's <code>csrf_token</code>.</p>
${markdown(doc.info.description ?? '', { level: 2 })}
${tags.map((t) => `<section aria-labelledby="${id(t)}"><h2 id="${id(t)}">${escape(t.name)}</h2>${t.description ? `<p>${line(t.description)}</p>` : ''}\n${t.operations.map((o) => operationHtml(api, o)).join('\n')}</section>`).join('\n')}
<section aria-labelledby="schemas"><h2 id="schemas">Objects</h2>
${schemasHtml(api)}
</section>`;
	const list = tags.map((t) => ({
		title: t.name,
		items: t.operations.map((o) => ({
			href: `#${o.operationId}`, text: `${o.method} ${o.path} ${o.summary} ${o.operationId}`,
			html: `<span class="verb ${o.method}">${o.method.toUpperCase()}</span> <span>${escape(o.summary)}</span>`,
		})),
	}));
	list.push({ title: 'More', items: [{ href: '#schemas', text: 'objects schemas', html: '<span>Objects</span>' }] });
	return page({ title: 'API reference', here: 'API reference', filter: 'Filter operations', list, body });
}
