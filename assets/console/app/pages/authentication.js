// authentication - how codes and messages get to people: providers, policies,
// texts, spend and the outbox.  Each tab is an address of its own.

import { html } from '../lib.js';
import { Button, Card, PageHead, Tabs, lazy } from '../ui.js';

const BASE = '/setup/authentication';
const TABS = [['', 'Providers'], ['policies', 'Policies'], ['templates', 'Messages'], ['spend', 'Spend'], ['outbox', 'Outbox']];

// ---- policies: settings, in groups by what they are about

const POLICIES = [
	{ title: 'One-time codes', names: ['otp_length', 'otp_ttl_s', 'otp_resend_s', 'otp_attempts', 'otp_window_max', 'otp_day_max', 'otp_address_max', 'email_fallback'] },
	{ title: 'Passwords', names: ['password_min_len', 'password_min_len_mfa', 'reset_ttl_s', 'login_address_max', 'login_app_max'] },
	{ title: 'Second factor', names: ['mfa_admin_required', 'mfa_ttl_s'] },
	{ title: 'Sessions', names: ['session_ttl_s', 'refresh_ttl_s', 'refresh_absolute_s', 'refresh_grace_s', 'console_idle_s', 'console_absolute_s'] },
];

const SettingsForm = lazy(async () => (await import('./settings_form.js')).SettingsForm);
const Policies = () => html`<div class="stack">${POLICIES.map((g) => html`<${Card} key=${g.title} title=${g.title}><${SettingsForm} names=${g.names} /><//>`)}</div>`;

const PANELS = {
	'': lazy(async () => (await import('./providers.js')).Providers),
	policies: Policies,
	templates: lazy(async () => (await import('./templates.js')).Templates),
	spend: lazy(async () => (await import('./spend.js')).Spend),
	outbox: lazy(async () => (await import('./outbox.js')).Outbox),
};

export default function Authentication({ params: { tab = '' } }) {
	const name = PANELS[tab] ? tab : '';
	const Panel = PANELS[name];
	const href = (t) => (t === '' ? BASE : `${BASE}/${t}`);
	return html`<div><${PageHead} title="Authentication" section=${name === '' ? undefined : TABS.find(([t]) => t === name)[1]}
			actions=${name === '' && html`<${Button} kind="primary" icon="plus" href=${`${BASE}/add`}>Add a provider<//>`} />
		<${Tabs} label="Parts of authentication" current=${href(name)} items=${TABS.map(([t, label]) => ({ href: href(t), label }))} />
		<div class="stack"><${Panel} /></div></div>`;
}
