// start_address - the first step: where people and applications find this
// service.

import { html } from '../lib.js';
import { patch, useLoad } from '../api.js';
import { Field, Form, useForm } from '../form.js';
import { AddressFacts, AddressNotice, addressOf } from '../plat_runtime.js';
import { Card, Loaded } from '../ui.js';

function Hostname({ value, reload, next }) {
	const form = useForm({
		values: { public_hostname: value || location.host },
		check: (v) => (v.public_hostname.trim() === '' ? { public_hostname: 'Enter the hostname, or skip this step.' } : {}),
		save: (v) => patch('/settings', { public_hostname: v.public_hostname.trim() }),
		onSaved: async () => {
			await reload();
			await next();
		},
		guard: false,
	});
	return html`<${Form} form=${form} submit="Save and go on"><${Field} name="public_hostname" label="Hostname in messages" hint="The name by which people and applications know this service. A code that is sent is bound to it: browsers fill it in there alone." autocomplete="off" spellcheck=${false} /><//>`;
}

export function Address({ data, reload, next }) {
	const runtime = useLoad('/runtime');
	return html`<${Loaded} load=${runtime}>${(r) => {
		const at = addressOf(r);
		return html`<div class="stack"><${AddressNotice} at=${at} /><${Card} title="What we saw"><${AddressFacts} at=${at} /><//>
			<${Card} title="Hostname"><${Hostname} value=${data.hostname.value} reload=${reload} next=${next} /><//></div>`;
	}}<//>`;
}
