// application - one application: its parts are addresses of their own.

import { html } from '../lib.js';
import { useLoad } from '../api.js';
import { Copy, Empty, Loaded, PageHead, Tabs, lazy } from '../ui.js';
import { status } from '../app_state.js';

const PARTS = [
	['', 'Quick start', lazy(async () => (await import('../app_start.js')).QuickStart)],
	['keys', 'Keys', lazy(async () => (await import('../app_keys.js')).Keys)],
	['ips', 'Allowed IPs', lazy(async () => (await import('../app_ips.js')).AllowedIps)],
	['users', 'Users', lazy(async () => (await import('../app_parts.js')).AssignedPeople)],
	['activity', 'Activity', lazy(async () => (await import('../app_parts.js')).Activity)],
	['sync', 'Sync', lazy(async () => (await import('../app_sync.js')).Sync)],
	['settings', 'Settings', lazy(async () => (await import('../app_parts.js')).Settings)],
];

export default function Application({ params: { id, tab = '' } }) {
	const load = useLoad(`/applications/${id}`);
	const part = PARTS.find(([name]) => name === tab);
	const app = load.data;
	const base = `/setup/applications/${id}`;
	return html`<div><${PageHead} title=${app?.name ?? 'Application'} section=${part?.[1]} back=${{ href: '/setup/applications', label: 'Applications' }}
			tag=${app && status(app)} actions=${app && html`<span class="soft mono">${id.slice(0, 8)}…</span><${Copy} text=${id} label="Copy the application's id" />`} />
		<${Tabs} label="Parts of the application" current=${tab === '' ? base : `${base}/${tab}`} items=${PARTS.map(([name, label]) => ({
			href: name === '' ? base : `${base}/${name}`, label,
			count: app && { keys: app.keys, ips: app.allowed_ips.length, users: app.users }[name],
		}))} />
		<${Loaded} load=${load}>${(a) => (part ? html`<${part[2]} app=${a} reload=${load.reload} set=${load.set} />` : html`<${Empty} title="There is no such part" />`)}<//></div>`;
}
