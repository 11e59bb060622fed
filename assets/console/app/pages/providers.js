// providers - who carries messages: the providers in the order in which they
// are asked, and which of them a country's messages go by.

import { html } from '../lib.js';
import { put, useLoad } from '../api.js';
import { Table } from '../table.js';
import { ActButton, Button, Card, Empty, Facts, Loaded, Notice, Tag, Time, announce } from '../ui.js';
import { State } from './provider_state.js';
import { documentOf, routing, TYPES } from './provider_fields.js';

const BASE = '/setup/authentication';

const byPriority = (a, b) => a.priority - b.priority || a.name.localeCompare(b.name);

// Swaps two neighbours; both get a place of their own, should they share one.
async function swap(list, from, to) {
	const order = [...list];
	[order[from], order[to]] = [order[to], order[from]];
	for (const [i, p] of order.entries()) {
		const priority = (i + 1) * 10;
		if (p.priority !== priority) await put(`/providers/${encodeURIComponent(p.name)}`, { ...documentOf(p), priority }, { ifMatch: p.version });
	}
}

function ProviderCard({ provider: p, at, list, onMoved }) {
	const href = `${BASE}/providers/${encodeURIComponent(p.name)}`;
	const move = (to) => async () => {
		try {
			await swap(list, at, to);
		} finally {
			await onMoved();
		}
		announce(`${p.name} is number ${to + 1} of ${list.length} now.`);
	};
	return html`<section class="card" aria-label=${p.name}>
		<div class="card-head"><h3><a href=${href}>${p.name}</a></h3><${State} provider=${p} /></div>
		<p class="soft">${TYPES[p.type].name}${p.countries?.length > 0 ? ` for ${p.countries.map((c) => `+${c}`).join(', ')}` : ''}</p>
		${p.state === 'failing' && html`<${Notice} tone="bad" title="The last message failed">${p.last_error ?? 'No reason was given.'} <${Time} at=${p.last_error_at} ago /><//>`}
		${p.state === 'retiring' && html`<${Notice} tone="warn">${p.last_error ?? 'Gateways of this kind are being closed. Have another provider ready.'}<//>`}
		<${Facts} items=${[
			['Last delivered', html`<${Time} at=${p.last_ok_at} ago />`],
			['Last test', html`<${Time} at=${p.tested_at} ago />`],
		]} />
		<div class="actions"><${Button} small href=${href}>${p.enabled ? 'Open' : 'Test and activate'}<//>
			${list.length > 1 && at > 0 && html`<${ActButton} small icon="up" onClick=${move(at - 1)} aria-label=${`Move ${p.name} up`}>Up<//>`}
			${list.length > 1 && at < list.length - 1 && html`<${ActButton} small icon="down" onClick=${move(at + 1)} aria-label=${`Move ${p.name} down`}>Down<//>`}</div>
	</section>`;
}

function Channel({ title, note, list, onMoved, none }) {
	return html`<section class="stack" aria-label=${title}><h2>${title}</h2><p class="soft">${note}</p>
		${list.length === 0 ? none : html`<div class="cols">${list.map((p, at) => html`<${ProviderCard} key=${p.name} provider=${p} at=${at} list=${list} onMoved=${onMoved} />`)}</div>`}</section>`;
}

function Routing({ providers }) {
	const rows = routing(providers);
	const line = (names) => (names.length === 0 ? html`<${Tag} tone="warn">Nobody: no text message goes there<//>` : names.join(', then '));
	return html`<${Card} title="Who is asked, by country" note="From the top; the next one only when the one before cannot be reached or refuses for a reason of its own." wide>
		<${Table} caption="Providers by dialling code" rows=${rows} keyOf=${(r) => r.code ?? ''} columns=${[
			{ key: 'code', label: 'Dialling code', head: true, draw: (r) => (r.code !== null ? `+${r.code}` : rows.length > 1 ? 'All others' : 'All') },
			{ key: 'names', label: 'Providers in this order', draw: (r) => line(r.names) },
		]} />
		<p class="hint">Which countries messages may go to at all is set under <a href=${`${BASE}/spend`}>Spend</a>.</p><//>`;
}

export function Providers() {
	const load = useLoad('/providers');
	return html`<${Loaded} load=${load} lines=${6}>${({ data }) => {
		const sms = data.filter((p) => p.type !== 'smtp').sort(byPriority);
		const mail = data.filter((p) => p.type === 'smtp').sort(byPriority);
		const active = sms.filter((p) => p.enabled);
		if (data.length === 0) {
			return html`<${Empty} icon="shield" title="No provider yet" action=${html`<${Button} kind="primary" icon="plus" href=${`${BASE}/add`}>Add a provider<//>`}>Codes go to people by text message or e-mail. Add an SMS provider or your mail server; nothing is sent until you have tested and activated it.<//>`;
		}
		return html`<div class="stack">
			${active.length > 0 && active.every((p) => p.type === 'carrier_email') && html`<${Notice} tone="warn" title="Only carrier gateways send text messages">They are best effort and being closed one after the other. Add another SMS provider, or let codes go by e-mail.<//>`}
			<${Channel} title="Text messages" note="Asked in this order." list=${sms} onMoved=${load.reload} none=${html`<p class="soft">None: codes go by e-mail only.</p>`} />
			<${Channel} title="E-mail" note="Codes, password recovery and security notices." list=${mail} onMoved=${load.reload} none=${html`<p class="soft">None: nobody can recover a password by e-mail.</p>`} />
			${sms.length > 0 && html`<${Routing} providers=${data} />`}
			</div>`;
	}}<//>`;
}
