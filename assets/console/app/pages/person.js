// person - one person of the directory: what is known, what may be used, what
// is open.  Each panel is an address of its own.

import { html, useState } from '../lib.js';
import { call, del, post, useLoad } from '../api.js';
import { isGood } from '../audit_table.js';
import { confirm } from '../dialog.js';
import { formatRelative, plural, words } from '../format.js';
import { navigate } from '../router.js';
import { ActButton, Button, Card, Code, Copy, Empty, Facts, Loaded, Menu, Notice, PageHead, Tabs, Tag, Time, toast } from '../ui.js';
import { Table } from '../table.js';
import { agentName } from './agent.js';
import { act, disable, enable, failing, remove, signOut } from './person_acts.js';
import { EditForm } from './person_form.js';

const TABS = [['', 'Profile'], ['applications', 'Applications'], ['security', 'Security'], ['sessions', 'Sessions'], ['devices', 'Devices'], ['activity', 'Activity']];

// ---- acts of this page alone

async function recover(p) {
	const sure = await confirm({
		title: 'Start a recovery?', verb: 'Send', danger: false,
		body: html`<p>${p.name} gets a link by e-mail, or a code by text message, to choose a new password with. The present one works until then.</p>`,
	});
	if (!sure) return;
	const { body } = await post(`/users/${p.auth_user_id}/recovery`);
	toast(body?.destination ? `Sent to ${body.destination}.` : `A message is on its way to ${p.name}.`);
}

async function unlock(p, onChanged) {
	onChanged(await act(p, 'unlock'));
	toast(`${p.name} may try again at once.`);
}

// ---- panels

function Profile({ person, onChanged }) {
	return html`<div class="cols"><${Card} title="Profile"><${EditForm} key=${person.auth_user_id} person=${person} onSaved=${(p) => {
		if (p !== person) toast('Saved.');
		onChanged(p);
	}} /><//>
	<${Card} title="Record"><${Facts} items=${[
		['Id', html`<code>${person.auth_user_id}</code> <${Copy} text=${person.auth_user_id} label="Copy the id" />`],
		['Added', html`<${Time} at=${person.created_at} />`],
		['Changed', html`<${Time} at=${person.updated_at} ago />`],
		['Last sign-in', html`<${Time} at=${person.last_login_at} ago />`],
		person.import_id && ['Came with', html`<a href=${`/setup/import/${person.import_id}`}>an import</a>`],
	]} /><//></div>`;
}

// A button goes with what it has ended: the focus stays in the panel's link.
const keepFocus = () => document.querySelector('.tabs [aria-current]').focus();

function Applications({ person, onChanged }) {
	const apps = useLoad('/applications?limit=200');
	const [q, setQ] = useState('');
	const has = new Set(person.applications.map((a) => a.id));
	const change = async (a, on) => {
		const path = `/users/${person.auth_user_id}/applications/${a.id}`;
		onChanged((await call(on ? 'PUT' : 'DELETE', path, on ? { body: {} } : {})).body);
	};
	const take = async (a) => {
		await change(a, false);
		keepFocus();
		toast(`${person.name} may not use ${a.name} any more.`, { undo: () => change(a, true) });
	};
	return html`<${Card} title="Applications" note="What is not assigned refuses this person, and is not told of the person by the sync.">
		${person.applications.length === 0 ? html`<p class="soft">None is assigned: ${person.name} cannot use anything yet.</p>`
			: html`<ul class="lines">${person.applications.map((a) => html`<li key=${a.id}><a href=${`/setup/applications/${a.id}`}>${a.name}</a>
			<${ActButton} small onClick=${() => take(a)} aria-label=${`Remove ${a.name}`}>Remove<//></li>`)}</ul>`}
		<h3>Assign another</h3>
		<${Loaded} load=${apps} lines="2">${({ data }) => {
			const others = data.filter((a) => !has.has(a.id) && a.name.toLowerCase().includes(q.toLowerCase()));
			return html`${data.length > 8 && html`<input type="search" aria-label="Filter applications" value=${q} onInput=${(e) => setQ(e.target.value)} />`}
				${others.length === 0 ? html`<p class="soft">${data.length === 0 ? html`There is no application yet. <a href="/setup/applications">Register one</a>.` : 'No other application.'}</p>`
					: html`<ul class="lines">${others.map((a) => html`<li key=${a.id}><span>${a.name}</span><${ActButton} small icon="plus" onClick=${() => change(a, true)} aria-label=${`Assign ${a.name}`}>Assign<//></li>`)}</ul>`}`;
		}}<//><//>`;
}

function Security({ person, onChanged }) {
	const load = useLoad(`/users/${person.auth_user_id}/security`);
	const takeTotp = async () => {
		const sure = await confirm({
			title: 'Remove the authenticator app?', verb: 'Remove',
			body: html`<p>${person.name}’s app and recovery codes stop working, and ${person.name} is told. ${person.mfa_enabled ? 'The second factor stays on: a code is sent instead.' : ''}</p>`,
		});
		if (!sure) return;
		onChanged((await del(`/users/${person.auth_user_id}/totp`)).body ?? person);
		await load.reload();
		toast('The authenticator app was removed.');
	};
	return html`<${Loaded} load=${load}>${(s) => html`<div class="cols">
		<${Card} title="Password"><${Facts} items=${[
			['Password', s.password_set_at ? html`set <${Time} at=${s.password_set_at} ago />` : person.has_password ? 'set' : 'none: signs in with a code'],
			['Last sign-in', html`<${Time} at=${s.last_login_at} ago />`],
		]} /><${ActButton} onClick=${() => recover(person)}>Start a recovery<//><//>
		<${Card} title="Second factor"><${Facts} items=${[
			['Asked for', person.mfa_enabled ? html`<${Tag} tone="ok">At every sign-in<//>` : html`<${Tag}>No<//> <a href=${`/setup/users/${person.auth_user_id}`}>Change</a>`],
			['Authenticator app', s.has_totp ? html`added <${Time} at=${s.totp_confirmed_at} ago />, used <${Time} at=${s.totp_last_used_at} ago none="never" />` : 'none'],
			['Recovery codes left', String(s.recovery_left ?? 0)],
		]} />${s.has_totp && html`<${ActButton} kind="danger" onClick=${takeTotp}>Remove the app<//>`}<//>
		<${Card} title="Wrong tries"><p>${s.failures > 0 ? `${plural(s.failures, 'wrong password')} in a row.` : 'No wrong password since the last sign-in.'}</p>
			${s.wait_until && html`<${Notice} tone="warn">${s.wait_until === 'infinity' ? 'The password is not taken any more until it is reset or unlocked.' : html`Has to wait until <${Time} at=${s.wait_until} exact />, ${formatRelative(s.wait_until)}.`}<//>`}
			<${ActButton} onClick=${async () => {
				await unlock(person, onChanged);
				await load.reload();
			}}>Unlock<//><//>
	</div>`}<//>`;
}

const none = (person, what) => html`<${Empty} title=${`No ${what}`}>${person.last_login_at ? html`${person.name} last signed in <${Time} at=${person.last_login_at} ago />.` : `${person.name} has never signed in.`}<//>`;

const METHODS = { password: 'password', otp: 'one-time code', password_otp: 'password and code', password_totp: 'password and authenticator app', password_recovery: 'password and recovery code' };

function Sessions({ person, onChanged }) {
	const load = useLoad(`/users/${person.auth_user_id}/sessions`);
	const end = async (s) => {
		await del(`/users/${person.auth_user_id}/sessions/${s.id}`);
		keepFocus();
		await load.reload();
		onChanged({ ...person, sessions: Math.max(0, person.sessions - 1) });
		toast('The session has ended.');
	};
	return html`<${Loaded} load=${load}>${({ data }) => (data.length === 0 ? none(person, 'open session') : html`<div class="cols">${data.map((s) => html`<${Card} key=${s.id}
		title=${s.application?.name ?? 'Console'} actions=${html`<${ActButton} small kind="danger" onClick=${() => end(s)} aria-label=${`End the session at ${s.application?.name ?? 'the console'} of ${agentName(s.device)}`}>End<//>`}>
		<${Facts} items=${[
			['Device', agentName(s.device)],
			['Address', s.ip ? html`<code>${s.ip}</code>` : 'not known'],
			['By', METHODS[s.method] ?? s.method ?? '–'],
			['Started', html`<${Time} at=${s.created_at} />`],
			['Last seen', html`<${Time} at=${s.last_seen_at} ago />`],
			['Ends', html`<${Time} at=${s.expires_at} />`],
		]} />${s.device?.user_agent && html`<details><summary>User agent</summary><${Code} text=${s.device.user_agent} label="Copy the user agent" wrap /></details>`}<//>`)}</div>`)}<//>`;
}

function Devices({ person, onChanged }) {
	const load = useLoad(`/users/${person.auth_user_id}/devices`);
	const forget = async (d) => {
		await post(`/users/${person.auth_user_id}/devices/forget`, { application_id: d.application?.id ?? d.application_id, device_id: d.device_id });
		keepFocus();
		await load.reload();
		onChanged({ ...person, devices: Math.max(0, person.devices - 1) });
		toast('The device is forgotten and signed out.');
	};
	return html`<${Loaded} load=${load}>${({ data }) => (data.length === 0 ? none(person, 'device') : html`<div class="cols">${data.map((d) => html`<${Card} key=${`${d.application?.id}${d.device_id}`}
		title=${d.name ?? agentName(d)} actions=${html`<${ActButton} small kind="danger" onClick=${() => forget(d)} aria-label=${`Forget ${d.name ?? agentName(d)}`}>Forget<//>`}>
		<${Facts} items=${[
			['Application', d.application?.name ?? '–'],
			['First seen', html`<${Time} at=${d.first_seen_at} />`],
			['Last seen', html`<${Time} at=${d.last_seen_at} ago />`],
			['Open sessions', String(d.sessions ?? 0)],
		]} /><//>`)}</div>`)}<//>`;
}

const EVENTS = [
	{ key: 'event', label: 'Event', head: true, draw: (e) => html`<a href=${`/setup/audit/${e.id}`}>${words(e.event)}</a>` },
	{ key: 'outcome', label: 'Outcome', draw: (e) => html`<${Tag} tone=${isGood(e) ? 'ok' : 'bad'}>${words(e.outcome)}<//>` },
	{ key: 'application', label: 'Application', draw: (e) => html`<div>${e.application?.name ?? '–'}</div>` },
	{ key: 'actor', label: 'By', draw: (e) => html`<div>${e.actor?.name ?? '–'}</div>` },
	{ key: 'ip', label: 'Address', draw: (e) => (e.ip ? html`<code>${e.ip}</code>` : '–') },
	{ key: 'at', label: 'Time', draw: (e) => html`<${Time} at=${e.at} exact />` },
];

function Activity({ person }) {
	const load = useLoad(`/audit?user=${person.auth_user_id}&limit=50`);
	return html`<${Card} title="Activity" wide actions=${html`<${Button} href=${`/setup/audit?user=${person.auth_user_id}`}>All of it, with filters<//>`}>
		<${Loaded} load=${load}>${({ data }) => (data.length === 0 ? html`<p class="soft">Nothing yet.</p>` : html`<div class="dense"><${Table} caption=${`What ${person.name} did and what was done`} rows=${data} columns=${EVENTS} /></div>`)}<//><//>`;
}

const PANELS = { '': Profile, applications: Applications, security: Security, sessions: Sessions, devices: Devices, activity: Activity };

// |list|: the address of the list one came from; |onChanged|: it is not as it
// was.
export default function Person({ params: { id, tab = '' }, list, onChanged }) {
	const load = useLoad(`/users/${id}`);
	const person = load.data;
	const back = { href: list, label: 'Directory' };
	const href = (t) => `/setup/users/${id}${t === '' ? '' : `/${t}`}${new URL(list, location).search}`;
	const counts = { applications: person?.applications.length, sessions: person?.sessions, devices: person?.devices };
	const Panel = PANELS[tab] ?? Profile;
	const changed = (p) => {
		load.set(p);
		onChanged();
	};
	// One head in both states: it has the focus.
	return html`<div><${PageHead} title=${person?.name ?? 'Person'} section="Directory" back=${back}
		tag=${person && html`${person.status === 'active' ? html`<${Tag} tone="ok">Active<//>` : html`<${Tag} tone="bad">Disabled<//>`}${person.is_admin && html`<${Tag} tone="info">Administrator<//>`}`}
		actions=${person && html`${person.sessions > 0 && html`<${ActButton} onClick=${() => signOut(person, changed)}>Sign out everywhere<//>`}
			${person.status === 'active' ? html`<${ActButton} onClick=${() => disable(person, changed)}>Disable<//>` : html`<${ActButton} kind="primary" onClick=${() => enable(person, changed)}>Enable<//>`}
			<${Menu} label="More" items=${[{ label: 'Delete', tone: 'bad', onClick: () => failing(remove(person, async () => {
				await navigate(list);
				onChanged();
			})) }]} />`} />
		${person ? html`<div key="one"><${Tabs} label="Parts of this person" current=${href(PANELS[tab] ? tab : '')} items=${TABS.map(([t, label]) => ({ href: href(t), label, count: counts[t] }))} />
			<${Panel} person=${person} onChanged=${changed} /></div>` : html`<div key="none"><${Loaded} load=${load}>${() => null}<//></div>`}</div>`;
}
