// plat_settings - what administrators change while the service runs, but for
// what the pages of authentication and branding edit.

import { html } from './lib.js';
import { useLoad } from './api.js';
import { SettingsForm } from './pages/settings_form.js';
import { Card, Loaded } from './ui.js';

const ELSEWHERE = /^(otp|mfa|totp|password|reset|login|sms|spend|brand|email_fallback|public_hostname)/;
const GROUPS = [
	['Sessions and tokens', /^(access|session|refresh|token|console)_/],
	['Audit and retention', /audit|retention|keep|stat|days/],
	['Everything else', /./],
];

export function PlatformSettings() {
	const load = useLoad('/settings');
	return html`<${Loaded} load=${load} lines=${10}>${({ data }) => {
		let rest = data.map((s) => s.name).filter((n) => !ELSEWHERE.test(n)).sort();
		return html`<div class="stack"><p class="lead">Codes, passwords and second factors: <a href="/setup/authentication/policies">Authentication, policies</a>. Text messages and their cost: <a href="/setup/authentication/spend">Authentication, spend</a>.</p>
			${GROUPS.map(([title, re]) => {
				const names = rest.filter((n) => re.test(n));
				rest = rest.filter((n) => !re.test(n));
				return names.length > 0 && html`<${Card} key=${title} title=${title}><${SettingsForm} names=${names} load=${load} /><//>`;
			})}</div>`;
	}}<//>`;
}
