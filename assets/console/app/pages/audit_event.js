// audit_event - one event with all that is known of it, and what belongs to
// it: the same request, session or address.

import { html } from '../lib.js';
import { useLoad } from '../api.js';
import { AuditTable, eventName, isGood } from '../audit_table.js';
import { formatExact, plural } from '../format.js';
import { Card, Copy, Facts, Loaded, PageHead, Tag, Time } from '../ui.js';

const person = (p) => p && (p.id ? html`<a href=${`/setup/users/${p.id}`}>${p.name ?? p.id}</a>` : p.name);

// What an event says besides: changes as before and after, the rest as it is.
function Detail({ detail }) {
	const rows = Object.entries(detail);
	const show = (v) => (v === null ? 'nothing' : typeof v === 'object' ? JSON.stringify(v) : String(v));
	return html`<${Card} title="Details"><${Facts} items=${rows.map(([k, v]) => [eventName(k), v && typeof v === 'object' && 'from' in v && 'to' in v
		? html`<div><del>${show(v.from)}</del> → <ins>${show(v.to)}</ins></div>` : html`<code class="is-block">${show(v)}</code>`])} /><//>`;
}

export default function AuditEvent({ params: { id } }) {
	const load = useLoad(`/audit/${encodeURIComponent(id)}`);
	const e = load.data;
	return html`<div><${PageHead} title=${e ? eventName(e.event) : 'Event'} section="Audit" back=${{ href: '/setup/audit', label: 'Audit' }}
			tag=${e && html`<${Tag} tone=${isGood(e) ? 'ok' : 'bad'}>${isGood(e) ? 'Done' : eventName(e.outcome)}<//>`} />
		<${Loaded} load=${load}>${(r) => html`<div class="stack"><div class="cols">
			<${Card} title="What"><${Facts} items=${[
				['When', html`<div><${Time} at=${r.at} exact /><small class="is-block mono">${r.at}</small></div>`],
				r.count > 1 && ['Times', html`${plural(r.count, 'time')} since ${formatExact(r.first_at ?? r.at)}`],
				['Category', eventName(r.category)],
				['Done by', person(r.actor) ?? html`<span class="soft">nobody signed in</span>`],
				['About', person(r.subject) ?? html`<span class="soft">nobody</span>`],
				['Application', r.application ? html`<a href=${`/setup/applications/${r.application.id}`}>${r.application.name}</a>` : html`<span class="soft">none</span>`],
				r.key_id && ['Key', html`<code>${r.key_id}</code>`],
			]} /><//>
			<${Card} title="From where"><${Facts} items=${[
				['IP', r.ip ? html`<div><code>${r.ip}</code> <a href=${`/setup/audit?ip=${encodeURIComponent(r.ip)}`}>all from there</a></div>` : html`<span class="soft">the machine itself</span>`],
				r.remote && ['Connection from', html`<code>${r.remote}</code>`],
				r.forwarded && ['X-Forwarded-For', html`<code>${r.forwarded}</code>`],
				r.client_ip && ['Person’s address, as the application tells', html`<code>${r.client_ip}</code>`],
				r.user_agent && ['User agent', r.user_agent],
				r.request_id && ['Request', html`<div><code>${r.request_id}</code> <${Copy} text=${r.request_id} label="Copy the request id" /></div>`],
				r.session_id && ['Session', html`<code>${r.session_id}</code>`],
			]} /><//>
			${r.detail && Object.keys(r.detail).length > 0 && html`<${Detail} detail=${r.detail} />`}</div>
			${r.related?.length > 0 && html`<section><h2 class="above">Related events</h2><${AuditTable} caption="Related events" rows=${r.related} /></section>`}</div>`}<//></div>`;
}
