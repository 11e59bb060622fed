// try - "Try it" of the API reference: a call from this page to this service.
// The key and the token are pasted by hand and stay in these variables: never
// in storage, an address or a cookie.

const kept = { KEY: '', TOKEN: '' };
const LABELS = { KEY: 'Application key', TOKEN: 'Access token' };
const SHOWN_MAX = 100_000;

function make(tag, props, ...children) {
	const e = Object.assign(document.createElement(tag), props);
	e.append(...children);
	return e;
}

function forget() {
	for (const name of Object.keys(kept)) remember(name, '');
}

// All forms that ask for it show the same.
function remember(name, value) {
	kept[name] = value;
	for (const e of document.querySelectorAll(`[data-kept="${name}"]`)) e.value = value;
}

let ids = 0;
function field(label, value, isLong) {
	const id = `try-${++ids}`;
	const input = make(isLong ? 'textarea' : 'input', { id, value, autocomplete: 'off', spellcheck: false });
	if (isLong) input.rows = Math.min(12, value.split('\n').length);
	return { input, row: make('p', {}, make('label', { htmlFor: id, textContent: label }), input) };
}

// ---- the form of one operation

function build(o) {
	const out = make('div', { className: 'answer' });
	out.setAttribute('role', 'status');
	const fields = {};
	const rows = [];
	for (const { variable } of o.proofs) {
		const f = field(LABELS[variable], kept[variable]);
		f.input.dataset.kept = variable;
		f.input.className = 'secret';
		f.input.addEventListener('input', () => remember(variable, f.input.value.trim()));
		rows.push(f.row);
	}
	for (const p of o.parameters) {
		fields[p.name] = field(`${p.name} (${p.in}${p.required ? '' : ', optional'})`, p.example ?? '');
		rows.push(fields[p.name].row);
	}
	const body = o.body === undefined ? null : field('Body', JSON.stringify(o.body, null, 2), true);
	if (body) rows.push(body.row);
	const send = make('button', { type: 'submit', textContent: 'Send' });
	const form = make('form', { className: 'try-form' }, ...rows, make('p', {}, send));
	let running = null;
	form.addEventListener('submit', async (e) => {
		e.preventDefault();
		if (running) {
			running.abort();
			return;
		}
		running = new AbortController();
		send.textContent = 'Stop';
		out.replaceChildren(make('p', { textContent: 'Waiting for the answer …' }));
		out.replaceChildren(...await ask(o, fields, body?.input.value, running));
		running = null;
		send.textContent = 'Send';
	});
	const notes = [o.isSession && 'Goes out with your session of the console.', o.proofs.length > 0 && 'What you paste is kept in this page alone, until it is left.', o.method !== 'GET' && 'It is done for real: use a test user.'];
	return [make('p', { className: 'soft', textContent: notes.filter(Boolean).join(' ') || 'Needs no key.' }), form, out];
}

function address(o, fields) {
	const values = (where) => o.parameters.filter((p) => p.in === where).map((p) => [p.name, fields[p.name].input.value.trim()]);
	const path = values('path').reduce((s, [name, v]) => s.replace(`{${name}}`, encodeURIComponent(v)), o.path);
	const query = new URLSearchParams(values('query').filter(([, v]) => v !== ''));
	const headers = Object.fromEntries(values('header').filter(([, v]) => v !== ''));
	for (const p of o.proofs) if (kept[p.variable] !== '') headers[p.header] = p.before + kept[p.variable];
	return { url: path + (String(query) && `?${query}`), headers };
}

// ---- the call and its answer

// Text of a body, as far as it is shown; what never ends is stopped by hand.
async function read(r) {
	const reader = r.body?.getReader();
	const decoder = new TextDecoder();
	let text = '';
	try {
		for (let part; reader && text.length < SHOWN_MAX && !(part = await reader.read()).done;) text += decoder.decode(part.value, { stream: true });
	} catch {
		return `${text}\n… stopped`;
	}
	if (text.length < SHOWN_MAX) return text;
	await reader.cancel();
	return `${text.slice(0, SHOWN_MAX)}\n… and more`;
}

function shownBody(type, text) {
	if (!/json/.test(type)) return text;
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;	// one line for each object, or broken off
	}
}

function block(label, text) {
	const pre = make('pre', { tabIndex: 0 }, make('code', { textContent: text }));
	pre.setAttribute('role', 'group');
	pre.setAttribute('aria-label', label);
	return pre;
}

async function ask(o, fields, json, { signal }) {
	const { url, headers } = address(o, fields);
	if (json !== undefined && json.trim() !== '') {
		try {
			JSON.parse(json);
		} catch (e) {
			return [make('p', { className: 'failed', textContent: `The body is no JSON: ${e.message}` })];
		}
		headers['Content-Type'] = 'application/json';
	}
	const start = performance.now();
	let r;
	try {
		r = await fetch(url, { method: o.method, headers, body: headers['Content-Type'] ? json : undefined, credentials: o.isSession ? 'same-origin' : 'omit', redirect: 'manual', cache: 'no-store', signal });
	} catch (e) {
		return [make('p', { className: 'failed', textContent: signal.aborted ? 'Stopped.' : `There was no answer: ${e.message}` })];
	}
	const text = await read(r);
	const ms = Math.round(performance.now() - start);
	try {
		const token = JSON.parse(text).access_token;
		if (typeof token === 'string') remember('TOKEN', token);
	} catch { /* no JSON */ }
	const out = [make('p', {}, make('strong', { className: r.ok ? 'worked' : 'failed', textContent: `${r.status} ${r.statusText}`.trim() }), ` in ${ms} ms `, make('code', { textContent: `${o.method} ${url}` }))];
	const list = [...r.headers].map(([k, v]) => `${k}: ${v}`).join('\n');
	out.push(make('details', {}, make('summary', { textContent: `Headers (${[...r.headers].length})` }), block('Headers of the answer', list)));
	if (text !== '') out.push(block('Body of the answer', shownBody(r.headers.get('content-type') ?? '', text)));
	return out;
}

// ---- where it is offered

// The form is made when it is first opened.
export function offer() {
	for (const article of document.querySelectorAll('[data-try]')) {
		const box = make('details', { className: 'try' }, make('summary', { textContent: 'Try it' }));
		box.addEventListener('toggle', () => {
			if (box.children.length === 1) box.append(...build(JSON.parse(article.dataset.try)));
		});
		article.querySelector('.samples').after(box);
	}
	addEventListener('pagehide', forget);
}
