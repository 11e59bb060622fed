// app_state - whether an application is on, and switching it.

import { html } from './lib.js';
import { patch } from './api.js';
import { confirm } from './dialog.js';
import { plural } from './format.js';
import { Tag, toast } from './ui.js';

// Switches |app| on or off; asks before what refuses its requests.
export async function switchApplication(app, on, done) {
	if (!on && !await confirm({
		title: `Disable ${app.name}?`, verb: 'Disable',
		body: html`<p>Every request of its ${plural(app.keys, 'key')} is refused from now on, and its ${plural(app.users, 'person', 'people')} cannot sign in there. Nothing is deleted; it can be enabled again.</p>`,
	})) return;
	await patch(`/applications/${app.id}`, { is_enabled: on }, { ifMatch: app.version });
	toast(`${app.name} is ${on ? 'enabled' : 'disabled'}.`);
	done();
}

export const status = (a) => (a.is_enabled ? html`<${Tag} tone="ok">Enabled<//>` : html`<${Tag} tone="bad">Disabled<//>`);
