// imports - people from a CSV file: the rules, the file, earlier imports.  What
// follows the upload is import.js; it can be left and found again.

import { cls, html, useRef, useState } from '../lib.js';
import { call, post, useLoad } from '../api.js';
import { Check, Form, Radios, Select, useField, useForm } from '../form.js';
import { formatNumber } from '../format.js';
import { navigate } from '../router.js';
import { Table } from '../table.js';
import { Button, Card, Loaded, PageHead, Tag, Time } from '../ui.js';

const CHUNK = 1 << 20;
const MAX_BYTES = 20 << 20;
const TRIES = 4;

export const IMPORT_STATES = {
	staging: ['info', 'Uploading'], checking: ['info', 'Checking'], checked: ['warn', 'Checked, not imported'],
	importing: ['info', 'Importing'], done: ['ok', 'Imported'], undoing: ['info', 'Undoing'], disabling: ['info', 'Disabling'], enabling: ['info', 'Enabling'], undone: ['none', 'Undone'],
	failed: ['bad', 'Failed'], cancelled: ['none', 'Cancelled'],
};

export function ImportState({ state }) {
	const [tone, label] = IMPORT_STATES[state] ?? ['none', state];
	return html`<${Tag} tone=${tone}>${label}<//>`;
}

// Sends the file in chunks; a chunk that got lost is sent again, which is
// harmless.  onProgress(0..1).
async function upload(id, file, { signal, onProgress }) {
	for (let n = 0; n * CHUNK < file.size; n++) {
		const bytes = await file.slice(n * CHUNK, (n + 1) * CHUNK).arrayBuffer();
		for (let tries = 1; ; tries++) {
			try {
				await call('PUT', `/imports/${id}/chunks/${n}`, { bytes, signal });
				break;
			} catch (e) {
				const isPassing = e.status === 0 || e.status === 429 || e.status === 503;
				if (!isPassing || tries >= TRIES) throw e;
				await new Promise((r) => setTimeout(r, 500 * tries));
			}
		}
		onProgress(Math.min(1, (n + 1) * CHUNK / file.size));
	}
}

// ---- the file

async function wrongWith(file) {
	if (!file) return 'Select a CSV file.';
	if (file.size === 0) return 'The selected file is empty.';
	if (file.size > MAX_BYTES) return 'The selected file must be smaller than 20 MB.';
	if (/\.(xlsx?|ods|numbers|pdf|zip|docx?)$/i.test(file.name)) return 'The selected file must be a CSV. In a spreadsheet: Save as, then CSV UTF-8.';
	const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
	if (head[0] === 0x50 && head[1] === 0x4b) return 'The selected file must be a CSV; this is a spreadsheet under another name.';
	return null;
}

function FileField({ name }) {
	const f = useField(name);
	const [over, setOver] = useState(false);
	const input = useRef(null);
	return html`<div class=${cls('row', f.error && 'has-error')}><label for=${f.id}>CSV file</label><p class="hint" id=${`${f.id}-hint`}>Up to 20 MB and 200 000 rows. Commas, semicolons and tabs are recognised, and so are UTF-8, UTF-16 and Windows-1252.</p>
		${f.error && html`<p class="error" id=${`${f.id}-error`}><span class="out">Error: </span>${f.error}</p>`}
		<div class=${cls('drop', over && 'is-over')} onDragOver=${(e) => {
			e.preventDefault();
			setOver(true);
		}} onDragLeave=${() => setOver(false)} onDrop=${(e) => {
			e.preventDefault();
			setOver(false);
			if (e.dataTransfer.files[0]) f.set(e.dataTransfer.files[0]);
		}}>
			<input ref=${input} id=${f.id} type="file" accept=".csv,text/csv,text/plain,.txt,.tsv" aria-describedby=${`${f.id}-hint${f.error ? ` ${f.id}-error` : ''}`} aria-invalid=${f.error ? 'true' : undefined} onChange=${(e) => f.set(e.target.files[0] ?? null)} />
			<p class="soft">${f.value ? html`<strong>${f.value.name}</strong>, ${formatNumber(Math.ceil(f.value.size / 1024))} KB` : 'or drop it here'}</p></div></div>`;
}

function AppsField({ name }) {
	const f = useField(name);
	const apps = useLoad('/applications?limit=200');
	const all = apps.data?.data ?? [];
	if (all.length === 0) return null;
	return html`<fieldset class="row" id=${f.id}><legend>Applications <span class="soft">(optional)</span></legend><p class="hint">Assigned to everybody whom this import creates.</p>
		<div class="choices">${all.map((a) => html`<${Check} key=${a.id} label=${a.name} checked=${f.value.includes(a.id)} onChange=${(on) => f.set(on ? [...f.value, a.id] : f.value.filter((x) => x !== a.id))} />`)}</div></fieldset>`;
}

function UploadForm() {
	const [progress, setProgress] = useState(null);
	const abort = useRef(null);
	const form = useForm({
		values: { file: null, mode: 'both', applications: [], delimiter: '', encoding: '' },
		guard: false,
		save: async (v) => {
			const wrong = await wrongWith(v.file);
			if (wrong) throw Object.assign(new Error(wrong), { errors: [{ field: 'file', message: wrong }] });
			abort.current = new AbortController();
			const { body } = await post('/imports', {
				file_name: v.file.name.slice(0, 200), mode: v.mode, match: ['emp_id', 'email', 'mobile_number'], applications: v.applications,
				...(v.delimiter && { delimiter: v.delimiter }), ...(v.encoding && { encoding: v.encoding }),
			});
			try {
				setProgress(0);
				await upload(body.id, v.file, { signal: abort.current.signal, onProgress: setProgress });
				await post(`/imports/${body.id}/check`, {});
				return body;
			} finally {
				setProgress(null);
			}
		},
		onSaved: (body) => navigate(`/setup/import/${body.id}`),
	});
	return html`<${Form} form=${form} submit="Upload and check" extra=${progress !== null && html`<${Button} onClick=${() => abort.current.abort()}>Stop<//>`}>
		<${FileField} name="file" />
		<${Radios} name="mode" label="What to do" options=${[
			['both', 'Add who is new, update who is known', 'Known by employee id, else by e-mail, else by mobile number.'],
			['create', 'Only add who is new'], ['update', 'Only update who is known'],
		]} />
		<${AppsField} name="applications" />
		<details class="row"><summary>When the file is not read right</summary>
			<${Select} name="delimiter" label="Fields are separated by" options=${[['', 'Find out'], [',', 'Commas'], [';', 'Semicolons'], ['\t', 'Tabs']]} />
			<${Select} name="encoding" label="Encoding" options=${[['', 'Find out'], ['utf-8', 'UTF-8'], ['utf-16le', 'UTF-16'], ['utf-16be', 'UTF-16, big endian'], ['windows-1252', 'Windows-1252']]} /></details>
		${progress !== null && html`<div class="row"><label for="upload-progress">Uploading</label><progress id="upload-progress" max="1" value=${progress}></progress> <span role="status">${Math.round(progress * 100)} %</span></div>`}<//>`;
}

// ---- the page

const COLUMNS = [
	{ key: 'file', label: 'File', head: true, draw: (i) => html`<a href=${`/setup/import/${i.id}`}>${i.file_name}</a>` },
	{ key: 'state', label: 'State', draw: (i) => html`<${ImportState} state=${i.state} />` },
	{ key: 'create', label: 'Created', num: true, draw: (i) => formatNumber(i.totals?.create ?? 0) },
	{ key: 'update', label: 'Updated', num: true, draw: (i) => formatNumber(i.totals?.update ?? 0) },
	{ key: 'error', label: 'Errors', num: true, draw: (i) => formatNumber(i.totals?.error ?? 0) },
	{ key: 'at', label: 'Started', draw: (i) => html`<${Time} at=${i.created_at} />` },
];

export default function Imports() {
	const load = useLoad('/imports');
	return html`<div><${PageHead} title="Import people" section="Directory" back=${{ href: '/setup/users', label: 'Directory' }}>Nothing is changed before you have seen what would be.<//>
		<div class="stack"><div class="cols"><${Card} title="The file"><${UploadForm} /><//>
		<${Card} title="What has to be in it"><ul>
			<li>One line of column names, then one person in each line.</li>
			<li><strong>name</strong>, and an <strong>email</strong> or a <strong>mobile_number</strong>. Also taken: emp_id, language, carrier, status, mfa_enabled. Other names can be mapped in the next step.</li>
			<li>Mobile numbers as text: spreadsheets turn 919876543210 into 9.19E+11 and drop “+” and leading zeros. That is noticed, and the row is refused.</li>
			<li>Nobody becomes an administrator by a file, and nobody is removed who is not in it; who is missing can be disabled afterwards.</li></ul>
			<${Button} icon="download" href="/setup/api/imports/template.csv" download>Get the template<//>
			<p class="hint">The same on the command line: <code>identityd user import FILE.csv --dry-run</code></p><//></div>
		<section class="stack" aria-label="Earlier imports"><h2>Earlier imports</h2>
		<${Loaded} load=${load} lines="3">${({ data }) => html`<${Table} caption="Imports" rows=${data} columns=${COLUMNS} empty=${html`<p class="soft">None yet.</p>`} />`}<//></section></div></div>`;
}
