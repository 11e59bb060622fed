// person_acts - what is done to a whole person, from the list and from the
// person's page.

import { html } from '../lib.js';
import { del, post } from '../api.js';
import { confirm } from '../dialog.js';
import { plural } from '../format.js';
import { toast } from '../ui.js';

// Menus do not show what fails; this does.
export const failing = (promise) => promise.catch((e) => toast(e.message, { tone: 'bad', requestId: e.requestId }));

// ---- acts on the whole person; each answers with the person as it is then

export const act = async (p, name) => (await post(`/users/${p.auth_user_id}/${name}`)).body;

// Tier 1: done at once, undone for as long as the message stands.
export async function disable(p, onChanged) {
	onChanged(await act(p, 'disable'));
	toast(`${p.name} is disabled${p.sessions > 0 ? ` and signed out of ${plural(p.sessions, 'session')}` : ''}.`, {
		undo: async () => onChanged(await act(p, 'enable')),
	});
}

export async function enable(p, onChanged) {
	onChanged(await act(p, 'enable'));
	toast(`${p.name} can sign in again.`);
}

export async function signOut(p, onChanged) {
	const sure = await confirm({
		title: `Sign ${p.name} out everywhere?`, verb: 'Sign out',
		body: html`<p>Ends ${plural(p.sessions, 'session')} at once. ${p.name} may sign in again.</p>`,
	});
	if (!sure) return;
	onChanged(await act(p, 'sign-out'));
	toast(`${p.name} is signed out everywhere.`);
}

export async function remove(p, onGone) {
	const sure = await confirm({
		title: `Delete ${p.name}?`, verb: 'Delete',
		body: html`<p>This cannot be undone. To keep ${p.name} out for a while, disable instead.</p>
			<ul>${p.sessions > 0 && html`<li>${plural(p.sessions, 'session')} ${p.sessions === 1 ? 'ends' : 'end'} at once</li>`}${p.applications.length > 0 && html`<li>${plural(p.applications.length, 'application')} will be told that the person is gone</li>`}
			<li>password${p.devices > 0 ? `, second factor and ${plural(p.devices, 'device')}` : ' and second factor'} are forgotten; the audit log stays</li></ul>`,
	});
	if (!sure) return;
	await del(`/users/${p.auth_user_id}`, { ifMatch: p.version });
	toast(`${p.name} was deleted.`);
	await onGone();
}
