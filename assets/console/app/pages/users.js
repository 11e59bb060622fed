// users - the directory: search, filters and page are the address; rows can be
// selected, and what is done with many is in the bar above the list.

import { html, useLayoutEffect, useMemo, useState } from '../lib.js';
import { post, queryOf, session, useLoad } from '../api.js';
import { Filter, SearchBox } from '../combobox.js';
import { confirm, confirmTyped, Dialog, openDialog } from '../dialog.js';
import { Check, Field, Form, Select, useForm } from '../form.js';
import { formatNumber, plural } from '../format.js';
import { navigate, usePaging, usePlace, useQuery } from '../router.js';
import { BulkBar, Pager, Table } from '../table.js';
import { ActButton, Button, Empty, Loaded, Menu, Notice, PageHead, Tag, Time, toast } from '../ui.js';
import { disable, enable, failing, remove, signOut } from './person_acts.js';

const FILTERS = ['q', 'status', 'admin', 'app', 'mfa', 'never', 'inactive_days', 'import', 'source'];
const SOURCES = { console: 'Console', cli: 'Command line', import: 'Import', setup: 'Setup' };
const SIZES = ['25', '50', '100'];
const COLUMNS_KEY = 'identity.directory.columns';

// ---- columns

function Applications({ list }) {
	if (list.length === 0) return html`<span class="soft">None</span>`;
	return html`<span class="is-block" title=${list.map((a) => a.name).join(', ')}>${list.slice(0, 2).map((a) => a.name).join(', ')}${list.length > 2 && html` <span class="soft">+${list.length - 2}</span>`}</span>`;
}

// What is long may break anywhere, so that it does not widen the list.
const dash = (v) => (v?.length > 20 ? html`<span class="is-block">${v}</span>` : v ?? html`<span class="soft">–</span>`);

const COLUMNS = [
	{ key: 'name', label: 'Name', sort: true, head: true, isFixed: true, draw: (p) => html`<a href=${`/setup/users/${p.auth_user_id}`}>${p.name}</a>` },
	{ key: 'email', label: 'E-mail', isOff: true, draw: (p) => dash(p.email) },
	{ key: 'mobile', label: 'Mobile', draw: (p) => dash(p.mobile_number) },
	{ key: 'emp_id', label: 'Employee ID', draw: (p) => dash(p.emp_id) },
	{ key: 'admin', label: 'Admin', draw: (p) => (p.is_admin ? html`<${Tag} tone="info">Admin<//>` : html`<span class="soft">No</span>`) },
	{ key: 'applications', label: 'Applications', draw: (p) => html`<${Applications} list=${p.applications} />` },
	{ key: 'status', label: 'Status', draw: (p) => (p.status === 'active' ? html`<${Tag} tone="ok">Active<//>` : html`<${Tag} tone="bad">Disabled<//>`) },
	{ key: 'mfa', label: 'MFA', draw: (p) => (p.has_totp ? 'App' : p.mfa_enabled ? 'Code' : html`<span class="soft">Off</span>`) },
	{ key: 'devices', label: 'Devices', num: true, draw: (p) => formatNumber(p.devices) },
	{ key: 'sessions', label: 'Sessions', num: true, draw: (p) => formatNumber(p.sessions) },
	{ key: 'last_login', label: 'Last sign-in', sort: true, isOff: true, draw: (p) => html`<${Time} at=${p.last_login_at} ago />` },
	{ key: 'created', label: 'Added', sort: true, isOff: true, draw: (p) => html`<${Time} at=${p.created_at} />` },
	{ key: 'source', label: 'Source', isOff: true, draw: (p) => (p.import_id ? html`<a href=${`/setup/import/${p.import_id}`}>Import</a>` : dash(SOURCES[p.source])) },
];

// Which columns this browser shows; kept as the names of those that are off.
function useColumns() {
	const [off, setOff] = useState(() => {
		try {
			const kept = JSON.parse(localStorage.getItem(COLUMNS_KEY));
			if (Array.isArray(kept)) return new Set(kept);
		} catch { /* storage is off, or holds something else */ }
		return new Set(COLUMNS.filter((c) => c.isOff).map((c) => c.key));
	});
	const set = (next) => {
		setOff(next);
		try { localStorage.setItem(COLUMNS_KEY, JSON.stringify([...next])); } catch { /* not remembered */ }
	};
	return { off, set, shown: COLUMNS.filter((c) => !off.has(c.key)) };
}

function ColumnChooser({ columns, close }) {
	const [off, setOff] = useState(columns.off);
	return html`<${Dialog} title="Columns" onClose=${close} foot=${html`<${Button} kind="primary" onClick=${close}>Done<//>`}>
		<div class="choices">${COLUMNS.filter((c) => !c.isFixed).map((c) => html`<${Check} key=${c.key} label=${c.label} checked=${!off.has(c.key)} onChange=${(on) => {
			const next = new Set(off);
			next[on ? 'delete' : 'add'](c.key);
			setOff(next);
			columns.set(next);
		}} />`)}</div><//>`;
}

// ---- many at once

// |whom|: { ids } or { filter }; |n| how many that are, as far as known.
async function bulk(whom, action, more) {
	const { body } = await post('/users/bulk', { action, ...whom, ...more });
	return body;
}

const REASONS = { not_yourself: 'you', last_administrator: 'the last administrator', not_found: 'gone meanwhile' };

function told(body, what) {
	const skipped = body.skipped ?? [];
	const why = [...new Set(skipped.map((s) => REASONS[s.reason] ?? s.reason))].join(', ');
	toast(`${plural(body.changed, 'person', 'people')} ${what}.${skipped.length > 0 ? ` Left out: ${formatNumber(skipped.length)} (${why}).` : ''}`, { tone: skipped.length > 0 ? 'info' : 'ok' });
}

function PickApplication({ title, verb, close }) {
	const apps = useLoad('/applications?limit=200');
	const form = useForm({ values: { app: '' }, guard: false, check: (v) => (v.app === '' ? { app: 'Choose an application.' } : {}), save: async (v) => close(v.app) });
	return html`<${Dialog} title=${title} onClose=${() => close(null)}><${Loaded} load=${apps} lines="2">${({ data }) => html`<${Form} form=${form} submit=${verb} cancel=${() => close(null)}>
		<${Select} name="app" label="Application" options=${[['', 'Choose'], ...data.map((a) => [a.id, a.name])]} /><//>`}<//><//>`;
}

function useBulk(whom, n, done) {
	const people = n === null ? 'everybody who matches' : plural(n, 'person', 'people');
	const run = async (action, what, more) => {
		const body = await bulk(whom, action, more);
		told(body, what);
		await done();
	};
	const sure = (title, verb, text) => confirm({ title, verb, body: html`<p>${text}</p>` });
	return {
		enable: () => run('enable', 'enabled'),
		disable: async () => await sure(`Disable ${people}?`, 'Disable', 'Their sessions end at once, and they cannot sign in until they are enabled again.') && run('disable', 'disabled'),
		signOut: async () => await sure(`Sign out ${people}?`, 'Sign out', 'All their sessions end at once. They may sign in again.') && run('sign_out', 'signed out'),
		mfa: async () => await sure(`Require a second factor of ${people}?`, 'Require', 'From the next sign-in on, a code or an authenticator app is asked for besides the password.') && run('require_mfa', 'need a second factor now'),
		assign: async (isOn) => {
			const app = await openDialog((close) => html`<${PickApplication} close=${close} verb=${isOn ? 'Assign' : 'Remove'} title=${isOn ? `Assign an application to ${people}` : `Remove an application from ${people}`} />`);
			if (app) await run(isOn ? 'assign' : 'unassign', isOn ? 'assigned' : 'removed from the application', { application_id: app });
		},
		remove: async () => await confirmTyped({
			title: `Delete ${people}?`, verb: 'Delete', word: n ?? 'all of them', what: n === null ? 'the words' : 'the number',
			body: html`<p>This cannot be undone. Their sessions end, their passwords and second factors are forgotten, and applications are told that they are gone. The audit log stays.</p>`,
		}) && run('delete', 'deleted'),
	};
}

const shown = (fn) => () => failing(fn());

// |count| is what the bar says, |n| null where it is not known how many.
function Bulk({ whom, n, count, onClear, done, note }) {
	const acts = useBulk(whom, n, done);
	return html`<${BulkBar} count=${count} onClear=${onClear} note=${note}>
		<${ActButton} small onClick=${() => acts.assign(true)}>Assign application<//>
		<${ActButton} small onClick=${acts.disable}>Disable<//>
		<${ActButton} small onClick=${acts.signOut}>Sign out<//>
		<${Menu} label="More for the selected" items=${[
			{ label: 'Remove application', onClick: shown(() => acts.assign(false)) },
			{ label: 'Require second factor', onClick: shown(acts.mfa) },
			{ label: 'Enable', onClick: shown(acts.enable) },
			{ label: 'Delete', tone: 'bad', onClick: shown(acts.remove) },
		]} /><//>`;
}

// ---- the list

function Filters({ query, apps, isNarrow }) {
	const set = (name) => (v) => query.set({ [name]: v });
	return html`<div class="toolbar">
		<${SearchBox} label="Search people" hint="Name, e-mail, mobile, employee id" value=${query.get('q')} onSearch=${(q) => query.set({ q }, { keepFocus: true })} />
		${!isNarrow && html`<div class="actions"><${Filter} label="Status" value=${query.get('status')} options=${[['', 'All'], ['active', 'Active'], ['disabled', 'Disabled']]} onPick=${set('status')} />
		<${Filter} label="Application" value=${query.get('app')} options=${[['', 'All'], ...apps.map((a) => [a.id, a.name])]} onPick=${set('app')} />
		<${Filter} label="MFA" value=${query.get('mfa')} options=${[['', 'All'], ['none', 'Off'], ['on', 'On'], ['totp', 'App']]} onPick=${set('mfa')} />
		<${Filter} label="Role" value=${query.get('admin')} options=${[['', 'All'], ['1', 'Admins']]} onPick=${set('admin')} />
		<${Filter} label="Source" value=${query.get('source')} options=${[['', 'All'], ...Object.entries(SOURCES)]} onPick=${set('source')} />
		<${Filter} label="Sign-in" value=${query.get('never') ? 'never' : query.get('inactive_days')} options=${[['', 'All'], ['never', 'Never'], ['30', 'Not for 30 days'], ['90', 'Not for 90 days'], ['365', 'Not for a year']]}
			onPick=${(v) => query.set({ never: v === 'never' ? '1' : null, inactive_days: v === 'never' ? null : v })} /></div>`}
	</div>`;
}

// ---- saved views

// The addresses that this administrator's browser keeps, by name: filters and
// order, not the page.
const viewsKey = () => `identity.directory.views.${session.value.person.auth_user_id}`;
const VIEWS_MAX = 20;
const VIEW_PARTS = [...FILTERS, 'sort', 'dir', 'size'];
const viewOf = (query) => queryOf(Object.fromEntries(VIEW_PARTS.map((k) => [k, query.get(k)])));

function readViews() {
	try {
		const kept = JSON.parse(localStorage.getItem(viewsKey()));
		if (Array.isArray(kept)) return kept.filter((v) => typeof v?.name === 'string' && /^\?[^#]*$/.test(v.at ?? ''));
	} catch { /* storage is off, or holds something else */ }
	return [];
}

function SaveView({ views, at, close }) {
	const form = useForm({
		values: { name: '' }, guard: false,
		check: (v) => (v.name.trim() === '' ? { name: 'Enter a name.' } : views.length >= VIEWS_MAX && !views.some((x) => x.name === v.name.trim()) ? { name: `There are ${VIEWS_MAX} views already: forget one first.` } : {}),
		save: async (v) => close([...views.filter((x) => x.name !== v.name.trim()), { name: v.name.trim(), at }].sort((a, b) => a.name.localeCompare(b.name))),
	});
	return html`<${Dialog} title="Save this view" onClose=${() => close(null)}><${Form} form=${form} submit="Save view" cancel=${() => close(null)}>
		<${Field} name="name" label="Name" hint="This browser keeps it: filters, order and rows. A name that is there already is replaced." maxlength="60" autocomplete="off" /><//><//>`;
}

function Views({ query }) {
	const [views, setViews] = useState(readViews);
	const at = viewOf(query);
	const current = views.find((v) => v.at === at);
	const keep = (next) => {
		setViews(next);
		try { localStorage.setItem(viewsKey(), JSON.stringify(next)); } catch { toast('This browser keeps nothing for this page: the view lasts until it is closed.', { tone: 'info' }); }
	};
	const save = async () => {
		const next = await openDialog((close) => html`<${SaveView} views=${views} at=${at} close=${close} />`);
		if (next) keep(next);
	};
	const forget = () => {
		const before = views;
		keep(views.filter((v) => v !== current));
		toast(`The view ${current.name} is forgotten.`, { undo: async () => keep(before) });
	};
	return html`<div class="actions">${views.length > 0 && html`<${Filter} label="View" value=${current?.name ?? ''} options=${[['', current ? 'All people' : at === '' ? 'All people' : 'Not saved'], ...views.map((v) => [v.name, v.name])]}
		onPick=${(name) => navigate(`/setup/users${views.find((v) => v.name === name)?.at ?? ''}`)} />`}
		${current ? html`<${Button} onClick=${forget}>Forget this view<//>` : at !== '' && html`<${Button} onClick=${save}>Save this view<//>`}</div>`;
}

// ---- the page

const sortOf = (query) => ({ key: query.get('sort', 'created'), dir: query.get('dir', query.get('sort', 'created') === 'name' ? 'asc' : 'desc') });

// |open|: the id of the person who is shown beside the list, which is then a
// narrow one; |turn| moves when somebody has changed.
export default function Users({ open, turn }) {
	const query = useQuery();
	const place = usePlace();
	const paging = usePaging();
	const columns = useColumns();
	const [selected, setSelected] = useState(new Set());
	const [isAll, setAll] = useState(false);
	const [counted, setCounted] = useState(false);
	const filters = Object.fromEntries(FILTERS.map((k) => [k, query.get(k)]).filter(([, v]) => v !== ''));
	const key = JSON.stringify(filters);
	const sort = sortOf(query);
	const size = SIZES.includes(query.get('size')) ? query.get('size') : '50';
	const load = useLoad(`/users${queryOf({ ...filters, sort: sort.key, dir: sort.dir, limit: size, cursor: paging.cursor, count: counted })}`);
	const apps = useLoad('/applications?limit=200');
	const isFiltered = Object.keys(filters).length > 0;
	useLayoutEffect(() => {
		if (turn > 0) load.reload();
	}, [turn]);
	// What was selected under other filters is not in sight any more.
	useLayoutEffect(() => {
		setSelected(new Set());
		setAll(false);
		setCounted(false);
	}, [key]);
	const clear = () => {
		setSelected(new Set());
		setAll(false);
	};
	const search = String(place.query) && `?${place.query}`;
	const toPerson = (id, part = '') => `/setup/users/${id}${part}${search}`;
	const changed = (p) => load.data && load.set({ ...load.data, data: load.data.data.map((x) => (x.auth_user_id === p.auth_user_id ? p : x)) });
	const action = useMemo(() => ({
		key: 'action', label: 'Action', actions: true,
		draw: (p) => html`<${Menu} label=${`Actions for ${p.name}`} items=${[
			{ label: 'Open', href: toPerson(p.auth_user_id) },
			{ label: 'Sessions', href: toPerson(p.auth_user_id, '/sessions') },
			p.sessions > 0 && { label: 'Sign out everywhere', onClick: shown(() => signOut(p, changed)) },
			p.status === 'active' ? { label: 'Disable', onClick: shown(() => disable(p, changed)) } : { label: 'Enable', onClick: shown(() => enable(p, changed)) },
			{ label: 'Delete', tone: 'bad', onClick: shown(() => remove(p, load.reload)) },
		]} />`,
	}), [load.data, search]);
	const name = { ...COLUMNS[0], draw: (p) => html`<a href=${toPerson(p.auth_user_id)} aria-current=${p.auth_user_id === open ? 'true' : undefined}>${p.name}</a>` };
	const page = load.data?.page;
	const total = page?.count === undefined || page.count_capped ? null : page.count;
	const canAll = selected.size > 0 && page && (page.has_more || paging.page > 1) && load.data.data.every((p) => selected.has(p.auth_user_id));
	const note = isAll
		? html`<p class="soft">Everybody who matches the filters, on all pages. <button type="button" class="link" onClick=${() => setAll(false)}>Only those on this page</button></p>`
		: canAll && html`<p class="soft">All on this page are selected. <button type="button" class="link" onClick=${() => {
			setAll(true);
			setCounted(true);
		}}>Select everybody who matches</button></p>`;
	const shownColumns = open ? [name, COLUMNS.find((c) => c.key === 'status')] : [name, ...columns.shown.slice(1), action];
	return html`<div><${PageHead} title=${paging.page > 1 ? `Directory (page ${paging.page})` : 'Directory'} isBehind=${Boolean(open)}
			actions=${!open && html`<${Button} icon="upload" href="/setup/import">Import<//><${Button} kind="primary" icon="plus" href="/setup/users/new">Add a person<//>`} />
		<${Filters} query=${query} apps=${apps.data?.data ?? []} isNarrow=${Boolean(open)} />
		${query.get('import') && html`<${Notice}>Only those whom <a href=${`/setup/import/${query.get('import')}`}>one import</a> has created. <a href=${query.href({ import: null })}>Show all</a><//>`}
		${!open && html`<div class="view">
			<${Views} query=${query} />
			<div class="actions"><${Filter} label="Rows" value=${size} options=${SIZES.map((s) => [s, s])} onPick=${(v) => query.set({ size: v === '50' ? null : v })} />
			<${Button} icon="sliders" onClick=${() => openDialog((close) => html`<${ColumnChooser} columns=${columns} close=${close} />`)}>Columns<//>
			<${Button} icon="download" href=${`/setup/api/users/export${queryOf(filters)}`} download>Export CSV<//></div>
		</div>`}
		${!open && html`<${Bulk} whom=${isAll ? { filter: filters } : { ids: [...selected] }} n=${isAll ? total : selected.size} count=${isAll ? total ?? selected.size : selected.size} onClear=${clear} note=${note} done=${async () => {
			clear();
			await load.reload();
		}} />`}
		<${Loaded} load=${load} lines=${8}>${({ data }) => html`<div class="dense">
			<${Table} caption="People" rows=${data} keyOf=${(p) => p.auth_user_id} nameOf=${(p) => p.name} columns=${shownColumns} busy=${load.isLoading}
				sort=${sort} onSort=${(k, dir) => query.set({ sort: k, dir })} selected=${open ? undefined : selected} onSelect=${(s) => {
					setSelected(s);
					setAll(false);
				}}
				empty=${isFiltered ? html`<${Empty} icon="search" title="Nobody matches" action=${html`<${Button} href="/setup/users">Clear the filters<//>`}>${filters.q ? `No one is found for “${filters.q}” with these filters.` : 'No one fits these filters.'}<//>`
					: html`<${Empty} icon="people" title="Nobody is here yet" action=${html`<${Button} kind="primary" href="/setup/users/new">Add a person<//>`}>People are added one by one, from a <a href="/setup/import">CSV file</a>, or by the <a href="/setup/reference">API</a>.<//>`} /></div>
			<${Pager} page=${load.data.page} paging=${paging} shown=${data.length} size=${Number(size)} onCount=${() => setCounted(true)} />`}<//>
	</div>`;
}
