// audit_table - rows of the audit log as they are shown everywhere.

import { html } from './lib.js';
import { formatClock, formatDate, plural, words, zoneName } from './format.js';
import { Table } from './table.js';
import { Tag } from './ui.js';

export const eventName = words;
export const isGood = (r) => r.outcome === 'ok' || r.outcome === 'done' || r.outcome === 'succeeded';
export const who = (r) => r.subject ?? r.actor;

// |rows| of GET /setup/api/audit; |short| leaves out what a card has no room for.
export const AuditTable = ({ caption, rows, empty, busy, short }) => html`<${Table} caption=${caption} rows=${rows} empty=${empty} busy=${busy} columns=${[
	{ key: 'event', label: 'Event', head: true, draw: (r) => html`<div><a href=${`/setup/audit/${r.id}`}>${eventName(r.event)}</a> ${!isGood(r) && html`<${Tag} tone="bad">${eventName(r.outcome)}<//>`}${r.count > 1 && html`<small>${plural(r.count, 'time')}</small>`}${!short && r.application && html`<small>${r.application.name}</small>`}</div>` },
	{ key: 'user', label: 'User', draw: (r) => {
		const p = who(r);
		return p ? html`<div>${p.id ? html`<a href=${`/setup/users/${p.id}`}>${p.name}</a>` : p.name}${r.actor && r.subject && r.actor.id !== r.subject.id && html`<small>by ${r.actor.name}</small>`}</div>` : html`<span class="soft">–</span>`;
	} },
	{ key: 'ip', label: 'IP', draw: (r) => (r.ip ? html`<code>${r.ip}</code>` : html`<span class="soft">–</span>`) },
	{ key: 'date', label: 'Date', draw: (r) => html`<time datetime=${r.at}>${formatDate(r.at)}</time>` },
	{ key: 'time', label: `Time (${zoneName()})`, draw: (r) => html`<time datetime=${r.at} title=${r.at}>${formatClock(r.at)}</time>` },
]} />`;
