// start_application - the third step: the first application and its key.

import { html } from '../lib.js';
import { useLoad } from '../api.js';
import { makeKey } from '../app_keys.js';
import { firstShellCall } from '../app_start.js';
import { plural } from '../format.js';
import { ActButton, Card, Code, Loaded, Tag } from '../ui.js';
import { ApplicationForm } from './application_new.js';

export function Application({ data, reload }) {
	const runtime = useLoad('/runtime');
	const make = (app) => async () => {
		await makeKey(app);
		await reload();
	};
	if (data.apps.length === 0) {
		return html`<${Card} title="Add an application"><${Loaded} load=${runtime}>${(r) => html`<${ApplicationForm} cancel=${null} allowed=${`${r.request.effective_ip} where I set it up`} onSaved=${async (app) => {
			await reload();
			await make(app)();
		}} />`}<//><//>`;
	}
	return html`<div class="stack"><${Card} title="Applications"><ul class="lines">${data.apps.map((a) => html`<li key=${a.id}><span><a href=${`/setup/applications/${a.id}`}>${a.name}</a> ${a.keys > 0 ? html`<${Tag} tone="ok">${plural(a.keys, 'key')}<//>` : html`<${Tag} tone="warn">No key<//>`}</span>
		<${ActButton} small onClick=${make(a)} aria-label=${`Create a key of ${a.name}`}>Create a key<//></li>`)}</ul>
		<p class="hint"><a href="/setup/applications/new">Add another application</a></p><//>
		<${Card} title="Its first call" note="With the key in AUTH_SERVICE_KEY, from an allowed address:"><${Code} label="Copy the first call" text=${firstShellCall()} /><//></div>`;
}
