// outbox - what was to be sent, and what became of it.

import { html } from '../lib.js';
import { queryOf, useLoad } from '../api.js';
import { Filter } from '../combobox.js';
import { words } from '../format.js';
import { usePaging, useQuery } from '../router.js';
import { Pager, Table } from '../table.js';
import { Button, Empty, Loaded, Tag, Time } from '../ui.js';

const SIZE = 50;
const TONE = { sent: 'ok', pending: 'info', sending: 'info', failed: 'bad', refused: 'bad', expired: 'warn' };

const COLUMNS = [
	{ key: 'kind', label: 'Message', head: true, draw: (m) => words(m.kind) },
	{ key: 'destination', label: 'To', draw: (m) => html`<code>${m.destination}</code>` },
	{ key: 'channel', label: 'Channel', draw: (m) => (m.channel === 'sms' ? 'SMS' : 'E-mail') },
	{ key: 'state', label: 'State', draw: (m) => (m.receipt ? html`<${Tag} tone=${m.receipt === 'failed' ? 'bad' : 'ok'}>${m.receipt === 'failed' ? 'Not delivered' : words(m.receipt)}<//> <${Time} at=${m.receipt_at} exact />`
		: html`<${Tag} tone=${TONE[m.state]}>${words(m.state)}<//>`) },
	{ key: 'provider', label: 'Provider', draw: (m) => m.provider ?? html`<span class="soft">–</span>` },
	{ key: 'attempts', label: 'Tries', num: true, draw: (m) => m.attempts },
	{ key: 'cost', label: 'Cost', num: true, draw: (m) => (m.cost_reported === null ? html`<span class="soft">${m.cost ? `~${m.cost / 1e6}` : '–'}</span>` : m.cost_reported / 1e6) },
	{ key: 'created', label: 'Asked for', draw: (m) => html`<${Time} at=${m.created_at} exact />` },
	{ key: 'error', label: 'Last error', wide: true, draw: (m) => m.last_error ?? m.receipt_error ?? html`<span class="soft">–</span>` },
];

export function Outbox() {
	const query = useQuery();
	const paging = usePaging();
	const state = query.get('state');
	const load = useLoad(`/outbox${queryOf({ state, cursor: paging.cursor, limit: SIZE })}`, { every: 10_000 });
	return html`<div><p class="soft above">Addresses are masked, and codes are not kept in the clear. Messages are forgotten some days after they ended.</p>
		<div class="toolbar"><${Filter} label="State" value=${state} options=${[['', 'All'], ...Object.keys(TONE).filter((s) => s !== 'sending' && s !== 'refused').map((s) => [s, words(s)])]} onPick=${(v) => query.set({ state: v })} /></div>
		<${Loaded} load=${load}>${({ data, page }) => html`<${Table} caption="Outbox" rows=${data} columns=${COLUMNS} busy=${load.isLoading}
			empty=${state ? html`<${Empty} icon="search" title="No message in this state" action=${html`<${Button} href="/setup/authentication/outbox">Show all<//>`} />` : html`<${Empty} icon="log" title="Nothing was sent yet">Messages appear here as soon as somebody asks for a code.<//>`} />
			<${Pager} page=${page} paging=${paging} shown=${data.length} size=${SIZE} />`}<//></div>`;
}
