// palette - Ctrl+K: pages, people, applications and request ids from one
// field; and the list of shortcuts.

import { html, useState } from './lib.js';
import { get } from './api.js';
import { Combobox } from './combobox.js';
import { Dialog, openDialog } from './dialog.js';
import { Check } from './form.js';
import { setSingleKeys, singleKeys } from './keys.js';
import { navigate } from './router.js';
import { account, menu } from './routes.js';

const REQUEST_ID = /^[0-9a-f]{8}-?[0-9a-f-]{8,40}$/i;

// Pages at once; people and applications by the service.
async function find(q, signal) {
	const low = q.toLowerCase();
	const pages = [...menu.flatMap((g) => g.items).flatMap((i) => [i, ...(i.parts ?? [])]), ...account]
		.filter((i) => i.label.toLowerCase().includes(low) || i.words?.includes(low))
		.map((i) => ({ id: i.href, href: i.href, label: i.label, note: 'Page' }));
	if (q.length < 2) return pages.slice(0, 8);
	const list = (path, draw) => get(path, { signal, quiet: true }).then((r) => r.body.data.map(draw), (e) => {
		// one that fails leaves the others' matches
		if (e.name === 'AbortError') throw e;
		return [];
	});
	const enc = encodeURIComponent(q);
	const [people, apps] = await Promise.all([
		list(`/users?q=${enc}&limit=5`, (u) => ({ id: u.auth_user_id, href: `/setup/users/${u.auth_user_id}`, label: u.name, note: u.email ?? u.mobile_number ?? 'Person' })),
		list(`/applications?q=${enc}&limit=5`, (a) => ({ id: a.id, href: `/setup/applications/${a.id}`, label: a.name, note: 'Application' })),
	]);
	const request = REQUEST_ID.test(q) ? [{ id: 'r', href: `/setup/audit?request_id=${enc}`, label: `Request ${q}`, note: 'Audit' }] : [];
	return [...request, ...pages.slice(0, 5), ...people, ...apps];
}

// |early|() gives what was typed before the field was there.
export async function openPalette(early) {
	const to = await openDialog((close) => html`<${Dialog} title="Go to" onClose=${() => close(null)}>
		<${Combobox} label="Search pages, people, applications, request ids" early=${early} search=${find} clears onPick=${(i) => close(i.href)} /><//>`);
	if (to) navigate(to);
}

function Shortcuts({ close }) {
	const [on, setOn] = useState(singleKeys());
	return html`<${Dialog} title="Keyboard shortcuts" onClose=${close}>
		<dl class="facts"><div><dt><kbd>Ctrl</kbd> <kbd>K</kbd></dt><dd>Go to a page, a person, an application</dd></div>
		<div><dt><kbd>/</kbd></dt><dd>To the search field of a list</dd></div><div><dt><kbd>?</kbd></dt><dd>This list</dd></div>
		<div><dt><kbd>Esc</kbd></dt><dd>Close a dialog or a menu</dd></div><div><dt><kbd>Shift</kbd> <kbd>Space</kbd></dt><dd>In a list: select from the last box to this one</dd></div></dl>
		<${Check} label="Shortcuts of a single key" hint="“/” and “?”. Switch them off if you use speech input." checked=${on} onChange=${(v) => {
			setSingleKeys(v);
			setOn(v);
		}} /><//>`;
}
export const openShortcuts = () => openDialog((close) => html`<${Shortcuts} close=${close} />`);
