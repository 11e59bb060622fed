// plat_tokens - the secret that access tokens are signed with: never shown,
// only told apart by its fingerprint.

import { html } from './lib.js';
import { post, useLoad } from './api.js';
import { confirm, confirmTyped } from './dialog.js';
import { Table } from './table.js';
import { ActButton, Card, Empty, Loaded, Tag, Time, toast } from './ui.js';

const STATES = { signing: ['ok', 'Signs new tokens'], verifying: ['warn', 'Still accepted'], expired: ['none', 'Void'] };

export function TokenKeys() {
	const load = useLoad('/token-keys');
	const rotate = async () => {
		if (!await confirm({ title: 'Rotate the token key?', verb: 'Rotate', danger: false, body: html`<p>New tokens are signed with a new key from now on. Tokens of the old one are accepted until they end, so nobody is signed out.</p>` })) return;
		await post('/token-keys/rotate', { drop: false });
		toast('A new key signs from now on.');
		load.reload();
	};
	const drop = async () => {
		if (!await confirmTyped({ title: 'Make all tokens void now?', verb: 'Void all tokens', word: 'void all tokens', what: 'these words', body: html`<p>For when a key has leaked. Every access token that was ever given is refused at once; applications have to refresh them, and where they cannot, people sign in again.</p>` })) return;
		await post('/token-keys/rotate', { drop: true });
		toast('All tokens of before are void; a new key signs from now on.');
		load.reload();
	};
	return html`<div class="stack"><${Card} title="Token key" note="Access tokens are signed with it. It is made by the service, sealed in the database and never leaves it." actions=${html`<${ActButton} kind="primary" icon="refresh" onClick=${rotate}>Rotate with overlap<//>`}>
		<${Loaded} load=${load}>${({ data }) => html`<${Table} caption="Token keys" rows=${data} keyOf=${(k) => k.kid} columns=${[
			{ key: 'kid', label: 'Key', head: true, draw: (k) => html`<code>${k.kid}</code>` },
			{ key: 'alg', label: 'Algorithm', draw: (k) => k.alg },
			{ key: 'state', label: 'State', draw: (k) => html`<${Tag} tone=${STATES[k.state][0]}>${STATES[k.state][1]}<//>` },
			{ key: 'fp', label: 'Fingerprint', draw: (k) => html`<code>${k.fingerprint}</code>` },
			{ key: 'at', label: 'Created', draw: (k) => html`<${Time} at=${k.created_at} />` },
			{ key: 'end', label: 'Accepted until', draw: (k) => html`<${Time} at=${k.expires_at} none=${k.state === 'signing' ? 'It is rotated' : 'Void'} />` },
		]} empty=${html`<${Empty} icon="key" title="No key yet">It is made when the service starts.<//>`} />`}<//><//>
		<${Card} title="After a leak" tone="bad"><p>Void every access token at once. It cannot be taken back, and the service asks you to confirm that it is you.</p><${ActButton} kind="danger" onClick=${drop}>Void all tokens<//><//></div>`;
}
