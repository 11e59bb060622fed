// provider_test - what comes after saving a provider: a test, activation.

import { html, useState } from '../lib.js';
import { post, put as putDocument } from '../api.js';
import { confirm } from '../dialog.js';
import { Area, Field, Form, useForm } from '../form.js';
import { ActButton, Card, Code, Facts, Notice, Time, toast } from '../ui.js';
import { documentOf } from './provider_fields.js';
import { State } from './provider_state.js';

const TO_KEY = 'identity.provider.test.';

function Transcript({ result: r }) {
	const t = r.transcript ?? {};
	return html`<div role="status">${r.ok
		? html`<${Notice} tone="ok" title="The provider took the message">In ${r.ms} ms${r.message_id ? html`; its id is <code>${r.message_id}</code>` : ''}${r.cost === null ? '' : `; it cost ${r.cost / 1e6}`}. That it was accepted does not say that it has arrived: look at the phone or the mailbox.${r.note && html`<br /><strong>Note:</strong> ${r.note}.`}<//>`
		: html`<${Notice} tone="bad" title="It was not sent">${r.error ?? 'The provider refused it.'}${r.hint && html`<br /><strong>What to do:</strong> ${r.hint}`}<//>`}
		${t.request && html`<h3>Request</h3><${Code} text=${t.request} label="Copy what was sent" wrap />`}
		${(t.status || t.body) && html`<h3>Answer${t.status ? `: ${t.status}` : ''}</h3>${t.body ? html`<${Code} text=${t.body} label="Copy what came back" wrap />` : html`<p class="soft">Without a body.</p>`}`}</div>`;
}

const remembered = (type) => {
	try { return localStorage.getItem(TO_KEY + type) ?? ''; } catch { return ''; }
};
const remember = (type, to) => {
	try { localStorage.setItem(TO_KEY + type, to); } catch { /* storage is off: not remembered */ }
};

export function TestPanel({ provider: p, onTested }) {
	const [result, setResult] = useState(null);
	const isMail = p.type === 'smtp';
	const form = useForm({
		values: { to: remembered(p.type), text: '' },
		guard: false,
		check: (v) => (v.to.trim() === '' ? { to: isMail ? 'Enter an e-mail address.' : 'Enter a mobile number.' } : {}),
		save: async (v) => {
			setResult(null);
			remember(p.type, v.to.trim());
			const { body } = await post(`/providers/${encodeURIComponent(p.name)}/test`, { to: v.to.trim(), ...(v.text.trim() === '' ? {} : { text: v.text.trim() }) });
			setResult(body);
			await onTested();
		},
	});
	return html`<${Card} title="Test" note="Sends one message with what is saved, also before it is activated. Your own number or address is the best.">
		<${Form} form=${form} submit="Send a test">
			<${Field} name="to" label=${isMail ? 'To' : 'To the mobile number'} type=${isMail ? 'email' : 'tel'} autocomplete=${isMail ? 'email' : 'tel'} />
			<${Area} name="text" label="Text" optional rows="2" hint="Empty: the text that a sign-in code has." />
		<//>
		${result && html`<${Transcript} result=${result} />`}<//>`;
}

// ---- activation

async function setEnabled(p, enabled) {
	const { body } = await putDocument(`/providers/${encodeURIComponent(p.name)}`, { ...documentOf(p), enabled }, { ifMatch: p.version });
	return body;
}

export function Steps({ provider: p, onChanged }) {
	const activate = async () => {
		if (!p.tested_at) {
			const sure = await confirm({ title: `Activate ${p.name} without a test?`, verb: 'Activate', danger: false, body: html`<p>It has not been tested. If it does not work, people wait for codes that never come.</p>` });
			if (!sure) return;
		}
		onChanged(await setEnabled(p, true));
		toast(`${p.name} is active: the next message may go by it.`);
	};
	const stop = async () => {
		onChanged(await setEnabled(p, false));
		toast(`${p.name} is not used any more.`, { undo: async () => onChanged(await setEnabled({ ...p, version: p.version + 1 }, true)) });
	};
	return html`<${Card} title="State"><${Facts} items=${[
		['State', html`<${State} provider=${p} />`],
		['Last delivered', html`<${Time} at=${p.last_ok_at} ago />`],
		['Last test', html`<${Time} at=${p.tested_at} ago />`],
		p.last_error && ['Last error', html`${p.last_error} <${Time} at=${p.last_error_at} ago />`],
	]} />
		<ol class="steps"><li class="is-done">Saved</li><li class=${p.tested_at ? 'is-done' : undefined}>${p.tested_at ? 'Tested' : 'Test it below'}</li><li class=${p.enabled ? 'is-done' : undefined}>${p.enabled ? 'Activated' : 'Activate it'}</li></ol>
		${p.enabled ? html`<${ActButton} onClick=${stop}>Stop using it<//>` : html`<${ActButton} kind=${p.tested_at ? 'primary' : 'plain'} onClick=${activate}>Activate<//>`}<//>`;
}
