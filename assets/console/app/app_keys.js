// app_keys - the keys of an application: each is shown once, then only its
// first and last characters are known.

import { html, useLayoutEffect, useState } from './lib.js';
import { del, patch, post, useLoad } from './api.js';
import { Dialog, OnceDialog, confirm, openDialog } from './dialog.js';
import { Field, Form, Radios, Row, Select, useForm } from './form.js';
import { formatNumber, plural } from './format.js';
import { Table } from './table.js';
import { ActButton, Button, Code, Copy, Empty, Loaded, Menu, Notice, Tag, Time, announce, toast } from './ui.js';
import { firstCall, origin } from './app_start.js';

const DAYS = [['30', '30 days'], ['90', '90 days'], ['365', 'One year'], ['', 'Never: it has to be rotated by hand']];
const OVERLAP = [['0', 'At once', 'Requests with the old key are refused from this moment.'], ['86400', 'In 24 hours'], ['604800', 'In 7 days', 'Time to change it everywhere.']];
const hidden = (k) => k.prefix + k.last4;

// The new key, until it is stored; asks every 3 s whether it was used.
function NewKey({ app, made, close }) {
	const keys = useLoad(`/applications/${app.id}/keys`, { every: 3000 });
	const used = keys.data?.data.find((k) => k.id === made.id && k.last_used_at);
	useLayoutEffect(() => { if (used) announce('The key works.'); }, [used?.last_used_at]);
	return html`<${OnceDialog} title=${`Key of ${app.name}`} close=${close} stored="I have stored this key" file=${{ name: 'identity.env', text: `AUTH_SERVICE_URL=${origin()}\nAUTH_SERVICE_KEY=${made.key}\n` }} fields=${html`
		<${Row} id="new-key" label="Key"><textarea id="new-key" class="mono" rows="2" readonly data-first spellcheck=${false} autocomplete="off" value=${made.key} onFocus=${(e) => e.target.select()}></textarea><//>
		<div class="actions"><${Copy} text=${made.key} label="Copy the key" small=${false} /></div>`}>
		<${Code} label="Copy the first call" text=${firstCall(origin(), made.key)} />
		<p role="status" class="soft">${used ? html`<${Tag} tone="ok">It works<//> Used from <code>${used.last_used_ip}</code>.` : 'Waiting for its first use …'}</p><//>`;
}

function CreateKey({ app, close }) {
	const form = useForm({
		values: { label: '', days: '365' },
		save: async (v) => close((await post(`/applications/${app.id}/keys`, {
			...(v.label.trim() === '' ? {} : { label: v.label.trim() }), ...(v.days === '' ? {} : { expires_in_days: Number(v.days) }),
		})).body),
		guard: false,
	});
	return html`<${Dialog} title="Create a key" onClose=${() => close(null)}><${Form} form=${form} submit="Create key" cancel=${() => close(null)}>
		<${Field} name="label" label="Label" optional hint="Where it is used, such as “production”." autocomplete="off" />
		<${Select} name="days" label="Expires" options=${DAYS} />
		${form.values.days === '' && html`<${Notice} tone="warn">A key that never expires is forgotten in old configurations. The overview reminds you of those that are not used.<//>`}
	<//><//>`;
}

function RotateKey({ app, k, close }) {
	const form = useForm({
		values: { old: '86400' },
		save: async (v) => close((await post(`/applications/${app.id}/keys/${k.id}/rotate`, { old_expires_in_s: Number(v.old) })).body),
		guard: false,
	});
	return html`<${Dialog} title=${`Rotate ${k.label || hidden(k)}`} onClose=${() => close(null)}>
		<p>A new key is made with the same label. ${k.last_used_at ? html`The old one was used <${Time} at=${k.last_used_at} ago />${k.last_used_ip && html` from <code>${k.last_used_ip}</code>`}.` : 'The old one was never used.'} Requests in 24 h: ${formatNumber(k.requests_24h)}.</p>
		<${Form} form=${form} submit="Rotate" cancel=${() => close(null)}><${Radios} name="old" label="The old key ends" options=${OVERLAP} /><//><//>`;
}

function state(k) {
	if (!k.is_enabled) return html`<${Tag} tone="bad">Disabled<//>`;
	if (k.expires_at && new Date(k.expires_at) < new Date()) return html`<${Tag} tone="bad">Expired<//>`;
	if (k.expires_at && new Date(k.expires_at) - Date.now() < 30 * 86_400_000) return html`<div><${Tag} tone="warn">Enabled<//><small>until <${Time} at=${k.expires_at} /></small></div>`;
	return html`<div><${Tag} tone="ok">Enabled<//>${k.expires_at && html`<small>until <${Time} at=${k.expires_at} /></small>`}</div>`;
}

// Asks for label and life of a key, makes it, shows it this once.  -> bool
export async function makeKey(app) {
	return showKey(app, await openDialog((close) => html`<${CreateKey} app=${app} close=${close} />`));
}

async function showKey(app, made) {
	if (!made) return false;
	await openDialog((close) => html`<${NewKey} app=${app} made=${made} close=${close} />`);
	toast('The key cannot be shown again. If it is lost, rotate it.');
	return true;
}

export function Keys({ app, reload }) {
	const load = useLoad(`/applications/${app.id}/keys`);
	const [busy, setBusy] = useState(false);
	const again = () => {
		load.reload();
		reload();
	};
	const create = async () => await makeKey(app) && again();
	const act = (fn) => async () => {
		if (busy) return;
		setBusy(true);
		try {
			await fn();
		} catch (e) {
			toast(e.message, { tone: 'bad', requestId: e.requestId });
		}
		setBusy(false);
	};
	const rotate = (k) => act(async () => await showKey(app, await openDialog((close) => html`<${RotateKey} app=${app} k=${k} close=${close} />`)) && again());
	const enable = (k, on) => patch(`/applications/${app.id}/keys/${k.id}`, { is_enabled: on });
	const turn = (k) => act(async () => {
		await enable(k, !k.is_enabled);
		toast(`The key is ${k.is_enabled ? 'disabled' : 'enabled'}.`, { undo: async () => {
			await enable(k, k.is_enabled);
			again();
		} });
		again();
	});
	const revoke = (k) => act(async () => {
		if (!await confirm({ title: `Delete ${k.label || hidden(k)}?`, verb: 'Delete key', body: html`<p>${k.last_used_at ? html`It was last used <${Time} at=${k.last_used_at} ago />${k.last_used_ip && html` from <code>${k.last_used_ip}</code>`}.` : 'It was never used.'} Requests with it are refused at once, and it cannot be brought back.</p>` })) return;
		await del(`/applications/${app.id}/keys/${k.id}`);
		toast('The key is deleted.');
		again();
	});
	return html`<div class="stack"><div class="actions"><${ActButton} kind="primary" icon="plus" onClick=${create}>Create key<//></div>
		<${Loaded} load=${load}>${({ data }) => html`<${Table} caption=${`Keys of ${app.name}`} rows=${data} columns=${[
			{ key: 'app', label: 'Application', head: true, draw: (k) => html`<div>${k.label || app.name}<small class="mono">${hidden(k)}</small></div>` },
			{ key: 'status', label: 'Status', draw: state },
			{ key: 'created', label: 'Created', draw: (k) => html`<div><${Time} at=${k.created_at} />${k.created_by && html`<small>by ${k.created_by.name ?? k.created_by}</small>`}</div>` },
			{ key: 'used', label: 'Last used', draw: (k) => html`<div><${Time} at=${k.last_used_at} ago />${k.last_used_ip && html`<small class="mono">${k.last_used_ip}</small>`}</div>` },
			{ key: 'n', label: 'Requests 24 h', num: true, draw: (k) => formatNumber(k.requests_24h) },
			{ key: 'act', label: 'Action', actions: true, draw: (k) => html`<div class="actions"><${Button} small onClick=${rotate(k)} aria-label=${`Rotate ${k.label || hidden(k)}`}>Rotate<//>
				<${Menu} label=${`More for ${k.label || hidden(k)}`} items=${[{ label: k.is_enabled ? 'Disable' : 'Enable', onClick: turn(k) }, { label: 'Delete', tone: 'bad', onClick: revoke(k) }]} /></div>` },
		]} empty=${html`<${Empty} icon="key" title="No key yet">Every request of ${app.name} carries a key. ${app.allowed_ips.length === 0 ? 'It also needs an allowed address.' : `${plural(app.allowed_ips.length, 'block')} may use it.`}<//>`} />`}<//></div>`;
}
