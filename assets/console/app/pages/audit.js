// audit - what happened.  Every filter is part of the address.

import { html, useState } from '../lib.js';
import { post, queryOf, useLoad } from '../api.js';
import { AuditTable, eventName } from '../audit_table.js';
import { Chips, Combobox, Filter, SearchBox } from '../combobox.js';
import { Dialog, confirmTyped, openDialog } from '../dialog.js';
import { findApplications, findPeople } from '../find.js';
import { Field, Form, Radios, useForm } from '../form.js';
import { formatDateTime, formatNumber, plural } from '../format.js';
import { usePaging, useQuery } from '../router.js';
import { Pager } from '../table.js';
import { Button, Card, Empty, Facts, Loaded, Menu, PageHead, Tag, Time, toast } from '../ui.js';

const SIZE = 50;
const NAMES = ['event', 'category', 'user', 'application', 'ip', 'outcome', 'from', 'to', 'request_id', 'q'];
const LABELS = { event: 'Event', category: 'Category', user: 'User', application: 'Application', ip: 'IP', outcome: 'Outcome', from: 'From', to: 'Until', request_id: 'Request', q: 'Text' };
const RANGES = [['', 'Any time'], ['1h', 'Last hour'], ['24h', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days']];
const MS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 };

// Names of the person and the application of the filter, for its chips.
function useNames(filter) {
	const person = useLoad(filter.user ? `/users/${filter.user}` : null);
	const app = useLoad(filter.application ? `/applications/${filter.application}` : null);
	return { user: person.data?.name, application: app.data?.name };
}

// "datetime-local" in this browser's zone.
const local = (iso) => {
	if (!iso) return '';
	const d = new Date(iso);
	return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function FilterDialog({ filter, events, close }) {
	const [person, setPerson] = useState(null);
	const [app, setApp] = useState(null);
	const [picked, setPicked] = useState(filter.event ? filter.event.split(',') : []);
	const form = useForm({
		values: { ip: filter.ip ?? '', request_id: filter.request_id ?? '', from: local(filter.from), to: local(filter.to) },
		check: (v) => (v.from && v.to && v.from > v.to ? { to: 'The end is before the beginning.' } : {}),
		save: async (v) => close({
			event: picked.join(','), ip: v.ip.trim(), request_id: v.request_id.trim(),
			from: v.from && new Date(v.from).toISOString(), to: v.to && new Date(v.to).toISOString(),
			...(person ? { user: person.id } : {}), ...(app ? { application: app.id } : {}),
		}),
		guard: false,
	});
	const find = async (q) => events.filter((e) => e.includes(q.toLowerCase().replaceAll(' ', '_')) && !picked.includes(e)).slice(0, 12).map((e) => ({ id: e, label: eventName(e) }));
	return html`<${Dialog} title="Filter events" onClose=${() => close(null)}><${Form} form=${form} submit="Show" cancel=${() => close(null)}>
		<div><${Combobox} label="Events" hint="One or several." search=${find} clears onPick=${(i) => i && setPicked([...picked, i.id])} />
			<${Chips} label="Events chosen" items=${picked.map((e) => ({ id: e, label: eventName(e) }))} onRemove=${(i) => setPicked(picked.filter((e) => e !== i.id))} /></div>
		<${Combobox} label="User" value=${person} onPick=${setPerson} search=${findPeople} min=${2} />
		<${Combobox} label="Application" value=${app} onPick=${setApp} search=${findApplications} />
		<${Field} name="ip" label="IP address or block" width="medium" autocomplete="off" spellcheck=${false} />
		<${Field} name="request_id" label="Request id" autocomplete="off" spellcheck=${false} />
		<${Field} name="from" type="datetime-local" label="From" width="medium" /><${Field} name="to" type="datetime-local" label="Until" width="medium" /><//><//>`;
}

function Purge({ close }) {
	const form = useForm({
		values: { what: 'older', days: '365' },
		check: (v) => (v.what === 'older' && !(/^\d+$/.test(v.days) && Number(v.days) >= 30) ? { days: 'Enter 30 days or more.' } : {}),
		save: async (v) => {
			const scope = v.what === 'older' ? { older_than_days: Number(v.days) } : { everything: true };
			const { body } = await post('/audit/purge/preview', scope);
			if (body.rows === 0) {
				toast('There is nothing that old. Nothing was deleted.', { tone: 'info' });
				close(false);
				return;
			}
			if (!await confirmTyped({
				title: `Delete ${plural(body.rows, 'event')}?`, verb: 'Delete them', word: body.rows, what: 'their number',
				body: html`<p>Everything ${body.before ? html`before <${Time} at=${body.before} exact />` : 'up to this moment'} is deleted for good; <strong>export it first</strong> if it has to be kept. That it was deleted, and by whom, stays in the log.</p>`,
			})) return;
			await post('/audit/purge', { ...scope, confirm_rows: body.rows });
			toast(`${plural(body.rows, 'event')} deleted.`);
			close(true);
		},
		guard: false,
	});
	return html`<${Dialog} title="Purge the audit log" onClose=${() => close(false)}><p>First you see how much it is. Old events also go by themselves, as <a href="/setup/platform/settings">the settings</a> say.</p>
		<${Form} form=${form} submit="Count them" cancel=${() => close(false)}>
			<${Radios} name="what" label="What" options=${[['older', 'What is older than some days'], ['everything', 'Everything', 'Only for an installation that begins anew.']]} />
			${form.values.what === 'older' && html`<${Field} name="days" label="Days" suffix="days, 30 or more" inputmode="numeric" width="short" autocomplete="off" />`}
		<//><//>`;
}

function Chain() {
	const load = useLoad('/audit/chain');
	return html`<${Card} title="Seal" note="Finished stretches of the log are sealed by a hash of all before them."><${Loaded} load=${load} lines=${2}>${(c) => html`<${Facts} items=${[
		['State', c.ok ? html`<${Tag} tone="ok">Unbroken<//>` : html`<${Tag} tone="bad">Broken: somebody changed the log<//>`],
		c.is_purging && ['Purge', html`<${Tag} tone="info">under way<//>`],
		['Sealed', plural(c.sealed_rows, 'event')], ['Not sealed yet', plural(c.unsealed, 'event')],
		c.last_seal && ['Last seal', html`<div>No. ${c.last_seal.no}, <${Time} at=${c.last_seal.at} exact /><small class="mono is-block">${c.last_seal.chain}</small></div>`],
	]} />`}<//><p class="hint">To verify all of it: <code>identityd audit verify</code></p><//>`;
}

export default function Audit() {
	const query = useQuery();
	const paging = usePaging();
	const [following, setFollowing] = useState(false);
	const filter = Object.fromEntries(NAMES.map((n) => [n, query.get(n)]).filter(([, v]) => v !== ''));
	const events = useLoad('/audit/events');
	const names = useNames(filter);
	const load = useLoad(`/audit${queryOf({ ...filter, limit: SIZE, cursor: paging.cursor })}`, { every: following && paging.page === 1 ? 5000 : 0 });
	const list = (events.data?.data ?? events.data?.events ?? []).map((e) => e.event ?? e.name ?? e);
	const categories = [...new Set((events.data?.data ?? []).map((e) => e.category).filter(Boolean))];
	const chips = Object.entries(filter).filter(([n]) => n !== 'q' && n !== 'category' && n !== 'outcome').map(([n, v]) => ({
		id: n, label: `${LABELS[n]}: ${n === 'event' ? v.split(',').map(eventName).join(', ') : n === 'from' || n === 'to' ? formatDateTime(v) : names[n] ?? v}`,
	}));
	const more = async () => {
		const patch = await openDialog((close) => html`<${FilterDialog} filter=${filter} events=${list} close=${close} />`);
		if (patch) query.set(patch);
	};
	const purge = async () => { if (await openDialog((close) => html`<${Purge} close=${close} />`)) load.reload(); };
	const exportHref = (format) => `/setup/api/audit/export${queryOf({ ...filter, format })}`;
	return html`<div><${PageHead} title=${paging.page > 1 ? `Audit (page ${paging.page})` : 'Audit'} actions=${html`
			<${Button} aria-pressed=${String(following)} icon=${following ? 'check' : 'bolt'} onClick=${() => setFollowing(!following)}>${following ? 'Following' : 'Follow'}<//>
			<${Menu} label="More for the audit log" items=${[{ label: 'Export as CSV', href: exportHref('csv') }, { label: 'Export as NDJSON', href: exportHref('ndjson') }, { label: 'Purge …', tone: 'bad', onClick: purge }]} />`}>Every sign-in, every refusal and every change, with who did it and from where.<//>
		<div class="toolbar"><${SearchBox} label="Search events" value=${query.get('q')} onSearch=${(q) => query.set({ q }, { replace: true })} />
			<${Filter} label="Time" value="" options=${filter.from || filter.to ? [['', 'As chosen'], ...RANGES.slice(1)] : RANGES} onPick=${(r) => query.set({ from: r ? new Date(Date.now() - MS[r]).toISOString() : null, to: null })} />
			${categories.length > 0 && html`<${Filter} label="Category" value=${filter.category ?? ''} options=${[['', 'All'], ...categories.map((c) => [c, eventName(c)])]} onPick=${(category) => query.set({ category })} />`}
			<${Filter} label="Outcome" value=${filter.outcome ?? ''} options=${[['', 'All'], ['ok', 'Done'], ['refused', 'Refused']]} onPick=${(outcome) => query.set({ outcome })} />
			<${Button} icon="sliders" onClick=${more}>More filters<//></div>
		<${Chips} label="Filters" items=${chips} onRemove=${(c) => query.set({ [c.id]: null })} />
		<p class="out" role="status">${following ? `Following; ${formatNumber(load.data?.data.length ?? 0)} events shown` : ''}</p>
		<${Loaded} load=${load}>${({ data, page }) => html`<div class="stack audit"><div class="sticky"><${AuditTable} caption="Events" rows=${data} busy=${load.isLoading && !following} empty=${Object.keys(filter).length > 0
			? html`<${Empty} icon="search" title="No event matches" action=${html`<${Button} onClick=${() => query.set(Object.fromEntries(NAMES.map((n) => [n, null])))}>Clear the filters<//>`}>Nothing of that kind is in the log, or it was purged.<//>`
			: html`<${Empty} icon="log" title="No events yet">As soon as somebody signs in or something is changed, it is here.<//>`} />
			<${Pager} page=${page} paging=${paging} shown=${data.length} size=${SIZE} /></div></div>`}<//>
		<div class="cols foot"><${Chain} /></div></div>`;
}
