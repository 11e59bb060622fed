// provider_form - a provider's document as a form (docs/providers.md); secrets
// that are stored are never shown again.

import { html } from '../lib.js';
import { put as putDocument, useLoad } from '../api.js';
import { Area, CheckField, Field, Form, Select, useField, useForm } from '../form.js';
import { Table } from '../table.js';
import { Button, Loaded, Notice, Tag } from '../ui.js';
import { NAMES, nameOf } from './message_names.js';
import { at, documentOf, ERROR_CLASSES, FIELDS, put } from './provider_fields.js';

// ---- between the document and the form, whose values are named by path

const idKey = (r) => r.name + (r.language.trim() && `/${r.language.trim()}`);
const isSet = (v) => Boolean(v && typeof v === 'object' && v.set);

function toForm(f, v) {
	switch (f.kind) {
	case 'secret': return isSet(v) ? null : v ?? '';
	case 'list': return (v ?? []).join(', ');
	case 'json': return v === undefined ? '' : JSON.stringify(v);
	case 'code': return typeof v === 'object' && v !== null ? JSON.stringify(v, null, 2) : v ?? '';
	case 'secrets': return Object.entries(v ?? {}).map(([name, s]) => ({ name, value: isSet(s) ? '' : s, isSecret: true, isKept: isSet(s) }));
	case 'headers': return Object.entries(v ?? {}).map(([name, h]) => (typeof h === 'object' ? { name, value: h.value ?? '', isSecret: true, isKept: h.value === undefined } : { name, value: h, isSecret: false }));
	case 'map': return Object.entries(v ?? {}).map(([name, value]) => ({ name, value }));
	case 'ids': return Object.entries(v ?? {}).sort().map(([key, id]) => {
		const [text, ...language] = key.split('/');
		return { name: text, language: language.join('/'), value: id };
	});
	case 'carriers': return v ?? [];
	case 'check': return Boolean(v);
	default: return v === undefined || v === null ? '' : String(v);
	}
}

function fromForm(f, v) {
	switch (f.kind) {
	case 'secret': return v === null ? { set: true } : v;
	case 'list': {
		const all = v.split(/[\s,]+/).map((x) => x.replace(/^\+/, '')).filter(Boolean);
		return all.length > 0 ? all : undefined;
	}
	case 'number': return v.trim() === '' ? undefined : Number(v);
	case 'json': return v.trim() === '' ? undefined : JSON.parse(v);
	case 'headers': {
		const rows = v.filter((h) => h.name.trim() !== '');
		return Object.fromEntries(rows.map((h) => [h.name.trim(), h.isSecret ? (h.isKept ? { set: true } : { value: h.value, secret: true }) : h.value]));
	}
	case 'secrets': return Object.fromEntries(v.filter((r) => r.name.trim() !== '').map((r) => [r.name.trim(), r.isKept ? { set: true } : r.value]));
	case 'map': return Object.fromEntries(v.filter((r) => r.name.trim() !== '').map((r) => [r.name.trim(), r.value]));
	case 'ids': return Object.fromEntries(v.map((r) => [idKey(r), r.value.trim()]));
	case 'carriers': return v.length === 0 ? undefined : v.map((c) => Object.fromEntries(Object.entries(c).filter(([, x]) => x !== '')));
	case 'check': return v || undefined;
	default: return typeof v === 'string' ? v.trim() : v;
	}
}

const fieldsOf = (type) => FIELDS[type].filter((f) => f.path);
const valuesOf = (doc) => Object.fromEntries([['name', doc.name ?? ''], ...fieldsOf(doc.type).map((f) => [f.path, toForm(f, at(doc, f.path))])]);

// The document that the form says; what cannot be read stays out of it.
function documentFrom(base, values) {
	let doc = { ...base, name: values.name.trim() };
	for (const f of fieldsOf(base.type)) {
		let v;
		try {
			v = fromForm(f, values[f.path]);
		} catch {
			v = undefined;	// JSON that is not finished; check() says so
		}
		doc = put(doc, f.path, v);
	}
	return doc;
}

function check(base, values) {
	const doc = documentFrom(base, values);
	const errors = {};
	if (doc.name === '') errors.name = 'Enter a name.';
	for (const f of fieldsOf(base.type)) {
		if (f.when && !f.when(doc)) continue;
		const v = values[f.path];
		if (f.isRequired && v === '') errors[f.path] = `${f.label}: enter it.`;
		if (f.kind === 'number' && v !== '' && !Number.isInteger(Number(v))) errors[f.path] = `${f.label}: enter a whole number.`;
		if (f.kind === 'ids') {
			if (v.some((r) => r.value.trim() === '')) errors[f.path] = 'Enter each template id, or remove its row.';
			else if (new Set(v.map(idKey)).size < v.length) errors[f.path] = 'There is more than one id for the same text and language.';
		}
		if (f.kind === 'json' && v !== '') {
			try {
				JSON.parse(v);
			} catch {
				errors[f.path] = `${f.label}: enter JSON, such as true, "ok" or 0.`;
			}
		}
	}
	return errors;
}

// ---- fields that are more than a line

function Secret({ path, label, hint }) {
	const f = useField(path);
	if (f.value === null) {
		return html`<div class="row"><strong>${label}</strong><p class="soft">Stored, and never shown again. <button type="button" class="link" onClick=${() => f.set('')}>Replace it<span class="out">: ${label}</span></button></p></div>`;
	}
	return html`<${Field} name=${path} label=${label} hint=${hint} type="password" autocomplete="off" spellcheck=${false} />`;
}

// Rows of name and value; draw(row, set, i) is what stands beside the name,
// which is typed unless drawName() says otherwise.
function Pairs({ path, label, hint, blank, nameLabel, drawName, draw, addLabel }) {
	const f = useField(path);
	const set = (i, patch) => f.set(f.value.map((r, n) => (n === i ? { ...r, ...patch } : r)));
	return html`<fieldset class="row" id=${f.id}><legend>${label}</legend>${hint && html`<p class="hint">${hint}</p>`}${f.error && html`<p class="error"><span class="out">Error: </span>${f.error}</p>`}
		${f.value.map((r, i) => html`<div class="pair" key=${i}>${drawName ? drawName(r, (patch) => set(i, patch), i) : html`<input aria-label=${`${nameLabel} ${i + 1}`} placeholder=${nameLabel} value=${r.name} spellcheck=${false} autocomplete="off" onInput=${(e) => set(i, { name: e.target.value })} />`}
			${draw(r, (patch) => set(i, patch), i)}<${Button} small kind="quiet" icon="close" onClick=${(e) => {
				e.currentTarget.closest('fieldset').querySelector('.actions button').focus();
				f.set(f.value.filter((_, n) => n !== i));
			}} aria-label=${`Remove ${(!drawName && r.name) || `row ${i + 1}`}`}>Remove<//></div>`)}
		<div class="actions"><${Button} small icon="plus" onClick=${() => f.set([...f.value, { ...blank }])}>${addLabel}<//></div></fieldset>`;
}

const pairValue = (r, set, i) => (r.isKept ? html`<p class="soft">Stored. <button type="button" class="link" onClick=${() => set({ isKept: false, value: '' })}>Replace it</button></p>`
	: html`<input aria-label=${`Value ${i + 1}`} type=${r.isSecret ? 'password' : 'text'} placeholder="Value" value=${r.value} autocomplete="off" spellcheck=${false} onInput=${(e) => set({ value: e.target.value })} />`);

const Secrets = (f) => html`<${Pairs} ...${f} blank=${{ name: '', value: '', isSecret: true }} nameLabel="Name" addLabel="Add a secret" draw=${pairValue} />`;

const Headers = (f) => html`<${Pairs} ...${f} blank=${{ name: '', value: '', isSecret: false }} nameLabel="Name" addLabel="Add a header field" draw=${(r, set, i) => html`${pairValue(r, set, i)}
	<label><input type="checkbox" checked=${r.isSecret} onChange=${(e) => set({ isSecret: e.target.checked, isKept: false })} /> secret</label>`} />`;

const ErrorMap = (f) => html`<${Pairs} ...${f} blank=${{ name: '', value: 'retry' }} nameLabel="Code" addLabel="Add a code" draw=${(r, set, i) => html`
	<select aria-label=${`Meaning of ${r.name || `code ${i + 1}`}`} value=${r.value} onChange=${(e) => set({ value: e.target.value })}>${ERROR_CLASSES.map(([v, t]) => html`<option key=${v} value=${v} selected=${v === r.value}>${t}</option>`)}</select>`} />`;

const TemplateIds = (f) => html`<${Pairs} ...${f} blank=${{ name: 'sign_in_code', language: '', value: '' }} addLabel="Add a template id"
	drawName=${(r, set, i) => html`<select aria-label=${`Text ${i + 1}`} value=${r.name} onChange=${(e) => set({ name: e.target.value })}>${Object.keys({ ...NAMES, [r.name]: 1 }).map((n) => html`<option key=${n} value=${n} selected=${n === r.name}>${nameOf(n)}</option>`)}</select>`}
	draw=${(r, set, i) => html`<input aria-label=${`Language ${i + 1}`} placeholder="Any language" maxlength="35" value=${r.language} autocomplete="off" spellcheck=${false} onInput=${(e) => set({ language: e.target.value })} />
		<input aria-label=${`Template id ${i + 1}`} placeholder="Template id" maxlength="100" value=${r.value} autocomplete="off" spellcheck=${false} onInput=${(e) => set({ value: e.target.value })} />`} />`;

const CARRIER_TONE = { active: 'ok', unverified: 'warn', sunset: 'warn', dead: 'bad' };

function Carriers({ path, label }) {
	const f = useField(path);
	const load = useLoad('/carriers');
	const own = (id) => f.value.find((c) => c.id === id);
	const set = (id, change) => {
		const others = f.value.filter((c) => c.id !== id);
		const { sunset, ...c } = { ...own(id), id, ...change };
		f.set(c.status === '' ? others : [...others, c.status === 'sunset' ? { ...c, sunset: sunset ?? '' } : c]);
	};
	return html`<fieldset class="row" id=${f.id}><legend>${label}</legend><p class="hint">What is known of each gateway, and since when. “Dead” refuses, “sunset” and “unverified” are used with a warning.</p>
		${f.error && html`<p class="error"><span class="out">Error: </span>${f.error}</p>`}
		<${Loaded} load=${load} lines="3">${({ data }) => html`<${Table} caption="Carrier gateways" rows=${data} columns=${[
			{ key: 'name', label: 'Carrier', head: true, draw: (c) => c.name },
			{ key: 'domain', label: 'Gateway', draw: (c) => html`<code>${c.domain}</code>` },
			{ key: 'status', label: 'State', draw: (c) => html`<${Tag} tone=${CARRIER_TONE[c.status]}>${c.status}${c.sunset ? ` ${c.sunset}` : ''}<//>` },
			{ key: 'verified', label: 'Looked up', draw: (c) => c.verified || '–' },
			{ key: 'own', label: 'Yours', draw: (c) => html`<select aria-label=${`Your state of ${c.name}`} value=${own(c.id)?.status ?? ''} onChange=${(e) => set(c.id, { status: e.target.value, sunset: c.sunset })}><option value="">as shipped</option>${Object.keys(CARRIER_TONE).map((s) => html`<option key=${s} value=${s} selected=${own(c.id)?.status === s}>${s}</option>`)}</select>
				${own(c.id)?.status === 'sunset' && html`<input type="date" aria-label=${`Last day of ${c.name}`} value=${own(c.id).sunset} onInput=${(e) => set(c.id, { sunset: e.target.value })} />`}` },
		]} />`}<//></fieldset>`;
}

function SmtpChoice({ path, label, hint }) {
	const load = useLoad('/providers');
	const names = (load.data?.data ?? []).filter((p) => p.type === 'smtp').map((p) => [p.name, p.name]);
	return html`<${Select} name=${path} label=${label} hint=${names.length === 0 && load.data ? html`There is no SMTP provider yet: <a href="/setup/authentication/add?type=smtp">add one first</a>.` : hint} options=${[['', 'Choose'], ...names]} />`;
}

function One({ field: f }) {
	const common = { name: f.path, label: f.label, hint: f.hint };
	switch (f.kind) {
	case 'secret': return html`<${Secret} path=${f.path} label=${f.label} hint=${f.hint} />`;
	case 'select': return html`<${Select} ...${common} options=${f.options} />`;
	case 'code': return html`<${Area} ...${common} mono rows="5" spellcheck=${false} />`;
	case 'text': return html`<${Area} ...${common} rows="3" spellcheck=${false} />`;
	case 'check': return html`<${CheckField} ...${common} />`;
	case 'headers': return html`<${Headers} path=${f.path} label=${f.label} />`;
	case 'secrets': return html`<${Secrets} path=${f.path} label=${f.label} hint=${f.hint} />`;
	case 'map': return html`<${ErrorMap} path=${f.path} label=${f.label} options=${f.options} />`;
	case 'ids': return html`<${TemplateIds} path=${f.path} label=${f.label} hint=${f.hint} />`;
	case 'carriers': return html`<${Carriers} path=${f.path} label=${f.label} />`;
	case 'smtp': return html`<${SmtpChoice} path=${f.path} label=${f.label} hint=${f.hint} />`;
	default: return html`<${Field} ...${common} width=${f.width} optional=${!f.isRequired && f.kind !== 'number'} type=${f.kind === 'url' ? 'url' : 'text'} inputmode=${f.kind === 'number' ? 'numeric' : undefined} autocomplete="off" spellcheck=${false} />`;
	}
}

// |isNew|: it is made; |cancel|: where to from a new one.
export function DocumentForm({ base, isNew, onSaved, submit, cancel }) {
	const form = useForm({
		values: valuesOf(base),
		check: (v) => check(base, v),
		save: async (v) => {
			const doc = documentOf(documentFrom(base, v));
			const { body } = await putDocument(`/providers/${encodeURIComponent(doc.name)}`, doc, isNew ? {} : { ifMatch: base.version });
			return body;
		},
		onSaved,
	});
	const doc = documentFrom(base, form.values);
	return html`<${Form} form=${form} submit=${submit ?? (isNew ? 'Save' : 'Save changes')} bar cancel=${cancel}>
		${isNew ? html`<${Field} name="name" label="Name" hint="How you and the log call it. It cannot be changed later." autocomplete="off" />` : null}
		${FIELDS[base.type].filter((f) => !f.when || f.when(doc)).map((f) => (f.group ? html`<h3 key=${f.group}>${f.group}</h3>`
			: f.note ? html`<${Notice} key=${f.note} tone="warn">${f.note}<//>` : html`<${One} key=${f.path} field=${f} />`))}<//>`;
}
