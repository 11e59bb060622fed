// account - the signed-in administrator: who they are, where they are signed
// in.

import { html, useStore } from '../lib.js';
import { del, session, useLoad } from '../api.js';
import { confirm } from '../dialog.js';
import { plural } from '../format.js';
import { SecondFactor } from './account_mfa.js';
import { agentName } from './agent.js';
import { setTheme, signOut, theme } from '../theme.js';
import { Form, Radios, useForm } from '../form.js';
import { Table } from '../table.js';
import { ActButton, Button, Card, Empty, Facts, Loaded, PageHead, Tabs, Tag, Time, toast } from '../ui.js';

function Theme() {
	const form = useForm({ values: { theme: theme() }, save: async () => {}, guard: false });
	return html`<${Card} title="Appearance"><${Form} form=${{ ...form, set: (k, v) => {
		form.set(k, v);
		setTheme(v);
	} }} submit=${null}><${Radios} name="theme" label="Theme" options=${[['auto', 'As the system has it'], ['light', 'Light'], ['dark', 'Dark']]} /><//><//>`;
}

function Profile() {
	const { person, expires_at: expires, idle_s: idle, step_up_until: step } = useStore(session);
	return html`<div class="cols">
		<${Card} title="Profile" actions=${html`<${Button} small href=${`/setup/users/${person.auth_user_id}`}>Open in the directory<//>`}>
			<${Facts} items=${[['Name', person.name], ['E-mail', person.email ?? html`<span class="soft">None</span>`], ['Mobile', person.mobile_number ?? html`<span class="soft">None</span>`]]} />
		<//>
		<${Card} title="This session" actions=${html`<${ActButton} small onClick=${signOut}>Sign out<//>`}>
			<${Facts} items=${[['Ends at the latest', html`<${Time} at=${expires} />`], ['Ends unused after', `${Math.round(idle / 60)} minutes`],
				['Confirmed until', html`<${Time} at=${step && new Date(step) > new Date() ? step : null} none="Asked at the next dangerous act" />`]]} />
		<//>
		<${SecondFactor} />
		<${Theme} /></div>`;
}

function Sessions() {
	const load = useLoad('/sessions');
	// The button goes with its row: the focus stays at the list.
	const done = (what) => {
		document.querySelector('.table-box').focus();
		toast(what);
		load.reload();
	};
	const end = async (s) => {
		if (!await confirm({ title: 'End this session?', body: html`<p>${agentName(s)} at ${s.ip} is signed out at once.</p>`, verb: 'End session' })) return;
		await del(`/sessions/${s.id}`);
		done('The session has ended.');
	};
	const others = (rows) => rows.filter((s) => !s.is_current);
	const endOthers = async (rows) => {
		if (!await confirm({ title: 'End all other sessions?', body: html`<p>${plural(others(rows).length, 'other session')} of yours end at once; this one goes on.</p>`, verb: 'End them' })) return;
		for (const s of others(rows)) await del(`/sessions/${s.id}`);
		done('All other sessions have ended.');
	};
	return html`<${Loaded} load=${load}>${({ data }) => html`<div class="stack">
		<${Table} caption="My sessions at this console" rows=${data} columns=${[
			{ key: 'agent', label: 'Browser', head: true, draw: (s) => html`<div>${agentName(s)} ${s.is_current && html`<${Tag} tone="ok">This session<//>`}</div>` },
			{ key: 'ip', label: 'Address', draw: (s) => html`<code>${s.ip}</code>` },
			{ key: 'at', label: 'Signed in', draw: (s) => html`<${Time} at=${s.created_at} />` },
			{ key: 'seen', label: 'Last used', draw: (s) => html`<${Time} at=${s.last_seen_at} ago />` },
			{ key: 'act', label: 'Action', actions: true, draw: (s) => !s.is_current && html`<${ActButton} small onClick=${() => end(s)} aria-label=${`End the session of ${agentName(s)} at ${s.ip}`}>End<//>` },
		]} empty=${html`<${Empty} title="No sessions" />`} />
		${others(data).length > 0 && html`<div class="actions"><${ActButton} onClick=${() => endOthers(data)}>End all others<//></div>`}</div>`}<//>`;
}

const TABS = [{ href: '/setup/account', label: 'Profile' }, { href: '/setup/account/sessions', label: 'Sessions' }];

export default function Account({ params }) {
	const tab = params.tab === 'sessions' ? TABS[1] : TABS[0];
	return html`<div><${PageHead} title=${tab === TABS[1] ? 'My sessions' : 'My profile'} section="Account" />
		<${Tabs} label="Account" items=${TABS} current=${tab.href} />
		${tab === TABS[1] ? html`<${Sessions} />` : html`<${Profile} />`}</div>`;
}
