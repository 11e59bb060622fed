// provider - one provider: its document as a form, the test, activation.
// Saving does not activate: Save, Test, Activate.

import { html, useState } from '../lib.js';
import { del, useLoad } from '../api.js';
import { confirm } from '../dialog.js';
import { navigate } from '../router.js';
import { ActButton, Card, Loaded, PageHead, Tag, lazy, toast } from '../ui.js';
import { TYPES } from './provider_fields.js';

const DocumentForm = lazy(async () => (await import('./provider_form.js')).DocumentForm);
const Steps = lazy(async () => (await import('./provider_test.js')).Steps);
const TestPanel = lazy(async () => (await import('./provider_test.js')).TestPanel);
const BACK = { href: '/setup/authentication', label: 'Authentication' };

async function removeProvider(p) {
	const sure = await confirm({ title: `Delete ${p.name}?`, verb: 'Delete', body: html`<p>Its secrets are forgotten. Messages that wait go by other providers, if there are any.</p>` });
	if (!sure) return;
	await del(`/providers/${encodeURIComponent(p.name)}`, { ifMatch: p.version });
	toast(`${p.name} was deleted.`);
	await navigate(BACK.href);
}

export default function Provider({ params: { id } }) {
	const load = useLoad(`/providers/${encodeURIComponent(id)}`);
	const p = load.data;
	const [turn, setTurn] = useState(0);
	if (!p) return html`<div key="none"><${PageHead} title=${id} section="Authentication" back=${BACK} /><${Loaded} load=${load}>${() => null}<//></div>`;
	return html`<div key="one"><${PageHead} title=${p.name} section="Authentication" back=${BACK} tag=${html`<${Tag}>${TYPES[p.type].name}<//>`}
			actions=${html`<${ActButton} onClick=${() => removeProvider(p)}>Delete<//>`} />
		<div class="cols">
			<${Card} title="Configuration"><${DocumentForm} key=${turn} base=${p} onSaved=${(saved) => {
				load.set(saved);
				setTurn(turn + 1);
				toast(saved.enabled ? 'Saved, and in use.' : 'Saved. Test it, then activate it.');
			}} /><//>
			<div class="stack"><${Steps} provider=${p} onChanged=${load.set} /><${TestPanel} provider=${p} onTested=${load.reload} /></div>
		</div></div>`;
}
