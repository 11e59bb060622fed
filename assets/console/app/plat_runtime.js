// plat_runtime - what the service was started with, what it saw of this very
// request and why it takes that address for yours; what the proxy needs.

import { html } from './lib.js';
import { useLoad } from './api.js';
import { SettingsForm } from './pages/settings_form.js';
import { Table } from './table.js';
import { formatNumber } from './format.js';
import { Card, Code, Facts, Loaded, Notice, Tag, Time } from './ui.js';

const none = html`<span class="soft">not sent</span>`;

// How this browser reached the service against how it is told to call itself.
export function addressOf(r) {
	const configured = r.settings.find((s) => /public_url$/i.test(s.name));
	const here = location.origin;
	const url = configured?.value ?? here;
	let want = null;
	try {
		want = new URL(url).origin;
	} catch {
		// shown as it is; it matches nothing
	}
	const seen = `${r.request.x_forwarded_proto ?? r.request.proto}://${r.request.x_forwarded_host ?? r.request.host}`;
	return { url, here, seen, source: configured?.source, isGood: want === here, isSeenGood: want === seen };
}

const mark = (ok) => (ok ? html`<${Tag} tone="ok">same<//>` : html`<${Tag} tone="bad">different<//>`);
const FROM = { env: 'the environment', default: 'the listener' };

export const AddressNotice = ({ at }) => (at.isGood ? html`<${Notice} tone="ok" title="The public address is right">Links in messages, tokens and redirects say what you have in the address bar.<//>`
	: html`<${Notice} tone="bad" title="The public address is not the one you use">Links in messages would lead to <code>${at.url}</code>. Set <code>IDENTITY_PUBLIC_URL=${at.here}</code> if this is the right one, and start the service again; sessions and tokens stay valid.<//>`);

export const AddressFacts = ({ at }) => html`<${Facts} items=${[
	['Configured', html`<div><code>${at.url}</code> ${at.source && html`<span class="soft">from ${FROM[at.source] ?? `the ${at.source}`}</span>`}</div>`],
	['In your address bar', html`<div><code>${at.here}</code> ${mark(at.isGood)}</div>`],
	['As the service saw it', html`<div><code>${at.seen}</code> ${mark(at.isSeenGood)}</div>`],
]} />`;

export function Address() {
	const load = useLoad('/runtime');
	return html`<${Loaded} load=${load}>${(r) => {
		const at = addressOf(r);
		return html`<div class="stack">
			<${AddressNotice} at=${at} />
			<${Card} title="Public address"><${AddressFacts} at=${at} />
			<p class="hint">The address is part of the environment, so that a person at the console cannot send everybody's links elsewhere. To change it: start the service with the new value while the old name still leads to it, open the console by the new name, and see this page turn green. Then let the old name go.</p><//>
			<${Card} title="Name in messages"><${SettingsForm} names=${['public_hostname']} /><//>
			${location.protocol === 'http:' && html`<${Notice} tone=${/(^|\.)localhost$|^127\.|^\[::1\]/.test(location.hostname) ? 'info' : 'bad'} title="Not encrypted">You are here over plain HTTP. That is fine on your own machine; everywhere else put TLS in front.<//>`}</div>`;
	}}<//>`;
}

export function Runtime() {
	const load = useLoad('/runtime');
	return html`<${Loaded} load=${load} lines=${8}>${({ settings, request: q, traefik, service: s }) => html`<div class="cols">
		<${Card} title="This request" wide note="Load the page again after a change of the proxy.">
			<${Notice} tone=${q.why ? 'info' : 'warn'} title=${html`Effective address: <code>${q.effective_ip}</code>`}>${q.why}<//>
			<${Facts} items=${[
				['Connection from', html`<code>${q.remote}</code>`],
				['X-Forwarded-For', q.forwarded ? html`<code>${q.forwarded}</code>` : none],
				['X-Real-Ip', q.x_real_ip ? html`<div><code>${q.x_real_ip}</code> <span class="soft">never used: it does not say who added it</span></div>` : none],
				['X-Forwarded-Proto', q.x_forwarded_proto ? html`<code>${q.x_forwarded_proto}</code>` : none],
				['X-Forwarded-Host', q.x_forwarded_host ? html`<code>${q.x_forwarded_host}</code>` : none],
				['Scheme and host', html`<code>${q.proto}://${q.host}</code>`],
				['Headers', html`<div>${formatNumber(q.header_count)} of at most ${formatNumber(q.header_limit)} ${q.header_count > q.header_limit * 0.8 && html`<${Tag} tone="warn">nearly too many<//>`}</div>`],
				['HTTP', q.http_version],
			]} /><//>
		<${Card} title="Traefik: labels" note="For the container of this service, with this host."><${Code} text=${traefik.labels} label="Copy the Traefik labels" /><//>
		<${Card} title="Traefik: flags" note="For Traefik itself. Never forwardedHeaders.insecure: then anybody can claim any address."><${Code} text=${traefik.flags} label="Copy the Traefik flags" /><//>
		<${Card} title="Service"><${Facts} items=${[
			['Version', s.version], ['Schema', s.schema_version], ['Workers', s.workers], ['Started', html`<${Time} at=${s.started_at} ago />`],
			s.pool && ['Database connections', `${s.pool.ready} ready, ${s.pool.busy} busy, ${s.pool.waiting} requests waiting`],
		]} /><//>
		<${Card} title="Configuration" wide note="From the environment; secrets are masked. A change needs a restart."><${Table} caption="Variables" rows=${settings} keyOf=${(x) => x.name} columns=${[
			{ key: 'name', label: 'Variable', head: true, draw: (x) => html`<code>${x.name}</code>` },
			{ key: 'value', label: 'Value', wide: true, draw: (x) => (x.value === null || x.value === '' ? html`<span class="soft">not set</span>` : html`<code>${String(x.value)}</code>`) },
			{ key: 'source', label: 'Source', draw: (x) => ({ env: 'environment', made: 'made by the service' })[x.source] ?? x.source },
		]} /><//></div>`}<//>`;
}
