// applications - the registry: who may ask this service about people.

import { html } from '../lib.js';
import { queryOf, useLoad } from '../api.js';
import { status, switchApplication } from '../app_state.js';
import { SearchBox } from '../combobox.js';
import { formatNumber } from '../format.js';
import { usePaging, useQuery } from '../router.js';
import { Pager, Table } from '../table.js';
import { Button, Empty, Loaded, Menu, PageHead, Tag, Time, toast } from '../ui.js';

const SIZE = 50;

const allowed = (a) => {
	if (a.allowed_ips.length === 0) return html`<${Tag} tone="warn">None: refused everywhere<//>`;
	const [first, ...rest] = a.allowed_ips;
	return html`<div><code>${first.block}</code>${rest.length > 0 && html`<small>and ${formatNumber(rest.length)} more</small>`}</div>`;
};

export default function Applications() {
	const query = useQuery();
	const paging = usePaging();
	const q = query.get('q');
	const load = useLoad(`/applications${queryOf({ q, limit: SIZE, cursor: paging.cursor })}`);
	const add = html`<${Button} kind="primary" icon="plus" href="/setup/applications/new">Add application<//>`;
	return html`<div><${PageHead} title=${paging.page > 1 ? `Applications (page ${paging.page})` : 'Applications'} actions=${add}>Who may ask about people here. Each has its own keys and the addresses its requests may come from.<//>
		<div class="toolbar"><${SearchBox} label="Search applications" value=${q} onSearch=${(v) => query.set({ q: v }, { replace: true })} /></div>
		<${Loaded} load=${load}>${({ data, page }) => html`<div class="sticky">
			<${Table} caption="Applications" rows=${data} busy=${load.isLoading} columns=${[
				{ key: 'name', label: 'Application', head: true, draw: (a) => html`<div><a href=${`/setup/applications/${a.id}`}>${a.name}</a><small>${a.last_used_at ? html`Last used <${Time} at=${a.last_used_at} ago />` : 'Never used'}${a.denied_24h > 0 && ` · ${formatNumber(a.denied_24h)} refused today`}</small></div>` },
				{ key: 'ips', label: 'Allowed IPs', draw: allowed },
				{ key: 'status', label: 'Status', draw: status },
				{ key: 'users', label: 'Users', num: true, draw: (a) => html`<a href=${`/setup/users?app=${a.id}`}>${formatNumber(a.users)}</a>` },
				{ key: 'created', label: 'Created', draw: (a) => html`<${Time} at=${a.created_at} />` },
				{ key: 'act', label: 'Action', actions: true, draw: (a) => html`<${Menu} label=${`Actions for ${a.name}`} items=${[
					{ label: 'Keys', href: `/setup/applications/${a.id}/keys` },
					{ label: 'Allowed IPs', href: `/setup/applications/${a.id}/ips` },
					{ label: 'Settings', href: `/setup/applications/${a.id}/settings` },
					{ label: a.is_enabled ? 'Disable' : 'Enable', tone: a.is_enabled ? 'bad' : undefined, onClick: () => switchApplication(a, !a.is_enabled, load.reload).catch((e) => toast(e.message, { tone: 'bad', requestId: e.requestId })) },
				]} />` },
			]} empty=${q !== ''
				? html`<${Empty} icon="search" title=${`No application matches “${q}”`} action=${html`<${Button} onClick=${() => query.set({ q: null })}>Clear the search<//>`} />`
				: html`<${Empty} icon="apps" title="No application yet" action=${add}>Add the first one, give it a key, and its server can sign people in. <a href="/setup/guide">The guide shows how.</a><//>`} />
			<${Pager} page=${page} paging=${paging} shown=${data.length} size=${SIZE} /></div>`}<//></div>`;
}
