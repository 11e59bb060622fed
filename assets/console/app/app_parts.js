// app_parts - people, activity and settings of an application.

import { html, useState } from './lib.js';
import { del, patch, put, queryOf, useLoad } from './api.js';
import { switchApplication } from './app_state.js';
import { AuditTable } from './audit_table.js';
import { Combobox } from './combobox.js';
import { confirmTyped } from './dialog.js';
import { findPeople } from './find.js';
import { Field, Form, useForm } from './form.js';
import { plural } from './format.js';
import { navigate, usePaging } from './router.js';
import { Pager, Table } from './table.js';
import { ActButton, Button, Card, Empty, Facts, Loaded, Tag, Time, toast } from './ui.js';

const SIZE = 50;

export function AssignedPeople({ app, reload }) {
	const paging = usePaging();
	const load = useLoad(`/users${queryOf({ app: app.id, sort: 'name', limit: SIZE, cursor: paging.cursor })}`);
	const [picked, setPicked] = useState(null);
	const path = (id) => `/users/${id}/applications/${app.id}`;
	const again = () => {
		load.reload();
		reload();
	};
	const assign = async () => {
		if (!picked) {
			toast('Choose somebody first.', { tone: 'info' });
			return;
		}
		await put(path(picked.id));
		toast(`${picked.label} may use ${app.name} now.`);
		setPicked(null);
		again();
	};
	const remove = async (u) => {
		await del(path(u.auth_user_id));
		document.querySelector('.pick-one input').focus();
		toast(`${u.name} may not use ${app.name} any more, and is signed out there.`, { undo: async () => {
			await put(path(u.auth_user_id));
			again();
		} });
		again();
	};
	return html`<div class="stack"><${Card} title="Assign somebody"><div class="pick-one"><${Combobox} label="Person" hint="Name, e-mail address, mobile number or employee id" value=${picked} onPick=${setPicked} search=${findPeople} min=${2} />
			<${ActButton} kind="primary" onClick=${assign}>Assign<//></div><//>
		<${Loaded} load=${load}>${({ data, page }) => html`<div><${Table} caption=${`People of ${app.name}`} rows=${data} keyOf=${(u) => u.auth_user_id} columns=${[
			{ key: 'name', label: 'Name', head: true, draw: (u) => html`<div><a href=${`/setup/users/${u.auth_user_id}`}>${u.name}</a><small>${u.email ?? u.mobile_number}</small></div>` },
			{ key: 'status', label: 'Status', draw: (u) => ((u.status ?? (u.is_active === false ? 'disabled' : 'active')) === 'active' ? html`<${Tag} tone="ok">Active<//>` : html`<${Tag} tone="bad">Disabled<//>`) },
			{ key: 'last', label: 'Last sign-in', draw: (u) => html`<${Time} at=${u.last_login_at} ago />` },
			{ key: 'act', label: 'Action', actions: true, draw: (u) => html`<${ActButton} small onClick=${() => remove(u)} aria-label=${`Remove ${u.name}`}>Remove<//>` },
		]} empty=${html`<${Empty} icon="people" title="Nobody is assigned">People can sign in to ${app.name} once they are assigned to it. Many at once: select them in the <a href="/setup/users">directory</a>.<//>`} />
		<${Pager} page=${page} paging=${paging} shown=${data.length} size=${SIZE} /></div>`}<//></div>`;
}

export function Activity({ app }) {
	const paging = usePaging();
	const load = useLoad(`/audit${queryOf({ application: app.id, limit: SIZE, cursor: paging.cursor })}`);
	return html`<${Loaded} load=${load}>${({ data, page }) => html`<div class="stack"><div class="actions"><${Button} href=${`/setup/audit?application=${app.id}`}>Open in the audit log<//></div>
		<${AuditTable} caption=${`Activity of ${app.name}`} rows=${data} short empty=${html`<${Empty} icon="log" title="Nothing happened yet">What the application asks and what administrators change is listed here.<//>`} />
		<${Pager} page=${page} paging=${paging} shown=${data.length} size=${SIZE} /></div>`}<//>`;
}

export function Settings({ app, reload, set }) {
	const form = useForm({
		values: { name: app.name, rate: app.rate_per_minute === null ? '' : String(app.rate_per_minute) },
		check: (v) => ({ ...(v.name.trim() === '' ? { name: 'Enter a name.' } : {}), ...(/^\d{0,7}$/.test(v.rate.trim()) ? {} : { rate: 'Enter a whole number, or leave it empty.' }) }),
		save: (v) => patch(`/applications/${app.id}`, { name: v.name.trim(), rate_per_minute: v.rate.trim() === '' ? null : Number(v.rate) }, { ifMatch: app.version }),
		onSaved: (r) => {
			set(r.body, r.etag);
			toast('Saved.');
		},
	});
	const remove = async () => {
		if (!await confirmTyped({
			title: `Delete ${app.name}?`, verb: 'Delete application', word: app.name, what: 'the name of the application',
			body: html`<p>Its ${plural(app.keys, 'key')} and its assignments of ${plural(app.users, 'person', 'people')} are deleted, and their sessions there end. This cannot be taken back; the people and the audit log stay.</p>`,
		})) return;
		await del(`/applications/${app.id}`, { ifMatch: app.version });
		await navigate('/setup/applications');
		toast(`${app.name} is deleted.`);
	};
	return html`<div class="cols"><${Card} title="Settings"><${Form} form=${form} bar>
			<${Field} name="name" label="Name" autocomplete="off" /><${Field} name="rate" label="Requests a minute" optional hint="Empty: no limit of its own." inputmode="numeric" width="short" autocomplete="off" /><//><//>
		<${Card} title="About"><${Facts} items=${[['Id', html`<code>${app.id}</code>`], ['Created', html`<${Time} at=${app.created_at} exact />`], ['Changed', html`<${Time} at=${app.updated_at} exact />`], ['Version', app.version]]} /><//>
		<${Card} title=${app.is_enabled ? 'Disable' : 'Enable'}><p>${app.is_enabled ? 'Its requests are refused until it is enabled again. Nothing is deleted.' : 'It is disabled now; its requests are refused.'}</p>
			<${ActButton} onClick=${() => switchApplication(app, !app.is_enabled, reload)}>${app.is_enabled ? 'Disable the application' : 'Enable the application'}<//><//>
		<${Card} title="Delete" tone="bad"><p>Deletes its keys and assignments and ends its sessions. The service asks you to confirm that it is you.</p><${ActButton} kind="danger" onClick=${remove}>Delete the application<//><//></div>`;
}
