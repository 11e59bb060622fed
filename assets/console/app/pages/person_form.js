// person_form - the fields of a person, to create or to change one.  A change
// that met another one is shown beside it and decided by the administrator.

import { html, useState } from '../lib.js';
import { get, patch, post, useLoad } from '../api.js';
import { Check, CheckField, Field, Form, Select, useField, useForm } from '../form.js';
import { Table } from '../table.js';
import { Button, Notice } from '../ui.js';

const TEXTS = ['name', 'email', 'mobile_number', 'emp_id', 'language', 'carrier'];
const FLAGS = ['is_admin', 'mfa_enabled'];
const LABELS = {
	name: 'Name', email: 'E-mail address', mobile_number: 'Mobile number', emp_id: 'Employee id', language: 'Language',
	carrier: 'Carrier', is_admin: 'Administrator', mfa_enabled: 'Second factor',
};

const valuesOf = (p) => ({
	...Object.fromEntries(TEXTS.map((k) => [k, p?.[k] ?? ''])),
	...Object.fromEntries(FLAGS.map((k) => [k, Boolean(p?.[k])])),
});

// What differs from |base|, as PATCH takes it: empty is null.
function changesOf(values, base) {
	const out = {};
	for (const k of TEXTS) {
		const v = values[k].trim();
		if (v !== (base[k] ?? '')) out[k] = v === '' ? null : v;
	}
	for (const k of FLAGS) if (values[k] !== Boolean(base[k])) out[k] = values[k];
	return out;
}

function check(v) {
	const errors = {};
	if (v.name.trim() === '') errors.name = 'Enter a name.';
	if (v.email.trim() === '' && v.mobile_number.trim() === '') errors.email = 'Enter an e-mail address or a mobile number.';
	return errors;
}

// Several applications to tick, with a filter when there are many.
function ApplicationsField({ name }) {
	const f = useField(name);
	const [q, setQ] = useState('');
	const apps = useLoad('/applications?limit=200');
	const all = apps.data?.data ?? [];
	const shown = all.filter((a) => a.name.toLowerCase().includes(q.toLowerCase()) || f.value.includes(a.id));
	if (apps.error) return html`<${Notice} tone="warn">The applications could not be loaded: ${apps.error.message} You can assign them later.<//>`;
	return html`<fieldset class="row" id=${f.id}><legend>Applications</legend>
		<p class="hint">Only what is ticked can be used.${all.length === 0 && !apps.isLoading ? ' There is none yet.' : ''}</p>
		${f.error && html`<p class="error"><span class="out">Error: </span>${f.error}</p>`}
		${all.length > 8 && html`<input type="search" aria-label="Filter applications" value=${q} onInput=${(e) => setQ(e.target.value)} />`}
		<div class="choices">${shown.map((a) => html`<${Check} key=${a.id} label=${a.name} checked=${f.value.includes(a.id)}
			onChange=${(on) => f.set(on ? [...f.value, a.id] : f.value.filter((id) => id !== a.id))} />`)}</div></fieldset>`;
}

function CarrierField() {
	const carriers = useLoad('/carriers');
	const list = (carriers.data?.data ?? []).map((c) => [c.id, `${c.name}${c.status === 'active' ? '' : ` (${c.status})`}`]);
	return html`<${Select} name="carrier" label="Mobile carrier" hint="Only for text messages by way of a carrier’s e-mail gateway." options=${[['', 'Not known'], ...list]} />`;
}

function Fields() {
	return html`
		<${Field} name="name" label="Name" autocomplete="off" />
		<${Field} name="email" label="E-mail address" type="email" autocomplete="off" spellcheck=${false} hint="An e-mail address or a mobile number is needed; the person signs in with either." />
		<${Field} name="mobile_number" label="Mobile number" type="tel" autocomplete="off" hint="With its country code, such as +91 98765 43210. Without one the platform’s own is put before it." />
		<${Field} name="emp_id" label="Employee id" optional autocomplete="off" spellcheck=${false} width="short" />`;
}

const Flags = () => html`
	<${CheckField} name="mfa_enabled" label="Second factor" hint="A code or an authenticator app besides the password, at every sign-in." />
	<${CheckField} name="is_admin" label="Administrator" hint="May do everything in this console: change people and settings, make keys, read the audit log. You will be asked to confirm that it is you." />`;

const More = () => html`<details class="row"><summary>Language and carrier</summary>
	<${Field} name="language" label="Language of messages" optional width="short" spellcheck=${false} hint="Such as en or hi, if there are texts in it." />
	<${CarrierField} /></details>`;

// 409 contact_taken becomes the error of its field; |onTaken| gets who has it.
function takenError(e, onTaken) {
	if (e.code !== 'contact_taken') return e;
	onTaken(e.body.auth_user_id ?? null);
	const field = e.body.field ?? 'email';
	return Object.assign(e, { errors: [{ field, message: `Somebody else has this ${LABELS[field].toLowerCase()}.` }] });
}

const Taken = ({ id }) => (id ? html`<${Notice} tone="warn" role="status">The person who has it, perhaps disabled: <a href=${`/setup/users/${id}`}>open</a>.<//>` : null);

export function CreateForm({ onCreated, cancel = '/setup/users' }) {
	const [taken, setTaken] = useState(null);
	const form = useForm({
		values: { ...valuesOf(null), password: '', applications: [] },
		check,
		save: async (v) => {
			setTaken(null);
			const body = { ...Object.fromEntries(Object.entries(changesOf(v, {})).filter(([, x]) => x !== null)), applications: v.applications };
			if (v.password !== '') body.password = v.password;
			try {
				return (await post('/users', body)).body;
			} catch (e) {
				throw takenError(e, setTaken);
			}
		},
		onSaved: onCreated,
	});
	return html`<${Form} form=${form} submit="Add person" cancel=${cancel}>
		<${Taken} id=${taken} />
		<${Fields} />
		<${ApplicationsField} name="applications" />
		<${Field} name="password" label="First password" type="password" optional autocomplete="new-password" hint="Leave it empty: the person signs in with a code, or chooses one by way of “forgotten password”." />
		<${Flags} />
		<${More} />
	<//>`;
}

const show = (v) => (v === true ? 'yes' : v === false ? 'no' : v === null || v === undefined || v === '' ? 'empty' : v);

// Two people changed the same person: both values of each field that differs.
function Conflict({ mine, theirs, onMine, onTheirs }) {
	const rows = Object.keys(mine).filter((k) => (theirs[k] ?? null) !== mine[k]);
	return html`<${Notice} tone="warn" role="alert" title="Somebody else changed this person meanwhile" actions=${html`
		<${Button} onClick=${onTheirs}>Take the saved values<//><${Button} kind="primary" onClick=${onMine}>Save mine over them<//>`}>
		${rows.length === 0 ? html`<p>Your changes do not touch what was changed.</p>` : html`<${Table} caption="Both versions" rows=${rows} keyOf=${(k) => k} columns=${[
			{ key: 'field', label: 'Field', head: true, draw: (k) => LABELS[k] },
			{ key: 'theirs', label: 'Saved now', draw: (k) => show(theirs[k]) },
			{ key: 'mine', label: 'Yours', draw: (k) => show(mine[k]) },
		]} />`}<//>`;
}

// |person| with its version; onSaved(person).
export function EditForm({ person, onSaved }) {
	const [taken, setTaken] = useState(null);
	const [theirs, setTheirs] = useState(null);
	const save = async (v, base) => {
		setTaken(null);
		const changes = changesOf(v, person);
		if (Object.keys(changes).length === 0) return person;
		try {
			const { body } = await patch(`/users/${person.auth_user_id}`, changes, { ifMatch: base.version });
			setTheirs(null);
			return body;
		} catch (e) {
			if (e.code === 'precondition_failed') {
				const { body } = await get(`/users/${person.auth_user_id}`);
				setTheirs(body);
			}
			throw takenError(e, setTaken);
		}
	};
	const form = useForm({ values: valuesOf(person), check, save: (v) => save(v, theirs ?? person), onSaved });
	const takeTheirs = () => {
		setTheirs(null);
		form.reset(valuesOf(theirs));
		onSaved(theirs);
	};
	return html`<${Form} form=${form} submit="Save" bar>
		${theirs && html`<${Conflict} mine=${changesOf(form.values, person)} theirs=${theirs} onTheirs=${takeTheirs} onMine=${() => form.submit()} />`}
		<${Taken} id=${taken} />
		<${Fields} />
		<${Flags} />
		<${More} />
	<//>`;
}
