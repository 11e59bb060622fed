// provider_add - the kinds of provider, and the form of the one chosen.

import { html } from '../lib.js';
import { navigate, useQuery } from '../router.js';
import { Button, Card, PageHead, Tag, toast } from '../ui.js';
import { BLANK, TYPES } from './provider_fields.js';
import { DocumentForm } from './provider_form.js';

const BACK = { href: '/setup/authentication', label: 'Authentication' };

export default function ProviderAdd() {
	const query = useQuery();
	const type = TYPES[query.get('type')] ? query.get('type') : null;
	if (type === null) {
		return html`<div key="kinds"><${PageHead} title="Add a provider" section="Authentication" back=${BACK}>What carries the messages?<//>
			<div class="cols">${Object.entries(TYPES).map(([k, t]) => html`<section class="card" key=${k} aria-label=${t.name}><div class="card-head"><h2>${t.name}</h2><${Tag}>${t.channel}<//></div><p>${t.text}</p>
				<${Button} href=${query.href({ type: k })} aria-label=${`Choose ${t.name}`}>Choose<//></section>`)}</div></div>`;
	}
	return html`<div key=${type}><${PageHead} title=${`Add ${TYPES[type].name}`} section="Authentication" back=${{ href: '/setup/authentication/add', label: 'Kinds of provider' }}>Nothing is sent by it until you activate it.<//>
		<${Card} title="Configuration"><${DocumentForm} key=${type} isNew cancel=${BACK.href} base=${{ ...BLANK[type], type, enabled: false }} onSaved=${(p) => {
			toast('Saved. Test it now.');
			return navigate(`/setup/authentication/providers/${encodeURIComponent(p.name)}`);
		}} /><//></div>`;
}
