// import - one import after its upload: columns, what would happen, what
// happened.  The service keeps it, so the page can be left at any step.

import { html, useLayoutEffect, useState } from '../lib.js';
import { del, post, useLoad } from '../api.js';
import { confirm } from '../dialog.js';
import { formatDateTime, formatNumber, formatPercent, plural } from '../format.js';
import { navigate, usePaging, useQuery } from '../router.js';
import { Pager, Table } from '../table.js';
import { ActButton, Button, Card, Empty, Loaded, Notice, PageHead, Stat, Tabs, toast } from '../ui.js';
import { Missing } from './import_missing.js';
import { ImportState } from './imports.js';

const BUSY = ['staging', 'checking', 'importing', 'disabling', 'enabling', 'undoing'];
const FIELDS = [
	['name', 'Name'], ['email', 'E-mail address'], ['mobile_number', 'Mobile number'], ['emp_id', 'Employee id'],
	['language', 'Language'], ['carrier', 'Carrier'], ['status', 'Status'], ['mfa_enabled', 'Second factor'],
];
const LABEL = Object.fromEntries(FIELDS);

// ---- columns

function Mapping({ job, onChanged }) {
	const [mapping, setMapping] = useState(() => Object.fromEntries(job.columns.map((c) => [c, job.mapping?.[c] ?? ''])));
	const isDirty = job.columns.some((c) => mapping[c] !== (job.mapping?.[c] ?? ''));
	const taken = (field, column) => job.columns.some((c) => c !== column && mapping[c] === field);
	const check = async () => onChanged((await post(`/imports/${job.id}/check`, { mapping: Object.fromEntries(job.columns.map((c) => [c, mapping[c] || null])) })).body);
	return html`<${Card} title="Columns" wide note="The first rows, and what each column is taken for.">
		<div class="table-box" tabindex="0" role="region" aria-label="First rows of the file"><table><caption class="out">First rows of the file</caption>
		<thead><tr>${job.columns.map((c) => html`<th key=${c} scope="col"><p>${c}</p><select class="w-short" aria-label=${`Column ${c} is`} value=${mapping[c]} onChange=${(e) => setMapping({ ...mapping, [c]: e.target.value })}>
			<option value="">Left out</option>${FIELDS.map(([v, t]) => html`<option key=${v} value=${v} disabled=${taken(v, c)} selected=${mapping[c] === v}>${t}</option>`)}</select></th>`)}</tr></thead>
		<tbody>${job.preview.map((row, i) => html`<tr key=${i}>${job.columns.map((c, n) => html`<td key=${c}><span class="is-block">${row[n] ?? ''}</span></td>`)}</tr>`)}</tbody></table></div>
		${isDirty && html`<div class="actions"><${ActButton} kind="primary" onClick=${check}>Check again with these columns<//></div>`}<//>`;
}

// ---- rows

const who = (r) => r.values?.name || r.values?.email || r.values?.mobile_number || r.cells?.find((c) => c !== '') || '–';

const each = (r, draw) => html`<ul class="plain">${r.problems.map((p, i) => html`<li key=${i}>${draw(p)}</li>`)}</ul>`;

const PROBLEMS = [
	{ key: 'row', label: 'Row', num: true, draw: (r) => formatNumber(r.row) },
	{ key: 'who', label: 'Person', head: true, draw: who },
	{ key: 'column', label: 'Column', draw: (r) => each(r, (p) => p.column ?? 'The row') },
	{ key: 'value', label: 'Value', draw: (r) => each(r, (p) => html`<code>${p.value || 'empty'}</code>`) },
	{ key: 'problem', label: 'Problem, and how to fix it', wide: true, draw: (r) => each(r, (p) => html`${p.problem} <span class="soft">${p.fix}</span>`) },
];

const value = (v) => (v === null || v === undefined || v === '' ? 'empty' : String(v));

const CHANGES = [
	{ key: 'row', label: 'Row', num: true, draw: (r) => formatNumber(r.row) },
	{ key: 'who', label: 'Person', head: true, draw: (r) => (r.auth_user_id ? html`<a href=${`/setup/users/${r.auth_user_id}`}>${who(r)}</a>` : who(r)) },
	{ key: 'changes', label: 'Changes', wide: true, draw: (r) => html`<ul class="plain">${Object.entries(r.changes ?? {}).map(([k, [before, after]]) => html`<li key=${k}>${LABEL[k] ?? k}: <del>${value(before)}</del> <ins>${value(after)}</ins></li>`)}</ul>` },
];

const PEOPLE = [
	{ key: 'row', label: 'Row', num: true, draw: (r) => formatNumber(r.row) },
	{ key: 'who', label: 'Person', head: true, draw: (r) => (r.auth_user_id ? html`<a href=${`/setup/users/${r.auth_user_id}`}>${who(r)}</a>` : who(r)) },
	...['email', 'mobile_number', 'emp_id'].map((k) => ({ key: k, label: LABEL[k], draw: (r) => r.values?.[k] ?? html`<span class="soft">–</span>` })),
];

const TABS = [['error', 'Errors', PROBLEMS], ['warning', 'Warnings', PROBLEMS], ['create', 'To create', PEOPLE], ['update', 'To update', CHANGES], ['same', 'Unchanged', PEOPLE]];
const SIZE = 50;

function Rows({ job }) {
	const query = useQuery();
	const paging = usePaging();
	const first = TABS.find(([k]) => (job.totals[k] ?? 0) > 0)?.[0] ?? 'create';
	const action = TABS.some(([k]) => k === query.get('rows')) ? query.get('rows') : first;
	const load = useLoad(`/imports/${job.id}/rows?action=${action}&limit=${SIZE}${paging.cursor ? `&cursor=${encodeURIComponent(paging.cursor)}` : ''}`);
	const [, label, columns] = TABS.find(([k]) => k === action);
	return html`<section class="stack" aria-label="Rows"><h2>Rows</h2>
		<${Tabs} label="Rows by what would happen" current=${query.href({ rows: action })} items=${TABS.map(([k, t]) => ({ href: query.href({ rows: k }), label: t, count: formatNumber(job.totals[k] ?? 0) }))} />
		${action === 'error' && job.totals.error > 0 && html`<div class="actions"><${Button} small icon="download" href=${`/setup/api/imports/${job.id}/errors.csv`} download>Download errors.csv<//><p class="soft">The refused rows with the reasons beside them. Mend them there and import that file.</p></div>`}
		<${Loaded} load=${load}>${({ data, page }) => html`<${Table} caption=${label} rows=${data} keyOf=${(r) => r.row} columns=${columns} empty=${html`<p class="soft">No row.</p>`} />
			<${Pager} page=${page} paging=${paging} shown=${data.length} size=${SIZE} />`}<//></section>`;
}

function Totals({ job }) {
	const t = job.totals ?? {};
	return html`<div class="stats">
		<${Stat} label=${job.state === 'checked' ? 'To create' : 'Created'} value=${formatNumber(t.create ?? 0)} href=${job.state === 'done' && t.create > 0 ? `/setup/users?import=${job.id}` : undefined} />
		<${Stat} label=${job.state === 'checked' ? 'To update' : 'Updated'} value=${formatNumber(t.update ?? 0)} />
		<${Stat} label="Unchanged" value=${formatNumber(t.same ?? 0)} />
		<${Stat} label="Errors" value=${formatNumber(t.error ?? 0)} tone=${t.error > 0 ? 'bad' : undefined} />
		<${Stat} label="Warnings" value=${formatNumber(t.warning ?? 0)} tone=${t.warning > 0 ? 'warn' : undefined} /></div>`;
}

// ---- steps

function Working({ job }) {
	const { done = 0, total = 0 } = job.progress ?? {};
	const what = { staging: 'The upload is not complete', checking: 'Checking the rows', importing: 'Importing', disabling: 'Disabling who is missing', enabling: 'Enabling them again', undoing: 'Undoing' }[job.state];
	return html`<${Card} title=${what}>${job.state === 'staging'
		? html`<p>The file has not arrived as a whole. <a href="/setup/import">Upload it again</a>.</p>`
		: html`<progress max=${total || undefined} value=${total ? done : undefined} aria-label=${what}></progress><p role="status">${total > 0 ? formatPercent(done / total) : 'Reading the file'}</p>
		<p class="soft">You may leave this page: it goes on without it.</p>`}<//>`;
}

function Steps({ job }) {
	const at = { staging: 0, checking: 1, checked: 2, importing: 2 }[job.state] ?? 3;
	return html`<ol class="steps">${['Upload', 'Check', 'Import', 'Result'].map((s, i) => html`<li key=${s} class=${i < at ? 'is-done' : undefined} aria-current=${i === at ? 'step' : undefined}>${s}</li>`)}</ol>`;
}

function Checked({ job, onChanged }) {
	const t = job.totals;
	const n = (t.create ?? 0) + (t.update ?? 0);
	const commit = async () => {
		if (t.error > 0) {
			const sure = await confirm({ title: `Import ${plural(n, 'row')} and leave out ${formatNumber(t.error)}?`, verb: 'Import', danger: false,
				body: html`<p>${plural(t.error, 'row')} with errors ${t.error === 1 ? 'is' : 'are'} not imported. You can mend and import them later.</p>` });
			if (!sure) return;
		}
		onChanged((await post(`/imports/${job.id}/commit`)).body);
	};
	const cancel = async () => {
		await del(`/imports/${job.id}`);
		toast('The import was cancelled; nothing was changed.');
		await navigate('/setup/import');
	};
	return html`<${Notice} tone=${t.error > 0 ? 'warn' : 'info'} title="Nothing has been changed yet" actions=${html`
			${n > 0 && html`<${ActButton} kind="primary" onClick=${commit}>Import ${plural(n, 'row')}<//>`}<${ActButton} onClick=${cancel}>Cancel this import<//>`}>
			${n === 0 ? 'There is nothing to import in this file.' : t.error > 0 ? `${plural(t.error, 'row')} cannot be imported as ${t.error === 1 ? 'it is' : 'they are'}.` : 'All rows are fine.'}<//>
		<${Totals} job=${job} /><${Mapping} key=${JSON.stringify(job.mapping)} job=${job} onChanged=${onChanged} /><${Rows} job=${job} />`;
}

function Done({ job, onChanged }) {
	const canUndo = job.state === 'done' && job.undo_until && new Date(job.undo_until) > new Date();
	const undo = async () => {
		const sure = await confirm({ title: 'Undo this import?', verb: 'Undo', body: html`<p>Deletes the ${plural(job.totals.create ?? 0, 'person', 'people')} whom it created, and gives the ${formatNumber(job.totals.update ?? 0)} whom it updated back what they had.${job.totals.disabled > 0 ? ` The ${formatNumber(job.totals.disabled)} who were missing and disabled are enabled again.` : ''} Whoever was changed since then is left alone.</p>` });
		if (sure) onChanged((await post(`/imports/${job.id}/undo`)).body);
	};
	return html`<${Notice} tone="ok" title=${job.state === 'undone' ? 'This import was undone' : 'The import is complete'} role="status" actions=${html`
			${job.state === 'done' && job.totals.create > 0 && html`<${Button} kind="primary" href=${`/setup/users?import=${job.id}`}>Show who was created<//>`}
			${canUndo && html`<${ActButton} onClick=${undo}>Undo<//>`}`}>
			${job.state === 'undone' ? `${plural(job.totals.deleted ?? 0, 'person', 'people')} deleted, ${formatNumber(job.totals.restored ?? 0)} restored${job.totals.enabled > 0 ? `, ${formatNumber(job.totals.enabled)} enabled again` : ''}${job.totals.left_alone > 0 ? `, ${formatNumber(job.totals.left_alone)} left alone, since they were changed meanwhile` : ''}.` : canUndo ? `It can be undone until ${formatDateTime(job.undo_until)}.` : ''}<//>
		${job.problem && html`<${Notice} tone="bad" role="alert">${job.problem}<//>`}
		<${Totals} job=${job} />${canUndo && html`<${Missing} job=${job} onChanged=${onChanged} />`}${job.totals.error > 0 && html`<${Rows} job=${job} />`}`;
}

export default function Import({ params: { id } }) {
	const load = useLoad(`/imports/${id}`);
	const job = load.data;
	const isBusy = job && BUSY.includes(job.state);
	useLayoutEffect(() => {
		if (!isBusy) return undefined;
		const timer = setInterval(load.reload, 1000);
		return () => clearInterval(timer);
	}, [isBusy, id]);
	const head = html`<${PageHead} title=${job?.file_name ?? 'Import'} section="Import" back=${{ href: '/setup/import', label: 'Import people' }} tag=${job && html`<${ImportState} state=${job.state} />`} />`;
	if (!job) return html`<div key="none">${head}<${Loaded} load=${load}>${() => null}<//></div>`;
	const changed = (body) => (body ? load.set(body) : load.reload());
	return html`<div key="one">${head}<div class="stack"><${Steps} job=${job} />
		${load.error && html`<${Notice} tone="warn" role="status">${load.error.message}<//>`}
		${isBusy ? html`<${Working} job=${job} />`
			: job.state === 'checked' ? html`<${Checked} job=${job} onChanged=${changed} />`
				: job.state === 'done' || job.state === 'undone' ? html`<${Done} job=${job} onChanged=${changed} />`
					: html`<${Empty} icon="bad" title=${job.state === 'failed' ? 'The import failed' : 'This import is over'} action=${html`<${Button} href="/setup/import">Start another one<//>`}>${job.problem ?? 'Nothing was changed.'}<//>`}</div></div>`;
}
