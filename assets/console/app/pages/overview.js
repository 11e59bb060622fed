// overview - is all well, what is left to do, what is going on.

import { html } from '../lib.js';
import { useLoad } from '../api.js';
import { AuditTable, eventName } from '../audit_table.js';
import { Bars, Funnel, Lines } from '../chart.js';
import { formatCompact, formatPercent } from '../format.js';
import { Icon } from '../icons.js';
import { useQuery } from '../router.js';
import { Button, Card, Empty, Loaded, PageHead, Stat, Tag } from '../ui.js';

const RANGES = [['24h', '24 hours'], ['7d', '7 days'], ['30d', '30 days'], ['90d', '90 days']];
const SIGN_INS = [{ key: 'ok', label: 'Succeeded', tone: 'c1' }, { key: 'failed', label: 'Wrong password or code', tone: 'c2' }, { key: 'mfa_failed', label: 'Second factor failed', tone: 'c3' }];
const LATENCY = [{ key: 'p50_ms', label: 'Median', tone: 'c1' }, { key: 'p95_ms', label: '95 of 100', tone: 'c5' }];
const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const TONES = ['c2', 'c3', 'c5', 'c6', 'c1', 'c4'];

// Every reason that occurs, most frequent first; what is rare is put together.
function reasons(points) {
	const total = {};
	for (const { at, ...n } of points) for (const [k, v] of Object.entries(n)) total[k] = (total[k] ?? 0) + v;
	const names = Object.keys(total).sort((a, b) => total[b] - total[a]);
	const shown = names.slice(0, 5);
	const rest = names.slice(5);
	return {
		series: [...shown.map((k, i) => ({ key: k, label: eventName(k), tone: TONES[i] })), ...(rest.length > 0 ? [{ key: 'rest', label: 'Others', tone: TONES[5] }] : [])],
		points: points.map((p) => ({ ...p, rest: rest.reduce((s, k) => s + (p[k] ?? 0), 0) })),
	};
}

function Checklist({ items }) {
	const open = items.filter((i) => !i.done);
	if (open.length === 0) return null;
	return html`<${Card} title="Set up" note=${`${items.length - open.length} of ${items.length} done. The list goes away by itself.`} actions=${html`<${Button} small href="/setup/start">Step by step<//>`}>
		<ul class="todo">${[...open, ...items.filter((i) => i.done)].map((i) => html`<li key=${i.id} class=${i.done ? 'is-done' : undefined}><${Icon} name=${i.done ? 'check' : 'chevron'} size="16" />
			${i.done ? html`<span>${i.title}<span class="out"> (done)</span></span>` : html`<a href=${i.link}>${i.title}</a>`}</li>`)}</ul><//>`;
}

const STATE = { ok: ['ok', 'Well'], warn: ['warn', 'Look at it'], bad: ['bad', 'Failing'] };

function Health({ items }) {
	const order = { bad: 0, warn: 1, ok: 2 };
	return html`<${Card} title="Health"><ul class="health">${[...items].sort((a, b) => order[a.state] - order[b.state]).map((h) => html`<li key=${h.id}><${Tag} tone=${STATE[h.state][0]}>${STATE[h.state][1]}<//> <span><strong>${eventName(h.id.split(':')[0])}</strong> ${h.text}</span></li>`)}</ul><//>`;
}

function Charts({ charts, range }) {
	const isDay = range === '24h';
	const labelOf = (p, all) => (all ? whole : isDay ? hour : day).format(new Date(p.at));
	const toAudit = (more) => (p) => {
		const span = isDay ? 3_600_000 : 86_400_000;
		return `/setup/audit?${new URLSearchParams({ from: p.at, to: new Date(new Date(p.at).getTime() + span).toISOString(), ...more })}`;
	};
	const denied = reasons(charts.denied);
	const none = (text) => html`<${Empty} title="Nothing yet">${text}<//>`;
	const has = (points, series) => points.some((p) => series.some((s) => p[s.key] > 0));
	return html`<div class="cols">
		<${Card} title="Sign-ins">${has(charts.sign_ins, SIGN_INS) ? html`<${Bars} title="Sign-ins" series=${SIGN_INS} points=${charts.sign_ins} labelOf=${labelOf} hrefOf=${toAudit({ category: 'sign_in' })} />` : none('Nobody signed in during this time.')}<//>
		<${Card} title="Refused requests">${denied.series.length > 0 && has(denied.points, denied.series) ? html`<${Bars} title="Refused requests by reason" series=${denied.series} points=${denied.points} labelOf=${labelOf} hrefOf=${toAudit({ outcome: 'refused' })} />` : none('No request was refused.')}<//>
		<${Card} title="One-time codes" note="“Used” is what people typed in. Whether a message arrived is only known where the provider says so.">${charts.otp.some((o) => o.requested > 0) ? charts.otp.map((o) => html`<section key=${o.channel} class="channel"><h3>${o.channel === 'sms' ? 'SMS' : o.channel === 'email' ? 'E-mail' : o.channel} <span class="soft">${o.sent > 0 ? `${formatPercent(o.verified / o.sent)} used of those sent` : ''}</span></h3>
			<${Funnel} title=${`Codes by ${o.channel}`} parts=${[{ label: 'Asked for', value: o.requested, tone: 'c6' }, { label: 'Sent', value: o.sent, tone: 'c1' }, { label: 'Used', value: o.verified, tone: 'c4' }]} /></section>`) : none('No code was asked for.')}<//>
		<${Card} title="Time to answer">${has(charts.latency, LATENCY) ? html`<${Lines} title="Time to answer, in milliseconds" unit="ms" series=${LATENCY} points=${charts.latency} labelOf=${labelOf} />` : none('No request was answered yet.')}<//></div>`;
}

export default function Overview() {
	const query = useQuery();
	const range = RANGES.some(([r]) => r === query.get('range')) ? query.get('range') : '24h';
	const load = useLoad(`/overview?range=${range}`, { every: 30_000 });
	return html`<div><${PageHead} title="Overview" actions=${html`<div class="segments" role="group" aria-label="Time">${RANGES.map(([r, text]) => html`<a key=${r} href=${query.href({ range: r === '24h' ? null : r })} aria-current=${r === range ? 'true' : undefined}>${text}</a>`)}</div>`} />
		<${Loaded} load=${load} lines=${8}>${({ checklist, health, kpis: k, charts, recent }) => html`<div class="stack">
			<div class="stats">
				<${Stat} label="Active people" value=${formatCompact(k.active_24h)} note=${`in 24 hours; ${formatCompact(k.active_7d)} in 7 days, ${formatCompact(k.active_30d)} in 30`} />
				<${Stat} label="Sessions" value=${formatCompact(k.sessions)} note="live now" />
				<${Stat} label="People" value=${formatCompact(k.people)} href="/setup/users" note="in the directory" />
				<${Stat} label="Applications" value=${formatCompact(k.applications)} href="/setup/applications" note="may ask about them" />
				<${Stat} label="Keys" value=${formatCompact(k.keys_expiring)} tone=${k.keys_expiring > 0 ? 'warn' : undefined} note=${`end within 30 days; ${formatCompact(k.keys_unused)} not used for 90`} href="/setup/applications" /></div>
			<div class="cols"><${Checklist} items=${checklist} /><${Health} items=${health} /></div>
			<${Charts} charts=${charts} range=${range} />
			<section><div class="card-head above"><h2>Recent events</h2><${Button} small href="/setup/audit">All events<//></div><${AuditTable} caption="Recent events" rows=${recent} empty=${html`<${Empty} icon="log" title="No events yet">Sign-ins and changes will be here.<//>`} /></section></div>`}<//></div>`;
}
