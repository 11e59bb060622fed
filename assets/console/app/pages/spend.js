// spend - the ceiling over text messages: how much of it is used, where
// messages went, what was decided, prices.

import { html } from '../lib.js';
import { put, useLoad } from '../api.js';
import { Form, useField, useForm } from '../form.js';
import { formatNumber, formatPercent, words } from '../format.js';
import { Table } from '../table.js';
import { Button, Card, Loaded, Notice, Tag, Time, toast } from '../ui.js';
import { SettingsForm } from './settings_form.js';

const MILLION = 1_000_000;
const money = (n) => formatNumber(Math.round(n / 10_000) / 100);

// How full: a bar with its numbers as text beside it.
function Meter({ label, value, max, text }) {
	const share = max > 0 ? Math.min(1, value / max) : 0;
	const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'ok';
	return html`<div class="usage"><p><span>${label}</span><strong>${text}</strong></p>
		${max > 0 && html`<svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label=${`${label}: ${formatPercent(share)} used`}><rect class="track" width="100" height="4" rx="1" /><rect class=${`fill is-${tone}`} width=${100 * share} height="4" rx="1" /></svg>`}</div>`;
}

const Span = ({ title, s }) => html`<${Card} title=${title}>
	<${Meter} label="Messages" value=${s.sent} max=${s.max} text=${s.max > 0 ? `${formatNumber(s.sent)} of ${formatNumber(s.max)}` : formatNumber(s.sent)} />
	<${Meter} label="Money" value=${s.cost} max=${s.budget} text=${s.budget > 0 ? `${money(s.cost)} of ${money(s.budget)}` : money(s.cost)} />
	<p class="soft">${s.reported > 0 ? `Providers reported ${money(s.reported)}. ` : ''}${s.refused > 0 ? `${formatNumber(s.refused)} refused.` : 'None refused.'}${s.budget > 0 ? '' : ' No limit on money.'}</p><//>`;

const COUNTRIES = [
	{ key: 'code', label: 'Country', head: true, draw: (c) => `+${c.code}` },
	{ key: 'sent', label: 'Sent', num: true, draw: (c) => formatNumber(c.sent) },
	{ key: 'verified', label: 'Verified', num: true, draw: (c) => formatNumber(c.verified) },
	{ key: 'ratio', label: 'Verified of sent', num: true, draw: (c) => (c.ratio === null ? '–' : html`<${Tag} tone=${c.ratio < 0.3 ? 'bad' : c.ratio < 0.6 ? 'warn' : 'ok'}>${formatPercent(c.ratio)}<//>`) },
];

const DECISIONS = [
	{ key: 'at', label: 'Time', head: true, draw: (d) => html`<${Time} at=${d.at} exact />` },
	{ key: 'destination', label: 'To', draw: (d) => html`<code>${d.destination}</code>` },
	{ key: 'country', label: 'Country', draw: (d) => (d.country ? `+${d.country}` : '–') },
	{ key: 'decision', label: 'Decision', draw: (d) => html`<${Tag} tone=${d.decision === 'refused' ? 'bad' : 'ok'}>${words(d.decision)}<//>` },
	{ key: 'reason', label: 'Reason', draw: (d) => d.reason?.replaceAll('_', ' ') ?? html`<span class="soft">–</span>` },
];

function PriceRows() {
	const f = useField('rows');
	const set = (i, patch) => f.set(f.value.map((r, n) => (n === i ? { ...r, ...patch } : r)));
	return html`<fieldset class="row" id=${f.id}><legend class="out">Prices</legend>${f.error && html`<p class="error"><span class="out">Error: </span>${f.error}</p>`}
		${f.value.map((r, i) => html`<div class="pair" key=${i}><input aria-label=${`Prefix ${i + 1}`} placeholder="Prefix, such as 91" inputmode="numeric" value=${r.prefix} onInput=${(e) => set(i, { prefix: e.target.value })} />
			<input aria-label=${`Provider ${i + 1}`} placeholder="Provider, or any" value=${r.provider} onInput=${(e) => set(i, { provider: e.target.value })} />
			<input aria-label=${`Price ${i + 1}`} placeholder="Price of one message" inputmode="decimal" value=${r.price} onInput=${(e) => set(i, { price: e.target.value })} />
			<${Button} small kind="quiet" icon="close" onClick=${() => f.set(f.value.filter((_, n) => n !== i))} aria-label=${`Remove price ${i + 1}`}>Remove<//></div>`)}
		<div class="actions"><${Button} small icon="plus" onClick=${() => f.set([...f.value, { prefix: '', provider: '', price: '' }])}>Add a price<//></div></fieldset>`;
}

function Prices({ load }) {
	const form = useForm({
		values: { rows: load.data.data.map((p) => ({ prefix: p.prefix, provider: p.provider ?? '', price: String(p.price / MILLION) })) },
		check: (v) => (v.rows.some((r) => !/^\+?[1-9]\d*$/.test(r.prefix.trim()) || !(Number(r.price) >= 0) || r.price.trim() === '')
			? { rows: 'Each price needs a dialling prefix, such as 91, and an amount, such as 0.25.' } : {}),
		save: async (v) => {
			const data = v.rows.map((r) => ({ prefix: r.prefix.trim().replace(/^\+/, ''), provider: r.provider.trim() || null, price: Math.round(Number(r.price) * MILLION) }));
			load.set((await put('/prices', { data })).body);
		},
		onSaved: () => toast('Prices saved.'),
	});
	return html`<${Form} form=${form} submit="Save prices" bar><${PriceRows} /><//>`;
}

export function Spend() {
	const load = useLoad('/spend', { every: 15_000 });
	const prices = useLoad('/prices');
	return html`<div class="stack"><${Loaded} load=${load} lines=${6}>${(s) => html`<div class="stack">
		${s.breaker.open && html`<${Notice} tone="bad" title="Text messages are stopped" role="status">Far fewer codes come back than usual: somebody may be pumping messages to numbers of their own. Codes go by e-mail where that is allowed. It opens again <${Time} at=${s.breaker.until} ago none="by itself" />.<//>`}
		<div class="cols"><${Span} title="This hour" s=${s.hour} /><${Span} title="This day" s=${s.day} /></div>
		<${Card} title="By country, 24 hours" note="Verified of sent is not delivery: it says how many codes were typed in. Few of many is the mark of fraud." wide>
			${s.countries.length === 0 ? html`<p class="soft">No text message in the last 24 hours.</p>` : html`<${Table} caption="Countries" rows=${s.countries} keyOf=${(c) => c.code} columns=${COUNTRIES} />`}<//>
		<${Card} title="Last decisions" wide>${s.recent.length === 0 ? html`<p class="soft">None yet.</p>` : html`<${Table} caption="Decisions" rows=${s.recent} keyOf=${(d) => `${d.at}${d.destination}`} columns=${DECISIONS} />`}<//></div>`}<//>
		<${Card} title="Ceiling" note="Over it, codes go by e-mail where that is allowed, else they are refused. It is on from the start."><${SettingsForm} names=${['sms_countries', 'sms_hour_max', 'sms_day_max', 'sms_hour_budget', 'sms_day_budget', 'sms_breaker']} /><//>
		<${Card} title="Finer limits"><${SettingsForm} names=${['sms_country_hour_max', 'sms_country_day_max', 'sms_app_hour_max', 'sms_app_day_max', 'otp_app_hour_max', 'sms_person_day_max', 'sms_destination_day_max', 'sms_blocked_prefixes']} /><//>
		<${Card} title="Prices" note="Of one message, by the longest prefix that fits. Without prices only the counts hold."><${Loaded} load=${prices} lines="2">${() => html`<${Prices} load=${prices} />`}<//><//></div>`;
}
