// start_messages - the second step: what carries sign-in codes.

import { html, useStore } from '../lib.js';
import { session } from '../api.js';
import { Form, Radios, useForm } from '../form.js';
import { Card, Notice, lazy, toast } from '../ui.js';
import { BLANK, TYPES } from './provider_fields.js';
import { State } from './provider_state.js';

// What is needed only after a choice.
const DocumentForm = lazy(async () => (await import('./provider_form.js')).DocumentForm);
const Steps = lazy(async () => (await import('./provider_test.js')).Steps);
const TestPanel = lazy(async () => (await import('./provider_test.js')).TestPanel);

const KINDS = ['smtp', 'fast2sms', 'generic', 'carrier_email'];

export function Messages({ data, reload }) {
	const { environment } = useStore(session);
	const form = useForm({ values: { type: '' }, guard: false });
	const type = form.values.type;
	const open = data.providers.find((p) => !p.enabled) ?? data.providers[0];
	return html`<div class="stack">
		${environment.dev_otp && html`<${Notice} tone="warn" title="Codes are shown in answers">This service runs with <code>IDENTITY_DEV_OTP=1</code>: for trying it out, nothing has to be sent and this step can wait. Before real people sign in, take it out and set up a provider.<//>`}
		${data.providers.length > 0 ? html`
			<ul class="lines">${data.providers.map((p) => html`<li key=${p.name}><a href=${`/setup/authentication/providers/${encodeURIComponent(p.name)}`}>${p.name}</a><${State} provider=${p} /></li>`)}</ul>
			<h2>${open.name}</h2><${Steps} provider=${open} onChanged=${reload} /><${TestPanel} provider=${open} onTested=${reload} />
			<p class="hint"><a href="/setup/authentication/add">Add another provider</a></p>`
			: html`<${Card} title="What carries the codes?"><${Form} form=${form} submit=${null}>
				<${Radios} name="type" label="Kind of provider" options=${KINDS.map((k) => [k, `${TYPES[k].name} (${TYPES[k].channel})`, TYPES[k].text])} /><//><//>
			${type !== '' && html`<${Card} title=${TYPES[type].name} note="Nothing is sent by it until you have tested and activated it."><${DocumentForm} key=${type} isNew submit="Save and test" base=${{ ...BLANK[type], type, name: type === 'smtp' ? 'mail' : 'sms', enabled: false }} onSaved=${async (p) => {
				toast(`${p.name} is saved. Test it now.`);
				await reload();
			}} /><//>`}`}</div>`;
}
