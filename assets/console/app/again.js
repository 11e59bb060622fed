// again - the dialogs that a call brings up by itself: signing in again when
// the session has ended, stepping up before what is dangerous.

import { html, useState } from './lib.js';
import { loadSession, post, session } from './api.js';
import { Dialog, openDialog } from './dialog.js';
import { Field, Form, useForm } from './form.js';

const codeField = (label, hint) => html`<${Field} name="code" label=${label} hint=${hint} inputmode="text" autocomplete="one-time-code" spellcheck=${false} />`;
const clean = (code) => code.replace(/[\s‐-―-]/g, '');

function SignInAgain({ close }) {
	const person = session.value?.person ?? {};
	const identifier = person.email ?? person.mobile_number;
	const [mfa, setMfa] = useState(null);
	const done = async () => {
		await loadSession({ quiet: true });
		close(true);
	};
	const form = useForm({
		values: { password: '', code: '' },
		check: (v) => (mfa ? (v.code.trim() === '' ? { code: 'Enter the code.' } : {}) : (v.password === '' ? { password: 'Enter your password.' } : {})),
		save: async (v) => {
			if (mfa) {
				await post('/session/verify', { mfa_token: mfa.mfa_token, code: clean(v.code) }, { quiet: true });
				return done();
			}
			const { body } = await post('/session', { identifier, password: v.password }, { quiet: true });
			if (!body.mfa_required) return done();
			setMfa(body);
			return undefined;
		},
		guard: false,
	});
	return html`<${Dialog} title="You have been signed out" onClose=${() => close(false)}>
		<p>Sign in again to go on. What you typed is kept.</p>
		<${Form} form=${form} submit="Sign in" cancel=${() => close(false)}>
			<input type="hidden" autocomplete="username" value=${identifier} />
			${mfa ? codeField('Second factor', 'From your authenticator app, or a recovery code.')
				: html`<${Field} name="password" type="password" label=${`Password of ${person.name ?? identifier}`} autocomplete="current-password" />`}
		<//>
		<p class="hint">You sign in without a password? <a href="/setup/signin" target="_blank" rel="noopener">Sign in in a new tab<span class="out"> (opens a new tab)</span></a>, then
		${' '}<button type="button" class="link" onClick=${done}>go on here</button>.</p>
	<//>`;
}

function StepUp({ close }) {
	const person = session.value.person;
	const [how, setHow] = useState('password');
	const [sent, setSent] = useState(null);
	const form = useForm({
		values: { password: '', code: '' },
		check: (v) => (how === 'password' ? (v.password === '' ? { password: 'Enter your password.' } : {}) : (v.code.trim() === '' ? { code: 'Enter the code.' } : {})),
		save: async (v) => {
			const body = how === 'password' ? { password: v.password }
				: how === 'sent' ? { challenge_id: sent.challenge_id, code: clean(v.code) } : { code: clean(v.code) };
			const r = await post('/session/step-up', body, { quiet: true });
			session.set({ ...session.value, ...r.body });	// the token is a new one
			close(true);
		},
		guard: false,
	});
	const sendCode = async () => {
		try {
			const { body } = await post('/session/step-up/code', {}, { quiet: true });
			setSent(body);
			setHow('sent');
			if (body.dev_code) form.set('code', body.dev_code);
		} catch (e) {
			form.fail(e);
		}
	};
	const other = (value, text) => how !== value && html`<li><button type="button" class="link" onClick=${() => {
		form.clear();
		if (value === 'sent') sendCode();
		else setHow(value);
	}}>${text}</button></li>`;
	return html`<${Dialog} title="Confirm that it is you" onClose=${() => close(false)}>
		<p>This cannot be taken back, so the service asks once more. It holds for five minutes.</p>
		<${Form} form=${form} submit="Confirm" cancel=${() => close(false)}>
			<input type="hidden" autocomplete="username" value=${person.email ?? person.mobile_number} />
			${how === 'password' ? html`<${Field} key="p" name="password" type="password" label="Your password" autocomplete="current-password" />`
				: how === 'sent' ? html`<div key="s">${codeField('Code', `Sent to ${sent.destination}.`)}</div>`
					: html`<div key="c">${codeField('Authenticator or recovery code')}</div>`}
		<//>
		<p class="hint">Another way:</p>
		<ul class="plain">${other('password', 'Use my password')}${(person.has_totp || person.mfa_enabled) && other('code', 'Use my authenticator app or a recovery code')}${other('sent', sent ? 'Send me another code' : 'Send me a code')}</ul>
	<//>`;
}

export const signInAgain = () => openDialog((close) => html`<${SignInAgain} close=${close} />`);
export const stepUp = () => openDialog((close) => html`<${StepUp} close=${close} />`);
