// account_mfa - the administrator's own second factor: an authenticator app
// and recovery codes.

import { html, useState } from '../lib.js';
import { del, loadSession, post, useLoad } from '../api.js';
import { OnceDialog, confirm, openDialog } from '../dialog.js';
import { Field, Form, useForm } from '../form.js';
import { plural } from '../format.js';
import { ActButton, Button, Card, Copy, Facts, Loaded, Notice, Tag, Time, toast } from '../ui.js';

const BASE = '/account/mfa';
const FEW = 3;

// The picture that the service drew, drawn once more: the CSP lets neither
// markup from elsewhere nor data: images in.
function Qr({ svg }) {
	const box = /viewBox="([\d ]+)"/.exec(svg)?.[1];
	const dark = /<path d="([Mhvz\d -]+)"/.exec(svg)?.[1];
	if (!box || !dark) return null;
	return html`<svg class="qr" role="img" aria-label="QR code for the authenticator app" viewBox=${box} shape-rendering="crispEdges"><path class="qr-light" d=${`M0 0h${box.split(' ')[2]}v${box.split(' ')[3]}H0z`} /><path class="qr-dark" d=${dark} /></svg>`;
}

// Ten codes, this once; resolves when they are stored.
async function newCodes() {
	const { body: { recovery_codes: codes } } = await post(`${BASE}/recovery-codes`, {});
	const text = `${codes.join('\n')}\n`;
	await openDialog((close) => html`<${OnceDialog} title="Recovery codes" close=${close} stored="I have stored these codes" file=${{ name: 'recovery-codes.txt', text }} fields=${html`
		<p>Each of them signs you in once when the app is not at hand. Keep them apart from your password.</p>
		<ol class="codes" aria-label="Recovery codes">${codes.map((c) => html`<li key=${c}><code>${c}</code></li>`)}</ol>
		<div class="actions"><${Copy} text=${text} label="Copy the codes" small=${false} /><${Button} kind="quiet" aria-label="Print the codes" onClick=${() => window.print()}>Print<//></div>`} />`);
}

function Enrol({ begun, onDone, onCancel }) {
	const form = useForm({
		values: { code: '' },
		check: (v) => (v.code.trim() === '' ? { code: 'Enter the digits that the app shows.' } : {}),
		save: async (v) => (await post(`${BASE}/totp/confirm`, { code: v.code })).body,
		onSaved: onDone,
		guard: false,
	});
	return html`<div class="enrol">
		${begun.qr_svg && html`<${Qr} svg=${begun.qr_svg} />`}
		<div class="stack">
			<ol class="lead-list"><li>Scan the picture with your authenticator app${begun.qr_svg ? '' : ' (it is too long for a picture; use the key)'}, or type this key: <code class="is-block">${begun.secret.match(/.{1,4}/g).join(' ')}</code>
				<div class="actions"><${Copy} text=${begun.secret} label="Copy the key" /> <a href=${begun.otpauth_uri}>Open it in an app on this device</a></div></li>
				<li>Enter the code that the app shows.</li></ol>
			<${Form} form=${form} submit="Confirm" cancel=${onCancel}><${Field} name="code" label="Code of the app" width="short" inputmode="numeric" autocomplete="one-time-code" spellcheck=${false} /><//>
		</div></div>`;
}

function Factors({ me, set, reload }) {
	const [begun, setBegun] = useState(null);
	const begin = async () => setBegun((await post(`${BASE}/totp`, {})).body);
	const codes = async () => {
		if (me.recovery_left > 0 && !await confirm({ title: 'Make new recovery codes?', verb: 'Make new codes', body: html`<p>The ${plural(me.recovery_left, 'code')} you have now ${me.recovery_left === 1 ? 'is' : 'are'} void at once.</p>` })) return;
		await newCodes();
		await reload();
	};
	const done = async (now) => {
		setBegun(null);
		set(now);
		await loadSession({ quiet: true });
		toast('The authenticator app is in force from now on.');
		// Whoever loses the phone needs them: made along with it.
		if (now.recovery_left === 0) await newCodes();
		await reload();
	};
	const remove = async () => {
		if (!await confirm({
			title: 'Remove the authenticator app?', verb: 'Remove',
			body: html`<p>All your other sessions end, here and in every application. ${me.mfa_enabled || me.is_required ? 'From then on a code is sent to you when you sign in.' : ''}</p>`,
		})) return;
		set((await del(`${BASE}/totp`)).body);
		await loadSession({ quiet: true });
		toast('The authenticator app is removed.');
	};
	if (begun) return html`<${Enrol} begun=${begun} onDone=${done} onCancel=${() => setBegun(null)} />`;
	return html`<div class="stack">
		<${Facts} items=${[
			['State', me.totp ? html`<${Tag} tone="ok">Authenticator app<//>` : me.mfa_enabled || me.is_required ? html`<${Tag} tone="ok">Code by message<//>` : html`<${Tag} tone="warn">Off<//>`],
			me.totp && ['Since', html`<${Time} at=${me.totp.confirmed_at} />`],
			me.totp && ['Last used', html`<${Time} at=${me.totp.last_used_at} ago />`],
			['Recovery codes', me.recovery_left > 0 ? `${me.recovery_left} left` : html`<span class="soft">None</span>`],
		]} />
		${!me.totp && html`<p class="hint">An administrator's account opens every login. An authenticator app is safer than codes by message, and needs no provider.</p>`}
		${me.totp && me.recovery_left <= FEW && html`<${Notice} tone="warn">${me.recovery_left === 0 ? 'Without recovery codes, losing the device locks you out.' : 'Few recovery codes are left.'} Make new ones.<//>`}
		<div class="actions">${me.totp ? html`<${ActButton} onClick=${codes}>New recovery codes<//><${ActButton} kind="danger" onClick=${remove}>Remove the app<//>`
			: html`<${ActButton} kind="primary" onClick=${begin}>Set up an authenticator app<//>${(me.mfa_enabled || me.recovery_left > 0) && html`<${ActButton} onClick=${codes}>New recovery codes<//>`}`}</div></div>`;
}

export function SecondFactor() {
	const load = useLoad(BASE);
	return html`<${Card} title="Second factor" id="second-factor" wide><${Loaded} load=${load}>${(me) => html`<${Factors} me=${me} set=${load.set} reload=${load.reload} />`}<//><//>`;
}
