// app_ips - where an application's requests may come from.

import { html, useState } from './lib.js';
import { post, put, useLoad } from './api.js';
import { inBlock, isEverybody, parseBlock, parseLines } from './cidr.js';
import { confirm } from './dialog.js';
import { Area, Field, Form, useForm } from './form.js';
import { formatNumber } from './format.js';
import { Icon } from './icons.js';
import { Table } from './table.js';
import { Button, Card, Loaded, Notice, Tag, Time, toast } from './ui.js';

const covers = (entries, address) => entries.some((e) => inBlock(address, e.block));

function Tester({ app }) {
	const [answer, setAnswer] = useState(null);
	const form = useForm({
		values: { address: '' }, guard: false,
		check: (v) => (v.address.trim() === '' ? { address: 'Enter an address.' } : {}),
		save: async (v) => setAnswer({ address: v.address.trim(), ...(await post(`/applications/${app.id}/allowed-ips/test`, { address: v.address.trim() })).body }),
	});
	return html`<${Card} title="Test an address" note="Against the list that is saved."><${Form} form=${form} submit="Test">
			<${Field} name="address" label="Address" hint="Such as 203.0.113.9 or 2001:db8::1." autocomplete="off" spellcheck=${false} width="medium" /><//>
		<p role="status">${answer && (answer.allowed ? html`<${Tag} tone="ok">Allowed<//> <code>${answer.address}</code> is in <code>${answer.block}</code>.` : html`<${Tag} tone="bad">Refused<//> <code>${answer.address}</code> is in no block of the list.`)}</p><//>`;
}

function Editor({ app, suggest, set }) {
	const form = useForm({
		values: { entries: app.allowed_ips.map((e) => ({ block: e.block, label: e.label ?? '' })), paste: '' },
		check: (v) => {
			const bad = v.entries.find((e) => !parseBlock(e.block)) ?? parseLines(v.paste).find((e) => !parseBlock(e.block));
			return bad ? { paste: `“${bad.block}” is no address or block, such as 203.0.113.9 or 10.0.0.0/8.` } : {};
		},
		save: async (v) => {
			const entries = [...v.entries, ...parseLines(v.paste)];
			const cut = suggest.seen.filter((s) => covers(app.allowed_ips, s.address) && !covers(entries, s.address));
			if (cut.length > 0 && !await confirm({ title: 'This cuts off traffic of today', verb: 'Save the list', body: html`<p>These addresses used a key in the last 24 hours and would be refused:</p><ul>${cut.map((s) => html`<li key=${s.address}><code>${s.address}</code>, last <${Time} at=${s.last_at} ago /></li>`)}</ul>` })) return null;
			const r = await put(`/applications/${app.id}/allowed-ips`, { entries: entries.map((e) => (e.label.trim() === '' ? { block: e.block.trim() } : { block: e.block.trim(), label: e.label.trim() })) }, { ifMatch: app.version });
			return r;
		},
		onSaved: (r) => {
			if (!r) return;
			set(r.body, r.etag);
			form.reset({ entries: r.body.allowed_ips.map((e) => ({ block: e.block, label: e.label ?? '' })), paste: '' });
			toast('The list is saved and in force.');
		},
	});
	const { entries } = form.values;
	const mine = suggest.your_address;
	const isIn = covers(entries, mine);
	const add = (block, label = '') => form.set('entries', [...entries, { block, label }]);
	const change = (at, patch) => form.set('entries', entries.map((e, i) => (i === at ? { ...e, ...patch } : e)));
	const wide = entries.filter((e) => isEverybody(e.block));
	const doubled = entries.filter((e, i) => entries.some((o, j) => i !== j && parseBlock(e.block) && inBlock(e.block.split('/')[0], o.block) && parseBlock(o.block).bits < parseBlock(e.block).bits));
	const denied = suggest.denied.filter((d) => !covers(entries, d.address));
	return html`<div class="cols"><${Card} title="Allowed IPs" wide note="IPv4 and IPv6. Requests with a key of this application from anywhere else are refused.">
		<p>Your address now: <code>${mine}</code> ${isIn ? html`<${Tag} tone="ok">in the list<//>` : html`<${Tag} tone="warn">outside<//> <${Button} small onClick=${() => add(mine, 'added from the console')} aria-label=${`Add it: ${mine}`}>Add it<//>`}</p>
		${wide.length > 0 && html`<${Notice} tone="warn" title="Open to everybody">${wide.map((e) => e.block).join(' and ')} lets any address use a key. A stolen key then works anywhere.<//>`}
		${doubled.length > 0 && html`<${Notice} title="Covered twice">${doubled.map((e) => e.block).join(', ')} ${doubled.length === 1 ? 'is' : 'are'} inside a larger block of the list.<//>`}
		<${Form} form=${form} submit="Save the list" bar>
			${entries.length === 0 ? html`<p class="soft">The list is empty: every request is refused.</p>` : html`<ul class="plain">${entries.map((e, at) => html`<li key=${at} class="ip-row">
				<input class="mono" aria-label=${`Block ${at + 1}`} value=${e.block} spellcheck=${false} autocomplete="off" aria-invalid=${parseBlock(e.block) ? undefined : 'true'} onInput=${(x) => change(at, { block: x.target.value })} />
				<input aria-label=${`Label of ${e.block}`} placeholder="Label" value=${e.label} autocomplete="off" onInput=${(x) => change(at, { label: x.target.value })} />
				<button type="button" class="button is-quiet is-small" aria-label=${`Remove ${e.block}`} onClick=${(x) => {
					x.currentTarget.form.elements.paste.focus();
					form.set('entries', entries.filter((_, i) => i !== at));
				}}><${Icon} name="close" size="16" /></button></li>`)}</ul>`}
			<${Area} name="paste" label="Add" optional rows=${2} mono hint="One a line: a block, then a label if you like. Many can be pasted." spellcheck=${false} /><//><//>
		<${Tester} app=${app} />
		<${Card} title="Refused in the last 24 hours">${denied.length === 0 ? html`<p class="soft">Nobody with a good key was refused for the address.</p>` : html`<${Table} caption="Refused addresses" keyOf=${(d) => d.address} rows=${denied} columns=${[
			{ key: 'a', label: 'Address', head: true, draw: (d) => html`<code>${d.address}</code>` },
			{ key: 'n', label: 'Times', num: true, draw: (d) => formatNumber(d.count) },
			{ key: 't', label: 'Last', draw: (d) => html`<${Time} at=${d.last_at} ago />` },
			{ key: 'x', label: 'Action', actions: true, draw: (d) => html`<${Button} small onClick=${() => add(d.address)} aria-label=${`Allow ${d.address}`}>Allow<//>` },
		]} />`}<//></div>`;
}

export function AllowedIps({ app, set }) {
	const load = useLoad(`/applications/${app.id}/allowed-ips/suggest`);
	return html`<${Loaded} load=${load}>${(suggest) => html`<${Editor} key=${app.id} app=${app} suggest=${suggest} set=${set} />`}<//>`;
}
